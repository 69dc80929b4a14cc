import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowance,
  type Demand,
  divideFuse,
  type Knowledge,
  type Lease,
  type LeaseRules,
  lend,
  lendable,
} from './Lease.ts';
import type { PhasePower } from './SitePlan.ts';

const RULES: LeaseRules = { clockSkewS: 2, longestS: 30 };
const even = (powerW: number): PhasePower => [powerW, powerW, powerW];
const [a, b, gateway] = divideFuse(even(10_000), even(4_000), ['a', 'b'], 'gateway') as [
  ReturnType<typeof divideFuse>[0],
  ReturnType<typeof divideFuse>[0],
  ReturnType<typeof divideFuse>[0],
];
const knows = (change: Partial<Knowledge> = {}): Knowledge => ({
  lent: [],
  borrowed: [],
  startedAt: 0,
  isMetered: true,
  ...change,
});
const lease = (from: string, to: string, powerW: number, until: number, id = 'x'): Lease => ({
  id,
  from,
  to,
  powerW: even(powerW),
  until,
});

describe('divideFuse', () => {
  it('gives each station its part for good, and the rest to the gateway', () => {
    expect([a.ownedW, b.ownedW, gateway.ownedW]).toEqual([even(2_000), even(2_000), even(6_000)]);
    expect(divideFuse(even(10), even(10), ['a', 'b', 'c'], undefined).map(({ ownedW }) => ownedW[0])).toEqual(
      [3, 3, 3],
    );
  });
});

describe('allowance', () => {
  it('is what a member owns, when it hears from nobody', () => {
    expect(allowance(a, knows(), RULES, 100)).toEqual(even(2_000));
  });

  it('grows by what was lent to it, and ends before the lease by the clocks’ skew', () => {
    const borrowed = [lease('gateway', 'a', 3_000, 120), lease('gateway', 'b', 500, 120, 'other')];
    expect(allowance(a, knows({ borrowed }), RULES, 117)).toEqual(even(5_000));
    expect(allowance(a, knows({ borrowed }), RULES, 118)).toEqual(even(2_000));
  });

  it('counts a doubled message once', () => {
    const twice = lease('gateway', 'a', 3_000, 120);
    expect(allowance(a, knows({ borrowed: [twice, { ...twice }] }), RULES, 100)).toEqual(even(5_000));
  });

  it('shrinks by what it lent, until the skew after the lease', () => {
    const lent = [lease('a', 'b', 1_500, 120)];
    expect(allowance(a, knows({ lent }), RULES, 121)).toEqual(even(500));
    expect(allowance(a, knows({ lent }), RULES, 122)).toEqual(even(2_000));
  });

  it('is nothing of its own after a restart, until all it may have lent is over', () => {
    const borrowed = [lease('gateway', 'a', 3_000, 120)];
    expect(allowance(a, knows({ startedAt: 100, borrowed }), RULES, 110)).toEqual(even(3_000));
    expect(allowance(a, knows({ startedAt: 100 }), RULES, 131)).toEqual(even(0));
    expect(allowance(a, knows({ startedAt: 100 }), RULES, 132)).toEqual(even(2_000));
  });

  it('falls to its own part when its meter fails', () => {
    const borrowed = [lease('gateway', 'a', 3_000, 120)];
    expect(allowance(a, knows({ borrowed, isMetered: false }), RULES, 100)).toEqual(even(2_000));
  });
});

