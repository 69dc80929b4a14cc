import type { EnergyPrices } from './EnergyPrices.ts';
import {
  type OcpiRestrictionsJson,
  printRestrictions,
  type RestrictionRefusal,
  readRestrictions,
} from './ocpiRestrictions.ts';
import type { Result } from './Result.ts';
import {
  dateTime,
  decimal,
  items,
  type JsonField,
  members,
  oneOf,
  printDateTime,
  readJson,
  refuseOthers,
  reportAt,
  text,
  whole,
} from './readJson.ts';

/** The dimensions of a price (OCPI 2.2.1 mod_tariffs, TariffDimensionType). */
export type PriceComponentType = 'ENERGY' | 'TIME' | 'PARKING_TIME' | 'FLAT';

/**
 * What one dimension costs, before tax unless the tariff says otherwise. `priceMicro` is per kWh (ENERGY), per hour (TIME, PARKING_TIME)
 * or per session (FLAT); `vatBp` is in hundredths of a percent, absent where no VAT applies; `stepSize`
 * is in Wh (ENERGY) or seconds (TIME, PARKING_TIME) and has no meaning for FLAT.
 */
export interface PriceComponent {
  readonly type: PriceComponentType;
  readonly priceMicro: number;
  readonly vatBp?: number;
  readonly stepSize: number;
}

/**
 * When an element applies, all of them at once (OCPI 2.2.1 mod_tariffs, TariffRestrictions). What begins
 * with `min` or `start` is inclusive, what begins with `max` or `end` exclusive.
 *
 * Times and days are in local time of the location: minutes count from midnight, 1440 is the end of the
 * day, an end before the start wraps around midnight; days of the week are 1 Monday … 7 Sunday;
 * `startDay` and `endDay` count days from 1970-01-01. Energy is what the session consumed so far;
 * power and current (mA, the sum of all phases) are those of the moment; the duration is the session's
 * so far. With `reservation` the element prices a reservation and not the session.
 */
export interface TariffRestrictions {
  readonly startMinute?: number;
  readonly endMinute?: number;
  readonly daysOfWeek?: readonly number[];
  readonly startDay?: number;
  readonly endDay?: number;
  readonly minEnergyWh?: number;
  readonly maxEnergyWh?: number;
  readonly minCurrentMa?: number;
  readonly maxCurrentMa?: number;
  readonly minPowerW?: number;
  readonly maxPowerW?: number;
  readonly minDurationS?: number;
  readonly maxDurationS?: number;
  readonly reservation?: ReservationRestriction;
}

/** Whether an element prices every reservation, or one that expired before a session began. */
export type ReservationRestriction = 'RESERVATION' | 'RESERVATION_EXPIRES';

/** Price components that apply under the same restrictions. */
export interface TariffElement {
  readonly priceComponents: readonly PriceComponent[];
  readonly restrictions?: TariffRestrictions;
}

/** A least or most amount for a whole session; before and after tax bind separately. */
export interface PriceLimit {
  readonly exclVatMicro: number;
  readonly inclVatMicro?: number;
}

/** For which kind of session a tariff is meant (OCPI 2.2.1 TariffType); absent means all. */
export type TariffType = 'AD_HOC_PAYMENT' | 'PROFILE_CHEAP' | 'PROFILE_FAST' | 'PROFILE_GREEN' | 'REGULAR';

/**
 * A tariff: elements in order of precedence. Times are epoch seconds, `endsAt` is exclusive. Prices are
 * before tax, unless `taxes` says that they have it in them or that none applies (OCPI 2.3.0 mod_tariffs,
 * TaxIncluded); limits name both in any case.
 */
