import fc from 'fast-check';
import { type FeeContract, type FeeTerms, type FeeUsage, feeBound } from '../PeeringFee.ts';
import { dawn } from './world.ts';

const dayS = 86_400;
const usages: fc.Arbitrary<FeeUsage> = fc
  .record({
    from: fc.integer({ min: dawn - 40 * dayS, max: dawn + 40 * dayS }),
    spanS: fc.oneof(fc.integer({ min: 1, max: 3 * dayS }), fc.integer({ min: 1, max: 70 * dayS })),
    energyWh: fc.oneof(fc.nat(100_000), fc.nat(2_000_000)),
    totalMicro: fc.oneof(
      { weight: 1, arbitrary: fc.nat(2) },
      { weight: 1, arbitrary: fc.nat(100_000) },
      { weight: 8, arbitrary: fc.integer({ min: 1_000_000_000, max: 500_000_000_000 }) },
    ),
  })
  .map(({ spanS, ...usage }) => ({ ...usage, to: usage.from + spanS }));

const shares = fc.nat(10_000);
const generic = fc.record({ feeShareBp: fc.nat(1_000), feeMicroPerKwh: fc.nat(100_000) });

const volumeDiscounts: fc.Arbitrary<FeeContract> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 2_000_000 }), { maxLength: 7 }),
    fc.uniqueArray(shares, { minLength: 8, maxLength: 8 }),
  )
  .map(([steps, falling]) => {
    const sharesDown = falling.toSorted((one, other) => other - one);
    const starts = [0, ...steps.toSorted((one, other) => one - other)];
    return {
      kind: 'volume-discount',
      tiers: starts.map((fromWh, index) => ({ fromWh, feeShareBp: sharesDown[index] ?? 0 })),
    };
  });

const dayAheadShares: fc.Arbitrary<FeeContract> = fc
  .record({
    shareBp: shares,
    bounds: fc.tuple(fc.nat(200_000), fc.nat(200_000)),
    firstDay: fc.integer({ min: Math.floor(dawn / dayS) - 45, max: Math.floor(dawn / dayS) + 20 }),
    prices: fc.array(fc.option(fc.integer({ min: -500_000, max: 4_000_000 }), { freq: 4 }), {
      maxLength: 70,
    }),
  })
  .map(({ shareBp, bounds, firstDay, prices }) => ({
    kind: 'day-ahead-share',
    shareBp,
    floorMicroPerKwh: Math.min(...bounds),
    ceilingMicroPerKwh: Math.max(...bounds),
    priceMicroPerKwhByDay: Object.fromEntries(
      prices.flatMap((price, index) => (price === null ? [] : [[firstDay + index, price]])),
    ),
  }));

function sample<Value>(arbitrary: fc.Arbitrary<Value>, numRuns: number, seed: number): readonly Value[] {
  return fc.sample(arbitrary, { numRuns, seed });
}

function flat(terms: FeeTerms, usage: FeeUsage): Readonly<Record<string, unknown>> {
  return {
    boundMicro: Number(feeBound(terms, usage)),
    energyWh: usage.energyWh,
    feeMicroPerKwh: terms.feeMicroPerKwh,
    feeShareBp: terms.feeShareBp,
    from: usage.from,
    to: usage.to,
    totalMicro: usage.totalMicro,
  };
}

function sorted(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Fees by every kind of terms; keys in alphabetical order, as forge reads them. */
export function feeVectors() {
  const cases = (contracts: fc.Arbitrary<FeeContract>, seed: number) =>
    sample(fc.tuple(generic, contracts, usages), 150, seed);
  return {
    dayAhead: cases(dayAheadShares, 3).flatMap(([terms, contract, usage]) => {
      if (contract.kind !== 'day-ahead-share') return [];
      const { priceMicroPerKwhByDay: prices, shareBp, floorMicroPerKwh, ceilingMicroPerKwh } = contract;
      const row = {
        ...flat({ ...terms, contract }, usage),
        ceilingMicroPerKwh,
        days: Object.keys(prices).map(Number),
        floorMicroPerKwh,
        prices: Object.values(prices),
        shareBp,
      };
      return [sorted(row)];
    }),
    generic: sample(fc.tuple(generic, usages), 100, 1).map(([terms, usage]) => flat(terms, usage)),
    volume: cases(volumeDiscounts, 2).flatMap(([terms, contract, usage]) => {
      if (contract.kind !== 'volume-discount') return [];
      const row = {
        ...flat({ ...terms, contract }, usage),
        tierFromWh: contract.tiers.map(({ fromWh }) => fromWh),
        tierShareBp: contract.tiers.map(({ feeShareBp }) => feeShareBp),
      };
      return [sorted(row)];
    }),
  };
}
