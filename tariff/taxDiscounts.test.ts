import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { price } from './price.ts';
import type { Tariff } from './Tariff.ts';
import { taxDiscounts } from './taxDiscounts.ts';
import { addParts, dealOut, type TaxPart, taxParts } from './taxParts.ts';
import {
  arbitrarySession,
  arbitraryTariff,
  arbitraryTariff230,
  withOddities,
} from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { sessionOf } from './testing/session.ts';

const session = sessionOf(
  'Europe/Berlin',
  '2026-01-05T08:00:00Z',
  [60, 20_000, 'charging'],
  [40, 0, 'parking'],
);
/** 20 kWh at 0.25 and 10 %, beside a start fee of 0.50 at 20 %: 5.50 and 0.60 after tax. */
const tariff = exampleTariff('tariff_9_025kwh_start');
const owed = price(tariff, session);
const part = (vatBp: number, exclVatMicro: number, vatMicro: number): TaxPart => ({
  vatBp,
  exclVatMicro,
  vatMicro,
});
const off = (amountMicro: number, energyWh = 0) => ({ amountMicro, energyWh });

describe('taxParts', () => {
  it('has of each rate what is charged at it, the lowest rate first', () => {
    expect(taxParts(owed)).toEqual([part(1_000, 5_000_000, 500_000), part(2_000, 500_000, 100_000)]);
    const taxed = price({ ...tariff, taxes: 'included' }, session);
    expect(taxParts(taxed)).toEqual([part(1_000, 4_545_455, 454_545), part(2_000, 416_667, 83_333)]);
    expect(taxParts(price(exampleTariff('tariff_5_free_of_charge'), session))).toEqual([]);
  });

  it('keeps the share of each rate where a limit, or a bound of the driver, changed the sum', () => {
    const capped: Tariff = { ...tariff, maxPrice: { exclVatMicro: 2_750_000, inclVatMicro: 3_050_000 } };
    expect(taxParts(price(capped, session))).toEqual([
      part(1_000, 2_500_000, 250_000),
      part(2_000, 250_000, 50_000),
    ]);
    // A third of it, as the driver's bound may leave it: 6.10 becomes 2.03333.
    const bound = { ...owed, exclVatMicro: 1_833_333, vatMicro: 200_000 };
    expect(taxParts(bound)).toEqual([part(1_000, 1_666_666, 166_667), part(2_000, 166_667, 33_333)]);
  });

  it('has a least price for nothing at the rate of the first component', () => {
    const least: Tariff = { ...tariff, minPrice: { exclVatMicro: 1_000_000 } };
    const elements = tariff.elements.map((element) => ({
      ...element,
      priceComponents: element.priceComponents.filter(({ type }) => type === 'ENERGY'),
    }));
    const nothing = sessionOf('Europe/Berlin', '2026-01-05T08:00:00Z', [60, 0, 'charging']);
    expect(taxParts(price({ ...least, elements }, nothing))).toEqual([part(1_000, 1_000_000, 100_000)]);
    // Beside a component without tax, too.
    const parking = { type: 'PARKING_TIME', priceMicro: 0, stepSize: 1 } as const;
    const both = elements.map((element) => ({
      ...element,
      priceComponents: [...element.priceComponents, parking],
    }));
    const stood = sessionOf('Europe/Berlin', '2026-01-05T08:00:00Z', [60, 0, 'charging'], [9, 0, 'parking']);
    expect(taxParts(price({ ...least, elements: both }, stood))).toEqual([part(1_000, 1_000_000, 100_000)]);
    expect(taxParts({ lines: [], taxes: [], exclVatMicro: 5, vatMicro: 0 })).toEqual([part(0, 5, 0)]);
  });
});

