import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChargePlan, plan } from './ChargePlan.ts';
import type { ChargeWish } from './ChargeWish.ts';
import { runsExactly } from './testing/runsExactly.ts';
import { solveExactly } from './testing/solveExactly.ts';

const NOW = 1_000_800;
const HOUR_S = 3_600;
const MINUTE_S = 60;

const hour = (index: number) => ({ from: NOW + index * HOUR_S, to: NOW + (index + 1) * HOUR_S });

/** Hours with a price, a limit (null: none) and what is to be avoided. */
function wishOf(
  hours: readonly { readonly price: number; readonly limitW?: number | null; readonly avoid?: number }[],
  change: Partial<ChargeWish> = {},
): ChargeWish {
  return {
    now: NOW,
    readyBy: NOW + hours.length * HOUR_S,
    energyWh: 10_000,
    maxPowerW: 10_000,
    minPowerW: 1_000,
    mode: 'cheapest',
    slots: hours.map(({ price }, index) => ({ ...hour(index), priceMicroPerKwh: price })),
    limits: hours.flatMap(({ limitW }, index) =>
      limitW === undefined || limitW === null ? [] : [{ ...hour(index), maxPowerW: limitW }],
    ),
    avoid: hours.flatMap(({ avoid }, index) =>
      avoid === undefined ? [] : [{ ...hour(index), perKwh: avoid }],
    ),
    ...change,
  };
}

const timesOf = ({ slots }: ChargePlan) =>
  slots.map(({ from, to, powerW }) => [(from - NOW) / HOUR_S, (to - NOW) / HOUR_S, powerW]);

function startsOf({ slots }: ChargePlan): number {
  return slots.filter(({ from }, index) => slots[index - 1]?.to !== from).length;
}