export interface Tariff {
  readonly countryCode: string;
  readonly partyId: string;
  readonly id: string;
  readonly currency: string;
  readonly taxes?: 'included' | 'none';
  readonly type?: TariffType;
  readonly minPrice?: PriceLimit;
  readonly maxPrice?: PriceLimit;
  readonly elements: readonly TariffElement[];
  readonly startsAt?: number;
  readonly endsAt?: number;
  readonly altText?: readonly { readonly language: string; readonly text: string }[];
  readonly altUrl?: string;
  readonly lastUpdatedAt: number;
}

/** Whether the car draws (or could draw) power, or only stands at the point. */
export type SessionState = 'charging' | 'parking';

/** The meter's registers at an instant, and the state from here to the next reading. */
export interface SessionReading {
  readonly at: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly state: SessionState;
}

/**
 * A reading with the power and the current (mA, the sum of all phases) up to the next, where a record says
 * them, as another party's CDR may; otherwise they follow from the registers (docs/tariffs.md).
 */
export interface RecordedReading extends SessionReading {
  readonly powerW?: number;
  readonly currentMa?: number;
}

/** How long a point was kept for a driver, epoch seconds; `hasExpired` where no session followed. */
export interface Reservation {
  readonly from: number;
  readonly to: number;
  readonly hasExpired: boolean;
}

/**
 * A session as it is priced: readings at the start, at each quarter-hour boundary, at each change of
 * state and at the end. `timeZone` is the IANA name of the location's zone. `prices` are there where the
 * point promised prices by quarter-hour: they take the place of the ENERGY component's own.
 *
 * `energy` says what the ENERGY dimension counts: what was imported (if absent), or, where a contract prices
 * discharging too, import less export, which may be negative (OCPI 2.2.1 mod_cdrs, CdrDimensionType).
 * `reservation` is what came before; of one that expired there are no readings.
 */
export interface PricedSession {
  readonly timeZone: string;
  readonly prices?: EnergyPrices;
  readonly energy?: 'import' | 'net';
  readonly reservation?: Reservation;
  readonly readings: readonly RecordedReading[];
}

/** A tariff as OCPI 2.2.1 JSON (mod_tariffs, Tariff object), without its energy mix. */
export interface OcpiTariffJson {
  readonly country_code: string;
  readonly party_id: string;
  readonly id: string;
  readonly currency: string;
  readonly type?: TariffType;
  readonly tariff_alt_text?: readonly { readonly language: string; readonly text: string }[];
  readonly tariff_alt_url?: string;
  readonly min_price?: OcpiPriceJson;
  readonly max_price?: OcpiPriceJson;
  readonly elements: readonly OcpiTariffElementJson[];
  readonly start_date_time?: string;
  readonly end_date_time?: string;
  readonly last_updated: string;
}

export interface OcpiPriceJson {
  readonly excl_vat: number;
  readonly incl_vat?: number;
}

export interface OcpiTariffElementJson {
  readonly price_components: readonly {
    readonly type: PriceComponentType;
    readonly price: number;
    readonly vat?: number;
    readonly step_size: number;
  }[];
  readonly restrictions?: OcpiRestrictionsJson;
}

/**
 * Why a tariff is refused: the first thing wrong in the order of the fields below. Besides what any
 * JSON can be refused for:
 * - `unknown-component-type`: a price component whose dimension is not known here
 * - `duplicate-component`: two prices for one dimension in one element
 * - `unsupported-restriction`: a restriction that the standard does not have
 * - `empty-restriction`: a span that never matches
 * - `invalid-reservation`: a reservation priced by energy or parking time
 * - `limits-contradict`: after tax below before tax, or the least above the most
 * - `taxes-contradict`: a rate of tax where no taxes apply (OCPI 2.3.0)
 * - `ends-before-it-starts`: the tariff is never valid
 */
export type TariffRefusal =
  | RestrictionRefusal
  | 'unknown-component-type'
  | 'duplicate-component'
  | 'invalid-reservation'
  | 'limits-contradict'
  | 'taxes-contradict'
  | 'ends-before-it-starts';

