import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { checkDisplayLaw, findingInWords, isBreach } from '@p2p-power/tariff/displayLaw';
import { displayPrice } from '@p2p-power/tariff/displayPrice';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { useWords } from '../app/AppServices.ts';
import { Icon } from '../design/Icon.tsx';
import { displayedCapMicro } from '../points/dynamicPrices.ts';
import { formatExactMoney } from '../words/format.ts';
import type { PricedPoint } from './PricedPoint.ts';

/** What the driver will read of a tariff, in the order that the law asks for, and what the law says of it. */
export function DriverView({
  tariff,
  dynamic,
  point,
}: {
  readonly tariff: Tariff;
  readonly dynamic: DynamicTerms | undefined;
  readonly point: PricedPoint;
}) {
  const { words, language } = useWords();
  const findings = checkDisplayLaw(tariff, point);
  return (
    <section className="card" aria-labelledby="driver-sees">
      <h2 id="driver-sees">{words.prices.driverSees}</h2>
      <ul className="lines" data-testid="driver-sees">
        {displayPrice(tariff, language).map(({ text }) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {dynamic !== undefined && (
        <p className="soft small" data-testid="driver-dynamic">
          {words.dynamic.badge}:{' '}
          {words.dynamic.atMost(
            formatExactMoney(displayedCapMicro(tariff, dynamic.capMicro), tariff.currency, language),
          )}
        </p>
      )}
      <h3>{words.prices.law}</h3>
      <ul className="ticks" data-testid="display-law">
        {findings.map((finding) => (
          <li key={finding} className={isBreach(finding) ? 'bad' : 'open'}>
            <Icon name={isBreach(finding) ? 'warning' : 'info'} />
            <span>{findingInWords(finding, language)}</span>
          </li>
        ))}
        {findings.length === 0 && (
          <li>
            <Icon name="check" />
            <span>{words.prices.lawKept}</span>
          </li>
        )}
      </ul>
      {findings.some(isBreach) && <p className="soft small">{words.prices.lawOnlyPublic}</p>}
    </section>
  );
}
