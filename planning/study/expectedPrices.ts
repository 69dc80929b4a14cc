import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';
import { instantOf, wallTime } from './localClock.ts';
import { endOf, QUARTER_S, type QuarterHours, valueAt } from './QuarterHours.ts';

const DAY_S = 86_400;
/** How many days back a price is looked for at the same time of day. */
const DAYS_BACK = 7;

/**
 * What to reckon with where no price is known yet: the mean of the prices at the same local time of the seven days
 * before, as far as they are known (before `known`) and held. Rounded half up. Empty where nothing is known to go by.
 */
export function expectedPrices(
  prices: QuarterHours,
  timeZone: string,
  known: number,
  to: number,
): readonly PriceSlot[] {
  const slots: PriceSlot[] = [];
  for (let from = known; from < to; from = Math.min(to, from + QUARTER_S)) {
    const wallS = wallTime(timeZone, from);
    // Further ahead than a day, the same days are looked at: none is known in between.
    const aheadDays = Math.floor((from - known) / DAY_S);
    const seen: number[] = [];
    for (let days = 1; days <= DAYS_BACK; days += 1) {
      const at = instantOf(timeZone, wallS - (aheadDays + days) * DAY_S);
      if (at >= prices.firstAt && at < Math.min(known, endOf(prices))) seen.push(valueAt(prices, at));
    }
    if (seen.length === 0) return slots;
    const priceMicroPerKwh = Math.round(seen.reduce((sum, price) => sum + price, 0) / seen.length);
    slots.push({ from, to: Math.min(to, from + QUARTER_S), priceMicroPerKwh });
  }
  return slots;
}
