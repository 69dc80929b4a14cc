/**
 * Wall-clock time at a place: days from 1970-01-01, day 1 Monday … 7 Sunday, and seconds after local
 * midnight.
 */
export interface LocalTime {
  readonly day: number;
  readonly dayOfWeek: number;
  readonly secondOfDay: number;
  /** The instant up to which the clock here runs on without a jump, as far as was looked ahead. */
  readonly steadyUntil: number;
}

const DAY_S = 86_400;
/** Offsets are looked up once per zone and stretch of three days, and the answers are kept. */
const STRETCH_S = 3 * DAY_S;
const KEPT_STRETCHES = 20_000;

interface Stretch {
  readonly offsetS: number;
  readonly until: number;
  readonly next: Stretch | undefined;
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();
const stretches = new Map<string, Map<number, Stretch>>();
let keptStretches = 0;

/** Whether the runtime's time zone data knows this IANA name. */
export function isTimeZone(name: string): boolean {
  return formatOf(name) !== undefined;
}

/** Wall-clock time of an instant (epoch seconds) in a known zone; throws RangeError on any other. */
export function localTime(timeZone: string, at: number): LocalTime {
  let stretch = stretchOf(timeZone, Math.floor(at / STRETCH_S));
  while (at >= stretch.until) stretch = stretch.next as Stretch;
  const local = at + stretch.offsetS;
  const day = Math.floor(local / DAY_S);
  // 1970-01-01 was a Thursday.
  return {
    day,
    dayOfWeek: ((((day + 3) % 7) + 7) % 7) + 1,
    secondOfDay: local - day * DAY_S,
    steadyUntil: stretch.until,
  };
}

function stretchOf(timeZone: string, index: number): Stretch {
  let ofZone = stretches.get(timeZone);
  const known = ofZone?.get(index);
  if (known !== undefined) return known;
  if (keptStretches >= KEPT_STRETCHES) {
    stretches.clear();
    keptStretches = 0;
    ofZone = undefined;
  }
  if (ofZone === undefined) {
    ofZone = new Map();
    stretches.set(timeZone, ofZone);
  }
  const found = findStretch(timeZone, index * STRETCH_S, (index + 1) * STRETCH_S);
  ofZone.set(index, found);
  keptStretches += 1;
  return found;
}

/** The offset from `from` on, and a further stretch if clocks jump before `to` (at most once in it). */
function findStretch(timeZone: string, from: number, to: number): Stretch {
  const offsetS = offsetAt(timeZone, from);
  const after = offsetAt(timeZone, to - 1);
  if (offsetS === after) return { offsetS, until: to, next: undefined };
  let [before, jumped] = [from, to - 1];
  while (jumped - before > 1) {
    const middle = Math.floor((before + jumped) / 2);
    if (offsetAt(timeZone, middle) === offsetS) before = middle;
    else jumped = middle;
  }
  return { offsetS, until: jumped, next: { offsetS: after, until: to, next: undefined } };
}

/** Local time minus UTC in seconds, as Intl tells it. */
function offsetAt(timeZone: string, at: number): number {
  const format = formatOf(timeZone);
  if (format === undefined) throw new RangeError(`unknown time zone ${timeZone}`);
  const parts = new Map(format.formatToParts(at * 1000).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) as number;
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local / 1000 - at;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(timeZone)) return formats.get(timeZone);
  if (formats.size >= 1_000) formats.clear();
  const format = openFormat(timeZone);
  formats.set(timeZone, format);
  return format;
}

function openFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
