import { wallTime } from './localClock.ts';
import { QUARTER_S, type QuarterHours } from './QuarterHours.ts';

/** Prices at one time of day over all days, micro-units per kWh: their mean, and what a tenth lies below and above. */
export interface PriceShape {
  readonly meanMicro: number;
  readonly lowMicro: number;
  readonly highMicro: number;
}

/** The shape of the prices' day, by quarter-hour of local time: 96 of them. */
export function priceShape({ firstAt, values }: QuarterHours, timeZone: string): readonly PriceShape[] {
  const atTime = Array.from({ length: 96 }, (): number[] => []);
  for (const [index, value] of values.entries()) {
    const wallS = wallTime(timeZone, firstAt + index * QUARTER_S);
    atTime[Math.floor((((wallS % 86_400) + 86_400) % 86_400) / QUARTER_S)]!.push(value);
  }
  return atTime.map((all) => {
    const sorted = all.toSorted((a, b) => a - b);
    const part = (tenths: number) => sorted[Math.floor(((sorted.length - 1) * tenths) / 10)] ?? 0;
    const sum = sorted.reduce((total, value) => total + value, 0);
    return {
      meanMicro: Math.round(sum / Math.max(1, sorted.length)),
      lowMicro: part(1),
      highMicro: part(9),
    };
  });
}
