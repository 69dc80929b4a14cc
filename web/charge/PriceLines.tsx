import type { Price } from '@p2p-power/tariff/price';
import { useWords } from '../app/AppServices.ts';
import {
  formatDuration,
  formatEnergy,
  formatExactMoney,
  formatMoney,
  formatTimeOfDay,
} from '../words/format.ts';

/** A price line by line, as the tariff's arithmetic gave it: net lines, tax, total. */
export function PriceLines({ price, chargeMicro }: { readonly price: Price; readonly chargeMicro: number }) {
  const { words, language } = useWords();
  const { currency } = price;
  return (
    <ul className="lines" data-testid="price-lines">
      {price.lines.map((line) => (
        <li key={`${line.component}-${line.elementIndex}-${line.from}`}>
          <div>
            <div>{words.tariff[line.component]}</div>
            <div className="soft small">
              {line.component === 'ENERGY'
                ? `${formatEnergy(line.quantity, language, true)} × ${formatExactMoney(line.priceMicro, currency, language)}`
                : line.component === 'FLAT'
                  ? words.tariff.perSession
                  : `${formatDuration(line.quantity)} × ${formatExactMoney(line.priceMicro, currency, language)} ${words.tariff.perHour}`}
              {line.component !== 'FLAT' &&
                ` · ${formatTimeOfDay(line.from, language)}–${formatTimeOfDay(line.to, language)}`}
            </div>
          </div>
          <span className="amount">{formatExactMoney(line.amountMicro, currency, language)}</span>
        </li>
      ))}
      <li>
        <span className="soft">{words.receipt.net}</span>
        <span className="amount">{formatExactMoney(price.exclVatMicro, currency, language)}</span>
      </li>
      <li>
        <span className="soft">{words.receipt.vat}</span>
        <span className="amount">
          {formatExactMoney(price.inclVatMicro - price.exclVatMicro, currency, language)}
        </span>
      </li>
      <li className="sum">
        <span>{words.receipt.total}</span>
        <span className="amount">
          {formatMoney(chargeMicro, currency, language)}
          <span className="soft small exact">{formatExactMoney(chargeMicro, currency, language)}</span>
        </span>
      </li>
      {(price.limit !== undefined || chargeMicro < price.inclVatMicro) && (
        <li className="soft small">
          {chargeMicro < price.inclVatMicro
            ? words.receipt.bounded
            : price.limit === 'min'
              ? words.receipt.limitMin
              : words.receipt.limitMax}
        </li>
      )}
    </ul>
  );
}
