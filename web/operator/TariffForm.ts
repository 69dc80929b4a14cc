import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import {
  type PriceComponentType,
  parseTariff,
  printTariff,
  type Tariff,
  type TariffElement,
  type TariffRefusal,
  type TariffRestrictions,
} from '@p2p-power/tariff/Tariff';
import { withFreeTime } from '@p2p-power/tariff/withFreeTime';
import { withVatMicro } from '@p2p-power/tariff/withVat';
import { isDeepEqual } from './isDeepEqual.ts';

/** A number that is being typed; null where what stands there is none. */
export type Typed = number | null;

/**
 * One price and when it holds: per kWh, per hour or per session, micro-units before tax. Without days it holds on all of
 * them, without times all day, without `afterS` from the start of the session.
 */
export interface PriceRow {
  readonly priceMicro: Typed;
  /** Wh, or seconds, in which it is counted; of no meaning per session. */
  readonly stepSize: number;
  /** 1 Monday … 7 Sunday, ascending. */
  readonly days: readonly number[];
  readonly startMinute?: number;
  readonly endMinute?: number;
  readonly afterS?: Typed;
}

/** In the order of the price display; the same dimension's rows go before one another as they stand. */
export const priceTypes = ['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT'] as const satisfies PriceComponentType[];

/**
 * A tariff as it is typed in. All amounts are before tax, and one rate holds for all; limits name what they are after
 * tax as well when the tariff is made.
 */
export interface TariffForm {
  readonly countryCode: string;
  readonly partyId: string;
  readonly id: string;
  readonly currency: string;
  /** Hundredths of a percent; undefined where no VAT applies. */
  readonly vatBp: Typed | undefined;
  readonly rows: Readonly<Record<PriceComponentType, readonly PriceRow[]>>;
  readonly leastMicro?: Typed;
  readonly mostMicro?: Typed;
  /** Guests charge free for so long; then there is no least price. */
  readonly freeS?: Typed;
}

/** Of which words a tariff speaks that the form has none for. */
export const beyondForm = [
  'taxes',
  'dates',
  'texts',
  'vat-rates',
  'limits',
  'reservation',
  'energy-tiers',
  'power-tiers',
  'durations',
] as const;
export type BeyondForm = (typeof beyondForm)[number];

/** A new price: at all times, not yet typed. */
export function newRow(type: PriceComponentType): PriceRow {
  return { priceMicro: null, stepSize: type === 'TIME' || type === 'PARKING_TIME' ? 60 : 1, days: [] };
}

/** The form for a point that has no tariff yet. */
export function emptyForm(ids: Pick<TariffForm, 'countryCode' | 'partyId' | 'id' | 'currency'>): TariffForm {
  return {
    ...ids,
    vatBp: 1_900,
    rows: { ENERGY: [newRow('ENERGY')], TIME: [], PARKING_TIME: [], FLAT: [] },
  };
}

/**
 * The tariff that a form says, last changed at `now` (epoch s): `number-missing` where a number is not one, else what
 * the tariff itself is refused for.
 */
export function tariffOf(form: TariffForm, now: number): Result<Tariff, TariffRefusal | 'number-missing'> {
  const { vatBp, rows, leastMicro, mostMicro, freeS } = form;
  const all = priceTypes.flatMap((type) => rows[type]);
  const numbers = [
    vatBp,
    leastMicro,
    mostMicro,
    freeS,
    ...all.flatMap((row) => [row.priceMicro, row.afterS]),
  ];
  if (numbers.includes(null)) return refuse('number-missing', 'a number is missing or is none');
  const limitOf = (exclVatMicro: number) => ({
    exclVatMicro,
    inclVatMicro: withVatMicro(exclVatMicro, vatBp ?? 0),
  });
  const plain: Tariff = {
    countryCode: form.countryCode,
    partyId: form.partyId,
    id: form.id,
    currency: form.currency,
    ...(typeof leastMicro === 'number' && freeS === undefined && { minPrice: limitOf(leastMicro) }),
    ...(typeof mostMicro === 'number' && { maxPrice: limitOf(mostMicro) }),
    elements: elementsOf(form),
    lastUpdatedAt: now,
  };
  const made = typeof freeS === 'number' ? withFreeTime(plain, freeS) : accept(plain);
  // The reader of tariffs has the last word, so that nothing is shown that would be refused later.
  return made.ok ? parseTariff(printTariff(made.value)) : made;
}

/** Rows of the same times share an element, as long as rows of one dimension keep their order. */
function elementsOf({ rows, vatBp }: TariffForm): readonly TariffElement[] {
  const elements: TariffElement[] = [];
  for (const type of priceTypes) {
    let next = 0;
    for (const row of rows[type]) {
      const restrictions = restrictionsOf(row);
      const component = {
        type,
        priceMicro: row.priceMicro ?? 0,
        ...(typeof vatBp === 'number' && { vatBp }),
        stepSize: type === 'FLAT' ? 1 : row.stepSize,
      };
      const at = elements.findIndex(
        (element, index) => index >= next && isDeepEqual(element.restrictions, restrictions),
      );
      const shared = elements[at];
      if (shared === undefined)
        elements.push({ priceComponents: [component], ...(restrictions && { restrictions }) });
      else elements[at] = { ...shared, priceComponents: [...shared.priceComponents, component] };
      next = shared === undefined ? elements.length : at + 1;
    }
  }
  return elements;
}