/** Bounds that keep every price of a session within exact integers; see docs/rounding.md. */
export const TARIFF_BOUNDS = {
  priceUnits: 100_000,
  vatPercent: 100,
  stepSize: 1_000_000,
  elements: 100,
} as const;

const MICRO_DECIMALS = 6;
const COMPONENT_TYPES = ['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT'] as const;
const TARIFF_TYPES = ['AD_HOC_PAYMENT', 'PROFILE_CHEAP', 'PROFILE_FAST', 'PROFILE_GREEN', 'REGULAR'] as const;

type Field = JsonField<TariffRefusal>;

/**
 * Reads a tariff from untrusted OCPI 2.2.1 JSON. Prices become micro-units exactly. Country and party
 * are folded to upper case (CiString). Fields of the tariff object that do not bear on the price are
 * passed over; unknown fields of a price, an element or a component, and 2.3.0's `tax_included`, are
 * refused, because passing over them could change what is owed.
 *
 * `receivedAt` (epoch seconds) stands in where `last_updated` is missing, as in the specification's own
 * example of a PUT; without it such a tariff is refused.
 */
export function parseTariff(
  ocpiJson: unknown,
  options: { readonly receivedAt?: number } = {},
): Result<Tariff, TariffRefusal> {
  return readJson<Tariff, TariffRefusal>(ocpiJson, (root) => {
    if (members(root).names.includes('tax_included')) {
      reportAt(root, 'unsupported-field', 'tax_included belongs to OCPI 2.3.0, not 2.2.1');
    }
    return readTariff(root, { ...options, excl: 'excl_vat', incl: 'incl_vat', isOpen: false });
  });
}

/** How versions of OCPI differ: what the amounts of a limit are called, and whether unknown fields are passed over. */
export interface OcpiShape {
  readonly excl: 'excl_vat' | 'before_taxes';
  readonly incl: 'incl_vat' | 'after_taxes';
  readonly isOpen: boolean;
  readonly receivedAt?: number;
}

/** Reads what a tariff has in common in all versions of OCPI. */
export function readTariff(root: JsonField<TariffRefusal>, shape: OcpiShape): Tariff {
  const tariff = members(root);
  const countryCode = text(tariff.required('country_code'), /^[A-Za-z]{2}$/, 'two letters').toUpperCase();
  const partyId = text(
    tariff.required('party_id'),
    /^[A-Za-z0-9]{3}$/,
    'three letters or digits',
  ).toUpperCase();
  const id = text(tariff.required('id'), /^[!-~]([ -~]{0,34}[!-~])?$/, '1 to 36 printable ASCII characters');
  const currency = text(tariff.required('currency'), /^[A-Z]{3}$/, 'an ISO 4217 code');
  const type = tariff.optional('type');
  const altText = tariff.optional('tariff_alt_text');
  const altUrl = tariff.optional('tariff_alt_url');
  const minPrice = tariff.optional('min_price');
  const maxPrice = tariff.optional('max_price');
  const startsAt = tariff.optional('start_date_time');
  const endsAt = tariff.optional('end_date_time');
  const elements = items(tariff.required('elements'), 1, TARIFF_BOUNDS.elements);
  const read: Tariff = {
    countryCode,
    partyId,
    id,
    currency,
    ...(type && { type: oneOf(type, TARIFF_TYPES) }),
    ...(minPrice && { minPrice: readLimit(minPrice, shape) }),
    ...(maxPrice && { maxPrice: readLimit(maxPrice, shape) }),
    elements: elements.map((element) => readElement(element, shape)),
    ...(startsAt && { startsAt: dateTime(startsAt) }),
    ...(endsAt && { endsAt: dateTime(endsAt) }),
    ...(altText && { altText: items(altText, 0, 100).map(readDisplayText) }),
    ...(altUrl && { altUrl: text(altUrl, /^https?:\/\/[!-~]{1,247}$/, 'a web address') }),
    lastUpdatedAt:
      tariff.optional('last_updated') === undefined && shape.receivedAt !== undefined
        ? shape.receivedAt
        : dateTime(tariff.required('last_updated')),
  };
  if (!doLimitsAgree(read)) reportAt(root, 'limits-contradict', 'min_price is above max_price');
  if (!isEverValid(read)) {
    reportAt(root, 'ends-before-it-starts', 'end_date_time is not after start_date_time');
  }
  return read;
}

