import { instantOf } from '@p2p-power/planning/study/localClock';

/**
 * A decimal number, with point or comma, as a whole number of its `decimals`-th part: `12,5` with 3 is 12,500.
 * Further decimals are rounded half away from zero. Undefined where it is none, or beyond exact integers.
 */
export function readDecimal(text: string, decimals: number): number | undefined {
  const match = /^([+-]?)(\d{1,12})(?:[.,](\d{1,18}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const padded = `${fraction.padEnd(decimals, '0')}`;
  const roundUp = (padded[decimals] ?? '0') >= '5' ? 1 : 0;
  const size = Number(`${whole}${padded.slice(0, decimals)}`) + roundUp;
  if (!Number.isSafeInteger(size)) return undefined;
  return sign === '-' && size > 0 ? -size : size;
}

/**
 * A wall-clock time as the seconds at which UTC would show it: `21.12.2018 10:20`, `2018-12-21 10:20`, with or
 * without seconds, with `T` between. Undefined where there is no such time.
 */
export function readWallTime(text: string): number | undefined {
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (german !== null) {
    const [, day, month, year, ...clock] = german;
    return wallSeconds(year, month, day, clock);
  }
  const iso = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?$/.exec(text);
  if (iso === null) return undefined;
  const [, year, month, day, ...clock] = iso;
  return wallSeconds(year, month, day, clock);
}

/** An instant (epoch seconds): a time with `Z` or an offset such as `+01:00`; undefined where it is none. */
export function readInstant(text: string): number | undefined {
  const match = /^(.*\d)(Z|([+-])(\d{2}):?(\d{2}))$/.exec(text.trim());
  const wallS = match === null ? undefined : readWallTime(match[1] as string);
  if (match === null || wallS === undefined) return undefined;
  const [, , zone, sign, hours, minutes] = match;
  if (zone === 'Z') return wallS;
  const aheadS = Number(hours) * 3_600 + Number(minutes) * 60;
  return sign === '-' ? wallS + aheadS : wallS - aheadS;
}

/** An instant, or a wall-clock time of the zone; undefined where it is neither. */
export function readTime(text: string, timeZone: string): number | undefined {
  const wallS = readWallTime(text.trim());
  return wallS === undefined ? readInstant(text) : instantOf(timeZone, wallS);
}

function wallSeconds(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  [hour, minute, second = '0']: readonly (string | undefined)[],
): number | undefined {
  const parts = [year, month, day, hour, minute, second].map(Number) as [number, ...number[]];
  const [y, m = 0, d = 0, h = 0, min = 0, s = 0] = parts;
  const ms = Date.UTC(y, m - 1, d, h, min, s);
  const back = new Date(ms);
  const isReal =
    y >= 1970 && back.getUTCMonth() === m - 1 && back.getUTCDate() === d && h < 24 && min < 60 && s < 60;
  return isReal ? ms / 1_000 : undefined;
}
