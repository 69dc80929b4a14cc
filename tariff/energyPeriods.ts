import { type ActiveComponent, type ActivePeriod, activePeriods } from './activePeriods.ts';
import { type EnergyPrices, energyPriceAt } from './EnergyPrices.ts';
import type { Tariff } from './Tariff.ts';

/**
 * The periods of a tariff over a span of time, as `activePeriods` gives them, where energy prices by
 * quarter-hour take the place of the price of the ENERGY component in force: its tax, step size and
 * restrictions stay. A period ends where the price changes; the same component at the same price is the
 * same object in all periods. Without prices they are the tariff's own.
 */
export function energyPeriods(
  tariff: Tariff,
  timeZone: string,
  from: number,
  to: number,
  prices: EnergyPrices | undefined,
): readonly ActivePeriod[] {
  const periods = activePeriods(tariff, timeZone, from, to);
  if (prices === undefined) return periods;
  const priced = new Map<ActiveComponent, Map<number, ActiveComponent>>();
  return periods.flatMap((period) => {
    const own = period.ENERGY;
    if (own === undefined) return [period];
    const cut: ActivePeriod[] = [];
    let at = period.from;
    do {
      const { priceMicro, until } = energyPriceAt(prices, at);
      const end = Math.min(until, period.to);
      cut.push({ ...period, ENERGY: atPrice(own, priceMicro, priced), from: at, to: end });
      at = end;
    } while (at < period.to);
    return cut;
  });
}

function atPrice(
  active: ActiveComponent,
  priceMicro: number,
  priced: Map<ActiveComponent, Map<number, ActiveComponent>>,
): ActiveComponent {
  const ofActive = priced.get(active) ?? new Map<number, ActiveComponent>();
  priced.set(active, ofActive);
  const known = ofActive.get(priceMicro);
  if (known !== undefined) return known;
  const made = { ...active, component: { ...active.component, priceMicro } };
  ofActive.set(priceMicro, made);
  return made;
}