function readLimit(field: Field, { excl, incl, isOpen }: OcpiShape): PriceLimit {
  const read = members(field);
  if (!isOpen) refuseOthers(field, read.names, [excl, incl]);
  const exclVatMicro = decimal(read.required(excl), MICRO_DECIMALS, TARIFF_BOUNDS.priceUnits);
  const after = read.optional(incl);
  if (after === undefined) return { exclVatMicro };
  const limit = { exclVatMicro, inclVatMicro: decimal(after, MICRO_DECIMALS, TARIFF_BOUNDS.priceUnits) };
  if (!isLimitSound(limit)) reportAt(field, 'limits-contradict', `${incl} is below ${excl}`);
  return limit;
}

/** Whether no less is owed after tax than before. */
export function isLimitSound({ exclVatMicro, inclVatMicro = exclVatMicro }: PriceLimit): boolean {
  return exclVatMicro <= inclVatMicro;
}

/** Whether the least price is not above the most, before tax and after it. */
export function doLimitsAgree({ minPrice, maxPrice }: Pick<Tariff, 'minPrice' | 'maxPrice'>): boolean {
  if (minPrice === undefined || maxPrice === undefined) return true;
  const leastInclMicro = minPrice.inclVatMicro ?? minPrice.exclVatMicro;
  return (
    minPrice.exclVatMicro <= maxPrice.exclVatMicro &&
    leastInclMicro <= (maxPrice.inclVatMicro ?? Number.POSITIVE_INFINITY)
  );
}

/** Whether the tariff is ever valid. */
export function isEverValid({ startsAt, endsAt }: Pick<Tariff, 'startsAt' | 'endsAt'>): boolean {
  return startsAt === undefined || endsAt === undefined || startsAt < endsAt;
}

/** Whether the tariff is valid at a time, epoch seconds (OCPI 2.2.1 `start_date_time`, `end_date_time`). */
export function isValidAt({ startsAt, endsAt }: Pick<Tariff, 'startsAt' | 'endsAt'>, at: number): boolean {
  return (startsAt === undefined || at >= startsAt) && (endsAt === undefined || at < endsAt);
}

function readElement(field: Field, shape: OcpiShape): TariffElement {
  const element = members(field);
  if (!shape.isOpen) refuseOthers(field, element.names, ['price_components', 'restrictions']);
  const priceComponents = items(element.required('price_components'), 1, COMPONENT_TYPES.length).map(
    (component) => readComponent(component, shape),
  );
  const types = priceComponents.map((component) => component.type);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) reportAt(field, 'duplicate-component', `${twice} is priced twice`);
  const restricted = element.optional('restrictions');
  const restrictions = restricted && readRestrictions(restricted);
  if (restrictions?.reservation !== undefined && !areForReservation(priceComponents)) {
    reportAt(field, 'invalid-reservation', 'a reservation has prices for FLAT and TIME only');
  }
  return restrictions === undefined ? { priceComponents } : { priceComponents, restrictions };
}

/** Whether a reservation may have these prices: FLAT and TIME only (OCPI 2.2.1 mod_tariffs, `reservation`). */
export function areForReservation(components: readonly Pick<PriceComponent, 'type'>[]): boolean {
  return components.every(({ type }) => type === 'FLAT' || type === 'TIME');
}

