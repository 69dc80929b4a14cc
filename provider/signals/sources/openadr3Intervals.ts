import { isRecord } from '@p2p-power/protocol/SignedObject';
import { recordsOf } from '../askSource.ts';
import { isoDuration } from '../isoDuration.ts';
import { fault } from '../quarterHours.ts';
import type { SourceAnswer } from '../SignalFault.ts';
import { quarterS, type Span } from '../SignalSeries.ts';

export type OpenAdrVersion = '3.0' | '3.1';

/** One payload of an event over its time, epoch seconds. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Payload type, e.g. `PRICE`. */
  readonly type: string;
  readonly value: unknown;
  /** Of two the lower counts. */
  readonly priority: number;
  readonly units: string | undefined;
  readonly currency: string | undefined;
}

/** What no event of a program may come near. */
const maxPieces = 20_000;

/**
 * The payloads of an event with their times, as far as they touch the span. Intervals follow one another from the
 * event's start, each as long as the event says, unless one has a period of its own. A start in the year 0 or 1 is
 * "now": since the quarter-hour in which the event was last changed. In 3.1 the event's own duration cuts its intervals off or repeats them, and
 * several values share their interval; in 3.0 a duration of `PT0S` is without end.
 */
export function readPieces(
  event: Readonly<Record<string, unknown>>,
  program: Readonly<Record<string, unknown>>,
  version: OpenAdrVersion,
  span: Span,
  now: number,
): SourceAnswer<readonly Piece[]> {
  const intervals = recordsOf(event.intervals);
  if (intervals === undefined) return fault('unexpected-form', 'intervals is no list of objects');
  const priority = typeof event.priority === 'number' ? event.priority : Number.MAX_SAFE_INTEGER;
  const changed = readTime(event.modificationDateTime) ?? readTime(event.createdDateTime) ?? now;
  const changedAt = changed - (changed % quarterS);
  const descriptors = [
    ...(recordsOf(event.payloadDescriptors) ?? []),
    ...(recordsOf(program.payloadDescriptors) ?? []),
  ];
  const pieces: Piece[] = [];
  const standard = isRecord(event.intervalPeriod) ? event.intervalPeriod : {};
  let cursor = startOf(standard.start, changedAt);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const interval of intervals) {
    const own = isRecord(interval.intervalPeriod) ? interval.intervalPeriod : {};
    const from = own.start === undefined ? cursor : startOf(own.start, changedAt);
    const lasts = lengthOf(own.duration ?? standard.duration, version);
    const payloads = recordsOf(interval.payloads);
    if (from === undefined || lasts === undefined || payloads === undefined)
      return fault(
        'unexpected-form',
        `interval ${String(interval.id).slice(0, 20)} has no time, or no payloads`,
      );
    const to = from + lasts;
    cursor = Number.isFinite(to) ? to : undefined;
    first = Math.min(first, from);
    last = Math.max(last, to);
    for (const { type, values } of payloads) {
      if (typeof type !== 'string' || !Array.isArray(values))
        return fault('unexpected-form', 'a payload has no type or values');
      const descriptor = descriptors.find((one) => one.payloadType === type);
      const base = {
        type,
        priority,
        units: textOf(descriptor?.units),
        currency: textOf(descriptor?.currency),
      };
      const parts = values as unknown[];
      if (parts.length === 1 || !Number.isFinite(lasts)) {
        pieces.push({ from, to, value: parts[0], ...base });
      } else if (parts.length > 1 && version === '3.0') {
        return fault('unexpected-form', `${type.slice(0, 40)} has several values`);
      } else
        for (const [index, value] of parts.entries())
          pieces.push({
            from: from + (lasts / parts.length) * index,
            to: from + (lasts / parts.length) * (index + 1),
            value,
            ...base,
          });
    }
    if (pieces.length > maxPieces) return fault('answer-too-large', `more than ${maxPieces} payloads`);
  }
  const whole = version === '3.1' ? isoDuration(event.duration) : undefined;
  const placed =
    whole === undefined ? pieces : repeated(pieces, { from: first, to: last }, first + whole, span);
  return { ok: true, value: placed.filter(({ from, to }) => from < span.to && to > span.from) };
}

/** The pieces again and again until `until`, as far as the span reaches; or cut off there. */
function repeated(pieces: readonly Piece[], { from, to }: Span, until: number, span: Span): readonly Piece[] {
  const lengthS = to - from;
  const end = Math.min(until, span.to);
  if (!Number.isFinite(lengthS) || lengthS <= 0)
    return pieces
      .map((piece) => ({ ...piece, to: Math.min(piece.to, until) }))
      .filter((one) => one.from < one.to);
  const placed: Piece[] = [];
  const firstRound = Math.max(0, Math.floor((span.from - from) / lengthS));
  for (let round = firstRound; from + round * lengthS < end; round++)
    for (const piece of pieces) {
      const shifted = {
        ...piece,
        from: piece.from + round * lengthS,
        to: Math.min(piece.to + round * lengthS, until),
      };
      if (shifted.from < shifted.to && placed.length < maxPieces) placed.push(shifted);
    }
  return placed;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Epoch seconds; a start in the year 0 or 1 is when the event was changed. */
function startOf(value: unknown, changedAt: number): number | undefined {
  return typeof value === 'string' && /^000[01]-/.test(value) ? changedAt : readTime(value);
}

function readTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

function lengthOf(value: unknown, version: OpenAdrVersion): number | undefined {
  const lasts = isoDuration(value);
  return lasts === 0 && version === '3.0' ? Number.POSITIVE_INFINITY : lasts;
}
