import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FeeContract,
  type FeeTerms,
  feeBound,
  feeOf,
  feesOfCharges,
  maxDayAheadDays,
} from './PeeringFee.ts';
import { dawn } from './testing/world.ts';

const usage = { from: dawn, to: dawn + 86_400, energyWh: 20_000, totalMicro: 10_000_000 };
const generic = { feeShareBp: 250, feeMicroPerKwh: 10_000 };
const today = Math.floor(dawn / 86_400);

test('by share and price, each rounded down, never above the total', () => {
  expect(feeBound(generic, usage)).toBe(450_000n);
  expect(feeBound(generic, { ...usage, totalMicro: 39, energyWh: 99 })).toBe(39n);
  expect(feeBound({ feeShareBp: 10_000, feeMicroPerKwh: 1 }, { ...usage, totalMicro: 5 })).toBe(5n);
});

test('a volume discount falls with the energy, at the very watt-hour', () => {
  const contract = {
    kind: 'volume-discount',
    tiers: [
      { fromWh: 0, feeShareBp: 300 },
      { fromWh: 1_000, feeShareBp: 200 },
      { fromWh: 20_000, feeShareBp: 50 },
    ],
  } as const;
  const fee = (energyWh: number) => feeBound({ ...generic, contract }, { ...usage, energyWh });
  expect([0, 999, 1_000, 19_999, 20_000, 1e9].map(fee)).toEqual([
    300_000n,
    300_000n,
    200_000n,
    200_000n,
    50_000n,
    50_000n,
  ]);
});

test('a share of the day-ahead price has bounds, and a day without a price the lower one', () => {
  const contract = {
    kind: 'day-ahead-share',
    shareBp: 1_000,
    floorMicroPerKwh: 2_000,
    ceilingMicroPerKwh: 20_000,
    priceMicroPerKwhByDay: { [today]: 100_000, [today + 1]: 900_000, [today + 2]: -50_000 },
  } as const;
  const day = (first: number, days = 1) =>
    feeBound(
      { ...generic, contract },
      { ...usage, from: (today + first) * 86_400, to: (today + first + days) * 86_400 },
    );
  expect(day(0)).toBe(200_000n);
  expect(day(1)).toBe(400_000n);
  expect(day(2)).toBe(40_000n);
  expect(day(3)).toBe(40_000n);
  // (10 000 + 20 000 + 2 000 + 2 000) / 4 = 8 500 for a kWh.
  expect(day(0, 4)).toBe(170_000n);
});

test('beyond 62 days there is no answer, so share and price hold', () => {
  const contract = {
    kind: 'day-ahead-share',
    shareBp: 0,
    floorMicroPerKwh: 7,
    ceilingMicroPerKwh: 7,
    priceMicroPerKwhByDay: {},
  } as const;
  const over = (days: number) => feeBound({ ...generic, contract }, { ...usage, to: dawn + days * 86_400 });
  expect(over(maxDayAheadDays - 1)).toBe(140n);
  expect(over(maxDayAheadDays + 1)).toBe(450_000n);
});

test('what another contract answered holds, and its silence leaves share and price', () => {
  const stated = (feeMicro: bigint | null) =>
    feeBound({ ...generic, contract: { kind: 'stated', feeMicro } }, usage);
  expect(stated(1n)).toBe(1n);
  expect(stated(2n ** 255n)).toBe(10_000_000n);
  expect(stated(null)).toBe(450_000n);
});

const charges = fc.array(fc.record({ chargeMicro: fc.nat(200_000_000), energyWh: fc.nat(150_000) }), {
  maxLength: 30,
});
const stated: fc.Arbitrary<FeeContract> = fc
  .option(fc.bigInt({ min: 0n, max: 2n ** 70n }))
  .map((feeMicro) => ({ kind: 'stated', feeMicro }));
const terms: fc.Arbitrary<FeeTerms> = fc
  .tuple(fc.nat(10_000), fc.nat(500_000), fc.option(stated))
  .map(([feeShareBp, feeMicroPerKwh, contract]) => ({
    feeShareBp,
    feeMicroPerKwh,
    ...(contract === null ? {} : { contract }),
  }));

test('what the charges bear is never more than each, and together never more than the bound', () => {
  fc.assert(
    fc.property(terms, charges, (of, list) => {
      const fees = feesOfCharges(of, { from: dawn, to: dawn + 1 }, list);
      const totalMicro = list.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0);
      const energyWh = list.reduce((sum, charge) => sum + charge.energyWh, 0);
      const bound = feeBound(of, { from: dawn, to: dawn + 1, totalMicro, energyWh });
      const sum = fees.reduce((before, fee) => before + fee, 0n);
      expect(fees).toHaveLength(list.length);
      for (const [index, fee] of fees.entries())
        expect(fee >= 0n && fee <= BigInt(list[index]?.chargeMicro ?? 0)).toBe(true);
      expect(sum <= bound).toBe(true);
      // Rounding loses less than a micro-unit a charge.
      if (of.contract !== undefined) expect(bound - sum <= BigInt(list.length)).toBe(true);
      else expect(fees).toEqual(list.map((charge) => feeOf(charge, of)));
    }),
  );
});
