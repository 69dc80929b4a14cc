import type { PriceComponent, Tariff } from './Tariff.ts';
import { candidatesOf } from './timetable.ts';
import type { Language } from './words.ts';

/**
 * What is wrong with the price display of a tariff. Breaches, at public points of 50 kW and more, where Regulation (EU)
 * 2023/1804 Art. 5(4) allows a price per kWh and beside it an occupancy fee per minute, nothing else:
 * - `session-fee-not-allowed`: FLAT, or a least price of a session
 * - `charging-time-not-allowed`: TIME while the car charges
 * - `energy-price-missing`: something is asked for, and energy has no price, never or not at all times
 * - `steps-too-large`: energy billed in steps of more than a kWh, or parking of more than a minute: then it is not a price per
 *   kWh and per minute, and the last step is a fee for a session
 *
 * And at any point, to be mended but not forbidden:
 * - `minute-price-not-exact`: the price of an hour, shown by the minute, cannot be shown exactly to the micro-unit
 */
export type DisplayFinding = (typeof BREACHES)[number] | 'minute-price-not-exact';

const BREACHES = [
  'session-fee-not-allowed',
  'charging-time-not-allowed',
  'energy-price-missing',
  'steps-too-large',
] as const;

const PER_KWH_FROM_W = 50_000;
const [MOST_STEP_WH, MOST_STEP_S] = [1_000, 60];

/** Whether a finding breaks the law, so that the tariff must not be published at the point. */
export function isBreach(finding: DisplayFinding): boolean {
  return BREACHES.some((breach) => breach === finding);
}

/**
 * Holds a tariff against the rules on the display of prices at a point, breaches first. Every price that can ever be in
 * force counts. A point has one tariff for everybody, so it is also the ad-hoc price of which the law speaks, whatever its
 * `type` says.
 */
export function checkDisplayLaw(
  tariff: Tariff,
  point: { readonly powerW: number; readonly isPublic: boolean },
): readonly DisplayFinding[] {
  const { ENERGY, TIME, PARKING_TIME, FLAT } = candidatesOf(tariff);
  const costs = (candidates: typeof ENERGY) => candidates.some(({ component }) => component.priceMicro > 0);
  const findings: DisplayFinding[] = [];
  if (point.isPublic && point.powerW >= PER_KWH_FROM_W) {
    const leastMicro = tariff.minPrice?.inclVatMicro ?? tariff.minPrice?.exclVatMicro ?? 0;
    const hasSessionFee = costs(FLAT) || leastMicro > 0;
    const isEnergyPriced = ENERGY.length > 0 && ENERGY.at(-1)?.restrictions === undefined;
    if (hasSessionFee) findings.push('session-fee-not-allowed');
    if (costs(TIME)) findings.push('charging-time-not-allowed');
    const isFree = !hasSessionFee && ![ENERGY, TIME, PARKING_TIME].some(costs);
    if (!isEnergyPriced && !isFree) findings.push('energy-price-missing');
    const steps = (candidates: typeof ENERGY, most: number) =>
      candidates.some(({ component }) => component.priceMicro > 0 && component.stepSize > most);
    if (steps(ENERGY, MOST_STEP_WH) || steps(PARKING_TIME, MOST_STEP_S)) findings.push('steps-too-large');
  }
  const isInexact = [...TIME, ...PARKING_TIME].some(({ component }) => !isExactByMinute(tariff, component));
  return isInexact ? [...findings, 'minute-price-not-exact'] : findings;
}

/** Whether a price of an hour, after tax, divides into whole micro-units a minute. */
function isExactByMinute({ taxes }: Tariff, { priceMicro, vatBp = 0 }: PriceComponent): boolean {
  const addedBp = taxes === undefined ? vatBp : 0;
  return (BigInt(priceMicro) * BigInt(10_000 + addedBp)) % 600_000n === 0n;
}

const WORDS: Readonly<Record<Language, Readonly<Record<DisplayFinding, string>>>> = {
  en: {
    'session-fee-not-allowed': 'From 50 kW no fee or least price per session is allowed.',
    'charging-time-not-allowed': 'From 50 kW no price for charging time is allowed.',
    'energy-price-missing': 'From 50 kW energy needs a price per kWh at all times.',
    'steps-too-large': 'From 50 kW steps are at most a kWh and a minute.',
    'minute-price-not-exact': 'The price per minute cannot be shown exactly.',
  },
  de: {
    'session-fee-not-allowed': 'Ab 50 kW kein Entgelt und Mindestpreis je Ladevorgang.',
    'charging-time-not-allowed': 'Ab 50 kW kein Preis für die Ladezeit.',
    'energy-price-missing': 'Ab 50 kW braucht Energie jederzeit einen Preis je kWh.',
    'steps-too-large': 'Ab 50 kW höchstens Schritte von 1 kWh und 1 Minute.',
    'minute-price-not-exact': 'Der Preis je Minute lässt sich nicht genau anzeigen.',
  },
};

/** A finding in a short sentence. */
export function findingInWords(finding: DisplayFinding, language: Language): string {
  return WORDS[language][finding];
}
