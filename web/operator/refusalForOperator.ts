import { checkFrame } from '@p2p-power/tariff/checkFrame';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { checkDisplayLaw, findingInWords, isBreach } from '@p2p-power/tariff/displayLaw';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { Language } from '../words/Language.ts';
import type { PricedPoint } from './PricedPoint.ts';

export interface Refused {
  readonly refusal: string;
  readonly detail: string;
}

/** A refusal with its details in a language. */
export interface ToldRefusal {
  readonly refusal: Refused;
  readonly detailLanguage: Language;
}

/**
 * A refusal of prices as the operator reads it: providers write their details in English, but what a frame or the law has
 * against a tariff the app finds as they do, and says it in the operator's language. All others stay as they came.
 */
export function refusalForOperator(
  refused: Refused,
  point: Pick<PricedPoint, 'frame' | 'powerW' | 'isPublic'>,
  prices: { readonly tariff: Tariff; readonly dynamic?: DynamicTerms | undefined },
  language: Language,
): ToldRefusal {
  const detail = ownDetail(refused.refusal, point, prices, language);
  const { refusal } = refused;
  return detail === undefined
    ? { refusal: { refusal, detail: refused.detail }, detailLanguage: 'en' }
    : { refusal: { refusal, detail }, detailLanguage: language };
}

function ownDetail(
  refusal: string,
  point: Parameters<typeof refusalForOperator>[1],
  { tariff, dynamic }: Parameters<typeof refusalForOperator>[2],
  language: Language,
): string | undefined {
  if (refusal === 'price-outside-frame' && point.frame !== undefined) {
    const checked = checkFrame(point.frame, tariff, dynamic, language);
    return checked.ok ? undefined : checked.detail;
  }
  if (refusal !== 'tariff-not-allowed-for-power') return undefined;
  const breach = checkDisplayLaw(tariff, point).find(isBreach);
  return breach && findingInWords(breach, language);
}
