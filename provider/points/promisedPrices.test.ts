import { type DynamicTerms, isFresh, offerPrices, type PriceIndex } from '@p2p-power/tariff/DynamicTerms';
import type { AssumedCharge } from '@p2p-power/tariff/price';
import { estimate } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { arbitraryTariff } from '@p2p-power/tariff/testing/arbitraryTariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type PossibleSignal,
  type PromisedPrices,
  promisedPrices,
  promisedPricesOfBoth,
} from './promisedPrices.ts';

const now = 1_790_000_000;

const arbitraryTerms: fc.Arbitrary<DynamicTerms> = fc
  .record({
    factorPerMille: fc.integer({ min: 0, max: 3_000 }),
    marginMicro: fc.integer({ min: -100_000, max: 300_000 }),
    prices: fc.tuple(fc.nat(500_000), fc.nat(500_000), fc.nat(500_000)),
    hasFallback: fc.boolean(),
    maxAgeS: fc.integer({ min: 60, max: 90_000 }),
  })
  .map(({ factorPerMille, marginMicro, prices, hasFallback, maxAgeS }) => {
    const [floorMicro, fallbackMicro, capMicro] = prices.toSorted((a, b) => a - b) as [
      number,
      number,
      number,
    ];
    const base = { area: 'AT', factorPerMille, marginMicro, floorMicro, capMicro, maxAgeS };
    return hasFallback ? { ...base, fallbackMicro } : base;
  });

const arbitrarySignal: fc.Arbitrary<PriceIndex> = fc.record({
  issuedAt: fc.integer({ min: now - 100_000, max: now + 100 }),
  firstAt: fc.integer({ min: -150, max: 150 }).map((quarters) => now - (now % 900) + quarters * 900),
  indexMicro: fc.array(fc.option(fc.integer({ min: -500_000, max: 900_000 })), { maxLength: 200 }),
});

const arbitraryHeld = fc.record({
  taken: fc.option(arbitrarySignal, { nil: undefined }),
  given: fc.array(arbitrarySignal, { maxLength: 3 }),
});

const arbitraryCharge = fc.record({
  timeZone: fc.constantFrom('Europe/Berlin', 'UTC'),
  startAt: fc.constant(now),
  energyWh: fc.integer({ min: 1, max: 100_000 }),
  powerW: fc.integer({ min: 1_000, max: 50_000 }),
  parkingS: fc.nat(10_000),
});

/** The price of a charge on the map. */
const promisedMicro = ({ offers }: PromisedPrices, tariff: Tariff, charge: AssumedCharge) =>
  Math.max(...offers.map((prices) => estimate(tariff, { ...charge, prices }).inclVatMicro));

test('whatever a station may hold by what the map believes, it offers no charge dearer than the map promised', () => {
  let promises = 0;
  fc.assert(
    fc.property(
      arbitraryTerms,
      arbitraryHeld,
      arbitraryTariff,
      arbitraryCharge,
      (terms, held, tariff, charge) => {
        const promised = promisedPrices(terms, held, now);
        if (!promised.ok) return;
        promises += 1;
        const priceMicro = promisedMicro(promised.value, tariff, charge);
        // A station holds what it took, or what any courier brought later; its clock may be wrong by two minutes.
        const later = held.given.filter(({ issuedAt }) => issuedAt > (held.taken?.issuedAt ?? 0));
        for (const signal of [held.taken, ...later])
          for (const aheadS of [-120, 0, 120]) {
            const seen = signal && { ...signal, issuedAt: signal.issuedAt - aheadS };
            const offered = offerPrices(terms, seen, now);
            if (!offered.ok) continue;
            const { prices } = offered.value;
            expect(estimate(tariff, { ...charge, prices }).inclVatMicro).toBeLessThanOrEqual(priceMicro);
          }
      },
    ),
    { numRuns: 300 },
  );
  expect(promises).toBeGreaterThan(100);
});

test('shows the highest price of each quarter-hour that a station may offer', () => {
  let different = 0;
  fc.assert(
    fc.property(arbitraryTerms, arbitraryHeld, (terms, held) => {
      const promised = promisedPrices(terms, held, now);
      if (!promised.ok) return;
      const { prices, offers } = promised.value;
      if (offers.length > 1) different += 1;
      for (let index = 0; index < 400; index += 1) {
        const asked = offers.map((offer) => offer.pricesMicro[index] ?? offer.otherwiseMicro);
        expect(prices.pricesMicro[index] ?? prices.otherwiseMicro).toBe(Math.max(...asked));
      }
    }),
    { numRuns: 100 },
  );
  expect(different).toBeGreaterThan(10);
});

