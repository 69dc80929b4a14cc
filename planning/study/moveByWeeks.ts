import { instantOf, wallTime } from './localClock.ts';

const WEEK_S = 7 * 86_400;
/** The Gregorian year on average. */
const YEAR_S = 31_556_952;

/**
 * Where a time plugged in (epoch seconds) falls within a period of other years: moved by whole weeks of the local
 * calendar, so that weekday and time of day stay, to the weeks nearest in the season; of two equally near the nearer
 * in years. The length stays. Undefined where it does not fit into the period.
 */
export function moveByWeeks(
  { arrivedAt, leftAt }: { readonly arrivedAt: number; readonly leftAt: number },
  period: { readonly from: number; readonly to: number },
  timeZone: string,
): { readonly arrivedAt: number; readonly leftAt: number } | undefined {
  const wallS = wallTime(timeZone, arrivedAt);
  const lengthS = leftAt - arrivedAt;
  const first = Math.floor((period.from - arrivedAt) / WEEK_S) - 1;
  const last = Math.ceil((period.to - arrivedAt) / WEEK_S) + 1;
  let best: { arrivedAt: number; offS: number; farS: number } | undefined;
  for (let weeks = first; weeks <= last; weeks += 1) {
    const movedTo = instantOf(timeZone, wallS + weeks * WEEK_S);
    if (movedTo < period.from || movedTo + lengthS > period.to) continue;
    const farS = Math.abs(weeks * WEEK_S);
    const intoYearS = farS % YEAR_S;
    const offS = Math.min(intoYearS, YEAR_S - intoYearS);
    if (best === undefined || offS < best.offS || (offS === best.offS && farS < best.farS))
      best = { arrivedAt: movedTo, offS, farS };
  }
  return best && { arrivedAt: best.arrivedAt, leftAt: best.arrivedAt + lengthS };
}
