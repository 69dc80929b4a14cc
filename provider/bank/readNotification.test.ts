import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNotification } from './readNotification.ts';
import { printNotification, testIbans } from './testing/printNotification.ts';

const iban = testIbans[0];
const sound = printNotification(iban, [
  { side: 'CRDT', amount: '12.30', endToEndId: 'N-1', reference: 'B1' },
  { side: 'DBIT', amount: '5', status: 'PDNG', currency: 'CHF' },
  { side: 'DBIT', amount: '5.00', reversal: true, endToEndId: 'NOTPROVIDED' },
]);

function entriesOf(xml: string) {
  const read = readNotification(xml);
  if (!read.ok) throw new Error(`${read.refusal}: ${read.detail}`);
  return read.value.entries;
}
const refusalOf = (xml: string) => {
  const read = readNotification(xml);
  return read.ok ? undefined : `${read.refusal} ${/^line \d+/.exec(read.detail)?.[0]}`;
};

describe('a notification', () => {
  test('is read with amount, side, status and references of each transfer', () => {
    const entry = { iban, isBooked: true, isReversal: false, bookedOn: '2026-09-22', currency: 'EUR' };
    expect(entriesOf(sound)).toEqual([
      {
        ...entry,
        line: 15,
        side: 'credit',
        amountMicro: 12_300_000n,
        endToEndId: 'N-1',
        bankReference: 'B1',
      },
      {
        ...entry,
        ...{ line: 24, side: 'debit', amountMicro: 5_000_000n, currency: 'CHF', isBooked: false },
        ...{ endToEndId: null, bankReference: 'NTF-1-1' },
      },
      {
        ...entry,
        ...{ line: 34, side: 'debit', amountMicro: 5_000_000n, isReversal: true },
        ...{ endToEndId: null, bankReference: 'NTF-1-2' },
      },
    ]);
  });

  test('of several transfers booked in one sum has each of them', () => {
    const batch = sound.replace(
      /<NtryDtls>.*?<\/NtryDtls>/s,
      `<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>
        <TxDtls><Refs><EndToEndId>N-1</EndToEndId></Refs><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>
        <TxDtls><Refs><EndToEndId>N-2</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">2.30</Amt></TxAmt></AmtDtls></TxDtls>
      </NtryDtls>`,
    );
    expect(entriesOf(batch).slice(0, 2)).toMatchObject([
      { endToEndId: 'N-1', amountMicro: 10_000_000n, side: 'credit', bankReference: 'B1' },
      { endToEndId: 'N-2', amountMicro: 2_300_000n, side: 'credit', bankReference: 'B1' },
    ]);
    const silent = batch.replace('<Amt Ccy="EUR">10.00</Amt>', '');
    expect(refusalOf(silent)).toBe('transfer-amount-missing line 16');
  });

  test('of the older version has its status without a code below it, and no details are needed', () => {
    const old = sound
      .replace('camt.054.001.08', 'camt.054.001.02')
      .replaceAll(/<Sts><Cd>(\w+)<\/Cd><\/Sts>/g, '<Sts>$1</Sts>')
      .replaceAll(/<NtryDtls>.*?<\/NtryDtls>/gs, '');
    expect(entriesOf(old).map(({ isBooked, endToEndId }) => [isBooked, endToEndId])).toEqual([
      [true, null],
      [false, null],
      [true, null],
    ]);
  });
});

describe('what is no notification is refused by name and line', () => {
  test.each([
    ['', 'not-xml line 1'],
    ['<a>', 'not-xml line 1'],
    ['<a></a><b/>', 'not-xml line 1'],
    [sound.replace('</Ntry>', ''), 'not-xml line 36'],
    [sound.replace('<Id>NTF-1</Id>', '<Id>&bank;</Id>'), 'not-xml line 6'],
    [sound.replace('<Document', '<!DOCTYPE a [<!ENTITY b "c">]>\n<Document'), 'doctype-refused line 2'],
    [
      sound.replace('<Document', '<!DOCTYPE a SYSTEM "file:///etc/passwd">\n<Document'),
      'doctype-refused line 2',
    ],
    [sound.replace('UTF-8', 'ISO-8859-1'), 'encoding-unsupported line 1'],
    [`${'<a>'.repeat(40)}${'</a>'.repeat(40)}`, 'too-deep line 1'],
    [`<a>${'<b/>'.repeat(400_001)}</a>`, 'too-many-elements line 1'],
    ['<a/>', 'not-a-notification line 1'],
    [sound.replace('camt.054', 'camt.053'), 'not-a-notification line 2'],
    [sound.replace('<MsgId>NTF-1</MsgId>', ''), 'not-a-notification line 2'],
    [sound.replace('12.30', '12,30'), 'entry-malformed line 9'],
    [sound.replace('12.30', '0.00'), 'entry-malformed line 9'],
    [sound.replace('12.30', '-1'), 'entry-malformed line 9'],
    [sound.replace('Ccy="EUR"', ''), 'entry-malformed line 9'],
    [sound.replace('CRDT', 'CREDIT'), 'entry-malformed line 10'],
    [sound.replace('<Sts><Cd>BOOK</Cd></Sts>', ''), 'entry-malformed line 8'],
  ])('%#', (xml, refusal) => {
    expect(refusalOf(xml)).toBe(refusal);
  });

  test('a billion laughs are not laughed', () => {
    const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`);
    const bomb = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">${laughs.join('')}]><l>&l9;</l>`;
    expect(refusalOf(bomb)).toBe('doctype-refused line 1');
  });

  test('nothing that is sent makes the reader throw', () => {
    fc.assert(
      fc.property(fc.nat(sound.length), fc.nat(40), fc.string({ maxLength: 12 }), (at, cut, put) => {
        const read = readNotification(sound.slice(0, at) + put + sound.slice(at + cut));
        if (!read.ok) expect(read.detail).toMatch(/^line \d+: ./);
        else for (const { amountMicro } of read.value.entries) expect(amountMicro > 0n).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
