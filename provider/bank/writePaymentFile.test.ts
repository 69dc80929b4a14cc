import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilToCent, parseEuros, printEuros } from './Cents.ts';
import { testIbans } from './testing/printNotification.ts';
import { maxPaymentMicro, type Payment, type PaymentFile, writePaymentFile } from './writePaymentFile.ts';
import { childAt, childrenOf, parseXml, type XmlElement } from './XmlElement.ts';

const file: PaymentFile = {
  messageId: 'DEAAA-1790000000-1',
  createdAt: 1_790_000_000,
  executionDate: '2026-09-22',
  from: { name: 'Provider A', iban: testIbans[0], bic: 'COBADEFFXXX' },
  payments: [
    {
      endToEndId: 'N-0123456789ABCDEF0123-1',
      amountMicro: 1_234_560_000n,
      to: { name: 'Provider B', iban: testIbans[2] },
      purpose: 'P2P-Power Ausgleich Runde № 1',
    },
    { endToEndId: 'R-2', amountMicro: 10_000n, to: { name: 'Bert', iban: testIbans[3] }, purpose: 'x' },
  ],
};

/** The order of elements in which the schema has them, of those that a file of ours uses. */
const order: Readonly<Record<string, readonly string[]>> = {
  Document: ['CstmrCdtTrfInitn'],
  CstmrCdtTrfInitn: ['GrpHdr', 'PmtInf'],
  GrpHdr: ['MsgId', 'CreDtTm', 'NbOfTxs', 'CtrlSum', 'InitgPty'],
  PmtInf: [
    ...[
      'PmtInfId',
      'PmtMtd',
      'BtchBookg',
      'NbOfTxs',
      'CtrlSum',
      'PmtTpInf',
      'ReqdExctnDt',
      'Dbtr',
      'DbtrAcct',
    ],
    ...['DbtrAgt', 'ChrgBr', 'CdtTrfTxInf'],
  ],
  CdtTrfTxInf: ['PmtId', 'Amt', 'CdtrAgt', 'Cdtr', 'CdtrAcct', 'RmtInf'],
  PmtId: ['InstrId', 'EndToEndId'],
  FinInstnId: ['BICFI', 'Othr'],
};
const lengths: Readonly<Record<string, number>> = {
  MsgId: 35,
  PmtInfId: 35,
  InstrId: 35,
  EndToEndId: 35,
  Nm: 70,
  Ustrd: 140,
};

function read(xml: string): XmlElement {
  const parsed = parseXml(xml);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}

