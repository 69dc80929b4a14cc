import { parsePromotions } from '@p2p-power/tariff/Promotion';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  benefits,
  dayInput,
  lasts,
  type PromotionForm,
  placesOfBenefit,
  promotionOf,
  startOfDay,
} from './PromotionForm.ts';

const form: PromotionForm = {
  title: ' Die ersten 20 kWh ',
  type: 'free-energy',
  amount: 20_000,
  firstDay: '2026-06-01',
  lastDay: '2026-06-30',
};

describe('a promotion that was typed', () => {
  test('lasts from midnight to midnight, its last day included', () => {
    expect(promotionOf(form, 'EUR')).toEqual({
      id: 'die-ersten-20-kwh-2026-06-01',
      title: 'Die ersten 20 kWh',
      benefit: { type: 'free-energy', energyWh: 20_000 },
      currency: 'EUR',
      startsAt: new Date(2026, 5, 1).getTime() / 1000,
      endsAt: new Date(2026, 6, 1).getTime() / 1000,
    });
  });

  test('gives percent or money, with bounds where they were typed', () => {
    const bounded = {
      ...form,
      type: 'percent-off',
      amount: 125,
      budgetMicro: 5_000_000,
      customerMicro: 0,
    } as const;
    expect(promotionOf(bounded, 'EUR')).toMatchObject({
      benefit: { type: 'percent-off', perMille: 125 },
      budgetMicro: 5_000_000,
      customerMicro: 0,
    });
    expect(promotionOf({ ...form, type: 'amount-off', amount: 1 }, 'EUR')?.benefit).toEqual({
      type: 'amount-off',
      amountMicro: 1,
    });
  });

  test.each<[string, Partial<PromotionForm>]>([
    ['a title', { title: '  ' }],
    ['an amount', { amount: null }],
    ['a budget that is a number', { budgetMicro: null }],
    ['a bound for each customer that is a number', { customerMicro: null }],
    ['a last day that is not before the first', { lastDay: '2026-05-31' }],
    ['a first day', { firstDay: '' }],
  ])('is none without %s', (_what, change) => {
    expect(promotionOf({ ...form, ...change }, 'EUR')).toBeUndefined();
  });

  test('is one that the provider can read, whatever was typed', () => {
    const typed = fc.record({
      title: fc.constantFrom('Ö', 'Sommer!', '20 % für alle', 'a'.repeat(60)),
      type: fc.constantFrom(...benefits),
      amount: fc.integer({ min: 1, max: 1_000 }),
      firstDay: fc.constant('2026-06-01'),
      lastDay: fc.constantFrom('2026-06-01', '2026-12-31'),
      budgetMicro: fc.constantFrom(undefined, 1_000_000),
    });
    fc.assert(
      fc.property(typed, (drawn) => {
        expect(parsePromotions([promotionOf(drawn, 'EUR')])).toMatchObject({ ok: true });
      }),
    );
  });
});

test('a day as typed and its midnight belong together', () => {
  const day = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(day, (date) => {
      const at = Math.floor(date.getTime() / 1000);
      const midnight = startOfDay(dayInput(at));
      expect(midnight).toBeLessThanOrEqual(at);
      expect(startOfDay(dayInput(at), 1)).toBeGreaterThan(at);
      expect(dayInput(midnight)).toBe(dayInput(at));
    }),
  );
  expect(lasts({ firstDay: '2026-06-01', lastDay: '2026-06-01' })).toBe(true);
  expect(Object.keys(placesOfBenefit)).toEqual([...benefits]);
});
