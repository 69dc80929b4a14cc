import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fairness, planSite, type SiteCar, type SiteSlot, siteProgram } from './SitePlan.ts';
import { solveShares } from './solveShares.ts';
import { siteExactly } from './testing/siteExactly.ts';

const NOW = 1_000_000;
const HOUR_S = 3_600;

function hours(limitW: number, ...prices: readonly number[]): readonly SiteSlot[] {
  return prices.map((priceMicroPerKwh, index) => ({
    from: NOW + index * HOUR_S,
    to: NOW + (index + 1) * HOUR_S,
    priceMicroPerKwh,
    limitW: [limitW, limitW, limitW],
  }));
}

function car(id: string, change: Partial<SiteCar> = {}): SiteCar {
  return {
    id,
    arrivesAt: NOW,
    leavesAt: NOW + 100 * HOUR_S,
    energyWh: 10_000,
    maxPowerW: 11_000,
    phases: [1, 2, 3],
    priority: 0,
    ...change,
  };
}

const energies = (slots: readonly SiteSlot[], cars: readonly SiteCar[], fairness: Fairness = 'first-come') =>
  planSite(slots, cars, fairness).cars.map(({ energyWh }) => energyWh);

describe('planSite', () => {
  it('gives each car its cheapest times while the fuse has room', () => {
    expect(energies(hours(10_000, 3, 1, 2), [car('a'), car('b', { leavesAt: NOW + HOUR_S })])).toEqual([
      [0, 10_000, 0],
      [10_000],
    ]);
  });

  it('shares the cheapest hour, and leaves it to the car that has no other', () => {
    const early = car('a', { leavesAt: NOW + HOUR_S, energyWh: 9_000 });
    const plan = planSite(hours(4_000, 1, 5, 5), [car('b'), early], 'first-come');
    expect(plan).toMatchObject({ unmetWh: 0, gapPerMillion: 0 });
    expect(plan.cars[1]?.energyWh).toEqual([9_000]);
    expect(plan.cars[0]?.energyWh[0]).toBe(3_000);
  });

  it('keeps each phase for itself', () => {
    const one = (id: string, phase: 1 | 2 | 3) =>
      car(id, { phases: [phase], maxPowerW: 3_680, energyWh: 3_000, leavesAt: NOW + HOUR_S });
    expect(planSite(hours(3_000, 1), [one('a', 1), one('b', 2)], 'equal').unmetWh).toBe(0);
    expect(planSite(hours(3_000, 1), [one('a', 1), one('b', 1)], 'equal').unmetWh).toBe(3_000);
  });

  it('gives a higher priority first, whatever the fairness', () => {
    const cars = [car('a'), car('b', { priority: 1 })];
    for (const fairness of ['first-come', 'equal', 'proportional'] as const)
      expect(planSite(hours(4_000, 1), cars, fairness).cars.map(({ unmetWh }) => unmetWh)).toEqual([
        8_000, 0,
      ]);
  });

  it('divides as the garage chooses what is too little for all', () => {
    const cars = [
      car('late', { arrivesAt: NOW + 60, energyWh: 4_000 }),
      car('early', { energyWh: 8_000, maxPowerW: 8_000 }),
    ];
    const got = (fairness: Fairness) =>
      planSite(hours(2_000, 1), cars, fairness).cars.map(({ energyWh }) => energyWh[0]);
    expect(got('first-come')).toEqual([0, 6_000]);
    expect(got('equal')).toEqual([3_000, 3_000]);
    expect(got('proportional')).toEqual([2_000, 4_000]);
  });

  it('plans nothing for nobody, and for who has already left', () => {
    expect(planSite(hours(1_000, 1), [], 'equal')).toMatchObject({ cars: [], costMicro: 0, unmetWh: 0 });
    const gone = car('gone', { arrivesAt: 0, leavesAt: NOW });
    expect(planSite(hours(1_000, 1), [gone], 'equal').unmetWh).toBe(10_000);
    const later = car('later', { arrivesAt: NOW + 90 * HOUR_S });
    expect(planSite(hours(1_000, 1), [later], 'equal').unmetWh).toBe(10_000);
  });

  it.each([
    ['car.priority', { priority: 4 }],
    ['car.phases.length', { phases: [] }],
    ['car.phases.length', { phases: [1, 1] as const }],
    ['car.leavesAt', { leavesAt: 0 }],
    ['car.energyWh', { energyWh: 0.5 }],
  ])('is not asked with a wrong %s', (name, change) => {
    expect(() => planSite(hours(1, 1), [car('a', change)], 'equal')).toThrow(
      new RegExp(`^${name} must be a whole number`),
    );
  });
});

const phases = fc.constantFrom<SiteCar['phases']>([1, 2, 3], [1, 2, 3], [1], [2], [3], [1, 2]);
const someCars = (most: number, slots: number) =>
  fc.array(
    fc
      .record({
        from: fc.nat(slots * HOUR_S),
        lastsS: fc.nat(slots * HOUR_S),
        energyWh: fc.nat(30_000),
        maxPowerW: fc.integer({ min: 1_380, max: 22_000 }),
        phases,
        priority: fc.nat(3),
      })
      .map(({ from, lastsS, ...rest }) => ({
        ...rest,
        id: 'car',
        arrivesAt: NOW + from,
        leavesAt: NOW + from + lastsS,
      })),
    { maxLength: most },
  );