function checkForm(element: XmlElement): void {
  expect(element.namespace).toBe('urn:iso:std:iso:20022:tech:xsd:pain.001.001.09');
  const places = order[element.name];
  if (places !== undefined) {
    const at = element.children.map(({ name }) => places.indexOf(name));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((one, other) => one - other));
  }
  const most = lengths[element.name];
  if (most !== undefined) expect(element.text.length).toBeLessThanOrEqual(most);
  if (element.children.length === 0) expect(element.text).not.toBe('');
  if (/^(Nm|Ustrd|.*Id)$/.test(element.name)) expect(element.text).toMatch(/^[A-Za-z0-9/\-?:().,'+ ]*$/);
  element.children.forEach(checkForm);
}

describe('a file of payments', () => {
  test('has the form, the order and the lengths of pain.001.001.09', () => {
    const document = read(writePaymentFile(file));
    checkForm(document);
    const info = childAt(document, 'CstmrCdtTrfInitn', 'PmtInf') as XmlElement;
    const text = (...path: string[]) => childAt(info, ...path)?.text;
    expect(text('PmtMtd')).toBe('TRF');
    expect(text('PmtTpInf', 'SvcLvl', 'Cd')).toBe('SEPA');
    expect(text('ReqdExctnDt', 'Dt')).toBe('2026-09-22');
    expect(text('ChrgBr')).toBe('SLEV');
    expect(text('DbtrAcct', 'Id', 'IBAN')).toBe(testIbans[0]);
    expect(text('DbtrAgt', 'FinInstnId', 'BICFI')).toBe('COBADEFFXXX');
    expect([text('NbOfTxs'), text('CtrlSum')]).toEqual(['2', '1234.57']);
    const [first] = childrenOf(info, 'CdtTrfTxInf') as [XmlElement];
    const amount = childAt(first, 'Amt', 'InstdAmt') as XmlElement;
    expect([amount.text, amount.attributes.get('Ccy')]).toEqual(['1234.56', 'EUR']);
    expect(childAt(first, 'PmtId', 'InstrId')?.text).toBe('N-0123456789ABCDEF0123-1');
    expect(childAt(first, 'RmtInf', 'Ustrd')?.text).toBe('P2P-Power Ausgleich Runde 1');
  });

  test('whatever is paid, amounts and sums are those of the integers, to the cent', () => {
    const payment = fc
      .tuple(
        fc.bigInt({ min: 1n, max: maxPaymentMicro / 10_000n }),
        fc.constantFrom(...testIbans),
        fc.string(),
      )
      .map(
        ([cents, iban, purpose]): Omit<Payment, 'endToEndId'> => ({
          amountMicro: cents * 10_000n,
          to: { name: 'X', iban },
          purpose: `p ${purpose}`,
        }),
      );
    fc.assert(
      fc.property(fc.array(payment, { minLength: 1, maxLength: 30 }), (some) => {
        const payments = some.map((one, index) => ({ ...one, endToEndId: `E-${index}` }));
        const document = read(writePaymentFile({ ...file, payments }));
        checkForm(document);
        const info = childAt(document, 'CstmrCdtTrfInitn', 'PmtInf') as XmlElement;
        const written = childrenOf(info, 'CdtTrfTxInf').map((one) =>
          parseEuros(childAt(one, 'Amt', 'InstdAmt')?.text ?? ''),
        );
        expect(written).toEqual(payments.map(({ amountMicro }) => amountMicro));
        const sum = payments.reduce((total, { amountMicro }) => total + amountMicro, 0n);
        expect(parseEuros(childAt(info, 'CtrlSum')?.text ?? '')).toBe(sum);
      }),
      { numRuns: 40 },
    );
  });

  test('is not written of nothing, of parts of a cent, of too much, or with ids that banks refuse', () => {
    const [payment] = file.payments as [Payment];
    const write = (change: Partial<Payment>) => () =>
      writePaymentFile({ ...file, payments: [{ ...payment, ...change }] });
    expect(write({ amountMicro: 10_001n })).toThrow();
    expect(write({ amountMicro: 0n })).toThrow();
    expect(write({ amountMicro: maxPaymentMicro + 10_000n })).toThrow();
    expect(write({ endToEndId: 'x'.repeat(36) })).toThrow();
    expect(write({ endToEndId: '/x' })).toThrow();
    expect(write({ endToEndId: 'a//b' })).toThrow();
    expect(write({ to: { name: 'B', iban: 'DE00123456781234567890' } })).toThrow();
    expect(() => writePaymentFile({ ...file, payments: [] })).toThrow();
    expect(() => writePaymentFile({ ...file, payments: [payment, payment] })).toThrow();
  });
});

test('cents are written and read back; a part of one is rounded up', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), (cents) => {
      expect(parseEuros(printEuros(cents * 10_000n))).toBe(cents * 10_000n);
    }),
  );
  expect([printEuros(0n), printEuros(10_000n), printEuros(1_000_000n)]).toEqual(['0.00', '0.01', '1.00']);
  expect(parseEuros('1.23456')).toBe(1_234_560n);
  for (const text of ['', '-1', '1,5', '1e3', '1.123456', ' 1', '12345678901234'])
    expect(parseEuros(text)).toBeUndefined();
  expect([ceilToCent(1n), ceilToCent(10_000n), ceilToCent(10_001n)]).toEqual([10_000n, 10_000n, 20_000n]);
});
