import { energyTakenWh } from './Session.ts';
import type { StationStatus } from './Station.ts';

/** What anybody at the station may know of it: nothing of drivers. */
export interface PublicStatus {
  readonly evseId: string;
  readonly link: string;
  readonly pilot: string;
  readonly contactorClosed: boolean;
  readonly session?: { readonly state: string; readonly energyWh: number; readonly powerW: number };
  readonly outOfOrder?: string;
  readonly unacknowledged: number;
  readonly trustListIssuedAt: number;
  readonly journalEntries: number;
}

export function publicStatus(status: StationStatus, link: string): PublicStatus {
  const { session, outOfOrder } = status;
  return {
    evseId: status.evseId,
    link,
    pilot: status.pilot,
    contactorClosed: status.contactorClosed,
    ...(session && {
      session: {
        state: session.session.phase,
        energyWh: energyTakenWh(session.session, session.importWh),
        powerW: session.powerW,
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

/** The same as a page for people. */
export function statusPage(status: PublicStatus): string {
  const rows = Object.entries(status).map(([name, value]) => {
    const words = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(words)}</td></tr>`;
  });
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escapeHtml(status.evseId)}</title><style>body{font:16px system-ui;margin:2rem}th{text-align:left;padding-right:1rem}</style>` +
    `<h1>Charging point ${escapeHtml(status.evseId)}</h1><table>${rows.join('')}</table></html>`
  );
}

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
  ];
  return lines.map(([name, type, value]) => `# TYPE ${name} ${type}\n${name} ${value}\n`).join('');
}
