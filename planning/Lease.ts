import type { PhasePower } from './SitePlan.ts';

/**
 * A part of the fuse that its owner lends. `id` names it for good; `from` and `to` are members. The borrower may use
 * it before `until` (epoch seconds), the lender does without it until then, whether or not the borrower ever hears
 * of it.
 */
export interface Lease {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly powerW: PhasePower;
  readonly until: number;
}

/**
 * A member of a site: a station, or the gateway that holds what no station owns for good (what the building leaves,
 * what the grid operator allows beyond the guarantee). `ownedW` is its part of the fuse, fixed when the site is set
 * up: all parts together do not pass it, and a station can live on its own.
 */
export interface Member {
  readonly id: string;
  readonly ownedW: PhasePower;
}

/**
 * The members of a site: each station owns the same part of what it is safe to give away for good, and the gateway,
 * if there is one, the rest of the fuse, to lend it while it may be used (the building takes less, nobody dims).
 * Whole watts, rounded down.
 */
export function divideFuse(
  fuseW: PhasePower,
  safeW: PhasePower,
  stations: readonly string[],
  gateway: string | undefined,
): readonly Member[] {
  const each = onPhases((phase) =>
    Math.floor(Math.min(safeW[phase], fuseW[phase]) / Math.max(1, stations.length)),
  );
  const members = stations.map((id) => ({ id, ownedW: each }));
  if (gateway === undefined) return members;
  return [
    ...members,
    { id: gateway, ownedW: onPhases((phase) => fuseW[phase] - each[phase] * stations.length) },
  ];
}

/** How far clocks of a site may be apart, and how long a lease may last at most, s. */
export interface LeaseRules {
  readonly clockSkewS: number;
  readonly longestS: number;
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

/**
 * What a member may draw on each phase at an instant, from what it knows alone.
 *
 * Safe whatever messages are lost, late, doubled or out of order: each watt of the fuse belongs to one member, and
 * who lends it stops using it before anyone else can begin, and begins again only after all clocks agree that the
 * lease is over. A member that has started anew may have lent all it owns and forgotten it: it waits for the longest
 * lease to be over. A member whose meter fails cannot tell what its car takes: it uses nothing that is borrowed.
 * A member that hears from nobody is left with what it owns.
 */
export function allowance(
  { id, ownedW }: Member,
  { lent, borrowed, startedAt, isMetered }: Knowledge,
  { clockSkewS, longestS }: LeaseRules,
  at: number,
): PhasePower {
  const isSettled = at >= startedAt + longestS + clockSkewS;
  const away = distinct(lent).filter((lease) => lease.from === id && at < lease.until + clockSkewS);
  const here = distinct(borrowed).filter((lease) => lease.to === id && at < lease.until - clockSkewS);
  return onPhases((phase) => {
    const own = isSettled ? Math.max(0, ownedW[phase] - sum(away, phase)) : 0;
    return isMetered ? own + sum(here, phase) : own;
  });
}

/**
 * What a member may still lend on each phase until an instant: what it owns, less what it has lent and what it keeps
 * for itself. Nothing for longer than the rules allow, and nothing before a restart is over.
 */
export function lendable(
  { id, ownedW }: Member,
  { lent, startedAt }: Knowledge,
  { clockSkewS, longestS }: LeaseRules,
  keptW: PhasePower,
  at: number,
  until: number,
): PhasePower {
  if (until > at + longestS || at < startedAt + longestS + clockSkewS) return [0, 0, 0];
  const away = distinct(lent).filter((lease) => lease.from === id && at < lease.until + clockSkewS);
  return onPhases((phase) => Math.max(0, ownedW[phase] - sum(away, phase) - keptW[phase]));
}

/** What a member wishes to draw on each phase, as it last told the others, and until when that is believed. */
export interface Demand {
  readonly member: string;
  readonly powerW: PhasePower;
  readonly until: number;
}

/**
 * The leases that a member grants now: what it can spare, to the members that want more than they own, each phase
 * in turn to whoever lacks most in all (ties by name). `nameOf` gives each lease its name. Every member decides this
 * alone, and can only lend its own.
 */
export function lend(
  member: Member,
  knowledge: Knowledge,
  rules: LeaseRules,
  site: readonly Member[],
  demands: readonly Demand[],
  at: number,
  until: number,
  nameOf: (borrower: string) => string,
): readonly Lease[] {
  const wantedBy = (id: string): PhasePower =>
    demands.find((demand) => demand.member === id && at < demand.until)?.powerW ?? [0, 0, 0];
  const spare = [...lendable(member, knowledge, rules, wantedBy(member.id), at, until)];
  const lacking = site
    .filter(({ id }) => id !== member.id)
    .map(({ id, ownedW }) => {
      const wanted = wantedBy(id);
      // What it lent already counts as given, to whoever it was lent.
      const had = distinct(knowledge.lent).filter((lease) => lease.to === id && at < lease.until);
      return {
        id,
        powerW: onPhases((phase) => Math.max(0, wanted[phase] - ownedW[phase] - sum(had, phase))),
      };
    })
    .filter(({ powerW }) => powerW.some((one) => one > 0))
    .sort((a, b) => total(b.powerW) - total(a.powerW) || (a.id < b.id ? -1 : 1));
  return lacking.flatMap(({ id, powerW }) => {
    const given = onPhases((phase) => Math.min(powerW[phase], spare[phase] as number));
    for (const phase of [0, 1, 2] as const) spare[phase] = (spare[phase] as number) - given[phase];
    return total(given) > 0 ? [{ id: nameOf(id), from: member.id, to: id, powerW: given, until }] : [];
  });
}

function distinct(leases: readonly Lease[]): readonly Lease[] {
  return leases.filter(
    ({ id, from }, index) => leases.findIndex((other) => other.id === id && other.from === from) === index,
  );
}

function sum(leases: readonly Lease[], phase: 0 | 1 | 2): number {
  return leases.reduce((all, { powerW }) => all + powerW[phase], 0);
}

function total([l1, l2, l3]: PhasePower): number {
  return l1 + l2 + l3;
}

function onPhases(power: (phase: 0 | 1 | 2) => number): PhasePower {
  return [power(0), power(1), power(2)];
}
