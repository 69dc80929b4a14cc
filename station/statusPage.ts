import type { SharedPower } from '@p2p-power/planning/Lease';
import type { PhasePower } from '@p2p-power/planning/SitePlan';
import type { PlannedPower } from '@p2p-power/protocol/LocalLink';
import { amountInWords, durationInWords } from '@p2p-power/tariff/words';
import { energyTakenWh } from './Session.ts';
import { plannedFrom } from './SessionPlanner.ts';
import type { StationStatus } from './Station.ts';
import type { SiteStatus } from './site/Site.ts';

/** What anybody at the station may know of it: nothing of drivers. */
export interface PublicStatus {
  readonly evseId: string;
  /** x‖y: what the others of a site know it by. */
  readonly publicKey: string;
  /** The station's clock, epoch seconds. */
  readonly stationTime: number;
  readonly link: string;
  readonly pilot: string;
  readonly contactorClosed: boolean;
  /** What energy costs now where prices are dynamic, before tax. */
  readonly price?: { readonly microPerKwh: number; readonly isFallback: boolean };
  readonly signals: readonly { readonly kind: string; readonly area: string; readonly issuedAt: number }[];
  /** The most that grid and site allow now. */
  readonly limitW?: number;
  /** Where the point shares a fuse. */
  readonly site?: SiteStatus;
  readonly session?: {
    readonly state: string;
    readonly energyWh: number;
    readonly powerW: number;
    readonly plan: readonly PlannedPower[];
    readonly planReason?: string;
  };
  readonly outOfOrder?: string;
  readonly unacknowledged: number;
  readonly trustListIssuedAt: number;
  readonly journalEntries: number;
}

export function publicStatus(status: StationStatus, link: string, site?: SiteStatus): PublicStatus {
  const { session, outOfOrder } = status;
  const plan = session?.session.plan;
  return {
    evseId: status.evseId,
    publicKey: status.publicKey,
    stationTime: status.stationTime,
    link,
    pilot: status.pilot,
    contactorClosed: status.contactorClosed,
    ...(status.price && { price: status.price }),
    signals: status.signals.map(({ kind, area, issuedAt }) => ({ kind, area, issuedAt })),
    ...(status.limitW !== undefined && { limitW: status.limitW }),
    ...(site && { site }),
    ...(session && {
      session: {
        state: session.session.phase,
        energyWh: energyTakenWh(session.session, session.importWh),
        powerW: session.powerW,
        plan: plan === undefined ? [] : plannedFrom(plan, session.at),
        ...(plan && { planReason: plan.plan.reason }),
      },
    }),
    ...(outOfOrder !== undefined && { outOfOrder }),
    unacknowledged: status.unacknowledged,
    trustListIssuedAt: status.trustListIssuedAt,
    journalEntries: status.journalEntries,
  };
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character] as string);

/** The same as a page for people; times are UTC. */
export function statusPage(status: PublicStatus): string {
  const { stationTime: now } = status;
  const { price, signals, session, limitW, site, ...rest } = status;
  const { plan = [], planReason, ...running } = session ?? {};
  const facts: readonly (readonly [string, string])[] = [
    ...Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
    ...Object.entries(running).map(([name, value]): [string, string] => [`session ${name}`, String(value)]),
    ...(price === undefined ? [] : [['price', priceInWords(price)] as const]),
    ...signals.map(({ kind, area, issuedAt }): [string, string] => [
      `signal ${kind} ${area}`,
      `${durationInWords(Math.max(0, now - issuedAt))} old`,
    ]),
    ...(limitW === undefined ? [] : [['limit', `${limitW} W`] as const]),
    ...(site === undefined ? [] : siteInWords(site, now)),
    ...(planReason === undefined ? [] : [['plan', planReason] as const]),
  ];
  const rows = facts.map(
    ([name, words]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(words)}</td></tr>`,
  );
  const steps = plan.map(
    ({ from, to, powerW }) => `<li>${clockTime(from)}–${clockTime(to)} ${(powerW / 1000).toFixed(1)} kW</li>`,
  );
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escapeHtml(status.evseId)}</title><style>body{font:16px system-ui;margin:2rem}th{text-align:left;padding-right:1rem}</style>` +
    `<h1>Charging point ${escapeHtml(status.evseId)}</h1><table>${rows.join('')}</table>` +
    (steps.length === 0 ? '' : `<h2>Plan (UTC)</h2><ol>${steps.join('')}</ol>`) +
    '</html>'
  );
}

const kilowatts = (powerW: number): string => (powerW / 1000).toFixed(1);

/** L1 / L2 / L3, and what of all together while the grid operator dims. */
function inKilowatts([l1, l2, l3, all = 0]: PhasePower | SharedPower): string {
  const phases = `${[l1, l2, l3].map(kilowatts).join(' / ')} kW`;
  return all > 0 ? `${phases} (${kilowatts(all)} kW in all)` : phases;
}