describe('taxDiscounts', () => {
  it('takes free energy off the rate of the energy, and all else off every rate in proportion', () => {
    // 10 of 20 kWh; then ten per cent of what is left, 2.75 and 0.60.
    expect(taxDiscounts(owed, [off(2_750_000, 10_000), off(335_000)])).toEqual([
      [part(1_000, 2_500_000, 250_000)],
      [part(1_000, 250_000, 25_000), part(2_000, 50_000, 10_000)],
    ]);
    // What free energy exceeds the energy by comes off the rest.
    expect(taxDiscounts(owed, [off(5_800_000, 20_000)])).toEqual([
      [part(1_000, 5_000_000, 500_000), part(2_000, 250_000, 50_000)],
    ]);
  });

  it('takes no more off a rate than is left of it: energy is free but once', () => {
    expect(taxDiscounts(owed, [off(3_300_000, 12_000), off(2_750_000, 10_000)])).toEqual([
      [part(1_000, 3_000_000, 300_000)],
      [part(1_000, 2_000_000, 200_000), part(2_000, 458_333, 91_667)],
    ]);
  });

  it('leaves no tax where nothing is left, however the discounts were cut', () => {
    for (const cuts of [[6_100_000], [1, 6_099_999], [2_033_333, 2_033_333, 2_033_334]]) {
      const parts = taxDiscounts(
        owed,
        cuts.map((amountMicro) => off(amountMicro)),
      ).flat();
      expect(addParts(taxParts(owed), parts)).toEqual([]);
    }
  });

  it('finds no tax where there is none, and works with prices that include it', () => {
    const untaxed = price(exampleTariff('tariff_8_simple_025kwh'), session);
    const none = {
      ...untaxed,
      taxes: [],
      vatMicro: 0,
      lines: untaxed.lines.map((line) => ({ ...line, vatBp: 0 })),
    };
    expect(taxDiscounts(none, [off(1_000_001)])).toEqual([[part(0, 1_000_001, 0)]]);
    const taxed = price({ ...tariff, taxes: 'included' }, session);
    expect(taxDiscounts(taxed, [off(2_500_000, 10_000)])).toEqual([[part(1_000, 2_272_728, 227_272)]]);
  });

  it('refuses to give more than the charge', () => {
    expect(() => taxDiscounts(owed, [off(6_100_000), off(1)])).toThrow(RangeError);
  });

  const isOwed = (each: TaxPart) => each.exclVatMicro < 0 || each.vatMicro < 0;
  const discounts = fc.array(fc.record({ perMille: fc.nat(1_000), energyWh: fc.nat(1) }), { maxLength: 4 });
  const anyTariff = fc.oneof(arbitraryTariff, arbitraryTariff230);
  const anySession = fc.oneof(arbitrarySession, withOddities(arbitrarySession));
  it('adds up to each discount to the micro-unit, and leaves each rate its share of tax', () => {
    fc.assert(
      fc.property(anyTariff, anySession, discounts, (any, charged, given) => {
        const whole = price(any, charged);
        const rates = taxParts(whole);
        const sum = (parts: readonly TaxPart[], of: 'exclVatMicro' | 'vatMicro') =>
          parts.reduce((total, each) => total + each[of], 0);
        expect([sum(rates, 'exclVatMicro'), sum(rates, 'vatMicro')]).toEqual([
          whole.exclVatMicro,
          whole.vatMicro,
        ]);
        let left = Math.max(0, whole.inclVatMicro);
        const amounts = given.map(({ perMille, energyWh }) => {
          const amountMicro = Math.ceil((left * perMille) / 1_000);
          left -= amountMicro;
          return { amountMicro, energyWh };
        });
        const parts = taxDiscounts(whole, amounts);
        for (const [at, each] of parts.entries()) {
          expect(sum(each, 'exclVatMicro') + sum(each, 'vatMicro')).toBe(amounts[at]?.amountMicro);
          // Where energy given back is taxed otherwise than what was drawn, a rate may be owed to the driver.
          if (rates.some(isOwed)) continue;
          expect(each.filter(isOwed)).toEqual([]);
        }
        for (const rate of addParts(rates, parts.flat())) {
          const of = rates.find(({ vatBp }) => vatBp === rate.vatBp) as TaxPart;
          const inclVat = of.exclVatMicro + of.vatMicro;
          if (inclVat <= 0) continue;
          const leftOfRate = BigInt(rate.exclVatMicro + rate.vatMicro);
          const twice = 2n * (BigInt(of.vatMicro) * leftOfRate - BigInt(rate.vatMicro) * BigInt(inclVat));
          expect(twice <= BigInt(inclVat) && twice >= -BigInt(inclVat)).toBe(true);
        }
      }),
    );
  });
});

it('deals out by weights so that the parts add up', () => {
  expect(dealOut(10, [1n, 1n, 1n])).toEqual([3, 4, 3]);
  expect(dealOut(-10, [1n, 1n, 1n])).toEqual([-3, -4, -3]);
  expect(dealOut(7, [0n, 0n])).toEqual([7, 0]);
  expect(dealOut(-7, [-3n, -4n])).toEqual([-3, -4]);
});
