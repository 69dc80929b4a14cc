import { explainCommission } from '@p2p-power/tariff/explainCommission';
import { useWords } from '../app/AppServices.ts';
import { formatExactMoney } from '../words/format.ts';
import { type ChargeCommission, isRepeated } from './ChargeCommission.ts';

/** What the operator earns of a charge and how that comes about, worked out here and compared with what the provider states. */
export function CommissionLines({
  commission,
  currency,
}: {
  readonly commission: ChargeCommission;
  readonly currency: string;
}) {
  const { words, language } = useWords();
  const { amountMicro, basis } = commission;
  const money = (micro: number) => formatExactMoney(micro, currency, language);
  const title = `${words.operator.commission}: ${money(amountMicro)}`;
  if (basis === undefined) return <div className="sub">{title}</div>;
  return (
    <details className="sub" data-testid="commission">
      <summary>{title}</summary>
      <ul className="lines small">
        {explainCommission(basis.terms, basis.facts, language, currency).map((line) => (
          <li key={line.text}>
            <span>{line.text}</span>
            <span className="amount">{money(line.amountMicro ?? 0)}</span>
          </li>
        ))}
      </ul>
      {!isRepeated(commission) && <p className="sub why">{words.operator.commissionDiffers}</p>}
    </details>
  );
}
