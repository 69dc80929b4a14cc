import fc from 'fast-check';
import { expect, it } from 'vitest';
import { energyCostMicro } from './energyCost.ts';
import { price } from './price.ts';
import type { Tariff } from './Tariff.ts';
import { arbitrarySession, arbitraryTariff, arbitraryTariff230 } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { sessionOf } from './testing/session.ts';

const session = sessionOf(
  'Europe/Berlin',
  '2026-01-05T08:00:00Z',
  [60, 20_000, 'charging'],
  [40, 0, 'parking'],
);

it('is what the energy lines cost after tax', () => {
  // 20 kWh at 0.25 and 10 %, beside a start fee of 0.50 at 20 %
  const tariff = exampleTariff('tariff_9_025kwh_start');
  expect(energyCostMicro(price(tariff, session))).toBe(5_500_000);
  expect(energyCostMicro(price({ ...tariff, taxes: 'included' }, session))).toBe(5_000_000);
});

it('is the share of the energy where a most price took effect, and nothing of what a least price adds', () => {
  const tariff = exampleTariff('tariff_9_025kwh_start');
  const capped: Tariff = { ...tariff, maxPrice: { exclVatMicro: 2_750_000, inclVatMicro: 3_050_000 } };
  expect(energyCostMicro(price(capped, session))).toBe(2_750_000);
  const raised: Tariff = { ...tariff, minPrice: { exclVatMicro: 20_000_000, inclVatMicro: 22_000_000 } };
  expect(energyCostMicro(price(raised, session))).toBe(5_500_000);
});

it('is nothing where energy is free, and never more than what is owed', () => {
  expect(energyCostMicro(price(exampleTariff('tariff_5_free_of_charge'), session))).toBe(0);
  fc.assert(
    fc.property(fc.oneof(arbitraryTariff, arbitraryTariff230), arbitrarySession, (tariff, any) => {
      const owed = price(tariff, any);
      expect(energyCostMicro(owed)).toBeGreaterThanOrEqual(0);
      expect(energyCostMicro(owed)).toBeLessThanOrEqual(owed.inclVatMicro);
    }),
  );
});
