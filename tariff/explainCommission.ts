import { type Commission, type CommissionFacts, workOutCommission } from './Commission.ts';
import type { ExplainedLine } from './explain.ts';
import { amountInWords, durationInWords, energyInWords, type Language, thousandthsInWords } from './words.ts';

const WORDS = {
  en: {
    share: (percent: string, amount: string) => `${percent} % of ${amount} before tax`,
    session: 'for the session',
    rounding: 'rounding of the sum',
    least: 'raised to the least that was agreed',
    most: 'lowered to the most that was agreed',
    charge: 'no more than the charge costs before tax',
    per: 'at',
  },
  de: {
    share: (percent: string, amount: string) => `${percent} % von ${amount} vor Steuer`,
    session: 'für den Ladevorgang',
    rounding: 'Rundung der Summe',
    least: 'angehoben auf den vereinbarten Mindestbetrag',
    most: 'gesenkt auf den vereinbarten Höchstbetrag',
    charge: 'nicht mehr, als die Ladung vor Steuer kostet',
    per: 'zu',
  },
} as const;

/**
 * How what the operator gets of a charge was worked out, in lines of a statement: each part of the commission that is agreed, and
 * what rounding or a bound changed. Amounts are before tax, in micro-units, and add up to `operatorShare`.
 *
 * @example
 * explainCommission(garage, facts, 'en', 'EUR').map(({ text }) => text)
 * // ['7.500 kWh at 0.05 €/kWh', '1 h 15 min at 0.36 €/h', '40 % of 3.385 € before tax']
 */
export function explainCommission(
  commission: Commission,
  facts: CommissionFacts,
  language: Language,
  currency: string,
): readonly ExplainedLine[] {
  const words = WORDS[language];
  const { perKwhMicro, perHourMicro, sharePerMille, perSessionMicro } = commission;
  const working = workOutCommission(commission, facts);
  const { energyMicro, timeMicro, shareMicro, sessionMicro, bound, sumMicro, amountMicro } = working;
  const sign = currency === 'EUR' ? '€' : currency;
  const money = (micro: number) => `${amountInWords(micro, language)} ${sign}`;
  const energy = `${energyInWords(facts.energyWh, language)} ${words.per} ${money(perKwhMicro)}/kWh`;
  const time = `${durationInWords(facts.durationS)} ${words.per} ${money(perHourMicro)}/h`;
  const share = words.share(thousandthsInWords(sharePerMille * 100, language), money(facts.exclVatMicro));
  const parts: readonly (readonly [agreed: number, text: string, amountMicro: number])[] = [
    [perKwhMicro, energy, energyMicro],
    [perHourMicro, time, timeMicro],
    [sharePerMille, share, shareMicro],
    [perSessionMicro, words.session, sessionMicro],
  ];
  const lines = parts
    .filter(([agreed]) => agreed > 0)
    .map(([, text, amount]): ExplainedLine => ({ text, amountMicro: amount }));
  const roundedMicro = sumMicro - lines.reduce((sum, line) => sum + (line.amountMicro ?? 0), 0);
  return [
    ...lines,
    ...(roundedMicro === 0 ? [] : [{ text: words.rounding, amountMicro: roundedMicro }]),
    ...(bound === undefined ? [] : [{ text: words[bound], amountMicro: amountMicro - sumMicro }]),
  ];
}
