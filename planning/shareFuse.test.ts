import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fairness, PhasePower } from './SitePlan.ts';
import { type Claim, shareFuse } from './shareFuse.ts';

const claim = (change: Partial<Claim> = {}): Claim => ({
  id: 'a',
  wantedW: 11_040,
  leastW: 4_140,
  phases: [1, 2, 3],
  priority: 0,
  arrivedAt: 0,
  ...change,
});
const even = (powerW: number): PhasePower => [powerW, powerW, powerW];

describe('shareFuse', () => {
  it('gives all what they want while there is enough', () => {
    expect(shareFuse(even(10_000), [claim(), claim({ id: 'b' })], 'equal')).toEqual([11_040, 11_040]);
  });

  it('divides alike, by the wish, or in order of arrival', () => {
    const claims = [claim({ arrivedAt: 5 }), claim({ id: 'b', wantedW: 5_000 })];
    expect(shareFuse(even(4_000), claims, 'equal')).toEqual([7_000, 5_000]);
    expect(shareFuse(even(3_000), claims, 'equal')).toEqual([4_500, 4_500]);
    expect(shareFuse(even(4_000), claims, 'first-come')).toEqual([7_000, 5_000]);
    expect(shareFuse(even(2_900), claims, 'first-come')).toEqual([0, 5_000]);
    expect(shareFuse(even(2_960), claims, 'proportional')).toEqual([4_552, 4_327]);
  });

  it('serves a higher priority first', () => {
    expect(shareFuse(even(4_000), [claim(), claim({ id: 'b', priority: 1, arrivedAt: 9 })], 'equal')).toEqual(
      [0, 11_040],
    );
  });

  it('gives nothing rather than less than a car can use', () => {
    expect(shareFuse(even(1_000), [claim()], 'equal')).toEqual([0]);
    expect(shareFuse(even(9_000), [claim({ wantedW: 4_000 })], 'equal')).toEqual([0]);
  });

  it('lets others go on where one phase is full', () => {
    const one = (id: string, phase: 1 | 2) => claim({ id, phases: [phase], wantedW: 3_680, leastW: 1_380 });
    expect(shareFuse([4_000, 9_000, 0], [one('a', 1), one('b', 1), one('c', 2)], 'equal')).toEqual([
      2_000, 2_000, 3_680,
    ]);
  });

  it('divides in the same way what all phases together may draw', () => {
    const three = [
      claim(),
      claim({ id: 'b' }),
      claim({ id: 'c', phases: [2], wantedW: 3_680, leastW: 1_380 }),
    ];
    expect(shareFuse(even(9_000), three, 'equal', 12_000)).toEqual([4_920, 4_920, 2_160]);
    expect(shareFuse(even(9_000), three, 'first-come', 12_000)).toEqual([11_040, 0, 0]);
    expect(shareFuse(even(9_000), three, 'proportional', 14_000)).toEqual([6_000, 6_000, 2_000]);
    expect(shareFuse(even(9_000), three, 'equal', 4_000)).toEqual([0, 0, 3_680]);
  });

  it('never passes a limit, a wish or a least, whatever is claimed', () => {
    const claims = fc.array(
      fc.record<Claim>({
        id: fc.string({ maxLength: 2 }),
        wantedW: fc.nat(22_000),
        leastW: fc.nat(5_000),
        phases: fc.constantFrom<Claim['phases']>([1, 2, 3], [1], [2], [3], [1, 3]),
        priority: fc.nat(3),
        arrivedAt: fc.nat(3),
      }),
      { maxLength: 12 },
    );
    const allowed = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(60_000));
    const limits = fc.tuple(fc.nat(40_000), fc.nat(40_000), fc.nat(40_000));
    const fairness = fc.constantFrom<Fairness>('first-come', 'equal', 'proportional');
    fc.assert(
      fc.property(limits, claims, fairness, allowed, (limitW, some, chosen, allW) => {
        const powerW = shareFuse(limitW, some, chosen, allW);
        expect(powerW.reduce((sum, watts) => sum + watts, 0)).toBeLessThanOrEqual(allW);
        const load = [0, 0, 0];
        for (const [index, { wantedW, leastW, phases }] of some.entries()) {
          const got = powerW[index] as number;
          expect(Number.isSafeInteger(got) && got >= 0 && got <= wantedW).toBe(true);
          if (got > 0) expect(got).toBeGreaterThanOrEqual(leastW);
          for (const phase of phases) load[phase - 1] = (load[phase - 1] as number) + got / phases.length;
        }
        for (const [phase, watts] of load.entries())
          expect(watts).toBeLessThanOrEqual((limitW[phase] as number) + 1e-6);
      }),
      { numRuns: 1_000 },
    );
  });
});