function readComponent(field: Field, { isOpen }: OcpiShape): PriceComponent {
  const component = members(field);
  const typeField = component.required('type');
  const type = COMPONENT_TYPES.find((known) => known === typeField.value);
  if (type === undefined && typeField.value !== undefined) {
    reportAt(typeField, 'unknown-component-type', `expected one of ${COMPONENT_TYPES.join(', ')}`);
  }
  if (!isOpen) refuseOthers(field, component.names, ['type', 'price', 'vat', 'step_size']);
  const vat = component.optional('vat');
  return {
    type: type ?? 'FLAT',
    priceMicro: decimal(component.required('price'), MICRO_DECIMALS, TARIFF_BOUNDS.priceUnits),
    ...(vat && { vatBp: decimal(vat, 2, TARIFF_BOUNDS.vatPercent) }),
    // The specification's own free tariff gives FLAT a step_size of 0: it has no meaning there.
    stepSize: whole(component.required('step_size'), type === 'FLAT' ? 0 : 1, TARIFF_BOUNDS.stepSize),
  };
}

function readDisplayText(field: Field): { readonly language: string; readonly text: string } {
  const displayText = members(field);
  return {
    language: text(displayText.required('language'), /^[A-Za-z]{2}$/, 'two letters'),
    text: text(displayText.required('text'), /^\P{Cc}{1,512}$/u, '1 to 512 characters without controls'),
  };
}

/**
 * A tariff as OCPI 2.2.1 JSON; `parseTariff` gives the same tariff back. Throws RangeError on one whose
 * prices have tax in them or that has none: 2.2.1 cannot say that.
 */
export function printTariff(tariff: Tariff): OcpiTariffJson {
  if (tariff.taxes !== undefined) throw new RangeError(`taxes ${tariff.taxes}: not to be said in OCPI 2.2.1`);
  const { minPrice, maxPrice } = tariff;
  return {
    ...printBody(tariff),
    ...(minPrice && { min_price: printLimit(minPrice, 'excl_vat', 'incl_vat') }),
    ...(maxPrice && { max_price: printLimit(maxPrice, 'excl_vat', 'incl_vat') }),
  };
}

/** What a tariff has in common in all versions of OCPI, which is all but its limits and its taxes. */
export function printBody(tariff: Tariff): Omit<OcpiTariffJson, 'min_price' | 'max_price'> {
  return {
    country_code: tariff.countryCode,
    party_id: tariff.partyId,
    id: tariff.id,
    currency: tariff.currency,
    ...(tariff.type && { type: tariff.type }),
    ...(tariff.altText && { tariff_alt_text: tariff.altText }),
    ...(tariff.altUrl && { tariff_alt_url: tariff.altUrl }),
    elements: tariff.elements.map(printElement),
    ...(tariff.startsAt !== undefined && { start_date_time: printDateTime(tariff.startsAt) }),
    ...(tariff.endsAt !== undefined && { end_date_time: printDateTime(tariff.endsAt) }),
    last_updated: printDateTime(tariff.lastUpdatedAt),
  };
}

/** A limit in currency units, under the names that a version of OCPI has for its amounts. */
export function printLimit<Excl extends string, Incl extends string>(
  { exclVatMicro, inclVatMicro }: PriceLimit,
  excl: Excl,
  incl: Incl,
): Readonly<Record<Excl, number>> & Readonly<Partial<Record<Incl, number>>> {
  return {
    [excl]: exclVatMicro / 1_000_000,
    ...(inclVatMicro !== undefined && { [incl]: inclVatMicro / 1_000_000 }),
  } as Readonly<Record<Excl, number>> & Readonly<Partial<Record<Incl, number>>>;
}

function printElement(element: TariffElement): OcpiTariffElementJson {
  const restrictions = element.restrictions;
  return {
    price_components: element.priceComponents.map(({ type, priceMicro, vatBp, stepSize }) => ({
      type,
      price: priceMicro / 1_000_000,
      ...(vatBp !== undefined && { vat: vatBp / 100 }),
      step_size: stepSize,
    })),
    ...(restrictions && { restrictions: printRestrictions(restrictions) }),
  };
}