describe('lend', () => {
  const demand = (member: string, powerW: number): Demand => ({ member, powerW: even(powerW), until: 200 });
  const lendNow = (demands: readonly Demand[], knowledge = knows(), until = 120) =>
    lend(gateway, knowledge, RULES, [a, b, gateway], demands, 100, until, (to) => `to ${to}`);

  it('gives what it can spare to whoever lacks most', () => {
    expect(lendNow([demand('a', 4_000), demand('b', 9_000)])).toEqual([
      { id: 'to b', from: 'gateway', to: 'b', powerW: even(6_000), until: 120 },
    ]);
    expect(
      lendNow([demand('a', 4_000), demand('b', 5_000), demand('gateway', 500)]).map(
        ({ powerW }) => powerW[0],
      ),
    ).toEqual([3_000, 2_000]);
  });

  it('lends nothing twice, nothing for too long, nothing after a restart, nothing on an old wish', () => {
    const lent = [lease('gateway', 'b', 6_000, 120)];
    expect(lendNow([demand('b', 9_000)], knows({ lent }))).toEqual([]);
    expect(lendNow([demand('b', 9_000)], knows(), 131)).toEqual([]);
    expect(lendNow([demand('b', 9_000)], knows({ startedAt: 90 }))).toEqual([]);
    expect(lendNow([{ ...demand('b', 9_000), until: 100 }])).toEqual([]);
    expect(lendable(gateway, knows(), RULES, even(1_000), 100, 120)).toEqual(even(5_000));
  });
});

describe('a site, whatever happens to its messages', () => {
  const events = fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ what: fc.constant('lend' as const), who: fc.nat(3), lastsS: fc.nat(35) }),
      },
      { weight: 4, arbitrary: fc.record({ what: fc.constant('deliver' as const), which: fc.nat(50) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          what: fc.constant('demand' as const),
          who: fc.nat(3),
          powerW: fc.nat(20_000),
        }),
      },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('restart' as const), who: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('meter' as const), who: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), seconds: fc.nat(20) }) },
    ),
    { maxLength: 80 },
  );
  // Clocks are within one second of the truth, two of one another.
  const clocks = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 4, maxLength: 4 });

  it('never draws more than its fuse on any phase', () => {
    fc.assert(
      fc.property(events, clocks, (happens, offsets) => {
        const members = divideFuse([16_000, 9_000, 7_001], [6_000, 9_000, 2_000], ['a', 'b', 'c'], 'gateway');
        const knowledge: Knowledge[] = members.map(() => knows({ startedAt: -1_000 }));
        const known: Demand[][] = members.map(() => []);
        const sent: Lease[] = [];
        let at = 1_000;
        for (const [number, event] of happens.entries()) {
          if (event.what === 'wait') at += event.seconds;
          if (event.what === 'demand')
            for (const demands of known)
              demands.unshift({
                member: members[event.who]?.id ?? '',
                powerW: even(event.powerW),
                until: at + 60,
              });
          if (event.what === 'lend') {
            const own = knowledge[event.who] as Knowledge;
            const clock = at + (offsets[event.who] as number);
            const granted = lend(
              members[event.who] as (typeof members)[0],
              own,
              RULES,
              members,
              known[event.who] as Demand[],
              clock,
              clock + event.lastsS,
              (to) => `${number} ${to}`,
            );
            knowledge[event.who] = { ...own, lent: [...own.lent, ...granted] };
            sent.push(...granted);
          }
          if (event.what === 'deliver' && sent.length > 0) {
            // Any message, at any time, as often as it likes; many never.
            const message = sent[event.which % sent.length] as Lease;
            const to = members.findIndex(({ id }) => id === message.to);
            const own = knowledge[to] as Knowledge;
            knowledge[to] = { ...own, borrowed: [...own.borrowed, message] };
          }
          if (event.what === 'restart')
            knowledge[event.who] = knows({ startedAt: at + (offsets[event.who] as number) });
          if (event.what === 'meter') {
            const own = knowledge[event.who] as Knowledge;
            knowledge[event.who] = { ...own, isMetered: !own.isMetered };
          }
          const drawn = members.map((member, index) =>
            allowance(member, knowledge[index] as Knowledge, RULES, at + (offsets[index] as number)),
          );
          for (const phase of [0, 1, 2] as const) {
            const all = drawn.reduce((sum, power) => sum + power[phase], 0);
            expect(all).toBeLessThanOrEqual([16_000, 9_000, 7_001][phase] as number);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
