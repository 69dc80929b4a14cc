import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkDynamicTariff,
  type DynamicTerms,
  dynamicPriceMicro,
  isFresh,
  offerPrices,
  parseDynamicTerms,
} from './DynamicTerms.ts';
import { price } from './price.ts';
import type { Tariff } from './Tariff.ts';
import { arbitrarySession, arbitraryTariff } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';

const terms: DynamicTerms = {
  area: 'AT',
  factorPerMille: 1_050,
  marginMicro: 120_000,
  floorMicro: 100_000,
  capMicro: 450_000,
  maxAgeS: 36 * 3600,
};

/** A quarter-hour's begin, and ten minutes into it. */
const QUARTER = Date.parse('2026-10-25T00:15:00Z') / 1000;
const NOW = QUARTER + 600;

describe('parseDynamicTerms', () => {
  it('reads what it is given, with and without a fallback', () => {
    expect(parseDynamicTerms(terms)).toEqual({ ok: true, value: terms });
    const withFallback = { ...terms, fallbackMicro: 390_000 };
    expect(parseDynamicTerms(JSON.parse(JSON.stringify(withFallback)))).toEqual({
      ok: true,
      value: withFallback,
    });
  });

  it('refuses by name', () => {
    const refusal = (json: unknown) => {
      const read = parseDynamicTerms(json);
      return read.ok ? 'ok' : `${read.refusal}: ${read.detail}`;
    };
    expect([
      refusal(null),
      refusal({ ...terms, area: 'A/T' }),
      refusal({ ...terms, factorPerMille: 10_001 }),
      refusal({ ...terms, marginMicro: 0.5 }),
      refusal({ ...terms, capMicro: '1' }),
      refusal({ ...terms, floorMicro: -1 }),
      refusal({ ...terms, floorMicro: 450_001 }),
      refusal({ ...terms, fallbackMicro: 450_001 }),
      refusal({ ...terms, fallbackMicro: 99_999 }),
      refusal({ ...terms, maxAgeS: 0 }),
      refusal({ ...terms, maxageS: 5 }),
    ]).toMatchInlineSnapshot(`
      [
        "not-an-object: expected an object",
        "invalid-text: area: expected 1 to 32 letters, digits or . _ -",
        "out-of-range: factorPerMille: must be 0 to 10000",
        "not-whole: marginMicro: must be a whole number",
        "not-a-number: capMicro: expected a number",
        "out-of-range: floorMicro: must be 0 to 100000000000",
        "floor-above-cap: 450001 is above 450000",
        "fallback-out-of-bounds: 450001 is not within 100000 to 450000",
        "fallback-out-of-bounds: 99999 is not within 100000 to 450000",
        "out-of-range: maxAgeS: must be 1 to 2678400",
        "unsupported-field: maxageS is not known here; known are area, factorPerMille, marginMicro, floorMicro, capMicro, fallbackMicro, maxAgeS",
      ]
    `);
  });

  it('takes or refuses any JSON without throwing, and gives back what it took', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), arbitraryTerms), (json) => {
        const read = parseDynamicTerms(json);
        if (read.ok) expect(parseDynamicTerms(read.value)).toEqual(read);
      }),
    );
  });
});

describe('dynamicPriceMicro', () => {
  it('takes the index times the factor plus the margin, within floor and cap', () => {
    expect([80_000, 314_285, 400_000, -500_000, 0].map((index) => dynamicPriceMicro(terms, index))).toEqual([
      204_000, 449_999, 450_000, 100_000, 120_000,
    ]);
  });

  it('rounds half away from zero before the margin is added', () => {
    const plain = { ...terms, factorPerMille: 500, marginMicro: 100_010 };
    expect([1, 3, -1, -3, -19].map((index) => dynamicPriceMicro(plain, index))).toEqual([
      100_011, 100_012, 100_009, 100_008, 100_000,
    ]);
  });
});

