/**
 * What members of a site share: power on L1, L2, L3, which the fuse bounds, and on all phases together, which the grid
 * operator bounds while it dims; W.
 */
export type SharedPower = readonly [l1: number, l2: number, l3: number, all: number];

/**
 * A part of the fuse that its owner leaves to another; `from` and `to` are members. The borrower may use it before
 * `until` (epoch seconds), the lender does without it until then, whether or not the borrower ever hears of it. Several
 * leases between the same two are versions of one: at every instant the highest that is not over counts, so that a
 * lease is renewed, raised or lowered by another, and it does no harm to hear of them twice or in any order.
 */
export interface Lease {
  readonly from: string;
  readonly to: string;
  readonly powerW: SharedPower;
  readonly until: number;
}

/**
 * A member of a site: a station, or the gateway that holds what no station owns for good (what the building leaves,
 * what the grid operator allows beyond the guarantee). `ownedW` is its part: of the fuse, fixed when the site is set
 * up; of all phases together, by what the grid operator allows. All parts together do not pass the whole, and a station
 * can live on its own.
 */
export interface Member {
  readonly id: string;
  readonly ownedW: SharedPower;
}

/**
 * The members of a site: each station owns the same part of what it is safe to give away for good, and the gateway,
 * if there is one, the rest of the fuse, to lend it while it may be used (the building takes less, nobody dims).
 * Whole watts, rounded down.
 */
export function divideFuse(
  fuseW: SharedPower,
  safeW: SharedPower,
  stations: readonly string[],
  gateway: string | undefined,
): readonly Member[] {
  const each = onEach((part) =>
    Math.floor(Math.min(safeW[part], fuseW[part]) / Math.max(1, stations.length)),
  );
  const members = stations.map((id) => ({ id, ownedW: each }));
  if (gateway === undefined) return members;
  return [...members, { id: gateway, ownedW: onEach((part) => fuseW[part] - each[part] * stations.length) }];
}

/**
 * How far clocks of a site may be apart, how long a lease may last at most, and how long it takes until a car draws
 * no more than it is offered, with all that goes before (IEC 61851-1 gives the car 5 s); s.
 */
export interface LeaseRules {
  readonly clockSkewS: number;
  readonly longestS: number;
  readonly reactionS: number;
}

/**
 * What a member knows: what it lent since it last started, what it has been told it borrowed, when it started, and
 * whether its own meter works.
 */
export interface Knowledge {
  readonly lent: readonly Lease[];
  readonly borrowed: readonly Lease[];
  readonly startedAt: number;
  readonly isMetered: boolean;
}

/** Whether all that a member may have lent before it last started is over. */
export const isSettled = (
  { startedAt }: Pick<Knowledge, 'startedAt'>,
  { longestS, clockSkewS }: LeaseRules,
  at: number,
): boolean => at >= startedAt + longestS + clockSkewS;

/**
 * What a member may offer its car on each phase, and on all, from an instant on until it asks again, from what it knows alone.
 *
 * Safe whatever messages are lost, late, doubled or out of order: each watt of the fuse belongs to one member, and
 * who lends it stops using it before anyone else can begin, and begins again only after all clocks agree that the
 * lease is over; who borrows it stops so early that the car has followed by then. A member that has started anew may
 * have lent all it owns and forgotten it: it waits for the longest lease to be over. A member whose meter fails cannot
 * tell what its car takes: it uses nothing that is borrowed. A member that hears from nobody is left with what it owns.
 */
export function allowance(
  { id, ownedW }: Member,
  knowledge: Knowledge,
  rules: LeaseRules,
  at: number,
): SharedPower {
  const { clockSkewS, reactionS } = rules;
  const away = awayOf(id, knowledge.lent, rules, at);
  const here = strongest(
    knowledge.borrowed.filter((lease) => lease.to === id && at < lease.until - clockSkewS - reactionS),
    ({ from }) => from,
  );
  return onEach((part) => {
    const own = isSettled(knowledge, rules, at) ? Math.max(0, ownedW[part] - sum(away, part)) : 0;
    return knowledge.isMetered ? own + sum(here, part) : own;
  });
}

