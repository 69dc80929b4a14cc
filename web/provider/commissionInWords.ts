import type { Commission } from '@p2p-power/tariff/Commission';
import type { Words } from '../words/de.ts';
import { formatExactMoney } from '../words/format.ts';
import { type Language, localeOf } from '../words/Language.ts';

/** The parts of a commission that are not nothing, with its bounds: `0,05 € je kWh + 10 %, höchstens 5,00 €`. */
export function commissionInWords(
  terms: Commission,
  currency: string,
  { staff }: Words,
  language: Language,
): string {
  const money = (amountMicro: number) => formatExactMoney(amountMicro, currency, language);
  const percent = (perMille: number) => `${(perMille / 10).toLocaleString(localeOf(language))} %`;
  const parts = [
    terms.perKwhMicro > 0 ? `${money(terms.perKwhMicro)} ${staff.perKwh}` : '',
    terms.perHourMicro > 0 ? `${money(terms.perHourMicro)} ${staff.perHour}` : '',
    terms.sharePerMille > 0 ? percent(terms.sharePerMille) : '',
    terms.perSessionMicro > 0 ? `${money(terms.perSessionMicro)} ${staff.perSession}` : '',
  ].filter(Boolean);
  const bounds = [
    terms.leastMicro === undefined ? '' : `${staff.atLeast} ${money(terms.leastMicro)}`,
    terms.mostMicro === undefined ? '' : `${staff.atMost} ${money(terms.mostMicro)}`,
  ].filter(Boolean);
  return [parts.join(' + ') || staff.nothing, ...bounds].join(', ');
}
