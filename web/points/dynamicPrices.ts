import { type EnergyPrices, QUARTER_HOUR_S } from '@p2p-power/tariff/EnergyPrices';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { withVatMicro } from '@p2p-power/tariff/withVat';
import type { ChartSlot, Stretch } from '../design/chartScale.ts';

/** Hours that a point's picture shows at most. */
const mostHours = 24;

/** From the quarter-hour of now to the end of the known prices, a day at most, an hour at least. */
export function spanAhead({ firstAt, pricesMicro }: EnergyPrices, now: number): Stretch {
  const from = now - (now % QUARTER_HOUR_S);
  const knownTo = firstAt + pricesMicro.length * QUARTER_HOUR_S;
  return { from, to: Math.min(Math.max(knownTo, from + 3_600), from + mostHours * 3_600) };
}

/** The highest price per kWh with tax: of the rates that the tariff names for energy, the highest. */
export function displayedCapMicro(tariff: Tariff, capMicro: number): number {
  const rates = tariff.elements
    .flatMap(({ priceComponents }) => priceComponents)
    .filter(({ type }) => type === 'ENERGY')
    .map(({ vatBp }) => vatBp ?? 0);
  return withVatMicro(capMicro, Math.max(0, ...rates));
}

type Valued = Required<ChartSlot>;

/** The cheapest and the dearest of slots, the first of each; undefined where all cost the same. */
export function extremesOf(
  slots: readonly ChartSlot[],
): { readonly low: Valued; readonly high: Valued } | undefined {
  const valued = slots.filter((slot): slot is Valued => slot.value !== undefined);
  const [first] = valued;
  if (first === undefined) return undefined;
  let low = first;
  let high = first;
  for (const slot of valued) {
    if (slot.value < low.value) low = slot;
    if (slot.value > high.value) high = slot;
  }
  return low.value === high.value ? undefined : { low, high };
}

/** Quarter-hours from now on for a tiny picture in a list, at most so many hours. */
export function hoursAhead(
  { firstAt, pricesMicro }: EnergyPrices,
  now: number,
  hours: number,
): readonly number[] {
  const skipped = Math.max(0, Math.floor((now - firstAt) / QUARTER_HOUR_S));
  return pricesMicro.slice(skipped, skipped + hours * 4);
}
