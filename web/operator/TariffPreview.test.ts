import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barsOf, changePerMille, type PreviewAmounts, parsePreview } from './TariffPreview.ts';

const amounts = (didEarnMicro: number, wouldEarnMicro: number): PreviewAmounts => ({
  didMicro: didEarnMicro,
  wouldMicro: wouldEarnMicro,
  didEarnMicro,
  wouldEarnMicro,
});
const answer = {
  currency: 'EUR',
  from: 1,
  to: 9,
  sum: { ...amounts(5_000_000, 6_000_000), count: 2, energyWh: 20_000 },
  onFallback: { ...amounts(0, 0), count: 1 },
  more: true,
  unpriceable: 1,
  charges: [
    { ...amounts(2_000_000, 4_000_000), cdrId: '0xaa', endedAt: 8, importedWh: 9_000, basis: 'signals' },
    {
      ...amounts(3_000_000, 2_000_000),
      cdrId: '0xbb',
      endedAt: 7,
      importedWh: 11_000,
      basis: 'partly-fallback',
    },
  ],
  publishable: [{ evseId: 'DEBBBE1', refusal: 'price-outside-frame', detail: 'above 0.50 EUR/kWh' }],
};

describe('a preview', () => {
  test('is read with its sum, its charges, and why it could not be published', () => {
    expect(parsePreview(answer)).toEqual({
      currency: 'EUR',
      from: 1,
      to: 9,
      sum: answer.sum,
      fallbackCount: 1,
      more: true,
      unpriceable: 1,
      charges: [
        {
          ...amounts(2_000_000, 4_000_000),
          cdrId: '0xaa',
          endedAt: 8,
          importedWh: 9_000,
          isOnFallback: false,
        },
        {
          ...amounts(3_000_000, 2_000_000),
          cdrId: '0xbb',
          endedAt: 7,
          importedWh: 11_000,
          isOnFallback: true,
        },
      ],
      refused: { refusal: 'price-outside-frame', detail: 'above 0.50 EUR/kWh' },
    });
  });

  test('that could be published is refused for nothing', () => {
    const publishable = [{ evseId: 'DEBBBE1', refusal: null, detail: null }];
    expect(parsePreview({ ...answer, publishable })).not.toHaveProperty('refused');
  });

  test('that is none is none, and nothing in one is trusted', () => {
    for (const json of [null, 7, {}, { sum: {} }, { charges: [] }])
      expect(parsePreview(json)).toBeUndefined();
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (sum, charge) => {
        const read = parsePreview({ sum: { wouldMicro: sum }, charges: [charge] });
        expect(Number.isSafeInteger(read?.sum.wouldMicro)).toBe(true);
      }),
    );
  });
});

test('the change is told in tenths of a percent, against what was earned', () => {
  expect(changePerMille(amounts(5_000_000, 6_000_000))).toBe(200);
  expect(changePerMille(amounts(3_000_000, 2_000_000))).toBe(-333);
  expect(changePerMille(amounts(0, 2_000_000))).toBeUndefined();
});

test('bars are as long as their amounts beside the longest', () => {
  const charges = [amounts(2_000_000, 4_000_000), amounts(3_000_000, -1)];
  expect(charges.map((charge) => barsOf(charge, charges))).toEqual([
    { did: 50, would: 100 },
    { did: 75, would: 0 },
  ]);
  expect(barsOf(amounts(0, 0), [])).toEqual({ did: 0, would: 0 });
});