/**
 * The leases that a member grants now, until an instant, so that each other has what `loansW` gives it, in that map's
 * order, as far as there is something to give: what the member owns, less what is lent and what it keeps for itself
 * (`keptW`, at least what its car may have drawn within `reactionS`). Where it owns less than it has lent, as when the grid
 * operator dims, what it renews adds up to no more than it owns. None for longer than the rules allow, none before a
 * restart is over, and none where leases that last for half that time give as much already.
 */
export function lend(
  { id, ownedW }: Member,
  knowledge: Knowledge,
  rules: LeaseRules,
  loansW: ReadonlyMap<string, SharedPower>,
  keptW: SharedPower,
  at: number,
  until: number,
): readonly Lease[] {
  if (until > at + rules.longestS || !isSettled(knowledge, rules, at)) return [];
  const away = awayOf(id, knowledge.lent, rules, at);
  const room = ownedW.map((owned, part) => owned - sum(away, part as Part) - keptW[part as Part]);
  const renewedAt = at + (until - at) / 2;
  return [...loansW].flatMap(([to, wantedW]) => {
    const had = away.get(to) ?? NOTHING;
    const powerW = onEach((part) => {
      const leftByOthers = ownedW[part] - (sum(away, part) - had[part]);
      return Math.max(
        0,
        Math.min(wantedW[part], had[part] + Math.max(0, room[part] as number), leftByOthers),
      );
    });
    const lasting = strongest(
      knowledge.lent.filter((lease) => lease.from === id && lease.to === to && lease.until >= renewedAt),
      () => to,
    ).get(to);
    const isNew = powerW.some((power, part) => power > (lasting?.[part] ?? 0));
    if (to === id || !isNew) return [];
    for (const part of PARTS) room[part] = (room[part] as number) - Math.max(0, powerW[part] - had[part]);
    return [{ from: id, to, powerW, until }];
  });
}

/** The leases of a list that still say something after an instant: not over, and no other as high and as long. */
export function lastingLeases(leases: readonly Lease[], at: number): readonly Lease[] {
  const covers = (one: Lease, other: Lease) =>
    one.from === other.from &&
    one.to === other.to &&
    one.until >= other.until &&
    PARTS.every((part) => one.powerW[part] >= other.powerW[part]);
  return leases.filter(
    (lease, index) =>
      at < lease.until &&
      !leases.some(
        (other, place) => place !== index && covers(other, lease) && (place < index || !covers(lease, other)),
      ),
  );
}

type Part = 0 | 1 | 2 | 3;
const PARTS = [0, 1, 2, 3] as const;
const NOTHING: SharedPower = [0, 0, 0, 0];

/** What is lent to each, in a time when not all clocks agree that it is over. */
const awayOf = (
  id: string,
  lent: readonly Lease[],
  { clockSkewS }: LeaseRules,
  at: number,
): ReadonlyMap<string, SharedPower> =>
  strongest(
    lent.filter((lease) => lease.from === id && at < lease.until + clockSkewS),
    ({ to }) => to,
  );

/** Of the leases with the same other side the highest of each part. */
function strongest(
  leases: readonly Lease[],
  otherSide: (lease: Lease) => string,
): ReadonlyMap<string, SharedPower> {
  const highest = new Map<string, SharedPower>();
  for (const lease of leases) {
    const before = highest.get(otherSide(lease)) ?? NOTHING;
    highest.set(
      otherSide(lease),
      onEach((part) => Math.max(before[part], lease.powerW[part])),
    );
  }
  return highest;
}

function sum(loans: ReadonlyMap<string, SharedPower>, part: Part): number {
  let all = 0;
  for (const powerW of loans.values()) all += powerW[part];
  return all;
}

function onEach(power: (part: Part) => number): SharedPower {
  return [power(0), power(1), power(2), power(3)];
}