function restrictionsOf({ days, startMinute, endMinute, afterS }: PriceRow): TariffRestrictions | undefined {
  const restrictions = {
    ...(startMinute !== undefined && { startMinute }),
    ...(endMinute !== undefined && { endMinute }),
    ...(days.length > 0 && { daysOfWeek: days }),
    ...(typeof afterS === 'number' && { minDurationS: afterS }),
  };
  return Object.keys(restrictions).length === 0 ? undefined : restrictions;
}

/** A tariff as a form that says the same, or what it has that the form cannot say. */
export function formOf(tariff: Tariff): Result<TariffForm, BeyondForm> {
  const plain = plainForm(tariff);
  return plain.ok ? plain : (freeTimeForm(tariff) ?? plain);
}

function plainForm(tariff: Tariff): Result<TariffForm, BeyondForm> {
  const { countryCode, partyId, id, currency, elements, minPrice, maxPrice } = tariff;
  const beyond = beyondOf(tariff);
  if (beyond !== undefined) return refuse(beyond, beyond);
  const vatBp = elements[0]?.priceComponents[0]?.vatBp;
  const rows: Record<PriceComponentType, PriceRow[]> = { ENERGY: [], TIME: [], PARKING_TIME: [], FLAT: [] };
  for (const { priceComponents, restrictions = {} } of elements)
    for (const { type, priceMicro, stepSize } of priceComponents)
      rows[type].push({
        priceMicro,
        stepSize: type === 'FLAT' ? 1 : stepSize,
        days: restrictions.daysOfWeek ?? [],
        ...(restrictions.startMinute !== undefined && { startMinute: restrictions.startMinute }),
        ...(restrictions.endMinute !== undefined && { endMinute: restrictions.endMinute }),
        ...(restrictions.minDurationS !== undefined && { afterS: restrictions.minDurationS }),
      });
  return accept({
    countryCode,
    partyId,
    id,
    currency,
    vatBp,
    rows,
    ...(minPrice && { leastMicro: minPrice.exclVatMicro }),
    ...(maxPrice && { mostMicro: maxPrice.exclVatMicro }),
  });
}

function beyondOf(tariff: Tariff): BeyondForm | undefined {
  const { elements, minPrice, maxPrice } = tariff;
  if (tariff.taxes !== undefined) return 'taxes';
  if (tariff.startsAt !== undefined || tariff.endsAt !== undefined) return 'dates';
  if (tariff.altText !== undefined || tariff.altUrl !== undefined || tariff.type !== undefined)
    return 'texts';
  const rates = new Set(elements.flatMap(({ priceComponents }) => priceComponents.map(({ vatBp }) => vatBp)));
  if (rates.size > 1) return 'vat-rates';
  const [vatBp] = rates;
  const isOther = [minPrice, maxPrice].some(
    (limit) =>
      limit?.inclVatMicro !== undefined &&
      limit.inclVatMicro !== withVatMicro(limit.exclVatMicro, vatBp ?? 0),
  );
  if (isOther) return 'limits';
  for (const { restrictions = {} } of elements) {
    const { minEnergyWh, maxEnergyWh, minPowerW, maxPowerW, minCurrentMa, maxCurrentMa } = restrictions;
    const has = (...bounds: readonly (number | undefined)[]) => bounds.some((bound) => bound !== undefined);
    if (restrictions.reservation !== undefined) return 'reservation';
    if (has(restrictions.startDay, restrictions.endDay)) return 'dates';
    if (has(minEnergyWh, maxEnergyWh)) return 'energy-tiers';
    if (has(minPowerW, maxPowerW, minCurrentMa, maxCurrentMa)) return 'power-tiers';
    if (has(restrictions.maxDurationS)) return 'durations';
  }
  return undefined;
}

/** The form with guests' free time that makes this very tariff, if there is one. */
function freeTimeForm(tariff: Tariff): Result<TariffForm, BeyondForm> | undefined {
  const [free, ...elements] = tariff.elements;
  const freeS = free?.restrictions?.maxDurationS;
  if (freeS === undefined || elements.length === 0) return undefined;
  const later = elements.map((element): TariffElement => {
    const { minDurationS, ...others } = element.restrictions ?? {};
    const isFee = element.priceComponents.every(({ type }) => type === 'FLAT');
    if (!isFee || minDurationS !== freeS) return element;
    const { priceComponents } = element;
    return Object.keys(others).length === 0 ? { priceComponents } : { priceComponents, restrictions: others };
  });
  const form = plainForm({ ...tariff, elements: later });
  if (!form.ok) return undefined;
  const made = tariffOf({ ...form.value, freeS }, tariff.lastUpdatedAt);
  return made.ok && isDeepEqual(pricesOf(made.value), pricesOf(tariff))
    ? accept({ ...form.value, freeS })
    : undefined;
}

/**
 * The prices of each dimension in their order, which is all that the order of elements says: "the first element that
 * matches" is sought for each dimension by itself (OCPI 2.2.1 mod_tariffs, TariffElement).
 */
const pricesOf = ({ elements }: Tariff) =>
  priceTypes.map((type) =>
    elements.flatMap(({ priceComponents, restrictions }) =>
      priceComponents
        .filter((component) => component.type === type)
        .map((component) => ({ component, restrictions })),
    ),
  );