describe('offerPrices', () => {
  const signal = { issuedAt: NOW - 3600, firstAt: QUARTER - 1800, indexMicro: [1, 2, 80_000, null, -90_000] };

  it('promises what is known from the present quarter-hour on, and the cap otherwise', () => {
    expect(offerPrices(terms, signal, NOW)).toEqual({
      ok: true,
      value: {
        prices: { firstAt: QUARTER, pricesMicro: [204_000, 450_000, 100_000], otherwiseMicro: 450_000 },
        isFallback: false,
      },
    });
  });

  it('takes the fallback where the index is not known', () => {
    const offered = offerPrices({ ...terms, fallbackMicro: 300_000 }, signal, NOW);
    expect(offered).toMatchObject({
      value: { prices: { pricesMicro: [204_000, 300_000, 100_000], otherwiseMicro: 300_000 } },
    });
  });

  it('bridges the time until a signal begins', () => {
    const tomorrow = { issuedAt: NOW, firstAt: QUARTER + 1800, indexMicro: [80_000] };
    expect(offerPrices(terms, tomorrow, NOW)).toMatchObject({
      value: { prices: { firstAt: QUARTER, pricesMicro: [450_000, 450_000, 204_000] }, isFallback: false },
    });
  });

  it('promises the fallback alone, or nothing, when no signal helps', () => {
    const useless = {
      none: undefined,
      stale: { ...signal, issuedAt: NOW - terms.maxAgeS - 1 },
      fromTheFuture: { ...signal, issuedAt: NOW + 121 },
      past: { ...signal, firstAt: QUARTER - 10 * 900 },
      empty: { ...signal, indexMicro: [] },
      unknown: { ...signal, indexMicro: [1, 2, null, null] },
      crooked: { ...signal, firstAt: QUARTER + 1 },
    };
    const withFallback = { ...terms, fallbackMicro: 390_000 };
    const prices = { firstAt: QUARTER, pricesMicro: [], otherwiseMicro: 390_000 };
    for (const [name, given] of Object.entries(useless)) {
      expect(offerPrices(withFallback, given, NOW), name).toEqual({
        ok: true,
        value: { prices, isFallback: true },
      });
      expect(offerPrices(terms, given, NOW), name).toMatchObject({ ok: false, refusal: 'no-fresh-price' });
    }
  });

  it('relies on a signal up to its last second', () => {
    expect(offerPrices(terms, { ...signal, issuedAt: NOW - terms.maxAgeS }, NOW).ok).toBe(true);
    expect(isFresh(terms, NOW - terms.maxAgeS, NOW)).toBe(true);
    expect(isFresh(terms, NOW - terms.maxAgeS - 1, NOW)).toBe(false);
    expect(isFresh(terms, NOW + 120, NOW)).toBe(true);
  });

  it('counts quarter-hours, so that a day of 25 hours has a hundred of them', () => {
    // Berlin, 25 October 2026: the hour from 2 to 3 comes twice.
    const dayStart = Date.parse('2026-10-24T22:00:00Z') / 1000;
    const indexMicro = Array.from({ length: 100 }, (_, index) => index * 1_000);
    const day = { issuedAt: dayStart - 3600, firstAt: dayStart, indexMicro };
    const linear = { ...terms, factorPerMille: 1_000, marginMicro: 0, floorMicro: 0 };
    const offered = offerPrices(linear, day, Date.parse('2026-10-25T01:00:00Z') / 1000);
    expect(offered).toMatchObject({ value: { prices: { pricesMicro: indexMicro.slice(12) } } });
  });

  it('never leaves floor and cap, never uses a stale signal, and follows the index quarter by quarter', () => {
    fc.assert(
      fc.property(
        arbitraryTerms,
        arbitrarySignal,
        fc.integer({ min: 0, max: 400_000 }),
        (any, index, after) => {
          const now = index.issuedAt - 1000 + after;
          const offered = offerPrices(any, index, now);
          if (!offered.ok) {
            expect(any.fallbackMicro).toBeUndefined();
            return;
          }
          const { prices, isFallback } = offered.value;
          for (const price of [...prices.pricesMicro, prices.otherwiseMicro]) {
            expect(price).toBeGreaterThanOrEqual(any.floorMicro);
            expect(price).toBeLessThanOrEqual(any.capMicro);
          }
          expect(prices.pricesMicro.length).toBeLessThanOrEqual(400);
          expect(prices.firstAt).toBe(now - (now % 900));
          if (now - index.issuedAt > any.maxAgeS) expect(isFallback).toBe(true);
          expect(isFallback).toBe(prices.pricesMicro.length === 0);
          for (const [slot, price] of prices.pricesMicro.entries()) {
            const value = index.indexMicro[(prices.firstAt - index.firstAt) / 900 + slot] ?? null;
            expect(price).toBe(value === null ? prices.otherwiseMicro : dynamicPriceMicro(any, value));
          }
        },
      ),
    );
  });
});

