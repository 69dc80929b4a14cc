import { neverMatching, RESTRICTION_BOUNDS } from '@p2p-power/tariff/ocpiRestrictions';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import {
  areForReservation,
  doLimitsAgree,
  isEverValid,
  isLimitSound,
  type PriceComponent,
  type PriceLimit,
  TARIFF_BOUNDS,
  type Tariff,
  type TariffElement,
  type TariffRestrictions,
} from '@p2p-power/tariff/Tariff';
import { keepTariff } from './keepTariff.ts';
import { isRecord } from './SignedObject.ts';

/** Why JSON is no plain tariff; `detail` names the place. */
export type PlainTariffRefusal = 'bad-tariff';

type Check = (value: unknown) => boolean;

const integer =
  (min: number, max: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const oneOf =
  (...names: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && names.includes(value);
const list =
  (min: number, max: number, check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every(check);

/** An object with the required and optional fields and no other. */
const object =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value) =>
    isRecord(value) &&
    Object.entries(required).every(([name, check]) => Object.hasOwn(value, name) && check(value[name])) &&
    Object.keys(value).every(
      (name) =>
        Object.hasOwn(required, name) ||
        (Object.hasOwn(optional, name) && (optional[name] as Check)(value[name])),
    );

const micro = integer(0, TARIFF_BOUNDS.priceUnits * 1_000_000);
const time = integer(1, 253_402_300_799);
const limitFields = object({ exclVatMicro: micro }, { inclVatMicro: micro });
const limit: Check = (value) => limitFields(value) && isLimitSound(value as PriceLimit);
const isAscending = (list: readonly unknown[]) =>
  list.every((item, index) => index === 0 || (item as number) > (list[index - 1] as number));
const componentFields = object(
  {
    type: oneOf('ENERGY', 'TIME', 'PARKING_TIME', 'FLAT'),
    priceMicro: micro,
    stepSize: integer(0, TARIFF_BOUNDS.stepSize),
  },
  { vatBp: integer(0, TARIFF_BOUNDS.vatPercent * 100) },
);
/** Only a FLAT component has no use for its step. */
const component: Check = (value) => {
  if (!componentFields(value)) return false;
  const { type, stepSize } = value as PriceComponent;
  return type === 'FLAT' || stepSize > 0;
};
const day = integer(0, RESTRICTION_BOUNDS.day);
const amount = integer(0, RESTRICTION_BOUNDS.amount);
const duration = integer(0, RESTRICTION_BOUNDS.durationS);
const restrictionFields = object({}, {
  startMinute: integer(0, 1439),
  endMinute: integer(1, 1440),
  daysOfWeek: list(1, 7, integer(1, 7)),
  startDay: day,
  endDay: day,
  minEnergyWh: amount,
  maxEnergyWh: amount,
  minCurrentMa: amount,
  maxCurrentMa: amount,
  minPowerW: amount,
  maxPowerW: amount,
  minDurationS: duration,
  maxDurationS: duration,
  reservation: oneOf('RESERVATION', 'RESERVATION_EXPIRES'),
} satisfies Record<keyof TariffRestrictions, Check>);
/** Spans that are not empty, days in order and each once: every restriction has one spelling. */
const restrictions: Check = (value) => {
  if (!restrictionFields(value)) return false;
  const read = value as TariffRestrictions;
  const isEmpty = Object.keys(read).length === 0;
  return !isEmpty && neverMatching(read) === undefined && isAscending(read.daysOfWeek ?? []);
};
const components: Check = (value) =>
  list(1, 4, component)(value) &&
  new Set((value as PriceComponent[]).map(({ type }) => type)).size === (value as PriceComponent[]).length;
const elementFields = object({ priceComponents: components }, { restrictions });
const element: Check = (value) => {
  if (!elementFields(value)) return false;
  const { priceComponents, restrictions: restricted } = value as TariffElement;
  return restricted?.reservation === undefined || areForReservation(priceComponents);
};
const displayText = object({ language: matches(/^[A-Za-z]{2}$/), text: matches(/^\P{Cc}{1,512}$/u) });

const required: Readonly<Record<string, Check>> = {
  countryCode: matches(/^[A-Z]{2}$/),
  partyId: matches(/^[A-Z0-9]{3}$/),
  id: matches(/^[!-~]([ -~]{0,34}[!-~])?$/),
  currency: matches(/^[A-Z]{3}$/),
  elements: list(1, TARIFF_BOUNDS.elements, element),
  lastUpdatedAt: time,
};
const optional: Readonly<Record<string, Check>> = {
  taxes: oneOf('included', 'none'),
  type: oneOf('AD_HOC_PAYMENT', 'PROFILE_CHEAP', 'PROFILE_FAST', 'PROFILE_GREEN', 'REGULAR'),
  minPrice: limit,
  maxPrice: limit,
  startsAt: time,
  endsAt: time,
  altText: list(0, 100, displayText),
  altUrl: matches(/^https?:\/\/[!-~]{1,247}$/),
};

/**
 * Reads a tariff in the house's own form (integers, as in evidence and on the local link). It takes what
 * `parseTariff` and `parseTariff230` can give, and nothing else: what a provider would not put in force no station may offer.
 */
export function parsePlainTariff(json: unknown): Result<Tariff, PlainTariffRefusal> {
  if (!isRecord(json)) return refuse('bad-tariff', 'the tariff is not a JSON object');
  for (const [name, check] of Object.entries(required)) {
    if (!Object.hasOwn(json, name) || !check(json[name]))
      return refuse('bad-tariff', `tariff.${name} is missing or malformed`);
  }
  for (const name of Object.keys(json)) {
    if (Object.hasOwn(required, name)) continue;
    if (!Object.hasOwn(optional, name))
      return refuse('bad-tariff', 'the tariff has a field that is not known here');
    if (!(optional[name] as Check)(json[name])) return refuse('bad-tariff', `tariff.${name} is malformed`);
  }
  const tariff = json as unknown as Tariff;
  if (!doLimitsAgree(tariff)) return refuse('bad-tariff', 'tariff.minPrice is above tariff.maxPrice');
  if (tariff.taxes === 'none' && isTaxed(tariff))
    return refuse('bad-tariff', 'a price of the tariff has vat though no taxes apply');
  if (!isEverValid(tariff)) return refuse('bad-tariff', 'tariff.endsAt is not after tariff.startsAt');
  return accept(keepTariff(tariff));
}

const isTaxed = ({ elements }: Tariff): boolean =>
  elements.some(({ priceComponents }) => priceComponents.some(({ vatBp = 0 }) => vatBp > 0));
