import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EnergyPrices } from './EnergyPrices.ts';
import { price } from './price.ts';
import type { PricedSession, PriceLimit, SessionReading, Tariff } from './Tariff.ts';
import {
  arbitraryPlainTariff,
  arbitrarySession,
  arbitraryTariff,
  arbitraryTariff230,
  withOddities,
  withPrices,
} from './testing/arbitraryTariff.ts';
import { priceSlowly } from './testing/priceSlowly.ts';

function withoutLimits({ minPrice: _least, maxPrice: _most, ...tariff }: Tariff): Tariff {
  return tariff;
}

/** Sessions short enough to be priced minute by minute. */
const shortSession = arbitrarySession.filter(({ readings }) => {
  const [first, last] = [readings[0], readings.at(-1)];
  return first !== undefined && last !== undefined && last.at - first.at < 2 * 86_400;
});

describe('price, on any tariff and session', () => {
  it('is what the plain rule gives, minute by minute', () => {
    const check = (tariff: Tariff, session: PricedSession) => {
      const { exclVatMicro, vatMicro } = price(withoutLimits(tariff), session);
      const slowly = priceSlowly(tariff, session);
      expect([BigInt(exclVatMicro), BigInt(vatMicro)]).toEqual([slowly.exclVatMicro, slowly.vatMicro]);
    };
    fc.assert(fc.property(arbitraryTariff, shortSession, check), { numRuns: 300 });
    fc.assert(fc.property(arbitraryTariff, withPrices(shortSession), check), { numRuns: 200 });
    fc.assert(fc.property(arbitraryTariff230, withOddities(shortSession), check), { numRuns: 300 });
    fc.assert(fc.property(arbitraryTariff, withOddities(withPrices(shortSession)), check), { numRuns: 200 });
  });

  it('adds up: before tax and tax are the total, lines differ from the sum by their own rounding only', () => {
    const check = (tariff: Tariff, session: PricedSession) => {
      const priced = price(tariff, session);
      expect(priced.exclVatMicro + priced.vatMicro).toBe(priced.inclVatMicro);
      expect(priced.vatMicro).toBeGreaterThanOrEqual(0);
      expect(priced.taxes.reduce((sum, { amountMicro }) => sum + amountMicro, 0)).toBe(priced.vatMicro);
      for (const { amountMicro } of priced.taxes) expect(amountMicro).toBeGreaterThanOrEqual(0);
      const unlimited = price(withoutLimits(tariff), session);
      const lines = unlimited.lines.reduce((sum, { amountMicro }) => sum + amountMicro, 0);
      const sum = priced.areLinesTaxed ? unlimited.inclVatMicro : unlimited.exclVatMicro;
      expect(Math.abs(lines - sum)).toBeLessThanOrEqual(unlimited.lines.length);
      if (priced.limit === undefined) expect(priced).toEqual(unlimited);
    };
    fc.assert(fc.property(arbitraryTariff230, arbitrarySession, check), { numRuns: 500 });
  });

  it('bills each Wh once: without steps the lines of an everlasting component are the meter', () => {
    const tariff: fc.Arbitrary<Tariff> = arbitraryTariff.map((any) => ({
      ...any,
      elements: [
        ...any.elements.map(({ priceComponents, ...rest }) => ({
          ...rest,
          priceComponents: priceComponents.map((component) => ({ ...component, stepSize: 1 })),
        })),
        { priceComponents: [{ type: 'ENERGY' as const, priceMicro: 1, stepSize: 1 }] },
      ],
    }));
    const check = (any: Tariff, session: PricedSession) => {
      const energyWh = price(any, session)
        .lines.filter(({ component }) => component === 'ENERGY')
        .reduce((sum, { quantity }) => sum + quantity, 0);
      const [first, last] = [session.readings[0], session.readings.at(-1)] as [
        SessionReading,
        SessionReading,
      ];
      expect(energyWh).toBe(last.importWh - first.importWh);
    };
    fc.assert(fc.property(tariff, arbitrarySession, check), { numRuns: 300 });
  });

  it('never falls when more is charged', () => {
    const check = (tariff: Tariff, session: PricedSession, moreWh: number) => {
      const readings = session.readings.map((reading, index) =>
        index === session.readings.length - 1 ? { ...reading, importWh: reading.importWh + moreWh } : reading,
      );
      const less = price(tariff, session);
      const more = price(tariff, { ...session, readings });
      expect(more.exclVatMicro).toBeGreaterThanOrEqual(less.exclVatMicro);
      // A limit without an amount after tax keeps the share of tax, which shifts between rates.
      const isShared = [tariff.minPrice, tariff.maxPrice].some(
        (limit) => limit && limit.inclVatMicro === undefined,
      );
      if (!isShared) expect(more.inclVatMicro).toBeGreaterThanOrEqual(less.inclVatMicro);
    };
    // By the clock alone: more energy may reach a cheaper element. Without steps: those of the last element rule, and a later Wh may belong to finer steps.
    const tariff: fc.Arbitrary<Tariff> = arbitraryPlainTariff.map((any) => ({
      ...any,
      elements: any.elements.map(({ priceComponents, ...rest }) => ({
        ...rest,
        priceComponents: priceComponents.map((component) => ({ ...component, stepSize: 1 })),
      })),
    }));
    fc.assert(fc.property(tariff, arbitrarySession, fc.integer({ min: 1, max: 10_000 }), check), {
      numRuns: 500,
    });
  });

  it('costs the same with prices by quarter-hour that are all the component’s own', () => {
    const check = (any: Tariff, session: PricedSession, priceMicro: number, quarterHours: number) => {
      const elements = any.elements.map(({ priceComponents, ...rest }) => ({
        ...rest,
        priceComponents: priceComponents.map((component) =>
          component.type === 'ENERGY' ? { ...component, priceMicro } : component,
        ),
      }));
      const tariff = { ...any, elements };
      const firstAt = Math.ceil((session.readings[0]?.at ?? 0) / 900) * 900;
      const pricesMicro = Array.from({ length: quarterHours }, () => priceMicro);
      const prices = { firstAt, pricesMicro, otherwiseMicro: priceMicro };
      expect(price(tariff, { ...session, prices })).toEqual(price(tariff, session));
    };
    const priceMicro = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(fc.property(arbitraryTariff, arbitrarySession, priceMicro, fc.nat(100), check), {
      numRuns: 300,
    });
  });

  it('never falls when a quarter-hour costs more', () => {
    const check = (tariff: Tariff, session: PricedSession, pick: number, moreMicro: number) => {
      const prices = session.prices as EnergyPrices;
      const at = pick % (prices.pricesMicro.length + 1);
      const dearer =
        at === prices.pricesMicro.length
          ? { ...prices, otherwiseMicro: prices.otherwiseMicro + moreMicro }
          : {
              ...prices,
              pricesMicro: prices.pricesMicro.with(at, (prices.pricesMicro[at] ?? 0) + moreMicro),
            };
      const less = price(tariff, session);
      const more = price(tariff, { ...session, prices: dearer });
      expect(more.exclVatMicro).toBeGreaterThanOrEqual(less.exclVatMicro);
    };
    const session = withPrices(arbitrarySession, 1_000_000);
    fc.assert(
      fc.property(arbitraryTariff, session, fc.nat(), fc.integer({ min: 1, max: 1_000_000 }), check),
      {
        numRuns: 300,
      },
    );
  });

  it('keeps the limits', () => {
    const check = (tariff: Tariff, session: PricedSession) => {
      const { exclVatMicro, inclVatMicro } = price(tariff, session);
      const { minPrice, maxPrice } = tariff;
      expect(exclVatMicro).toBeGreaterThanOrEqual(minPrice?.exclVatMicro ?? 0);
      expect(exclVatMicro).toBeLessThanOrEqual(maxPrice?.exclVatMicro ?? Number.MAX_SAFE_INTEGER);
      expect(inclVatMicro).toBeLessThanOrEqual(maxPrice?.inclVatMicro ?? Number.MAX_SAFE_INTEGER);
      if (maxPrice === undefined) expect(inclVatMicro).toBeGreaterThanOrEqual(minPrice?.inclVatMicro ?? 0);
    };
    fc.assert(fc.property(arbitraryTariff, arbitrarySession, check), { numRuns: 500 });
  });

  it('does not change when a reading is put in between', () => {
    const check = (tariff: Tariff, session: PricedSession, pick: number) => {
      const divisible = session.readings.flatMap((start, index) => {
        const end = session.readings[index + 1];
        if (end === undefined) return [];
        const [energyWh, seconds] = [end.importWh - start.importWh, end.at - start.at];
        const pieces = greatestCommonDivisor(energyWh, seconds);
        return pieces > 1
          ? [{ start, index, seconds: seconds / pieces, energyWh: energyWh / pieces, pieces }]
          : [];
      });
      const chosen = divisible[pick % divisible.length];
      fc.pre(chosen !== undefined);
      const { start, index, seconds, energyWh, pieces } = chosen;
      const after = 1 + (pick % (pieces - 1));
      const between: SessionReading = {
        ...start,
        at: start.at + seconds * after,
        importWh: start.importWh + energyWh * after,
      };
      const readings = session.readings.toSpliced(index + 1, 0, between);
      expect(price(tariff, { ...session, readings })).toEqual(price(tariff, session));
    };
    fc.assert(fc.property(arbitraryTariff, arbitrarySession, fc.nat(), check), { numRuns: 500 });
  });

  it('prices also what makes no sense: steps of 0, limits that contradict each other', () => {
    const amount = fc.integer({ min: 0, max: 10_000_000 });
    const limit = fc.record(
      { exclVatMicro: amount, inclVatMicro: amount },
      { requiredKeys: ['exclVatMicro'] },
    );
    const check = (any: Tariff, session: PricedSession, minPrice: PriceLimit, maxPrice: PriceLimit) => {
      const elements = any.elements.map(({ priceComponents }) => ({
        priceComponents: priceComponents.map((component) => ({ ...component, stepSize: 0 })),
        restrictions: {},
      }));
      const priced = price({ ...any, elements, minPrice, maxPrice }, session);
      expect(priced.vatMicro).toBeGreaterThanOrEqual(0);
      expect(priced.exclVatMicro).toBeLessThanOrEqual(maxPrice.exclVatMicro);
      expect(priced.inclVatMicro).toBeLessThanOrEqual(maxPrice.inclVatMicro ?? Number.MAX_SAFE_INTEGER);
    };
    fc.assert(fc.property(arbitraryTariff, arbitrarySession, limit, limit, check), { numRuns: 300 });
  });
});

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