describe('checkDynamicTariff', () => {
  const tariff = exampleTariff('tariff_8_simple_025kwh');

  it('wants printed energy prices that are never below the cap', () => {
    expect(checkDynamicTariff({ ...terms, capMicro: 250_000 }, tariff)).toMatchObject({ ok: true });
    expect(checkDynamicTariff({ ...terms, capMicro: 250_001 }, tariff)).toMatchInlineSnapshot(`
      {
        "detail": "elements[0] prices energy at 250000, below the cap 250001",
        "ok": false,
        "refusal": "cap-above-tariff",
      }
    `);
  });

  it('asks each energy price that can be in force', () => {
    const night: Tariff = {
      ...tariff,
      elements: [
        {
          priceComponents: [{ type: 'ENERGY', priceMicro: 200_000, stepSize: 1 }],
          restrictions: { endMinute: 360 },
        },
        ...tariff.elements,
        { priceComponents: [{ type: 'ENERGY', priceMicro: 1, stepSize: 1 }] },
      ],
    };
    expect(checkDynamicTariff({ ...terms, capMicro: 200_000 }, night).ok).toBe(true);
    expect(checkDynamicTariff({ ...terms, capMicro: 250_000 }, night)).toMatchObject({
      refusal: 'cap-above-tariff',
    });
  });

  it('refuses limits whose tax would depend on what energy costs', () => {
    const low = { ...terms, floorMicro: 0, capMicro: 250_000 };
    const mixed: Tariff = {
      ...exampleTariff('tariff_9_025kwh_start'),
      maxPrice: { exclVatMicro: 10_000_000 },
    };
    expect(checkDynamicTariff(low, mixed)).toMatchObject({ refusal: 'limit-without-tax' });
    const named = { ...mixed, maxPrice: { exclVatMicro: 10_000_000, inclVatMicro: 11_000_000 } };
    expect(checkDynamicTariff(low, named).ok).toBe(true);
    expect(checkDynamicTariff(low, { ...tariff, maxPrice: { exclVatMicro: 10_000_000 } }).ok).toBe(true);
  });

  it('refuses a limit after tax beside one before tax only', () => {
    // A most price of 0 before tax takes the least price after tax away, but only where energy costs something.
    const component = { type: 'ENERGY', priceMicro: 1, stepSize: 1 } as const;
    const contradicting: Tariff = {
      ...tariff,
      elements: [{ priceComponents: [component] }],
      minPrice: { exclVatMicro: 0, inclVatMicro: 1 },
      maxPrice: { exclVatMicro: 0 },
    };
    const free = { ...terms, floorMicro: 0, fallbackMicro: 0, capMicro: 0 };
    expect(checkDynamicTariff(free, contradicting)).toMatchObject({ refusal: 'limit-without-tax' });
    const { maxPrice: _, ...least } = contradicting;
    expect(checkDynamicTariff(free, least).ok).toBe(true);
  });

  it('refuses a tariff whose prices include tax', () => {
    expect(
      checkDynamicTariff({ ...terms, capMicro: 250_000 }, { ...tariff, taxes: 'included' }),
    ).toMatchObject({
      refusal: 'prices-include-tax',
    });
  });

  it('refuses a tariff without an energy price', () => {
    expect(checkDynamicTariff(terms, exampleTariff('tariff_1_simple_2hour'))).toMatchObject({
      refusal: 'no-energy-price',
    });
  });
});

describe('the guarantee', () => {
  it('never charges more than the printed tariff says, whatever the signal, its age and the session', () => {
    let dynamic = 0;
    fc.assert(
      fc.property(
        arbitraryTariff,
        arbitraryTerms,
        fc.option(arbitrarySignal, { nil: undefined }),
        fc.integer({ min: 0, max: 400_000 }),
        arbitrarySession,
        (tariff, any, signal, after, session) => {
          const start = session.readings[0]?.at ?? 0;
          const shifted = signal && { ...signal, issuedAt: start - after, firstAt: start - (start % 900) };
          if (!checkDynamicTariff(any, tariff).ok) return;
          const offered = offerPrices(any, shifted, start);
          if (!offered.ok) return;
          dynamic += 1;
          const owed = price(tariff, { ...session, prices: offered.value.prices });
          const printed = price(tariff, session);
          expect(owed.exclVatMicro).toBeLessThanOrEqual(printed.exclVatMicro);
          expect(owed.inclVatMicro).toBeLessThanOrEqual(printed.inclVatMicro);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(dynamic).toBeGreaterThan(50);
  });
});

const arbitraryTerms: fc.Arbitrary<DynamicTerms> = fc
  .record({
    area: fc.constantFrom('AT', 'DE-LU', 'home.1'),
    factorPerMille: fc.integer({ min: 0, max: 10_000 }),
    marginMicro: fc.integer({ min: -500_000, max: 500_000 }),
    bounds: fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 3, maxLength: 3 }),
    hasFallback: fc.boolean(),
    maxAgeS: fc.integer({ min: 1, max: 200_000 }),
  })
  .map(({ bounds, hasFallback, maxAgeS, ...rest }) => {
    const [floorMicro = 0, fallbackMicro = 0, capMicro = 0] = bounds.toSorted((a, b) => a - b);
    return { ...rest, floorMicro, capMicro, ...(hasFallback && { fallbackMicro }), maxAgeS };
  });

const arbitrarySignal = fc.record({
  issuedAt: fc.integer({ min: 1_790_000_000, max: 1_790_100_000 }),
  firstAt: fc.integer({ min: -200, max: 200 }).map((quarter) => 1_790_100_000 + quarter * 900),
  indexMicro: fc.array(
    fc.option(
      fc.oneof(
        fc.integer({ min: -600_000, max: 5_000_000 }),
        fc.integer({ min: -100_000_000_000, max: 100_000_000_000 }),
      ),
    ),
    { maxLength: 600 },
  ),
});
