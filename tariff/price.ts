import { checkSession } from './checkSession.ts';
import { type Consumption, consume } from './consume.ts';
import type { EnergyPrices } from './EnergyPrices.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import { AMOUNT_SCALE, amountOf, limited, type PriceTotals, sumUp, unlimited } from './sumPrice.ts';
import type { PriceComponentType, PricedSession, Tariff, TariffRestrictions } from './Tariff.ts';

/**
 * One stretch of one component, for people. `from` and `to` are epoch seconds; `quantity` is what is
 * billed, in Wh or s, 1 for FLAT; `addedQuantity` is how much of it only fills the last step of
 * `stepSize`; `restrictions` are those of the component's element, under which it was in force;
 * `amountMicro` is the exact amount rounded. Lines explain a price; its totals are never computed from
 * them.
 */
export interface PriceLine {
  readonly component: PriceComponentType;
  readonly elementIndex: number;
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
  readonly addedQuantity: number;
  readonly stepSize: number;
  readonly restrictions?: TariffRestrictions;
  readonly priceMicro: number;
  readonly vatBp: number;
  readonly amountMicro: number;
}

/** What a session costs. With `areLinesTaxed` prices and amounts of the lines have tax in them, else they are before it. */
export interface Price extends PriceTotals {
  readonly currency: string;
  readonly lines: readonly PriceLine[];
  readonly areLinesTaxed?: true;
}

/**
 * Prices a session by the published rounding rule (docs/rounding.md): exact amounts throughout; the
 * sum before tax rounded once, half away from zero, to the micro-unit; the tax of each rate once from
 * its exact sum; then the limits, before and after tax separately.
 *
 * Energy between two readings is divided linearly in time where a boundary falls between them. FLAT is
 * owed once, the first time an element with it is in force. A reservation before the session is priced
 * with it, by the elements for reservations. Where the session has energy prices by
 * quarter-hour, they take the place of the price of the ENERGY component in force, and each stretch of
 * one price has its line. Exported energy has no price here. The
 * tariff's own validity is not asked: the one in force at the start governs the session.
 * Throws RangeError on a session that `checkSession` refuses.
 *
 * @example
 * price(tariff, { timeZone: 'Europe/Berlin', readings }).inclVatMicro // 6100000 is 6.10 €
 */
export function price(tariff: Tariff, session: PricedSession): Price {
  const checked = checkSession(session);
  if (!checked.ok) throw new RangeError(`session cannot be priced: ${checked.refusal}: ${checked.detail}`);
  const consumption = consume(tariff, session);
  const sums = sumUp(consumption, tariff.taxes);
  return {
    currency: tariff.currency,
    lines: linesOf(consumption),
    ...(tariff.taxes === 'included' && { areLinesTaxed: true }),
    ...(session.reservation?.hasExpired ? unlimited(sums) : limited(sums, tariff)),
  };
}

/** A charge that was not made: `energyWh` at a steady `powerW` from `startAt`, then `parkingS` of parking. */
export interface AssumedCharge {
  readonly timeZone: string;
  readonly startAt: number;
  readonly energyWh: number;
  readonly powerW: number;
  readonly parkingS: number;
  readonly prices?: EnergyPrices;
}

/** The price of an assumed charge, for the map: what my charge will cost here. */
export function estimate(tariff: Tariff, charge: AssumedCharge): Price {
  const { timeZone, startAt, energyWh, powerW, parkingS, prices } = charge;
  const chargedAt = startAt + Math.ceil((energyWh * 3600) / powerW);
  return price(tariff, {
    timeZone,
    ...(prices && { prices }),
    readings: [
      { at: startAt, importWh: 0, exportWh: 0, state: 'charging', powerW: Math.round(powerW) },
      { at: chargedAt, importWh: energyWh, exportWh: 0, state: 'parking' },
      { at: chargedAt + parkingS, importWh: energyWh, exportWh: 0, state: 'parking' },
    ],
  });
}

/** Quantities are rounded so that those of one dimension add up to its rounded total. */
function linesOf({ stretches, denominator }: Consumption): readonly PriceLine[] {
  const soFar = new Map<PriceComponentType, bigint>();
  return stretches.map((stretch) => {
    const { component, elementIndex, restrictions } = stretch.active;
    const before = soFar.get(component.type) ?? 0n;
    const after = before + stretch.billed;
    soFar.set(component.type, after);
    const quantity = Number(roundedQuotient(after, denominator) - roundedQuotient(before, denominator));
    const added = Number(roundedQuotient(stretch.billed - stretch.measured, denominator));
    return {
      component: component.type,
      elementIndex,
      from: stretch.from,
      to: stretch.to,
      quantity,
      addedQuantity: added,
      stepSize: component.stepSize,
      ...(restrictions && { restrictions }),
      priceMicro: component.priceMicro,
      vatBp: component.vatBp ?? 0,
      amountMicro: Number(roundedQuotient(amountOf(stretch), AMOUNT_SCALE * denominator)),
    };
  });
}
