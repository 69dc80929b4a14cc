import { ENERGY_PRICES_BOUNDS, type EnergyPrices, QUARTER_HOUR_S } from './EnergyPrices.ts';
import { accept, type Result, refuse } from './Result.ts';
import { integer, type JsonRefusal, members, readJson, refuseOthers, reportAt, text } from './readJson.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import type { Tariff } from './Tariff.ts';
import { candidatesOf } from './timetable.ts';

/**
 * How an operator makes the energy price of a point from a provider's index: the index times a factor plus a margin,
 * within floor and cap. All per kWh before tax, in micro-units of the tariff's currency.
 */
export interface DynamicTerms {
  /** Whose index: the area of a price signal, e.g. `AT` or `DE-LU`. */
  readonly area: string;
  /** 0 … 10,000; 1000 is the index itself. */
  readonly factorPerMille: number;
  /** Added after the factor; may be negative. */
  readonly marginMicro: number;
  /** 0 <= floor <= cap: no offered price lies outside. */
  readonly floorMicro: number;
  readonly capMicro: number;
  /** The price while no signal can be relied on, floor <= fallback <= cap; without it the point is not offered then. */
  readonly fallbackMicro?: number;
  /** A signal issued longer ago than this is not relied on. */
  readonly maxAgeS: number;
}

/**
 * Why dynamic terms are refused: the first thing wrong in the order of their fields. Besides what any JSON can be
 * refused for:
 * - `floor-above-cap`: no price lies within
 * - `fallback-out-of-bounds`: below the floor or above the cap
 */
export type DynamicTermsRefusal = JsonRefusal | 'floor-above-cap' | 'fallback-out-of-bounds';

/** What a station knows of an index: values by quarter-hour from `firstAt` (epoch s), `null` where none is known. */
export interface PriceIndex {
  readonly issuedAt: number;
  readonly firstAt: number;
  /** Per kWh before tax, micro-units; may be negative. */
  readonly indexMicro: readonly (number | null)[];
}

/** Why a tariff cannot carry dynamic terms; see {@link checkDynamicTariff}. */
export type DynamicTariffRefusal =
  | 'no-energy-price'
  | 'prices-include-tax'
  | 'limit-without-tax'
  | 'cap-above-tariff';

/** The bounds of dynamic terms; prices as those of a tariff. */
export const DYNAMIC_BOUNDS = {
  factorPerMille: 10_000,
  priceMicro: ENERGY_PRICES_BOUNDS.priceMicro,
  maxAgeS: 31 * 86_400,
} as const;

const MOST_QUARTERS = ENERGY_PRICES_BOUNDS.quarterHours;
/** Clocks may differ by so much: a signal from further ahead has a wrong clock behind it, here or there. */
const CLOCK_SKEW_S = 120;

const FIELDS = [
  'area',
  'factorPerMille',
  'marginMicro',
  'floorMicro',
  'capMicro',
  'fallbackMicro',
  'maxAgeS',
] as const;

/** Reads dynamic terms from untrusted JSON with the fields of {@link DynamicTerms}; others are refused. */
export function parseDynamicTerms(json: unknown): Result<DynamicTerms, DynamicTermsRefusal> {
  return readJson<DynamicTerms, DynamicTermsRefusal>(json, (root) => {
    const terms = members(root);
    refuseOthers(root, terms.names, FIELDS);
    const { priceMicro } = DYNAMIC_BOUNDS;
    const fallback = terms.optional('fallbackMicro');
    const read = {
      area: text(
        terms.required('area'),
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/,
        '1 to 32 letters, digits or . _ -',
      ),
      factorPerMille: integer(terms.required('factorPerMille'), 0, DYNAMIC_BOUNDS.factorPerMille),
      marginMicro: integer(terms.required('marginMicro'), -priceMicro, priceMicro),
      floorMicro: integer(terms.required('floorMicro'), 0, priceMicro),
      capMicro: integer(terms.required('capMicro'), 0, priceMicro),
      ...(fallback && { fallbackMicro: integer(fallback, 0, priceMicro) }),
      maxAgeS: integer(terms.required('maxAgeS'), 1, DYNAMIC_BOUNDS.maxAgeS),
    };
    const { floorMicro, capMicro, fallbackMicro = floorMicro } = read;
    if (floorMicro > capMicro) reportAt(root, 'floor-above-cap', `${floorMicro} is above ${capMicro}`);
    if (fallbackMicro < floorMicro || fallbackMicro > capMicro) {
      reportAt(root, 'fallback-out-of-bounds', `${fallbackMicro} is not within ${floorMicro} to ${capMicro}`);
    }
    return read;
  });
}

/**
 * The price of a kWh before tax for a value of the index: index × factor, rounded half away from zero to the
 * micro-unit, plus the margin, and of that what lies within floor and cap.
 *
 * @example
 * dynamicPriceMicro({ ...terms, factorPerMille: 1_050, marginMicro: 120_000 }, 80_000) // 204000: 0.204 per kWh
 */
