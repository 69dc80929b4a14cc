import {
  type GridNotice,
  guaranteedPower,
  newestNotices,
  type SiteLimit,
  siteLimit,
} from '@p2p-power/planning/dimming';
import type { Log } from '../Ports.ts';
import type { SiteConfig } from './SiteConfig.ts';

/** What a page shows of the grid operator's orders. Times are epoch seconds. */
export interface DimmingStatus {
  /** The most that all members together may draw, W; absent: nobody dims. */
  readonly limitW?: number;
  /** What this member may draw of it, W. */
  readonly mayW?: number;
  /** What is never taken from the site, W. */
  readonly guaranteedW: number;
  /** What each reader says; `unknown` too where it has not been heard for long. */
  readonly readers: readonly {
    readonly id: string;
    readonly order: GridNotice['order'];
    readonly limitW?: number;
    readonly until?: number;
  }[];
}

/** What a member knows of the grid operator's orders to its site (EnWG §14a). */
export interface SiteDimming {
  /** What it tells the others: its own word, if it reads orders, and what it has heard of other readers. */
  notices(at: number): readonly GridNotice[];
  /** Takes what another member told. */
  hear(notices: readonly GridNotice[], at: number): void;
  limit(at: number): SiteLimit;
  /** The own clock was set: what was heard says nothing of when it ends. */
  forget(at: number): void;
  /** `mayW` is what the member may draw while it is dimmed. */
  status(at: number, mayW: number): DimmingStatus | undefined;
}

/**
 * Knows the orders by the member's own driver (`dimmedToW`, station/Hardware.ts), if `dimmedBy` names the member, and by the
 * others' messages. Remembers nothing over a restart: until the driver answers, and until others are heard, the guarantee
 * holds, which no order goes below. A driver that throws or answers no power is one that does not know.
 */
export function siteDimming(
  { me, members, fuseW, dimmedBy, leaseS, clockSkewS, reactionS }: SiteConfig,
  log: Log,
  dimmedToW?: () => number | null | undefined,
): SiteDimming {
  const wholeW = fuseW[0] + fuseW[1] + fuseW[2];
  const site = { fuseW: wholeW, devices: members.length, readers: dimmedBy };
  const rules = { clockSkewS, reactionS };
  const reads = dimmedBy.includes(me);
  let heard: readonly GridNotice[] = [];
  let clockSetAt = Number.NEGATIVE_INFINITY;
  let said = '';

  const order = (): Pick<GridNotice, 'order' | 'limitW'> => {
    let powerW: number | null | undefined;
    try {
      powerW = dimmedToW?.();
    } catch {
      return unknown;
    }
    if (powerW === null) return { order: 'none', limitW: 0 };
    if (powerW === undefined || !(powerW >= 0)) return unknown;
    return { order: 'dimmed', limitW: Math.floor(Math.min(powerW, wholeW)) };
  };

  /** While a clock that was set may have given a word too long a life, nothing is allowed. */
  const own = (at: number): GridNotice => {
    const word = order();
    const words = `${word.order} ${word.limitW}`;
    if (words !== said) log.info(word, 'the grid operator’s order');
    said = words;
    const isClockSet = at < clockSetAt + leaseS + clockSkewS;
    return { reader: me, ...(isClockSet ? unknown : word), until: at + leaseS };
  };

  const notices = (at: number): readonly GridNotice[] =>
    newestNotices([...heard, ...(reads ? [own(at)] : [])], at);

  const limit = (at: number): SiteLimit => siteLimit(site, notices(at), rules, at);

  return {
    notices,
    limit,
    hear(told, at) {
      const believable = told.filter(
        ({ reader, until }) =>
          reader !== me && dimmedBy.includes(reader) && until <= at + leaseS + clockSkewS,
      );
      heard = newestNotices([...heard, ...believable], at);
    },
    forget(at) {
      heard = [];
      clockSetAt = at;
    },
    status(at, mayW) {
      if (dimmedBy.length === 0) return undefined;
      const { limitW } = limit(at);
      const known = notices(at);
      return {
        ...(limitW !== undefined && { limitW, mayW }),
        guaranteedW: Math.min(wholeW, guaranteedPower(members.length)),
        readers: dimmedBy.map((id) => {
          const notice = known.find(({ reader }) => reader === id);
          if (notice === undefined) return { id, order: 'unknown' };
          const { order: word, until } = notice;
          return { id, order: word, ...(word === 'dimmed' && { limitW: notice.limitW }), until };
        }),
      };
    },
  };
}

const unknown = { order: 'unknown', limitW: 0 } as const;
