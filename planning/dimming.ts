import { assertWhole } from './ChargeWish.ts';
import type { LeaseRules } from './Lease.ts';

/** Least power of a controllable device that the grid operator dims directly, W (EnWG §14a, BNetzA BK6-22-300). */
export const GUARANTEED_W = 4_200;
/** Simultaneity factors for 2 to 8 devices behind an energy management system, per cent; 45 from 9 on. */
const SIMULTANEITY = [80, 75, 70, 65, 60, 55, 50] as const;
const SIMULTANEITY_OF_MANY = 45;

/**
 * What a site keeps at least while the grid operator dims it, W: 4.2 kW for the first controllable device and 4.2 kW
 * times the simultaneity factor for each further one (EnWG §14a with an energy management system). Rounded down,
 * so that the site is never above what it may draw.
 */
export function guaranteedPower(devices: number): number {
  assertWhole('devices', devices, 0, 1_000_000);
  if (devices === 0) return 0;
  const factor = devices === 1 ? 0 : (SIMULTANEITY[devices - 2] ?? SIMULTANEITY_OF_MANY);
  return GUARANTEED_W + Math.floor(((devices - 1) * factor * GUARANTEED_W) / 100);
}

/** A grid operator's order to dim, `to` exclusive (epoch seconds). */
export interface Dimming {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

/**
 * The most that a site may draw at an instant, all phases together: its fuse; while it is dimmed, what the orders say
 * (the lowest of several), but never less than the guarantee for its devices nor more than the fuse.
 */
export function dimmedPower(fuseW: number, devices: number, orders: readonly Dimming[], at: number): number {
  const inForce = orders.filter(({ from, to }) => from <= at && at < to).map(({ powerW }) => powerW);
  if (inForce.length === 0) return fuseW;
  return Math.min(fuseW, Math.max(guaranteedPower(devices), Math.min(...inForce)));
}

/**
 * What a member that reads the grid operator's orders says of them: that there is none, that the site is dimmed to
 * `limitW`, or that nobody knows. It holds until an instant of that member's clock and no longer, so that drawing more
 * than the guarantee takes a fresh word that it is allowed: who hears none is dimmed.
 */
export interface GridNotice {
  readonly reader: string;
  readonly order: 'none' | 'dimmed' | 'unknown';
  /** 0 unless dimmed. */
  readonly limitW: number;
  /** Epoch seconds. */
  readonly until: number;
}

/** Of each reader the newest notice: the one that holds longest; of two that hold as long, the one that allows less. */
export function newestNotices(notices: readonly GridNotice[], at: number): readonly GridNotice[] {
  const newest = new Map<string, GridNotice>();
  for (const notice of notices) {
    const before = newest.get(notice.reader);
    const isNewer =
      before === undefined ||
      notice.until > before.until ||
      (notice.until === before.until && allowedW(notice) < allowedW(before));
    if (at < notice.until && isNewer) newest.set(notice.reader, notice);
  }
  return [...newest.values()];
}

/** What a member may reckon with. */
export interface SiteLimit {
  /** What the whole site may draw, all phases together, W; undefined: nobody dims. */
  readonly limitW?: number;
  /** What each member owns of that, W; while nobody dims, of the guarantee, so that it is lent before it is needed; 0 in
   * a site that nobody can dim. */
  readonly partW: number;
  /** How long a lease of such a part may last, epoch seconds; Infinity for the guarantee, which nobody takes away. */
  readonly until: number;
}

/**
 * The limit of a site by the notices that a member has, of all its readers: the lowest counts. A reader whose notice is
 * over, or will be before a car could follow on the latest of the members' clocks, counts as one that does not know; then
 * the site keeps its guarantee. So once a reader tells of an order, every member keeps to it when what the reader said
 * before is over, whether or not the message arrives.
 */
export function siteLimit(
  site: { readonly fuseW: number; readonly devices: number; readonly readers: readonly string[] },
  notices: readonly GridNotice[],
  { clockSkewS, reactionS }: Pick<LeaseRules, 'clockSkewS' | 'reactionS'>,
  at: number,
): SiteLimit {
  if (site.readers.length === 0) return { partW: 0, until: Number.POSITIVE_INFINITY };
  const believed = newestNotices(notices, at).filter(
    ({ reader, until }) => site.readers.includes(reader) && at < until - clockSkewS - reactionS,
  );
  const orders = site.readers.flatMap((reader): Dimming[] => {
    const notice = believed.find((one) => one.reader === reader);
    if (notice?.order === 'none') return [];
    return [{ from: at, to: at + 1, powerW: notice?.limitW ?? 0 }];
  });
  const guaranteeW = dimmedPower(site.fuseW, site.devices, [{ from: at, to: at + 1, powerW: 0 }], at);
  const limitW = dimmedPower(site.fuseW, site.devices, orders, at);
  const partOf = (powerW: number) => Math.floor(powerW / site.devices);
  const forGood = { partW: partOf(guaranteeW), until: Number.POSITIVE_INFINITY };
  if (orders.length === 0) return forGood;
  if (limitW === guaranteeW) return { limitW, ...forGood };
  return { limitW, partW: partOf(limitW), until: Math.min(...believed.map(({ until }) => until)) };
}

const allowedW = ({ order, limitW }: GridNotice): number =>
  order === 'none' ? Number.POSITIVE_INFINITY : limitW;
