import type { PriceComponent, PriceComponentType, PriceLimit, Tariff } from './Tariff.ts';
import { type ActiveComponent, candidatesOf, timetableOf } from './timetable.ts';
import { withVatMicro } from './withVat.ts';
import {
  amountInWords,
  durationInWords,
  energyInWords,
  type Language,
  restrictionsInWords,
  restrictionWords,
} from './words.ts';

/** What a displayed price is for. */
export type DisplayUnit =
  | 'kwh'
  | 'minute-charging'
  | 'minute-parking'
  | 'session'
  | 'minute-reserved'
  | 'reservation'
  | 'at-least'
  | 'at-most'
  | 'free';

/** One line of a price display. `priceMicro` is per unit after tax, rounded to the micro-unit. */
export interface DisplayLine {
  readonly unit: DisplayUnit;
  readonly priceMicro: number;
  readonly text: string;
}

const WORDS = {
  en: {
    per: { ENERGY: '/kWh', TIME: '/min charging', PARKING_TIME: '/min parking', FLAT: ' per session' },
    perReservation: { TIME: '/min reserved', FLAT: ' per reservation' },
    notUsed: 'if it is not used',
    'at-least': 'at least',
    'at-most': 'at most',
    free: 'free of charge',
    otherwise: 'at other times',
    inStepsOf: 'in steps of',
    inclVat: (percent: string) => `incl. ${percent} % VAT`,
    exclVat: 'before VAT',
  },
  de: {
    per: { ENERGY: '/kWh', TIME: '/min Laden', PARKING_TIME: '/min Stehen', FLAT: ' je Ladevorgang' },
    perReservation: { TIME: '/min Reservierung', FLAT: ' je Reservierung' },
    notUsed: 'wenn sie nicht genutzt wird',
    'at-least': 'mindestens',
    'at-most': 'höchstens',
    free: 'kostenlos',
    otherwise: 'sonst',
    inStepsOf: 'in Schritten von',
    inclVat: (percent: string) => `inkl. ${percent} % USt.`,
    exclVat: 'vor USt.',
  },
} as const;

const UNITS: Readonly<Record<PriceComponentType, DisplayUnit>> = {
  ENERGY: 'kwh',
  TIME: 'minute-charging',
  PARKING_TIME: 'minute-parking',
  FLAT: 'session',
};

/**
 * What a driver is told before a charge: the prices after tax that can ever be in force, each with its
 * times; first per kWh, then per minute, then per session, then what is asked for a reservation and the
 * limits of the whole (Regulation (EU) 2023/1804 Art. 5(4)). OCPI prices time by the hour; it is shown by
 * the minute. Texts show at most four decimals.
 *
 * @example
 * displayPrice(tariff, 'en').map(({ text }) => text) // ['0.4641 €/kWh incl. 19 % VAT, Mon–Fri 08:00–18:00', …]
 */
export function displayPrice(tariff: Tariff, language: Language): readonly DisplayLine[] {
  const currency = signOf(tariff);
  const candidates = candidatesOf(tariff);
  const prices = (['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT'] as const)
    .flatMap((type) =>
      candidates[type].map(({ component, restrictions }, index) => {
        const { per, otherwise } = WORDS[language];
        const when = restrictionsInWords(restrictions, language) || (index > 0 ? otherwise : '');
        return componentLine(tariff, component, { unit: UNITS[type], per: per[type], when }, language);
      }),
    )
    .filter(({ unit, priceMicro }) => unit !== 'session' || priceMicro > 0);
  const isTaxed = tariff.elements.some(({ priceComponents }) =>
    priceComponents.some(({ vatBp = 0 }) => vatBp > 0),
  );
  const limits = [
    ...limitLines('at-least', tariff.minPrice, isTaxed, currency, language),
    ...limitLines('at-most', tariff.maxPrice, isTaxed, currency, language),
  ];
  const lines = [...prices, ...reservationLines(tariff, language), ...limits];
  const isFree = lines.every(({ priceMicro }) => priceMicro === 0);
  return isFree ? [{ unit: 'free', priceMicro: 0, text: WORDS[language].free }] : lines;
}

function signOf({ currency }: Tariff): string {
  return currency === 'EUR' ? '€' : currency;
}

/** What keeping the point costs, and what a reservation costs that no session follows. */
function reservationLines(tariff: Tariff, language: Language): readonly DisplayLine[] {
  const words = WORDS[language];
  const lines = (['TIME', 'FLAT'] as const).flatMap((type) => {
    const lineOf = ({ component, restrictions }: ActiveComponent): DisplayLine => {
      const { reservation, ...others } = restrictions ?? {};
      const expired = reservation === 'RESERVATION_EXPIRES' ? [words.notUsed] : [];
      const when = [...expired, ...restrictionWords(others, language)].join(', ');
      const unit = type === 'TIME' ? 'minute-reserved' : 'reservation';
      return componentLine(tariff, component, { unit, per: words.perReservation[type], when }, language);
    };
    const ofExpired = timetableOf(tariff, 'expired-reservation').candidates[type].filter(
      ({ restrictions }) => restrictions?.reservation === 'RESERVATION_EXPIRES',
    );
    return [...timetableOf(tariff, 'reservation').candidates[type], ...ofExpired].map(lineOf);
  });
  return lines.filter(({ priceMicro }) => priceMicro > 0);
}

/** What a line says around its price. */
interface LineWords {
  readonly unit: DisplayUnit;
  readonly per: string;
  readonly when: string;
}

function componentLine(
  tariff: Tariff,
  { type, priceMicro: printedMicro, vatBp = 0, stepSize }: PriceComponent,
  { unit, per, when }: LineWords,
  language: Language,
): DisplayLine {
  const words = WORDS[language];
  const addedBp = tariff.taxes === undefined ? vatBp : 0;
  const priceMicro = withVatMicro(printedMicro, addedBp, type.endsWith('TIME') ? 60 : 1);
  const tax = vatBp === 0 ? '' : ` ${words.inclVat(amountInPlaces(vatBp * 10_000, 0, language))}`;
  const step = type === 'ENERGY' ? energyInWords(stepSize, language) : durationInWords(stepSize);
  const steps = type === 'FLAT' || stepSize <= 1 ? '' : `${words.inStepsOf} ${step}`;
  const each = `${amountInPlaces(priceMicro, 2, language)} ${signOf(tariff)}${per}${tax}`;
  return { unit, priceMicro, text: [each, when, steps].filter(Boolean).join(', ') };
}

function limitLines(
  side: 'at-least' | 'at-most',
  limit: PriceLimit | undefined,
  isTaxed: boolean,
  currency: string,
  language: Language,
): readonly DisplayLine[] {
  if (limit === undefined) return [];
  const words = WORDS[language];
  const priceMicro = limit.inclVatMicro ?? limit.exclVatMicro;
  if (side === 'at-least' && priceMicro === 0) return [];
  const tax = isTaxed && limit.inclVatMicro === undefined ? ` ${words.exclVat}` : '';
  return [
    {
      unit: side,
      priceMicro,
      text: `${words[side]} ${amountInPlaces(priceMicro, 2, language)} ${currency}${tax}`,
    },
  ];
}

/** An amount rounded to four decimals, of which zeros at the end go down to `places`. */
function amountInPlaces(amountMicro: number, places: 0 | 2, language: Language): string {
  const shown = amountInWords(Math.round(amountMicro / 100) * 100, language);
  return places === 0 ? shown.replace(/[.,]?0+$/, '') : shown;
}
