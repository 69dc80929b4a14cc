import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowance,
  divideFuse,
  type Knowledge,
  type Lease,
  type LeaseRules,
  lastingLeases,
  lend,
  type Member,
  type SharedPower,
} from './Lease.ts';

const RULES: LeaseRules = { clockSkewS: 2, longestS: 30, reactionS: 4 };
const even = (powerW: number): SharedPower => [powerW, powerW, powerW, powerW];
const [a, b, gateway] = divideFuse(even(10_000), even(4_000), ['a', 'b'], 'gateway') as [
  Member,
  Member,
  Member,
];
const knows = (change: Partial<Knowledge> = {}): Knowledge => ({
  lent: [],
  borrowed: [],
  startedAt: 0,
  isMetered: true,
  ...change,
});
const lease = (from: string, to: string, powerW: number, until: number): Lease => ({
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

  it('grows by what was lent to it, and ends before the lease by the clocks’ skew and the car’s reaction', () => {
    const borrowed = [lease('gateway', 'a', 3_000, 120), lease('gateway', 'b', 500, 120)];
    expect(allowance(a, knows({ borrowed }), RULES, 113)).toEqual(even(5_000));
    expect(allowance(a, knows({ borrowed }), RULES, 114)).toEqual(even(2_000));
  });

  it('counts of several leases between the same two the highest, however often it hears of them', () => {
    const borrowed = [
      lease('gateway', 'a', 3_000, 120),
      lease('gateway', 'a', 1_000, 140),
      lease('gateway', 'a', 3_000, 120),
      lease('b', 'a', 500, 120),
    ];
    expect(allowance(a, knows({ borrowed }), RULES, 100)).toEqual(even(5_500));
    expect(allowance(a, knows({ borrowed: borrowed.toReversed() }), RULES, 100)).toEqual(even(5_500));
    expect(allowance(a, knows({ borrowed }), RULES, 125)).toEqual(even(3_000));
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
  const lendNow = (loans: Record<string, number>, knowledge = knows(), until = 120, keptW = 0, at = 100) =>
    lend(
      gateway,
      knowledge,
      RULES,
      new Map(Object.entries(loans).map(([to, powerW]) => [to, even(powerW)])),
      even(keptW),
      at,
      until,
    ).map(({ to, powerW }) => [to, powerW[0]]);

  it('gives what it has, in order, and keeps what it uses', () => {
    expect(lendNow({ a: 2_000, b: 5_000 })).toEqual([
      ['a', 2_000],
      ['b', 4_000],
    ]);
    expect(lendNow({ b: 5_000 }, knows(), 120, 2_500)).toEqual([['b', 3_500]]);
    expect(lendNow({ gateway: 1_000, b: 0 })).toEqual([]);
  });

  it('lends nothing twice, nothing for too long, nothing after a restart', () => {
    const lent = [lease('gateway', 'b', 5_000, 120)];
    expect(lendNow({ a: 3_000 }, knows({ lent }))).toEqual([['a', 1_000]]);
    expect(lendNow({ b: 9_000 }, knows(), 131)).toEqual([]);
    expect(lendNow({ b: 9_000 }, knows({ startedAt: 90 }))).toEqual([]);
  });

  it('renews, raises and lowers', () => {
    const lent = [lease('gateway', 'b', 5_000, 120)];
    expect(lendNow({ b: 5_000 }, knows({ lent }), 140, 0, 110)).toEqual([['b', 5_000]]);
    expect(lendNow({ b: 5_000 }, knows({ lent }), 131, 0, 101)).toEqual([]);
    expect(lendNow({ b: 9_000 }, knows({ lent }))).toEqual([['b', 6_000]]);
    expect(lendNow({ b: 4_000 }, knows({ lent }), 131, 0, 101)).toEqual([]);
    expect(lendNow({ b: 4_000 }, knows({ lent }), 140, 0, 110)).toEqual([['b', 4_000]]);
    // It wants more for itself: what is lent it cannot have back before its time, and lends no more.
    expect(lendNow({ b: 9_000 }, knows({ lent }), 140, 6_000, 110)).toEqual([['b', 5_000]]);
  });

  it('renews no more than it owns where that has become less than it lent', () => {
    const less: Member = { id: 'gateway', ownedW: even(3_500) };
    const lent = [lease('gateway', 'a', 2_000, 120), lease('gateway', 'b', 2_000, 120)];
    const renew = (loans: Record<string, number>, had: readonly Lease[]) => {
      const wanted = new Map(Object.entries(loans).map(([to, powerW]) => [to, even(powerW)]));
      return lend(less, knows({ lent: had }), RULES, wanted, even(0), 110, 140);
    };
    const toA = renew({ a: 3_500 }, lent);
    expect(toA).toEqual([lease('gateway', 'a', 1_500, 140)]);
    // The loans change from round to round: what is promised beyond what was lent before still fits.
    const toB = renew({ b: 3_500 }, [...lent, ...toA]);
    expect(toB).toEqual([lease('gateway', 'b', 1_500, 140)]);
    expect(renew({ a: 3_500, b: 3_500 }, lent)).toEqual([...toA, ...toB]);
  });

  it('forgets what says nothing any more', () => {
    const long = lease('a', 'b', 500, 140);
    const high = lease('a', 'b', 900, 120);
    const other = lease('gateway', 'b', 100, 120);
    expect(lastingLeases([long, high, { ...long }, lease('a', 'b', 400, 130), other], 110)).toEqual([
      long,
      high,
      other,
    ]);
    expect(lastingLeases([long, high, other], 120)).toEqual([long]);
  });
});

describe('a site, whatever happens to its messages', () => {
  const event = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        what: fc.constant('lend' as const),
        who: fc.nat(3),
        to: fc.nat(3),
        powerW: fc.nat(20_000),
        lastsS: fc.nat(35),
      }),
    },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('deliver' as const), which: fc.nat(50) }) },
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('use' as const), who: fc.nat(3), powerW: fc.nat(20_000) }),
    },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('restart' as const), who: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('meter' as const), who: fc.nat(3) }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('wait' as const), seconds: fc.nat(12) }) },
  );
  const events = fc.array(event, { maxLength: 80 });
  // Clocks are within one second of the truth, two of one another.
  const clocks = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 4, maxLength: 4 });

  it('never offers more than its fuse on any phase, and no car that follows late draws more', () => {
    fc.assert(
      fc.property(events, clocks, (happens, offsets) => {
        const fuseW: SharedPower = [16_000, 9_000, 7_001, 20_000];
        const members = divideFuse(fuseW, [6_000, 9_000, 2_000, 12_000], ['a', 'b', 'c'], 'gateway');
        const knowledge: Knowledge[] = members.map(() => knows({ startedAt: -1_000 }));
        const wishW = members.map(() => 20_000);
        const sent: Lease[] = [];
        // What each member offered, and when: a car may draw it for `reactionS` after.
        const offered: { at: number; who: number; powerW: SharedPower }[] = [];
        let at = 1_000;
        const offer = () => {
          for (const [who, member] of members.entries()) {
            const may = allowance(member, knowledge[who] as Knowledge, RULES, at + (offsets[who] as number));
            const wish = wishW[who] as number;
            offered.push({
              at,
              who,
              powerW: may.map((one) => Math.min(one, wish)) as unknown as SharedPower,
            });
          }
          for (const phase of [0, 1, 2, 3] as const) {
            const drawn = members.map((_, who) =>
              Math.max(
                ...offered
                  .filter((one) => one.who === who && one.at > at - RULES.reactionS)
                  .map(({ powerW }) => powerW[phase]),
              ),
            );
            expect(drawn.reduce((sum, power) => sum + power, 0)).toBeLessThanOrEqual(fuseW[phase]);
          }
        };
        offer();
        for (const event of happens) {
          if (event.what === 'wait')
            for (let second = 0; second < event.seconds; second += 1) {
              at += 1;
              offer();
            }
          if (event.what === 'use') wishW[event.who] = event.powerW;
          if (event.what === 'lend') {
            const own = knowledge[event.who] as Knowledge;
            const clock = at + (offsets[event.who] as number);
            const member = members[event.who] as Member;
            const used = offered.filter(
              ({ who, at: when }) => who === event.who && when > at - RULES.reactionS,
            );
            const keptW = ([0, 1, 2, 3] as const).map((phase) =>
              Math.min(member.ownedW[phase], Math.max(0, ...used.map(({ powerW }) => powerW[phase]))),
            ) as unknown as SharedPower;
            const loans = new Map([[(members[event.to] as Member).id, even(event.powerW)]]);
            const granted = lend(member, own, RULES, loans, keptW, clock, clock + event.lastsS);
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
          // Where power fails the contactor falls at once: what was offered before is not drawn any more.
          if (event.what === 'restart') {
            knowledge[event.who] = knows({ startedAt: at + (offsets[event.who] as number) });
            for (const [index, { who }] of [...offered.entries()].toReversed())
              if (who === event.who) offered.splice(index, 1);
          }
          if (event.what === 'meter') {
            const own = knowledge[event.who] as Knowledge;
            knowledge[event.who] = { ...own, isMetered: !own.isMetered };
          }
          offer();
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