test('nor while it goes by other terms than those in force, of whatever area', () => {
  let promises = 0;
  const areas = fc.constantFrom('AT', 'DE-LU');
  fc.assert(
    fc.property(
      arbitraryTerms,
      arbitraryTerms,
      areas,
      arbitrarySignal,
      arbitrarySignal,
      arbitraryTariff,
      arbitraryCharge,
      (inForce, known, area, taken, elsewhere, anyTariff, charge) => {
        const held = { ...known, area };
        const promised = promisedPricesOfBoth(inForce, held, { taken }, now);
        if (!promised.ok) return;
        // Of another area only a bound is known, which limits before tax with several rates of it may turn round.
        const { minPrice: _, maxPrice: __, ...unlimited } = anyTariff;
        const tariff = area === inForce.area ? anyTariff : unlimited;
        promises += 1;
        const priceMicro = promisedMicro(promised.value, tariff, charge);
        const offers = [
          offerPrices(inForce, taken, now),
          offerPrices(held, area === inForce.area ? taken : elsewhere, now),
        ];
        for (const offered of offers)
          if (offered.ok)
            expect(
              estimate(tariff, { ...charge, prices: offered.value.prices }).inclVatMicro,
            ).toBeLessThanOrEqual(priceMicro);
      },
    ),
    { numRuns: 300 },
  );
  expect(promises).toBeGreaterThan(60);
});

test('with no courier on the way, and no age that clocks may see differently, the map promises exactly what the station offers', () => {
  fc.assert(
    fc.property(arbitraryTerms, arbitrarySignal, (terms, taken) => {
      fc.pre(
        [-120, 120].every(
          (s) => isFresh(terms, taken.issuedAt, now + s) === isFresh(terms, taken.issuedAt, now),
        ),
      );
      const [promised, offered] = [promisedPrices(terms, { taken }, now), offerPrices(terms, taken, now)];
      if (promised.ok && offered.ok)
        expect(promised.value).toEqual({ ...offered.value, offers: [offered.value.prices] });
      else expect(promised).toEqual(offered);
    }),
  );
});

test('no price is ever above the cap, nor promised where the station may have none', () => {
  fc.assert(
    fc.property(arbitraryTerms, arbitraryHeld, (terms, held) => {
      const promised = promisedPrices(terms, held, now);
      if (!promised.ok) {
        expect(terms.fallbackMicro).toBeUndefined();
        expect(offerPrices(terms, held.taken, now).ok).toBe(false);
        return;
      }
      const { pricesMicro, otherwiseMicro } = promised.value.prices;
      for (const priceMicro of [...pricesMicro, otherwiseMicro])
        expect(priceMicro).toBeLessThanOrEqual(terms.capMicro);
    }),
  );
});

describe('what is not known is promised at the most', () => {
  const terms = {
    area: 'AT',
    factorPerMille: 1_000,
    marginMicro: 0,
    floorMicro: 0,
    capMicro: 500_000,
    fallbackMicro: 300_000,
    maxAgeS: 3_600,
  };
  const firstAt = now - (now % 900);
  const costing = (issuedAt: number, ...indexMicro: number[]): PriceIndex => ({
    issuedAt,
    firstAt,
    indexMicro,
  });
  const promisedNow = (taken: PossibleSignal | undefined, ...given: PossibleSignal[]) => {
    const promised = promisedPrices(terms, { taken, given }, now);
    if (!promised.ok) return promised.refusal;
    const { pricesMicro, otherwiseMicro } = promised.value.prices;
    return pricesMicro[0] ?? otherwiseMicro;
  };

  test('of two couriers under way the first may arrive although the second was given a cheaper correction', () => {
    expect(
      promisedNow(costing(now - 900, 200_000), costing(now - 600, 450_000), costing(now - 300, 100_000)),
    ).toBe(450_000);
  });

  test('a signal that the station holds and nobody here could read may price anything up to the cap', () => {
    expect(promisedNow('unknown')).toBe(500_000);
    expect(promisedNow(costing(now - 900, 200_000), 'unknown')).toBe(500_000);
    const { fallbackMicro: _, ...none } = terms;
    expect(promisedPrices(none, { taken: 'unknown' }, now)).toMatchObject({ refusal: 'no-fresh-price' });
  });

  test('a signal whose age ends within two minutes may have ended for a station whose clock is ahead, and the other way round', () => {
    expect(promisedNow(costing(now - 3_600 + 121, 100_000))).toBe(100_000);
    expect(promisedNow(costing(now - 3_600 + 119, 100_000))).toBe(300_000);
    expect(promisedNow(costing(now - 3_600 - 119, 450_000))).toBe(450_000);
    expect(promisedNow(costing(now - 3_600 - 121, 450_000))).toBe(300_000);
  });
});
