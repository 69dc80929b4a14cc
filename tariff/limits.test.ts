import { describe, expect, it } from 'vitest';
import { price } from './price.ts';
import type { PriceComponent, PriceLimit, Tariff } from './Tariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { type SessionPart, sessionOf } from './testing/session.ts';

/** 20 kWh at 0.25 and 10 %, beside a start fee of 0.50 at 20 %: 5.50 before tax, 6.10 after it. */
const mixed = exampleTariff('tariff_9_025kwh_start');
const hour: SessionPart = [60, 20_000, 'charging'];
const nothing: SessionPart = [60, 0, 'charging'];

const owed = (
  tariff: Tariff,
  limits: { readonly minPrice?: PriceLimit; readonly maxPrice?: PriceLimit },
  part = hour,
) => {
  const session = sessionOf('Europe/Berlin', '2026-01-05T10:00:00+01:00', part);
  const { limit, exclVatMicro, inclVatMicro, taxes } = price({ ...tariff, ...limits }, session);
  return { limit, excl: exclVatMicro / 1e6, incl: inclVatMicro / 1e6, taxes };
};
const tax = (vatBp: number, amountMicro: number) => ({ vatBp, amountMicro });

describe('limits', () => {
  it('take no effect where the session costs just as much', () => {
    const exact = { exclVatMicro: 5_500_000, inclVatMicro: 6_100_000 };
    expect(owed(mixed, { minPrice: exact, maxPrice: exact }).limit).toBeUndefined();
    expect(owed(mixed, { maxPrice: { exclVatMicro: 5_499_999 } }).limit).toBe('max');
    expect(owed(mixed, { minPrice: { exclVatMicro: 5_500_001 } }).limit).toBe('min');
  });

  it('take effect after tax alone, too', () => {
    const maxPrice = { exclVatMicro: 9_000_000, inclVatMicro: 6_000_000 };
    expect(owed(mixed, { maxPrice })).toMatchObject({ limit: 'max', excl: 5.5, incl: 6 });
    const minPrice = { exclVatMicro: 1_000_000, inclVatMicro: 6_200_000 };
    expect(owed(mixed, { minPrice })).toMatchObject({ limit: 'min', excl: 5.5, incl: 6.2 });
  });

  it('keep the session’s share of tax over all its rates, not the rate of one', () => {
    // 11.00 × (1 + 0.60 ⁄ 5.50); at the first component's 20 % it would be 13.20, at 10 % 12.10.
    expect(owed(mixed, { minPrice: { exclVatMicro: 11_000_000 } })).toEqual({
      limit: 'min',
      excl: 11,
      incl: 12.2,
      taxes: [tax(1_000, 1_000_000), tax(2_000, 200_000)],
    });
  });

  it('that contradict each other: the most price has the last word', () => {
    const limits = { minPrice: { exclVatMicro: 8_000_000 }, maxPrice: { exclVatMicro: 3_000_000 } };
    expect(owed(mixed, limits)).toMatchObject({ limit: 'max', excl: 3 });
  });

  it('that would leave less after tax than before it: the lower is owed, without tax', () => {
    const minPrice = { exclVatMicro: 7_000_000 };
    const maxPrice = { exclVatMicro: 9_000_000, inclVatMicro: 6_500_000 };
    expect(owed(mixed, { minPrice, maxPrice })).toMatchObject({ limit: 'max', excl: 6.5, incl: 6.5 });
  });

  it('for a session that costs nothing are taxed at the rate of the tariff’s first component, and say so', () => {
    const free = (type: PriceComponent['type'], vatBp: number): PriceComponent => ({
      type,
      priceMicro: 0,
      vatBp,
      stepSize: 1,
    });
    const minPrice = { exclVatMicro: 1_000_000 };
    const two: Tariff = {
      ...mixed,
      elements: [{ priceComponents: [free('ENERGY', 1_900), free('TIME', 700)] }],
    };
    expect(owed(two, { minPrice })).toEqual({
      limit: 'min',
      excl: 1,
      incl: 1.19,
      taxes: [tax(1_900, 190_000)],
    });
    // Without a limit each rate has its tax of nothing.
    expect(owed(two, {}).taxes).toEqual([tax(700, 0), tax(1_900, 0)]);
    // The only rate that was consumed is another one than the first component's.
    expect(owed(two, { minPrice }, nothing).taxes).toEqual([tax(1_900, 190_000)]);
  });

  it('of a tariff without taxes bear none, whatever rates its components name', () => {
    const untaxed: Tariff = { ...mixed, taxes: 'none' };
    expect(owed(untaxed, {})).toMatchObject({ excl: 5.5, incl: 5.5, taxes: [] });
    expect(owed(untaxed, { minPrice: { exclVatMicro: 7_000_000 } })).toMatchObject({ incl: 7, taxes: [] });
  });
});