const sites = fc
  .array(
    fc.record({
      priceMicroPerKwh: fc.integer({ min: -5, max: 40 }).map((cents) => cents * 10_000),
      limitW: fc.tuple(fc.nat(15_000), fc.nat(15_000), fc.nat(15_000)),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .chain((spans) => {
    const slots = spans.map(
      (span, index): SiteSlot => ({ ...span, from: NOW + index * HOUR_S, to: NOW + (index + 1) * HOUR_S }),
    );
    return fc.tuple(
      fc.constant(slots),
      someCars(7, spans.length),
      fc.constantFrom<Fairness>('first-come', 'equal', 'proportional'),
    );
  });

describe('planSite, on any site', () => {
  it('never passes a phase’s limit, a car’s power or time, nor gives more than was wished', () => {
    const check = ([slots, cars, fairness]: [SiteSlot[], SiteCar[], Fairness]) => {
      const plan = planSite(slots, cars, fairness);
      const loadWh = slots.map(() => [0, 0, 0]);
      for (const [index, { first, energyWh, unmetWh }] of plan.cars.entries()) {
        const { phases: loaded, maxPowerW, arrivesAt, leavesAt, energyWh: wishedWh } = cars[index] as SiteCar;
        expect(energyWh.reduce((sum, wh) => sum + wh, unmetWh)).toBe(wishedWh);
        for (const [place, wh] of energyWh.entries()) {
          const { from, to } = slots[first + place] as SiteSlot;
          const seconds = Math.max(0, Math.min(to, leavesAt) - Math.max(from, arrivesAt));
          expect(wh).toBeGreaterThanOrEqual(0);
          expect(wh * HOUR_S).toBeLessThanOrEqual(seconds * maxPowerW);
          for (const phase of loaded) (loadWh[first + place] as number[])[phase - 1]! += wh / loaded.length;
        }
      }
      for (const [index, load] of loadWh.entries())
        for (const [phase, wh] of load.entries())
          expect(wh).toBeLessThanOrEqual((slots[index] as SiteSlot).limitW[phase]! + 1e-6);
    };
    fc.assert(fc.property(sites, check), { numRuns: 500 });
  });

  it('comes to the exact solver’s cost, but for whole Wh', () => {
    const check = ([slots, cars, fairness]: [SiteSlot[], SiteCar[], Fairness]) => {
      const { takers, shares } = siteProgram(slots, cars, fairness);
      const exact = siteExactly(takers, shares).cost;
      const solved = solveShares(takers, shares);
      // Capacities are taken a hundredth of a sixth of a Wh smaller, at the cost of going without that much.
      const dearest = Math.max(1, ...takers.flatMap(({ without }) => without.map(({ cost }) => cost)));
      expect(solved.cost - exact).toBeLessThanOrEqual(
        1e-6 * Math.abs(exact) + 0.011 * shares.capacities.length * dearest,
      );
      expect(solved.cost - exact).toBeGreaterThanOrEqual(-1e-6 * Math.abs(exact) - 1);
      expect(solved.bound - exact).toBeLessThanOrEqual(1e-6 * Math.abs(exact) + 1);
      const exactUnmetWh = siteUnmetWh(slots, cars);
      expect(planSite(slots, cars, fairness).unmetWh).toBeGreaterThanOrEqual(exactUnmetWh - 1e-3);
    };
    fc.assert(fc.property(sites, check), { numRuns: 300 });
  });

  it.each([1, 2, 3])(
    'is within 0.1 %% of the optimum for hundreds of cars (site %d)',
    (seed) => {
      const [slots, cars] = garage(300, 48, seed);
      const { takers, shares } = siteProgram(slots, cars, 'first-come');
      const exact = siteExactly(takers, shares).cost;
      const plan = planSite(slots, cars, 'first-come');
      expect(plan.unmetWh).toBe(0);
      expect(plan.costMicro * 1_000).toBeLessThanOrEqual(exact * 1.001);
      expect(plan.gapPerMillion).toBeLessThanOrEqual(1_000);
    },
    60_000,
  );
});

/** What must remain unmet at least: each car for itself alone at the site. */
function siteUnmetWh(slots: readonly SiteSlot[], cars: readonly SiteCar[]): number {
  return siteProgram(slots, cars, 'first-come').takers.reduce(
    (sum, { demand, most }) => sum + Math.max(0, demand - most.reduce((all, wh) => all + wh, 0)),
    0,
  );
}

/** A night in a garage: cars of all kinds come in the first third and leave in the last half. */
function garage(count: number, quarters: number, seed: number): [readonly SiteSlot[], readonly SiteCar[]] {
  let state = seed;
  const draw = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const limitW = Math.round((count * 11_000 * 0.14) / 3);
  const slots = Array.from({ length: quarters }, (_, index) => ({
    from: NOW + index * 900,
    to: NOW + (index + 1) * 900,
    priceMicroPerKwh: 100_000 + draw(300_000),
    limitW: [limitW, limitW, limitW] as const,
  }));
  const cars = Array.from({ length: count }, (_, index): SiteCar => {
    const one = draw(4);
    return {
      id: `car ${index}`,
      arrivesAt: NOW + draw(quarters * 300),
      leavesAt: NOW + quarters * 450 + draw(quarters * 450),
      energyWh: 1_000 + draw(8_000),
      maxPowerW: one === 0 ? 3_680 : 11_000,
      phases: one === 0 ? [(1 + draw(3)) as 1 | 2 | 3] : [1, 2, 3],
      priority: 0,
    };
  });
  return [slots, cars];
}
