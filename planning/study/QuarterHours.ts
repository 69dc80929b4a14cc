import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';

/** A whole number for each quarter-hour on end: value i holds in [firstAt + 900 i, + 900); `firstAt` is a multiple of 900 (epoch seconds). */
export interface QuarterHours {
  readonly firstAt: number;
  readonly values: readonly number[];
}

/** Seconds of a quarter-hour. */
export const QUARTER_S = 900;

/** The instant at which a series ends. */
export function endOf({ firstAt, values }: QuarterHours): number {
  return firstAt + values.length * QUARTER_S;
}

/** The value in force at an instant; throws RangeError where the series does not reach. */
export function valueAt({ firstAt, values }: QuarterHours, at: number): number {
  const value = values[Math.floor((at - firstAt) / QUARTER_S)];
  if (value === undefined) throw new RangeError(`the series holds nothing for ${at}`);
  return value;
}

/** Prices per kWh as slots from an instant to another, neighbours of one price in one; only what the series covers. */
export function priceSlots(series: QuarterHours, from: number, to: number): readonly PriceSlot[] {
  const slots: { from: number; to: number; priceMicroPerKwh: number }[] = [];
  const until = Math.min(to, endOf(series));
  let at = Math.max(from, series.firstAt);
  while (at < until) {
    const next = Math.min(until, (Math.floor(at / QUARTER_S) + 1) * QUARTER_S);
    const priceMicroPerKwh = valueAt(series, at);
    const last = slots.at(-1);
    if (last?.priceMicroPerKwh === priceMicroPerKwh) last.to = next;
    else slots.push({ from: at, to: next, priceMicroPerKwh });
    at = next;
  }
  return slots;
}
