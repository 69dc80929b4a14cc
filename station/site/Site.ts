import {
  allowance,
  isSettled,
  type Knowledge,
  type Lease,
  lastingLeases,
  lend,
  type Member,
  type SharedPower,
} from '@p2p-power/planning/Lease';
import type { PhasePower } from '@p2p-power/planning/SitePlan';
import { loansOf, type Standing, shareSite } from '@p2p-power/planning/shareSite';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Clock, Log, SitePort } from '../Ports.ts';
import { leaseRules, type SiteConfig, type SiteMember, siteId } from './SiteConfig.ts';
import { type DimmingStatus, siteDimming } from './SiteDimming.ts';
import {
  openSiteMessage,
  type SiteMessage,
  type SiteMessageRefusal,
  signSiteMessage,
} from './SiteMessage.ts';
import type { SiteStore } from './siteStore.ts';

export interface SiteParts {
  readonly clock: Clock;
  /** The member's key. */
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly log: Log;
  readonly store: SiteStore;
  /** Brings a message to a member and answers what it says. Throws where there is no way. */
  readonly send: (member: SiteMember, message: SiteMessage) => Promise<unknown>;
  /** Whether the meter works: without it, nothing is borrowed. */
  readonly isMetered: () => boolean;
  /** What else draws on the part of this member, W; undefined where nobody knows: then all of the part is kept. */
  readonly buildingW?: () => PhasePower | undefined;
  /** The grid operator's order to the site as this member's driver reads it (station/Hardware.ts). */
  readonly dimmedToW?: () => number | null | undefined;
}

/** Why a member's message is not taken, in order of precedence. */
export type SiteRefusal =
  | SiteMessageRefusal
  | 'not-newer'
  | 'message-from-future'
  | 'message-too-old'
  | 'lease-above-part';

/** What a page shows of a site. Times are epoch seconds. */
export interface SiteStatus {
  readonly me: string;
  readonly fuseW: PhasePower;
  readonly fairness: string;
  /** What this member may offer on each phase now, and what it should have as all reckon. */
  readonly allowanceW: PhasePower;
  readonly shareW: PhasePower;
  /** Set while it waits for what it may have lent before it started. */
  readonly waitsUntil?: number;
  readonly members: readonly {
    readonly id: string;
    readonly ownedW: PhasePower;
    readonly heardAt?: number;
    readonly wantsW?: number;
    /** Why its last message was not taken, or why there is no way to it. */
    readonly fault?: string;
  }[];
  readonly lent: readonly Lease[];
  readonly borrowed: readonly Lease[];
  /** Where the grid operator may dim the site. */
  readonly dimming?: DimmingStatus;
}

/** One member's part in sharing a fuse. */
export interface Site extends SitePort {
  /** Takes a member's message and answers with the own one. */
  receive(json: unknown): Promise<Result<SiteMessage, SiteRefusal>>;
  /** Lends what there is to lend, and tells all; to be called every `roundS`. Throws where the store does. */
  round(): Promise<void>;
  /** Whether power was granted to a controller that has not asked since: it must not go on. */
  isOverdue(): boolean;
  status(): SiteStatus;
}

const leastOnPhaseW = 6 * 230;
/** Without being asked for this long, a car wants nothing any more, ms. */
const wishMs = 5_000;
/** A car that comes back within this has not lost its place, ms. */
const placeMs = 120_000;
/** Clocks that tell whole seconds may seem to jump by less than this, ms. */
const jumpMs = 2_000;
const nothing: SharedPower = [0, 0, 0, 0];

/**
 * Takes part in sharing a fuse (planning/Lease.ts, docs/sites.md). Leases are in the store before anybody hears of them. A
 * start, and a clock that is set, are followed by the wait for the longest lease.
 */
