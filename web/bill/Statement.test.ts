import { describe, expect, test } from 'vitest';
import { monthAfter, monthBounds, monthOf, parseStatement } from './Statement.ts';

describe('a statement out of a provider’s answer', () => {
  const split = {
    energyMicro: 2_000_000,
    infrastructureMicro: 1_000_000,
    gridMicro: 500_000,
    leviesMicro: 100_000,
    vatMicro: 684_000,
  };
  const statement = {
    totalMicro: 3_000_000,
    chargeMicro: 4_284_000,
    promotionMicro: 1_000_000,
    creditMicro: 284_000,
    currency: 'EUR',
    lines: [{}],
    split,
  };

  test('has its total, what was taken off, and what the charges are made of', () => {
    expect(parseStatement(statement)).toEqual({
      ok: true,
      value: {
        totalMicro: 3_000_000,
        currency: 'EUR',
        lineCount: 1,
        promotionMicro: 1_000_000,
        creditMicro: 284_000,
        split: { energy: 2_000_000, infrastructure: 1_000_000, grid: 500_000, levies: 100_000, vat: 684_000 },
      },
    });
  });

  test('shows no split that does not add up to the charges, or of no charge', () => {
    expect(parseStatement({ ...statement, chargeMicro: 4_284_001 })).not.toHaveProperty('value.split');
    const zero = { energyMicro: 0, infrastructureMicro: 0, gridMicro: 0, leviesMicro: 0, vatMicro: 0 };
    expect(parseStatement({ totalMicro: 0, chargeMicro: 0, lines: [], split: zero })).toEqual({
      ok: true,
      value: { totalMicro: 0, currency: 'EUR', lineCount: 0, promotionMicro: 0, creditMicro: 0 },
    });
  });

  test('is refused without lines or a total', () => {
    for (const wrong of [null, {}, { lines: [] }, { lines: [], totalMicro: 0.5 }])
      expect(parseStatement(wrong)).toMatchObject({ ok: false, refusal: 'malformed-answer' });
  });
});

test('months follow one another, and begin where the one before ends', () => {
  expect(monthAfter('2026-12', 1)).toBe('2027-01');
  expect(monthAfter('2026-01', -1)).toBe('2025-12');
  expect(monthBounds('2026-12').to).toBe(monthBounds('2027-01').from);
  expect(monthOf(monthBounds('2026-10').from)).toBe('2026-10');
  expect(monthOf(monthBounds('2026-10').to - 1)).toBe('2026-10');
});