export function dynamicPriceMicro(terms: DynamicTerms, indexMicroPerKwh: number): number {
  const scaled = roundedQuotient(BigInt(indexMicroPerKwh) * BigInt(terms.factorPerMille), 1000n);
  return Math.min(Math.max(Number(scaled) + terms.marginMicro, terms.floorMicro), terms.capMicro);
}

/** Whether a signal issued at a time may be relied on now: not older than `maxAgeS`, not from the future. */
export function isFresh(terms: DynamicTerms, issuedAt: number, now: number): boolean {
  return issuedAt <= now + CLOCK_SKEW_S && now - issuedAt <= terms.maxAgeS;
}

/**
 * What a station may promise now (epoch s): with a fresh signal the prices of the quarter-hours that it knows, from the
 * one of now on, 400 at most; every other time costs the fallback, or the cap where there is none. With no signal, a
 * stale one, or one that knows nothing from now on, all times cost the fallback (`isFallback`); without one the point
 * has no price and must not be offered.
 */
export function offerPrices(
  terms: DynamicTerms,
  signal: PriceIndex | undefined,
  now: number,
): Result<{ readonly prices: EnergyPrices; readonly isFallback: boolean }, 'no-fresh-price'> {
  const fromAt = now - (now % QUARTER_HOUR_S);
  const known = signal !== undefined && isFresh(terms, signal.issuedAt, now) ? knownFrom(signal, fromAt) : [];
  const otherwiseMicro = terms.fallbackMicro ?? terms.capMicro;
  if (known.length > 0) {
    const pricesMicro = known.map((index) =>
      index === null ? otherwiseMicro : dynamicPriceMicro(terms, index),
    );
    return accept({ prices: { firstAt: fromAt, pricesMicro, otherwiseMicro }, isFallback: false });
  }
  if (terms.fallbackMicro !== undefined) {
    return accept({ prices: { firstAt: fromAt, pricesMicro: [], otherwiseMicro }, isFallback: true });
  }
  return refuse(
    'no-fresh-price',
    signal === undefined ? 'no signal was taken' : `the last signal was issued at ${signal.issuedAt}`,
  );
}

/** The values of a signal by quarter-hour from a time on, up to the last that is known; none if it fits no quarter-hour. */
function knownFrom({ firstAt, indexMicro }: PriceIndex, fromAt: number): readonly (number | null)[] {
  const skipped = (fromAt - firstAt) / QUARTER_HOUR_S;
  if (!Number.isInteger(skipped)) return [];
  const ahead = Array.from({ length: Math.min(Math.max(0, -skipped), MOST_QUARTERS) }, () => null);
  const values = [...ahead, ...indexMicro.slice(Math.max(0, skipped))].slice(0, MOST_QUARTERS);
  return values.slice(0, values.findLastIndex((value) => value !== null) + 1);
}

/**
 * Whether a tariff can carry dynamic terms. Its printed energy prices must not be below the cap, so that whoever reads
 * only the tariff is never charged more than it says:
 * - `no-energy-price`: the tariff never prices energy, so there is nothing that the index could change
 * - `prices-include-tax`: the tariff's prices have tax in them, those of an index are before it (OCPI 2.3.0 `tax_included`)
 * - `limit-without-tax`: a least or most price that does not name its amount after tax keeps the session's own share of tax
 *   (docs/rounding.md). Where rates differ, or the other limit does name it, cheaper energy could make a charge dearer
 * - `cap-above-tariff`: an energy price of the tariff is below the cap
 */
export function checkDynamicTariff(
  terms: DynamicTerms,
  tariff: Tariff,
): Result<DynamicTerms, DynamicTariffRefusal> {
  const energy = candidatesOf(tariff).ENERGY;
  if (energy.length === 0) return refuse('no-energy-price', 'the tariff has no ENERGY component');
  if (tariff.taxes === 'included') {
    return refuse('prices-include-tax', 'an index makes prices before tax');
  }
  const components = tariff.elements.flatMap(({ priceComponents }) => priceComponents);
  const rates = new Set(components.map(({ vatBp = 0 }) => vatBp));
  const limits = [tariff.minPrice, tariff.maxPrice].filter((limit) => limit !== undefined);
  const untaxed = limits.filter(({ inclVatMicro }) => inclVatMicro === undefined);
  if (untaxed.length > 0 && (rates.size > 1 || untaxed.length < limits.length)) {
    return refuse('limit-without-tax', 'min_price and max_price must name their amounts after tax');
  }
  const below = energy.find(({ component }) => component.priceMicro < terms.capMicro);
  if (below === undefined) return accept(terms);
  const { elementIndex, component } = below;
  return refuse(
    'cap-above-tariff',
    `elements[${elementIndex}] prices energy at ${component.priceMicro}, below the cap ${terms.capMicro}`,
  );
}