/** Who shares the fuse, and what this point has of it: L1 / L2 / L3. */
function siteInWords(site: SiteStatus, now: number): readonly (readonly [string, string])[] {
  const loans = (leases: SiteStatus['lent'], side: 'to' | 'from') =>
    leases.map(
      (lease) => `${inKilowatts(lease.powerW)} ${side} ${lease[side]} until ${clockTime(lease.until)}`,
    );
  return [
    ['fuse', `${inKilowatts(site.fuseW)}, shared by ${site.members.length} (${site.fairness})`],
    ...(site.dimming === undefined ? [] : dimmingInWords(site.dimming)),
    ['may draw', inKilowatts(site.allowanceW)],
    ['share', inKilowatts(site.shareW)],
    ...(site.waitsUntil === undefined
      ? []
      : [['waits', `until ${clockTime(site.waitsUntil)}: it may have lent before it started`] as const]),
    ...loans(site.lent, 'to').map((words) => ['lends', words] as const),
    ...loans(site.borrowed, 'from').map((words) => ['borrows', words] as const),
    ...site.members.map(({ id, ownedW, heardAt, wantsW = 0, fault }) => {
      const heard =
        heardAt === undefined ? 'not heard' : `heard ${durationInWords(Math.max(0, now - heardAt))} ago`;
      const standing = id === site.me ? 'this point' : heard;
      const words = `owns ${inKilowatts(ownedW)}, wants ${(wantsW / 1000).toFixed(1)} kW, ${standing}`;
      return [`member ${id}`, fault === undefined ? words : `${words}; ${fault}`] as const;
    }),
  ];
}

/** What the grid operator lets the site draw, and who says so. */
function dimmingInWords({
  limitW,
  mayW = 0,
  guaranteedW,
  readers,
}: NonNullable<SiteStatus['dimming']>): readonly (readonly [string, string])[] {
  const words = {
    none: () => 'no order',
    dimmed: (orderedW = 0) => `dimmed to ${kilowatts(orderedW)} kW`,
    unknown: () => `does not know: the guarantee of ${kilowatts(guaranteedW)} kW holds`,
  };
  return [
    [
      'grid operator',
      limitW === undefined
        ? 'does not dim'
        : `all together at most ${kilowatts(limitW)} kW, this point ${kilowatts(mayW)} kW`,
    ],
    ...readers.map(({ id, order, limitW: orderedW, until }) => {
      const said = words[order](orderedW);
      return [
        `order by ${id}`,
        until === undefined ? said : `${said} (believed until ${clockTime(until)})`,
      ] as const;
    }),
  ];
}

const clockTime = (at: number): string => new Date(at * 1000).toISOString().slice(11, 16);

const priceInWords = ({ microPerKwh, isFallback }: NonNullable<PublicStatus['price']>): string =>
  `${amountInWords(microPerKwh)} per kWh before tax${isFallback ? ', the fallback: no signal is young enough' : ''}`;

const signalAges = ({ signals }: StationStatus) =>
  signals.map(
    ({ kind, issuedAt }) =>
      [`p2p_power_station_${kind}_signal_issued_at_seconds`, 'gauge', issuedAt] as const,
  );

/** Counters in Prometheus' text format. */
export function printMetrics(status: StationStatus): string {
  const { counters, session } = status;
  const lines: readonly (readonly [name: string, type: 'counter' | 'gauge', value: number])[] = [
    ['p2p_power_station_authorizations_total', 'counter', counters.authorizations],
    ['p2p_power_station_refusals_total', 'counter', counters.refusals],
    ['p2p_power_station_handed_in_total', 'counter', counters.handedIn],
    ['p2p_power_station_unacknowledged', 'gauge', status.unacknowledged],
    ['p2p_power_station_journal_entries', 'gauge', status.journalEntries],
    ['p2p_power_station_journal_bytes', 'gauge', status.journalBytes],
    ['p2p_power_station_session_running', 'gauge', session === undefined ? 0 : 1],
    ['p2p_power_station_contactor_closed', 'gauge', status.contactorClosed ? 1 : 0],
    ['p2p_power_station_out_of_order', 'gauge', status.outOfOrder === undefined ? 0 : 1],
    ['p2p_power_station_trust_list_issued_at_seconds', 'gauge', status.trustListIssuedAt],
    ...(status.limitW === undefined
      ? []
      : [['p2p_power_station_limit_watts', 'gauge', status.limitW] as const]),
    ...signalAges(status),
  ];
  return lines.map(([name, type, value]) => `# TYPE ${name} ${type}\n${name} ${value}\n`).join('');
}
