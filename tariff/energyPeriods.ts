import { type ActivePeriod, type AssumedSession, activePeriods } from './activePeriods.ts';
import { type EnergyPrices, energyPriceAt } from './EnergyPrices.ts';
import type { Tariff } from './Tariff.ts';
import type { ActiveComponent } from './timetable.ts';

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
  assumed?: AssumedSession,
): readonly ActivePeriod[] {
  const periods = activePeriods(tariff, timeZone, from, to, assumed);
  if (prices === undefined) return periods;
  const atPrice = pricedComponents();
  return periods.flatMap((period) => {
    const own = period.ENERGY;
    if (own === undefined) return [period];
    return priceSpans(prices, period.from, period.to).map(
      (span): ActivePeriod => ({ ...period, ...span, ENERGY: atPrice(own, span.priceMicro) }),
    );
  });
}

/** The spans of equal price that a span of time falls into; an empty one has the one of its instant. */
export function priceSpans(
  prices: EnergyPrices,
  from: number,
  to: number,
): readonly { readonly from: number; readonly to: number; readonly priceMicro: number }[] {
  const spans: { from: number; to: number; priceMicro: number }[] = [];
  let at = from;
  do {
    const { priceMicro, until } = energyPriceAt(prices, at);
    const end = Math.min(until, to);
    spans.push({ from: at, to: end, priceMicro });
    at = end;
  } while (at < to);
  return spans;
}

/** Components at other prices than their own, one object for each component and price. */
export function pricedComponents(): (active: ActiveComponent, priceMicro: number) => ActiveComponent {
  const known = new Map<ActiveComponent, Map<number, ActiveComponent>>();
  return (active, priceMicro) => {
    const ofActive = known.get(active) ?? new Map<number, ActiveComponent>();
    known.set(active, ofActive);
    const found = ofActive.get(priceMicro);
    if (found !== undefined) return found;
    const made = { ...active, component: { ...active.component, priceMicro } };
    ofActive.set(priceMicro, made);
    return made;
  };
}
