import { checkSession } from './checkSession.ts';
import { type Consumption, consume, type Stretch } from './consume.ts';
import type { EnergyPrices } from './EnergyPrices.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import type { PriceComponentType, PricedSession, PriceLimit, Tariff, TariffRestrictions } from './Tariff.ts';

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

/** What a session costs. `limit` says that the tariff's least or most price took effect. */
export interface Price {
  readonly currency: string;
  readonly lines: readonly PriceLine[];
  readonly limit?: 'min' | 'max';
  readonly exclVatMicro: number;
  readonly vatMicro: number;
  readonly inclVatMicro: number;
}

/** Amounts are summed over this times the denominator of the quantities: lcm(1000 Wh, 3600 s). */
const AMOUNT_SCALE = 18_000n;
const SCALE_OF: Readonly<Record<PriceComponentType, bigint>> = {
  ENERGY: AMOUNT_SCALE / 1000n,
  TIME: AMOUNT_SCALE / 3600n,
  PARKING_TIME: AMOUNT_SCALE / 3600n,
  FLAT: AMOUNT_SCALE,
};
const WHOLE_VAT_BP = 10_000n;

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
  const sums = sumUp(consumption);
  return {
    currency: tariff.currency,
    lines: linesOf(consumption),
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
      { at: startAt, importWh: 0, exportWh: 0, state: 'charging' },
      { at: chargedAt, importWh: energyWh, exportWh: 0, state: 'parking' },
      { at: chargedAt + parkingS, importWh: energyWh, exportWh: 0, state: 'parking' },
    ],
  });
}

/** The exact amounts of a session as numerators, and their rounded values in micro-units. */
interface Sums {
  readonly exact: bigint;
  readonly exactVat: bigint;
  readonly exclVat: bigint;
  readonly vat: bigint;
}

function sumUp({ stretches, denominator }: Consumption): Sums {
  const scale = AMOUNT_SCALE * denominator;
  const ofRate = new Map<number, bigint>();
  let exact = 0n;
  for (const stretch of stretches) {
    const amount = amountOf(stretch);
    const vatBp = stretch.active.component.vatBp ?? 0;
    exact += amount;
    ofRate.set(vatBp, (ofRate.get(vatBp) ?? 0n) + amount);
  }
  let exactVat = 0n;
  let vat = 0n;
  for (const [vatBp, amount] of ofRate) {
    exactVat += amount * BigInt(vatBp);
    vat += roundedQuotient(amount * BigInt(vatBp), scale * WHOLE_VAT_BP);
  }
  return { exact, exactVat, exclVat: roundedQuotient(exact, scale), vat };
}

function amountOf({ active: { component }, billed }: Stretch): bigint {
  return billed * BigInt(component.priceMicro) * SCALE_OF[component.type];
}

/** A reservation that expired was never a charging session: the limits do not bind it. */
function unlimited({ exclVat, vat }: Sums): Omit<Price, 'currency' | 'lines'> {
  return { exclVatMicro: Number(exclVat), vatMicro: Number(vat), inclVatMicro: Number(exclVat + vat) };
}

/**
 * Applies the least price, then the most. Before and after tax bind separately; a limit that does not
 * name its amount after tax keeps the session's own share of tax, or, where nothing was owed, the rate
 * of the tariff's first component.
 */
function limited(sums: Sums, tariff: Tariff): Omit<Price, 'currency' | 'lines'> {
  let exclVat = sums.exclVat;
  let inclVat = sums.exclVat + sums.vat;
  let limit: Price['limit'];
  const bind = (side: 'min' | 'max', { exclVatMicro, inclVatMicro }: PriceLimit): void => {
    const isBroken = (amount: bigint, bound: number) => (side === 'min' ? amount < bound : amount > bound);
    const bindsExcl = isBroken(exclVat, exclVatMicro);
    const bindsIncl = inclVatMicro === undefined ? bindsExcl : isBroken(inclVat, inclVatMicro);
    if (bindsExcl) exclVat = BigInt(exclVatMicro);
    if (bindsIncl)
      inclVat = inclVatMicro === undefined ? withTaxShare(exclVat, sums, tariff) : BigInt(inclVatMicro);
    if (bindsExcl || bindsIncl) limit = side;
  };
  if (tariff.minPrice !== undefined) bind('min', tariff.minPrice);
  if (tariff.maxPrice !== undefined) bind('max', tariff.maxPrice);
  // Only limits that `parseTariff` refuses can leave more before tax than after it.
  if (limit !== undefined && exclVat > inclVat) exclVat = inclVat;
  const amounts = {
    exclVatMicro: Number(exclVat),
    vatMicro: Number(inclVat - exclVat),
    inclVatMicro: Number(inclVat),
  };
  return limit === undefined ? amounts : { limit, ...amounts };
}

function withTaxShare(amount: bigint, { exact, exactVat }: Sums, tariff: Tariff): bigint {
  if (exact > 0n) return amount + roundedQuotient(amount * exactVat, exact * WHOLE_VAT_BP);
  const vatBp = tariff.elements[0]?.priceComponents[0]?.vatBp ?? 0;
  return amount + roundedQuotient(amount * BigInt(vatBp), WHOLE_VAT_BP);
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
