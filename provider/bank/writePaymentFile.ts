import assert from 'node:assert/strict';
import { SaxesParser } from 'saxes';
import { Document, setIDSeparator } from 'sepa';
import type { BankAccount } from './BankAccount.ts';
import { printEuros } from './Cents.ts';
import { toSepaText } from './sepaText.ts';

/** One credit transfer of a file. */
export interface Payment {
  /** At most 35 characters; comes back in the bank's notification. */
  readonly endToEndId: string;
  /** Whole cents. */
  readonly amountMicro: bigint;
  readonly to: BankAccount;
  /** What the receiver reads, cut to 140 characters. */
  readonly purpose: string;
}

/** What a file of credit transfers says of itself. */
export interface PaymentFile {
  /** At most 35 characters, unique for the bank. */
  readonly messageId: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  /** The day on which the bank shall pay, `YYYY-MM-DD`. */
  readonly executionDate: string;
  readonly from: BankAccount;
  readonly payments: readonly Payment[];
}

/** The most that one SEPA credit transfer moves (EPC125-05 AT-T002). */
export const maxPaymentMicro = 999_999_999_990_000n;

/** What may stand in an id (EPC217-08 §6.2). */
const idPattern = /^(?!\/)(?!.*\/\/)[A-Za-z0-9/\-?:().,'+ ]{1,35}(?<!\/)$/;

/**
 * A SEPA payment file (ISO 20022 pain.001.001.09 as the EPC's guidelines restrict it): one debit account, one
 * booking a transfer, shared charges. Amounts and the control sum are written from integers: what the
 * library made of them is read back and compared before it leaves. Stops on ids that banks refuse, on
 * parts of cents and on a file of nothing: those are bugs of the caller.
 */
export function writePaymentFile(file: PaymentFile): string {
  const { payments, from } = file;
  assert(payments.length > 0, 'a file has a payment');
  for (const id of [file.messageId, ...payments.map(({ endToEndId }) => endToEndId)])
    assert(idPattern.test(id), `banks refuse the id ${id}`);
  assert(
    new Set(payments.map(({ endToEndId }) => endToEndId)).size === payments.length,
    'an id stands twice',
  );

  setIDSeparator('-');
  const document = new Document('pain.001.001.09');
  document.grpHdr.id = file.messageId;
  document.grpHdr.created = new Date(file.createdAt * 1000);
  document.grpHdr.initiatorName = from.name;
  const info = document.createPaymentInfo();
  info.batchBooking = false;
  info.requestedExecutionDate = localDay(file.executionDate);
  info.debtorName = from.name;
  info.debtorIBAN = from.iban;
  info.debtorBIC = from.bic ?? '';
  document.addPaymentInfo(info);
  // The library would lead ids with those above them, beyond 35 characters.
  info.id = file.messageId;
  for (const payment of payments) {
    assert(
      payment.amountMicro > 0n && payment.amountMicro <= maxPaymentMicro,
      'more than one transfer moves',
    );
    const transfer = info.createTransaction();
    transfer.creditorName = payment.to.name;
    transfer.creditorIBAN = payment.to.iban;
    transfer.creditorBIC = payment.to.bic ?? '';
    transfer.currency = 'EUR';
    transfer.amount = Number(printEuros(payment.amountMicro));
    transfer.remittanceInfo = toSepaText(payment.purpose, 140);
    transfer.end2endId = payment.endToEndId;
    info.addTransaction(transfer);
    transfer.id = payment.endToEndId;
  }
  document.normalize();
  const xml = document.toString();
  assertWritten(xml, payments);
  return xml;
}

/** The library prints days in the machine's own time zone. */
function localDay(day: string): Date {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, date, 12);
}

/** Reads amounts, sums and ids out of the file again. */
function assertWritten(xml: string, payments: readonly Payment[]): void {
  const written = new Map<string, string[]>();
  const parser = new SaxesParser();
  let text = '';
  parser.on('opentag', () => {
    text = '';
  });
  parser.on('text', (part) => {
    text += part;
  });
  parser.on('closetag', ({ name }) => {
    const texts = written.get(name) ?? [];
    texts.push(text);
    written.set(name, texts);
    text = '';
  });
  parser.write(xml).close();
  const total = printEuros(payments.reduce((sum, { amountMicro }) => sum + amountMicro, 0n));
  const count = String(payments.length);
  assert.deepEqual(
    written.get('InstdAmt'),
    payments.map(({ amountMicro }) => printEuros(amountMicro)),
  );
  assert.deepEqual(
    written.get('EndToEndId'),
    payments.map(({ endToEndId }) => endToEndId),
  );
  assert.deepEqual(written.get('CtrlSum'), [total, total]);
  assert.deepEqual(written.get('NbOfTxs'), [count, count]);
}
