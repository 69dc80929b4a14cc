import {
  type DynamicTerms,
  type DynamicTermsRefusal,
  parseDynamicTerms,
} from '@p2p-power/tariff/DynamicTerms';
import { type Result, refuse } from '@p2p-power/tariff/Result';
import type { Typed } from './TariffForm.ts';

/** Dynamic terms as they are typed in; a fallback left out means that the point is not offered without a signal. */
export interface DynamicForm {
  readonly area: string;
  readonly factorPerMille: Typed;
  readonly marginMicro: Typed;
  readonly floorMicro: Typed;
  readonly capMicro: Typed;
  readonly fallbackMicro?: Typed;
  readonly maxAgeS: Typed;
}

/** What is proposed where energy begins to follow the market: at most what it costs now. */
export function newDynamicForm(area: string, energyMicro: number): DynamicForm {
  return {
    area,
    factorPerMille: 1_000,
    marginMicro: Math.min(100_000, energyMicro),
    floorMicro: Math.min(100_000, energyMicro),
    capMicro: energyMicro,
    fallbackMicro: energyMicro,
    maxAgeS: 36 * 3_600,
  };
}

export const dynamicFormOf = (terms: DynamicTerms): DynamicForm => ({ ...terms });

/** The terms that a form says; `number-missing` where a number is not one, else what the terms are refused for. */
export function dynamicTermsOf(
  form: DynamicForm,
): Result<DynamicTerms, DynamicTermsRefusal | 'number-missing'> {
  const { area, factorPerMille, marginMicro, floorMicro, capMicro, fallbackMicro, maxAgeS } = form;
  const numbers = [factorPerMille, marginMicro, floorMicro, capMicro, fallbackMicro, maxAgeS];
  if (numbers.includes(null)) return refuse('number-missing', 'a number is missing or is none');
  return parseDynamicTerms({
    area: area.trim(),
    factorPerMille,
    marginMicro,
    floorMicro,
    capMicro,
    ...(fallbackMicro !== undefined && { fallbackMicro }),
    maxAgeS,
  });
}