describe('a plan with limits of power', () => {
  it('draws no more than a limit, and elsewhere what is missing', () => {
    const made = plan(wishOf([{ price: 3 }, { price: 1, limitW: 4_000 }, { price: 2 }]));
    expect(timesOf(made)).toEqual([
      [1, 2, 4_000],
      [2, 2.6, 10_000],
    ]);
  });

  it('draws nothing where the limit is below what the car can', () => {
    expect(timesOf(plan(wishOf([{ price: 1, limitW: 900 }, { price: 5 }])))).toEqual([[1, 2, 10_000]]);
  });

  it('charges at once within the limits, as asked', () => {
    const made = plan(
      wishOf([{ price: 1, limitW: 4_000 }, { price: 1, limitW: 0 }, { price: 1 }], { mode: 'immediate' }),
    );
    expect(timesOf(made)).toEqual([
      [0, 1, 4_000],
      [2, 2.6, 10_000],
    ]);
    expect(made.basis).toBe('immediate');
  });

  it('says that the limits leave too little', () => {
    const made = plan(
      wishOf([
        { price: 1, limitW: 4_000 },
        { price: 1, limitW: 0 },
      ]),
    );
    expect(made).toMatchObject({
      basis: 'deadline-too-soon',
      reason: 'at once: the grid’s limits leave too little until the deadline in 2 h',
      readyAt: NOW + 2.6 * HOUR_S,
    });
  });

  it('avoids what is to be avoided, and pays only the price', () => {
    const made = plan(wishOf([{ price: 1_000, avoid: 9_000 }, { price: 8_000 }]));
    expect(timesOf(made)).toEqual([[1, 2, 10_000]]);
    expect(made.expectedCostMicro).toBe(80_000);
    const dearer = plan(wishOf([{ price: 1_000, avoid: 9_000 }, { price: 11_000 }]));
    expect(timesOf(dearer)).toEqual([[0, 1, 10_000]]);
    expect(dearer.expectedCostMicro).toBe(10_000);
  });

  it('in mode greenest avoids in units of the signal', () => {
    const signal = {
      slots: [
        { ...hour(0), perKwh: 100 },
        { ...hour(1), perKwh: 140 },
      ],
      weightMicro: 0,
    };
    const green = (avoid: number) =>
      timesOf(plan(wishOf([{ price: 5, avoid }, { price: 9_000 }], { mode: 'greenest', signal })));
    expect(green(39)).toEqual([[0, 1, 10_000]]);
    expect(green(41)).toEqual([[1, 2, 10_000]]);
  });

  const hours = fc.array(
    fc.record({
      price: fc.integer({ min: -2, max: 4 }).map((cents) => cents * 10_000),
      limitW: fc.option(fc.constantFrom(0, 500, 1_000, 3_000, 7_000), { freq: 2 }),
      avoid: fc.constantFrom(0, 0, 20_000, 1_000_000),
    }),
    { minLength: 1, maxLength: 12 },
  );
  const needs = fc.integer({ min: 1, max: 60_000 });

  it('costs the same to the unit as the exact solver’s, on any prices and limits', () => {
    fc.assert(
      fc.property(hours, needs, (some, energyWh) => {
        const made = plan(wishOf(some, { energyWh, minPowerW: 1 }));
        const columns = some.map(({ price, avoid, limitW }) => ({
          cost: (price + avoid) / 3_600_000,
          lower: 0,
          upper: HOUR_S * Math.min(10_000, limitW ?? 10_000),
        }));
        const needWs = energyWh * HOUR_S;
        const exact = solveExactly(columns, [
          { lower: needWs, upper: needWs, terms: columns.map((_, index) => [index, 1] as const) },
        ]);
        if (exact === undefined) expect(made.basis).toBe('deadline-too-soon');
        else expect(Math.abs(made.objective - exact.cost)).toBeLessThanOrEqual(0.5 + 1e-4);
        for (const { from, to, powerW } of made.slots)
          for (const [index, { limitW }] of some.entries())
            if (limitW !== null && from < hour(index).to && to > hour(index).from)
              expect(powerW).toBeLessThanOrEqual(limitW);
      }),
      { numRuns: 500 },
    );
  });

  it('has as few starts as the exact solver’s of that cost', () => {
    fc.assert(
      fc.property(hours, needs, (some, energyWh) => {
        const made = plan(wishOf(some, { energyWh }));
        if (made.basis !== 'cheapest') return;
        const steps = some.flatMap(({ price, limitW, avoid }, index) => {
          const mostW = Math.min(10_000, limitW ?? 10_000);
          if (mostW < 1_000) return [];
          return [
            {
              ...hour(index),
              // In cents and Wh: the solver loses its footing in larger numbers.
              costPerWs: (price + avoid) / 10_000,
              leastWs: 1_000,
              mostWs: mostW,
              onCost: 0,
              offCost: 0,
            },
          ];
        });
        const free = {
          mostStarts: Number.POSITIVE_INFINITY,
          perStart: 0,
          minOnS: 0,
          minOffS: 0,
          isOn: false,
          since: 0,
        };
        expect(startsOf(made)).toBe(runsExactly(steps, energyWh, free)?.starts);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a stay that costs while waiting only', () => {
  it('waits only while that pays, and counts no minute of charging', () => {
    const stay = [{ ...hour(0), to: NOW + 9 * HOUR_S, microPerHour: 600_000, chargingMicroPerHour: 0 }];
    const made = plan(wishOf([{ price: 200_000 }, { price: 150_000 }], { stay, minPowerW: 10_000 }));
    expect(timesOf(made)).toEqual([[0, 1, 10_000]]);
    expect(made.stayCostMicro).toBe(0);
    const later = plan(wishOf([{ price: 200_000 }, { price: 130_000 }], { stay, minPowerW: 10_000 }));
    expect(timesOf(later)).toEqual([[1, 2, 10_000]]);
    expect(later).toMatchObject({ stayCostMicro: 600_000, objective: 1_900_000 });
  });

  it('keeps quarter-hours whole where time costs more while waiting', () => {
    const stay = [{ ...hour(0), microPerHour: 60_000, chargingMicroPerHour: 0 }];
    const made = plan(wishOf([{ price: 1_000 }], { stay, energyWh: 4_000, minPowerW: 10_000 }));
    expect(timesOf(made)).toEqual([[0, (24 * MINUTE_S) / HOUR_S, 10_000]]);
  });
});
