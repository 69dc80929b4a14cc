import { checkFrame } from '@p2p-power/tariff/checkFrame';
import {
  checkDynamicTariff,
  type DynamicTariffRefusal,
  type DynamicTerms,
} from '@p2p-power/tariff/DynamicTerms';
import { checkDisplayLaw, findingInWords, isBreach } from '@p2p-power/tariff/displayLaw';
import { frameOf, type PriceFrame } from '@p2p-power/tariff/PriceFrame';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { Language } from '@p2p-power/tariff/words';
import type { PricedPoint } from './readPricedPoint.ts';

/** Why prices are not published at a point, in order of precedence. */
export type PriceRefusal =
  /** Dynamic terms, and a tariff that cannot carry them. */
  | DynamicTariffRefusal
  /** A price that can be in force passes a bound of the provider's frame; the detail names both. */
  | 'price-outside-frame'
  /** What Regulation (EU) 2023/1804 Art. 5(4) does not allow at a public point of 50 kW and more. */
  | 'tariff-not-allowed-for-power';

/** Whether a tariff, with the dynamic terms beside it, may be published at a point; what frame or law say is in `language`. */
export function checkPrices(
  point: Pick<PricedPoint, 'powerW' | 'targetGroup' | 'isPublic'>,
  tariff: Tariff,
  dynamic: DynamicTerms | undefined,
  frames: readonly PriceFrame[],
  language: Language = 'en',
): Result<Tariff, PriceRefusal> {
  if (dynamic !== undefined) {
    const carried = checkDynamicTariff(dynamic, tariff);
    if (!carried.ok) return carried;
  }
  const frame = frameOf(frames, { ...point, currency: tariff.currency });
  if (frame !== undefined) {
    const framed = checkFrame(frame, tariff, dynamic, language);
    if (!framed.ok) return framed;
  }
  const breach = checkDisplayLaw(tariff, point).find(isBreach);
  return breach === undefined
    ? accept(tariff)
    : refuse('tariff-not-allowed-for-power', `${breach}: ${findingInWords(breach, language)}`);
}