export function openSite(config: SiteConfig, parts: SiteParts): Site {
  const { clock, log, store } = parts;
  const { clockSkewS, leaseS, reactionS, roundS, phases, members, fuseW } = config;
  const me = members.find(({ id }) => id === config.me);
  if (me === undefined) throw new Error(`"site.me" names no member: ${config.me}`);
  if (me.publicKey !== parts.signer.publicKey)
    throw new Error(
      `The key of "${me.id}" in "site.members" is not this station's, which is ${parts.signer.publicKey}.`,
    );
  const reads = config.dimmedBy.includes(me.id);
  if (reads !== (parts.dimmedToW !== undefined))
    throw new Error(
      reads
        ? `"site.dimmedBy" names "${me.id}", whose driver reads no orders of the grid operator (dimmedToW).`
        : `The driver reads orders of the grid operator (dimmedToW), and "site.dimmedBy" does not name "${me.id}".`,
    );
  const id = siteId(config);
  const dimming = siteDimming(config, log, parts.dimmedToW);
  const rules = leaseRules(config);
  const others = members.filter((member) => member !== me);
  const wholeW = fuseW[0] + fuseW[1] + fuseW[2];
  const kept = store.read();
  let lent: readonly Lease[] = kept.lent;
  let number = kept.number;
  let borrowed: readonly Lease[] = [];
  let startedAt = clock.nowS();
  let seen = { wallS: startedAt, ms: clock.monotonicMs() };
  let wish = { powerW: 0, ms: Number.NEGATIVE_INFINITY, arrivedAt: 0 };
  let granted: readonly { readonly powerW: number; readonly ms: number }[] = [];
  let isMetered = true;
  let message: SiteMessage | undefined;
  const standings = new Map<string, Standing & { readonly number: number; readonly heardAt: number }>();
  const faults = new Map<string, string>();

  /** Epoch seconds. A clock that was set has broken every promise about time: that is as good as a restart. */
  const time = (): number => {
    const [wallS, ms] = [clock.nowS(), clock.monotonicMs()];
    if (Math.abs((wallS - seen.wallS) * 1_000 - (ms - seen.ms)) >= jumpMs) {
      log.warn({ from: seen.wallS, to: wallS }, 'the clock was set or stood still: leases are void');
      startedAt = wallS;
      borrowed = [];
      standings.clear();
      dimming.forget(wallS);
    }
    seen = { wallS, ms };
    return wallS;
  };

  const knowledge = (): Knowledge => ({ lent, borrowed, startedAt, isMetered });

  const buildingW = (): PhasePower => {
    if (parts.buildingW === undefined) return [0, 0, 0];
    const powerW = parts.buildingW() ?? me.ownedW;
    return powerW.map((one) => Math.max(0, Math.ceil(one))) as unknown as PhasePower;
  };

  /** What the car may be offered: the building's part is not the car's. */
  const allowanceNow = (at: number): SharedPower => {
    const keptW = buildingW();
    const limit = dimming.limit(at);
    const [own1, own2, own3] = me.ownedW.map((one, phase) => Math.max(0, one - (keptW[phase] as number)));
    const owner: Member = { id: me.id, ownedW: [own1 ?? 0, own2 ?? 0, own3 ?? 0, limit.partW] };
    const [l1, l2, l3, all] = allowance(owner, knowledge(), rules, at);
    return [l1, l2, l3, limit.limitW === undefined ? wholeW : all];
  };

  const own = (at: number): Standing => {
    const until = Number.POSITIVE_INFINITY;
    const everythingW: SharedPower = [...me.ownedW, dimming.limit(at).partW];
    if (!isMetered) return { member: me.id, keepsW: everythingW, until };
    const keepsW: SharedPower = isSettled({ startedAt }, rules, at) ? [...buildingW(), 0] : everythingW;
    const isWanted = wish.powerW > 0 && clock.monotonicMs() - wish.ms < wishMs;
    const claim = {
      wantedW: wish.powerW,
      leastW: Math.min(wish.powerW, leastOnPhaseW * phases.length),
      phases,
      priority: config.priority,
      arrivedAt: wish.arrivedAt,
    };
    return { member: me.id, keepsW, ...(isWanted && { claim }), until };
  };

  const sharing = (at: number) => {
    const all = [own(at), ...standings.values()];
    const limit = dimming.limit(at);
    const isDimmed = limit.limitW !== undefined;
    const owning = (partW: number): readonly Member[] =>
      members.map((member) => ({ id: member.id, ownedW: [...member.ownedW, partW] }));
    const shared = (partW: number) => shareSite(owning(partW), all, config.fairness, at);
    const shares = shared(isDimmed ? limit.partW : wholeW);
    return {
      all,
      limit,
      owners: owning(limit.partW),
      shares,
      // While nobody dims, the guarantee is lent as an order would need it: no car has to stop when one comes.
      lendingShares: isDimmed || config.dimmedBy.length === 0 ? shares : withAll(shares, shared(limit.partW)),
    };
  };

  /** What the point may draw when each of its phases, and all together, may have that. */
  const evenly = (powerW: SharedPower): number =>
    Math.min(Math.min(...phases.map((phase) => powerW[phase - 1] as number)) * phases.length, powerW[3]);

  /** What the point loads when its car draws that. */
  const loadOf = (powerW: number): SharedPower => {
    const onPhase = (phase: number) =>
      phases.some((one) => one === phase) ? Math.ceil(powerW / phases.length) : 0;
    return [onPhase(1), onPhase(2), onPhase(3), powerW];
  };

  const limitNow = (at: number): number => {
    const mayW = evenly(allowanceNow(at));
    return isMetered ? Math.min(mayW, evenly(sharing(at).shares.get(me.id) ?? nothing)) : mayW;
  };

  const grantedLately = (): number => {
    const ms = clock.monotonicMs();
    granted = granted.filter((one) => ms - one.ms <= reactionS * 1_000);
    return Math.max(0, ...granted.map(({ powerW }) => powerW));
  };

  const sign = async (at: number): Promise<SiteMessage> => {
    number = Math.max(number + 1, at * 1_000);
    const { keepsW, claim } = own(at);
    const leases = lent.map(({ to, powerW, until }) => ({ to, powerW, until }));
    const head = { memberId: me.id, number, sentAt: at };
    const notices = dimming.notices(at);
    return signSiteMessage(id, head, { keepsW, ...(claim && { claim }), leases, notices }, parts.signer);
  };

  const take = async (json: unknown): Promise<Result<string, SiteRefusal>> => {
    const opened = await openSiteMessage(json, id, others, parts.verifier);
    if (!opened.ok) return opened;
    const { head, content } = opened.value;
    const from = others.find((member) => member.id === head.memberId) as SiteMember;
    const at = time();
    const refuseMessage = (refusal: SiteRefusal, detail: string) => {
      faults.set(from.id, `${refusal}: ${detail}`);
      return refuse(refusal, detail);
    };
    const last = standings.get(from.id);
    if (last !== undefined && at < last.until && head.number <= last.number)
      return refuse('not-newer', `the last message of ${from.id} was newer`);
    if (head.sentAt > at + clockSkewS)
      return refuseMessage(
        'message-from-future',
        `the clocks of ${from.id} and ${me.id} are ${head.sentAt - at} s apart`,
      );
    if (head.sentAt < at - clockSkewS - 2 * roundS)
      return refuseMessage(
        'message-too-old',
        `${from.id} sent it ${at - head.sentAt} s ago, or a clock is wrong`,
      );
    const leases = content.leases
      .filter(({ to }) => to === me.id)
      .map((lease) => ({ ...lease, from: from.id }));
    const mostW: SharedPower = [...from.ownedW, wholeW];
    const isAbove = leases.some(({ powerW }) => powerW.some((one, part) => one > (mostW[part] as number)));
    if (isAbove) return refuseMessage('lease-above-part', `${from.id} lends more than it owns`);
    const inTime = leases.filter(({ until }) => until <= at + leaseS + clockSkewS);
    borrowed = lastingLeases([...borrowed, ...inTime], at);
    dimming.hear(content.notices, at);
    const { keepsW, claim } = content;
    const until = at + 4 * roundS + clockSkewS;
    standings.set(from.id, {
      member: from.id,
      keepsW,
      ...(claim && { claim }),
      until,
      number: head.number,
      heardAt: at,
    });
    faults.delete(from.id);
    return accept(from.id);
  };

  const tell = async (member: SiteMember, told: SiteMessage): Promise<void> => {
    try {
      const taken = await take(await parts.send(member, told));
      if (!taken.ok && taken.refusal !== 'not-newer')
        faults.set(member.id, `${taken.refusal}: ${taken.detail}`);
    } catch (error) {
      faults.set(member.id, error instanceof Error ? error.message : String(error));
    }
  };

  return {
    limitW(_now, wantedW) {
      const at = time();
      const ms = clock.monotonicMs();
      if (wantedW === undefined) return evenly(allowanceNow(at));
      if (wantedW > 0) {
        const isNew = ms - wish.ms > placeMs;
        wish = { powerW: Math.ceil(wantedW), ms, arrivedAt: isNew ? at : wish.arrivedAt };
      } else if (ms - wish.ms < placeMs) wish = { ...wish, powerW: 0 };
      const limitW = limitNow(at);
      granted = [...granted, { powerW: Math.min(wantedW, limitW), ms }];
      grantedLately();
      return Math.min(wantedW, limitW);
    },
    async receive(json) {
      const taken = await take(json);
      if (!taken.ok) return taken;
      message ??= await sign(time());
      return accept(message);
    },
    async round() {
      const at = time();
      const metered = parts.isMetered();
      if (metered !== isMetered) log.warn({ metered }, 'the meter failed or works again');
      isMetered = metered;
      borrowed = lastingLeases(borrowed, at);
      const { all, limit, owners, lendingShares: shares } = sharing(at);
      const loans = loansOf(me.id, owners, all, shares, at);
      const [used1, used2, used3, usedW] = loadOf(grantedLately());
      const carW: SharedPower = [used1, used2, used3, limit.limitW === undefined ? 0 : usedW];
      const owner = owners.find((one) => one.id === me.id) as Member;
      const keptW = owner.ownedW.map((ownedW, part) => {
        const forCar = Math.max(shares.get(me.id)?.[part] ?? 0, carW[part] as number);
        const needed = forCar + (all[0]?.keepsW[part] ?? 0);
        return Math.min(ownedW, needed);
      }) as unknown as SharedPower;
      const until = Math.min(at + leaseS, limit.until);
      const newLeases = lend(owner, knowledge(), rules, loans, keptW, at, until);
      if (newLeases.length > 0) {
        const next = lastingLeases([...lent, ...newLeases], at - clockSkewS);
        store.keep({ lent: next, number });
        lent = next;
      } else lent = lastingLeases(lent, at - clockSkewS);
      const signed = await sign(at);
      message = signed;
      await Promise.all(others.map((member) => tell(member, signed)));
    },
    isOverdue() {
      const last = granted.at(-1);
      return last !== undefined && last.powerW > 0 && clock.monotonicMs() - last.ms > (reactionS * 1_000) / 2;
    },
    status() {
      const at = time();
      const { all, shares } = sharing(at);
      const mayW = allowanceNow(at);
      const dimmed = dimming.status(at, mayW[3]);
      return {
        me: me.id,
        fuseW,
        fairness: config.fairness,
        allowanceW: onPhases(mayW),
        shareW: onPhases(shares.get(me.id) ?? nothing),
        ...(!isSettled({ startedAt }, rules, at) && { waitsUntil: startedAt + leaseS + clockSkewS }),
        members: members.map(({ id: name, ownedW }) => {
          const standing = all.find(({ member, until }) => member === name && at < until);
          const heardAt = standings.get(name)?.heardAt;
          const fault = faults.get(name);
          return {
            id: name,
            ownedW,
            ...(heardAt !== undefined && { heardAt }),
            ...(standing?.claim && { wantsW: standing.claim.wantedW }),
            ...(fault !== undefined && { fault }),
          };
        }),
        lent: lastingLeases(lent, at),
        borrowed: lastingLeases(borrowed, at),
        ...(dimmed && { dimming: dimmed }),
      };
    },
  };
}

const onPhases = ([l1, l2, l3]: SharedPower): PhasePower => [l1, l2, l3];

/** Shares on each phase of one reckoning, of all phases together of another. */
const withAll = (
  shares: ReadonlyMap<string, SharedPower>,
  others: ReadonlyMap<string, SharedPower>,
): ReadonlyMap<string, SharedPower> =>
  new Map([...shares].map(([id, [l1, l2, l3]]) => [id, [l1, l2, l3, others.get(id)?.[3] ?? 0]]));
