import { type GridSlot, parseSignalContent, type SignalContent } from '@p2p-power/protocol/Signal';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { QUARTER_HOUR_S } from '@p2p-power/tariff/EnergyPrices';
import type { ChartSlot, Stretch } from '../design/chartScale.ts';

export type SignalKind = SignalContent['kind'];

/** A signal with how asking its source goes; times are epoch seconds. */
export interface SignalSeries {
  readonly kind: SignalKind;
  readonly area: string;
  /** Type of the source; `staff` where it is stated by hand. */
  readonly source: string;
  readonly ageS?: number;
  readonly nextAt?: number;
  readonly knownUntil?: number;
  readonly missing: number;
  readonly fault?: string;
  readonly faultDetail?: string;
  readonly faultsInRow: number;
  readonly content?: SignalContent;
}

const kinds: readonly SignalKind[] = ['price', 'carbon', 'grid'];
const whole = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : 0);

/** The signals out of untrusted JSON; what is none is left out. */
export function parseSeries(json: unknown): readonly SignalSeries[] {
  const rows: readonly unknown[] = isRecord(json) && Array.isArray(json.signals) ? json.signals : [];
  return rows.filter(isRecord).flatMap((row): SignalSeries[] => {
    const kind = kinds.find((known) => known === row.kind);
    if (kind === undefined || typeof row.area !== 'string') return [];
    const content = parseSignalContent(row.content);
    return [
      {
        kind,
        area: row.area,
        source: typeof row.source === 'string' ? row.source : '',
        missing: whole(row.missing),
        faultsInRow: whole(row.faultsInRow),
        ...(typeof row.ageS === 'number' && { ageS: whole(row.ageS) }),
        ...(typeof row.nextAt === 'number' && { nextAt: whole(row.nextAt) }),
        ...(typeof row.knownUntil === 'number' && { knownUntil: whole(row.knownUntil) }),
        ...(typeof row.fault === 'string' && { fault: row.fault }),
        ...(typeof row.faultDetail === 'string' &&
          row.faultDetail !== '' && { faultDetail: row.faultDetail }),
        ...(content?.kind === kind && { content }),
      },
    ];
  });
}

const sourceNames: Readonly<Record<string, string>> = {
  awattar: 'aWATTar',
  'energy-charts': 'Energy-Charts',
  entsoe: 'ENTSO-E',
  smard: 'SMARD',
  openadr3: 'OpenADR 3',
};

/** What a source of signals calls itself. */
export const sourceName = (type: string): string => sourceNames[type] ?? type;

/** How severe a grid's state is, as the height of a column. */
const severity = { green: 1, yellow: 2, red: 3 } as const;
export const stateOfSeverity = (value: number): GridSlot['state'] =>
  value >= 3 ? 'red' : value >= 2 ? 'yellow' : 'green';

/** What a signal says as slots of a chart: micro-units, grams, or the severity of the grid's state. */
export function signalSlots(content: SignalContent): readonly ChartSlot[] {
  if (content.kind === 'grid')
    return content.slots.map(({ from, to, state }) => ({ from, to, value: severity[state] }));
  const values = content.kind === 'price' ? content.indexMicro : content.gramsPerKwh;
  return values.map((value, index) => {
    const from = content.firstAt + index * QUARTER_HOUR_S;
    return { from, to: from + QUARTER_HOUR_S, ...(value !== null && { value }) };
  });
}

/** The limits that a grid signal names, W. */
export const limitSlots = (slots: readonly GridSlot[]): readonly ChartSlot[] =>
  slots.map(({ from, to, limitW }) => ({ from, to, ...(limitW !== undefined && { value: limitW }) }));

const hourS = 3_600;

/** What of a signal is drawn: from two hours ago to its end, at most 36 hours and at least one. */
export function spanOfSignal(slots: readonly ChartSlot[], now: number): Stretch {
  const first = slots[0]?.from ?? now;
  const last = slots.at(-1)?.to ?? now;
  const from = Math.max(first, now - (now % hourS) - 2 * hourS);
  const isPast = from >= last;
  const begin = isPast ? Math.max(first, last - 24 * hourS) : from;
  return { from: begin, to: Math.min(Math.max(last, begin + hourS), begin + 36 * hourS) };
}

/**
 * What was stated of a grid with a slot put over it: what it covers gives way, what is over by `now` is left out. In
 * order and without overlaps, as the provider asks for.
 */
export function withSlot(slots: readonly GridSlot[], stated: GridSlot, now: number): readonly GridSlot[] {
  const kept = slots.flatMap((slot): GridSlot[] => {
    const before = { ...slot, to: Math.min(slot.to, stated.from) };
    const after = { ...slot, from: Math.max(slot.from, stated.to) };
    return [before, after].filter(({ from, to }) => from < to && to > now);
  });
  return [...kept, stated].toSorted((a, b) => a.from - b.from);
}
