import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { parseEuros } from './Cents.ts';
import { childAt, childrenOf, parseXml, type XmlElement, type XmlRefusal } from './XmlElement.ts';

/** Money that moved on an account, as the bank says: one transfer, also where the bank books many in one sum. */
export interface BankEntry {
  /** Where it begins in the file. */
  readonly line: number;
  /** The account on which it is; null where the bank names it by no IBAN. */
  readonly iban: string | null;
  readonly side: 'credit' | 'debit';
  /** More than nothing. */
  readonly amountMicro: bigint;
  readonly currency: string;
  /** False while it is announced only. */
  readonly isBooked: boolean;
  /** The bank takes an earlier entry back. */
  readonly isReversal: boolean;
  /** As the payer gave it; null where there was none. */
  readonly endToEndId: string | null;
  /** The bank's own reference. */
  readonly bankReference: string | null;
  /** `YYYY-MM-DD`. */
  readonly bookedOn: string | null;
}

export interface Notification {
  readonly messageId: string;
  readonly entries: readonly BankEntry[];
}

/** Why a file is not taken, in order of precedence; each detail begins with the line. */
export type NotificationRefusal =
  | XmlRefusal
  /** Another root, another namespace than camt.054, or no group header. */
  | 'not-a-notification'
  /** An amount, currency, side or state that is missing or not one. */
  | 'entry-malformed'
  /** One booking of several transfers that does not say how much each was. */
  | 'transfer-amount-missing';

const namespacePattern = /^urn:iso:std:iso:20022:tech:xsd:camt\.054\.001\.(0[2-9]|1\d)$/;

class Refused extends Error {
  readonly refusal: NotificationRefusal;

  constructor(refusal: NotificationRefusal, element: XmlElement, detail: string) {
    super(`line ${element.line}: ${detail}`);
    this.refusal = refusal;
  }
}

/**
 * Reads a bank's notification of credits and debits (ISO 20022 camt.054.001.02 and later): every entry, and
 * where the bank booked several transfers in one sum, each of them. A file with anything unreadable in
 * it is refused whole, by name and line.
 */
export function readNotification(source: string): Result<Notification, NotificationRefusal> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  try {
    return accept(notificationOf(parsed.value));
  } catch (error) {
    if (error instanceof Refused) return refuse(error.refusal, error.message);
    throw error;
  }
}

function notificationOf(document: XmlElement): Notification {
  const message = childAt(document, 'BkToCstmrDbtCdtNtfctn');
  const messageId = message && childAt(message, 'GrpHdr', 'MsgId')?.text;
  if (document.name !== 'Document' || !namespacePattern.test(document.namespace) || !message || !messageId)
    throw new Refused('not-a-notification', document, 'this is no camt.054 notification');
  return {
    messageId: messageId.slice(0, 35),
    entries: childrenOf(message, 'Ntfctn').flatMap((notification) => {
      const iban = childAt(notification, 'Acct', 'Id', 'IBAN')?.text ?? null;
      return childrenOf(notification, 'Ntry').flatMap((entry) => entriesOf(entry, iban));
    }),
  };
}

/** An entry as one, or each transfer in it as one. */
function entriesOf(entry: XmlElement, iban: string | null): readonly BankEntry[] {
  const whole: BankEntry = {
    line: entry.line,
    iban,
    side: sideOf(entry, undefined),
    ...amountOf(childAt(entry, 'Amt'), entry),
    isBooked: isBooked(entry),
    isReversal: childAt(entry, 'RvslInd')?.text === 'true' || childAt(entry, 'RvslInd')?.text === '1',
    endToEndId: null,
    bankReference: referenceOf(childAt(entry, 'AcctSvcrRef')),
    bookedOn: dayOf(childAt(entry, 'BookgDt')),
  };
  const transfers = childrenOf(entry, 'NtryDtls').flatMap((details) => childrenOf(details, 'TxDtls'));
  return transfers.length === 0
    ? [whole]
    : transfers.map((transfer) => ({
        ...whole,
        line: transfer.line,
        side: sideOf(transfer, whole.side),
        // What was booked counts; a sum of several says nothing of each.
        ...(transfers.length > 1 && transferAmount(transfer)),
        endToEndId: endToEndIdOf(transfer),
        bankReference: referenceOf(childAt(transfer, 'Refs', 'AcctSvcrRef')) ?? whole.bankReference,
      }));
}

function transferAmount(transfer: XmlElement): Pick<BankEntry, 'amountMicro' | 'currency'> {
  const amount = childAt(transfer, 'Amt') ?? childAt(transfer, 'AmtDtls', 'TxAmt', 'Amt');
  if (amount === undefined)
    throw new Refused('transfer-amount-missing', transfer, 'one of several transfers without an amount');
  return amountOf(amount, transfer);
}

function amountOf(
  amount: XmlElement | undefined,
  of: XmlElement,
): Pick<BankEntry, 'amountMicro' | 'currency'> {
  const amountMicro = amount && parseEuros(amount.text);
  const currency = amount?.attributes.get('Ccy') ?? '';
  if (amountMicro === undefined || amountMicro === 0n || !/^[A-Z]{3}$/.test(currency))
    throw new Refused('entry-malformed', amount ?? of, 'no amount with a currency');
  return { amountMicro, currency };
}

function sideOf(element: XmlElement, otherwise: BankEntry['side'] | undefined): BankEntry['side'] {
  const side = childAt(element, 'CdtDbtInd');
  if (side === undefined && otherwise !== undefined) return otherwise;
  if (side?.text === 'CRDT') return 'credit';
  if (side?.text === 'DBIT') return 'debit';
  throw new Refused('entry-malformed', side ?? element, 'neither credit nor debit');
}

/** `BOOK`, in the versions since 08 below `Cd`; anything else is not booked yet. */
function isBooked(entry: XmlElement): boolean {
  const status = childAt(entry, 'Sts');
  const code = status && (childAt(status, 'Cd')?.text ?? status.text);
  if (status === undefined || !/^[A-Z]{4}$/.test(code ?? ''))
    throw new Refused('entry-malformed', status ?? entry, 'no status');
  return code === 'BOOK';
}

function endToEndIdOf(transfer: XmlElement): string | null {
  const id = referenceOf(childAt(transfer, 'Refs', 'EndToEndId'));
  return id === 'NOTPROVIDED' ? null : id;
}

const referenceOf = (element: XmlElement | undefined): string | null =>
  element === undefined || element.text === '' ? null : element.text.slice(0, 35);

function dayOf(date: XmlElement | undefined): string | null {
  const text = date && (childAt(date, 'Dt') ?? childAt(date, 'DtTm'))?.text;
  return /^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0] ?? null;
}
