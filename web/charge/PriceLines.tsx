import type { Price } from '@p2p-power/tariff/price';
import { useWords } from '../app/AppServices.ts';
import { formatDuration, formatEnergy, formatExactMoney, formatMoney } from '../words/format.ts';
import { type PriceEntry, type PriceGroup, priceGroups } from './priceGroups.ts';

/** A price line by line with the reason of each, as the tariff's arithmetic gave it, then tax and total. */
export function PriceLines({
  price,
  chargeMicro,
  timeZone,
}: {
  readonly price: Price;
  readonly chargeMicro: number;
  readonly timeZone: string;
}) {
  const { words, language } = useWords();
  const { currency } = price;
  return (
    <ul className="lines" data-testid="price-lines">
      {priceGroups(price, language, timeZone).map((entry) =>
        'entries' in entry ? (
          <Group key={entry.component} group={entry} currency={currency} />
        ) : (
          <Entry key={entry.texts.join()} entry={entry} currency={currency} />
        ),
      )}
      <li className="sum">
        <span>{words.receipt.total}</span>
        <span className="amount">
          {formatMoney(chargeMicro, currency, language)}
          <span className="soft small exact">{formatExactMoney(chargeMicro, currency, language)}</span>
        </span>
      </li>
      {chargeMicro < price.inclVatMicro && <li className="soft small">{words.receipt.bounded}</li>}
    </ul>
  );
}

function Entry({ entry, currency }: { readonly entry: PriceEntry; readonly currency: string }) {
  const { words, language } = useWords();
  const { component, texts, amountMicro } = entry;
  return (
    <li>
      <div>
        {component !== undefined && <div>{words.tariff[component]}</div>}
        {texts.map((text) => (
          <div key={text} className="soft small">
            {text}
          </div>
        ))}
      </div>
      <span className="amount">{formatExactMoney(amountMicro, currency, language)}</span>
    </li>
  );
}

/** Many lines of one dimension: their sum and mean, and each of them behind it. */
function Group({ group, currency }: { readonly group: PriceGroup; readonly currency: string }) {
  const { words, language } = useWords();
  const { component, entries, amountMicro, quantity } = group;
  const isEnergy = component === 'ENERGY';
  const each =
    quantity === 0 ? 0 : Math.round((amountMicro * (isEnergy ? 1_000 : 3_600)) / quantity / 100) * 100;
  const mean = `${formatExactMoney(each, currency, language)} ${isEnergy ? words.tariff.perKwh : words.tariff.perHour}`;
  return (
    <li className="wraps">
      <div>
        <div>{words.tariff[component]}</div>
        <div className="soft small">
          {isEnergy ? formatEnergy(quantity, language, true) : formatDuration(quantity)} ·{' '}
          {words.done.onAverage(mean)}
        </div>
      </div>
      <span className="amount">{formatExactMoney(amountMicro, currency, language)}</span>
      <details className="remark">
        <summary className="small soft">{words.done.everyLine(entries.length)}</summary>
        <ul className="lines small">
          {entries.map((entry) => (
            <li key={entry.texts.join()}>
              <span className="soft">{entry.texts.join(' ')}</span>
              <span className="amount">{formatExactMoney(entry.amountMicro, currency, language)}</span>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}
