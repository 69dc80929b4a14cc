import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Member, SharedPower } from './Lease.ts';
import type { Fairness } from './SitePlan.ts';
import { loansOf, type Standing, shareSite } from './shareSite.ts';

const even = (powerW: number): SharedPower => [powerW, powerW, powerW, 3 * powerW];
const site: readonly Member[] = ['a', 'b', 'c'].map((id) => ({ id, ownedW: even(4_000) }));
const wants = (member: string, wantedW: number, more: object = {}): Standing => ({
  member,
  keepsW: even(0),
  until: 200,
  ...(wantedW > 0 && {
    claim: { wantedW, leastW: 4_140, phases: [1, 2, 3], priority: 0, arrivedAt: 0, ...more },
  }),
});
const sharesOf = (standings: readonly Standing[], fairness: Fairness = 'equal', at = 100) =>
  Object.fromEntries([...shareSite(site, standings, fairness, at)].map(([id, powerW]) => [id, powerW[0]]));
const loansFrom = (lender: string, standings: readonly Standing[]) =>
  Object.fromEntries(loansOf(lender, site, standings, shareSite(site, standings, 'equal', 100), 100));

describe('shareSite', () => {
  it('gives all there is to the one that wants, and parts it among those that do', () => {
    expect(sharesOf([wants('a', 36_000), wants('b', 0), wants('c', 0)])).toEqual({ a: 12_000, b: 0, c: 0 });
    expect(sharesOf([wants('a', 22_000), wants('b', 22_000), wants('c', 0)])).toEqual({
      a: 6_000,
      b: 6_000,
      c: 0,
    });
  });

  it('goes by priority and arrival where the garage says so', () => {
    const standings = [wants('a', 22_000), wants('b', 22_000, { priority: 1 }), wants('c', 22_000)];
    expect(sharesOf(standings).b).toBe(7_334);
    expect(sharesOf([wants('a', 30_000, { arrivedAt: 9 }), wants('b', 30_000)], 'first-come')).toEqual({
      a: 0,
      b: 8_000,
    });
  });

  it('reckons without members that are not heard from, and without what one keeps', () => {
    expect(sharesOf([wants('a', 36_000), { ...wants('b', 0), until: 100 }])).toEqual({ a: 4_000 });
    expect(sharesOf([wants('a', 36_000), { ...wants('b', 0), keepsW: even(3_000) }])).toEqual({
      a: 5_000,
      b: 0,
    });
  });

  it('bounds all phases together by what the members own of that', () => {
    const dimmed = site.map(({ id }): Member => ({ id, ownedW: [4_000, 4_000, 4_000, 3_500] }));
    const shares = (standings: readonly Standing[]) =>
      [...shareSite(dimmed, standings, 'equal', 100).values()].map(([l1, , , all]) => [l1, all]);
    // 3.5 kW each is too little for a car on three phases: two have theirs, the last waits.
    expect(shares([wants('a', 11_040), wants('b', 11_040), wants('c', 11_040)])).toEqual([
      [1_750, 5_250],
      [1_750, 5_250],
      [0, 0],
    ]);
    const onOne = wants('c', 3_680, { phases: [2], leastW: 1_380, arrivedAt: -1 });
    expect(shares([wants('a', 11_040), wants('b', 0), onOne])).toEqual([
      [2_274, 6_820],
      [0, 0],
      [0, 3_680],
    ]);
  });

  it('gives a car on one phase only that one', () => {
    expect(
      shareSite(site, [wants('a', 3_600, { phases: [2], leastW: 1_380 })], 'equal', 100).get('a'),
    ).toEqual([0, 3_600, 0, 3_600]);
  });
});

describe('loansOf', () => {
  it('fills each lack once', () => {
    const standings = [wants('a', 22_000), wants('b', 0), wants('c', 0)];
    expect(loansFrom('b', standings)).toEqual({ a: [3_334, 3_334, 3_334, 10_000] });
    expect(loansFrom('c', standings)).toEqual({});
    expect(loansFrom('a', standings)).toEqual({});
  });

  it('of all members together gives everyone its share, and lends nobody’s watt twice', () => {
    const standing = fc.record({
      isHeard: fc.boolean(),
      keepsW: fc.tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000), fc.nat(13_000)),
      wantedW: fc.nat(22_000),
      phases: fc.constantFrom<readonly (1 | 2 | 3)[]>([1], [2], [3], [1, 2, 3], [1, 3]),
      priority: fc.nat(3),
      arrivedAt: fc.nat(9),
    });
    fc.assert(
      fc.property(
        fc.tuple(standing, standing, standing),
        fc.constantFrom<Fairness>('equal', 'first-come', 'proportional'),
        (given, fairness) => {
          const standings = given.map(
            ({ isHeard, keepsW, ...claim }, index): Standing => ({
              member: site[index]?.id ?? '',
              keepsW,
              claim: { ...claim, leastW: 1_380 * claim.phases.length },
              until: isHeard ? 200 : 50,
            }),
          );
          const shares = shareSite(site, standings, fairness, 100);
          for (const phase of [0, 1, 2, 3] as const) {
            let [shared, there] = [0, 0];
            for (const [index, { id, ownedW }] of site.entries()) {
              const { isHeard, keepsW } = given[index] as (typeof given)[0];
              if (!isHeard) continue;
              const gives = Math.max(0, ownedW[phase] - keepsW[phase]);
              const lent = [...loansOf(id, site, standings, shares, 100).values()];
              const borrowed = site.map(
                (other) => loansOf(other.id, site, standings, shares, 100).get(id)?.[phase] ?? 0,
              );
              const out = lent.reduce((sum, loan) => sum + loan[phase], 0);
              const into = borrowed.reduce((sum, loan) => sum + loan, 0);
              const share = shares.get(id)?.[phase] ?? 0;
              expect(out).toBeLessThanOrEqual(Math.max(0, gives - share));
              // Shares are rounded up on each phase: of one watt less nobody is the poorer.
              expect(gives - out + into).toBeGreaterThanOrEqual(share - site.length);
              shared += share;
              there += gives;
            }
            expect(shared).toBeLessThanOrEqual(there + site.length);
          }
        },
      ),
    );
  });
});
