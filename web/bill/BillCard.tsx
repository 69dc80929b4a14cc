import { thousandthsInWords } from '@p2p-power/tariff/words';
import { useEffect, useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { nameOfProvider } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import { formatMoney } from '../words/format.ts';
import { type ChargeBill, owedMicro, parseChargeBill } from './ChargeSplit.ts';
import { SplitLines } from './SplitLines.tsx';

/** What the driver's provider states of a charge: its parts, what it bears, what is left to pay. Nothing if it states nothing. */
export function BillCard({
  cdrId,
  chargeMicro,
  currency,
}: {
  readonly cdrId: string;
  readonly chargeMicro: number;
  readonly currency: string;
}) {
  const { words, language } = useWords();
  const network = useObservable(useServices().network);
  const bill = useBill(cdrId);
  if (bill === undefined || bill.chargeMicro !== chargeMicro) return null;
  const { split, promotions, creditMicro } = bill;
  if (split === undefined && promotions.length === 0) return null;
  const money = (amountMicro: number) => formatMoney(amountMicro, currency, language);
  return (
    <section className="card" aria-labelledby="bill-card" data-testid="bill-card">
      <h2 id="bill-card">{words.done.split}</h2>
      {split !== undefined && <SplitLines split={split} currency={currency} />}
      {promotions.length > 0 && (
        <ul className="lines">
          {promotions.map(({ title, amountMicro, taxes }) => (
            <li key={title}>
              <div>
                <div>{words.done.promotion}</div>
                <div className="soft small">{title}</div>
                {taxes.map(({ vatBp, exclVatMicro, vatMicro }) => (
                  <div key={vatBp} className="soft small">
                    {words.done.promotionTax(
                      money(-exclVatMicro),
                      `${thousandthsInWords(vatBp * 10, language)} %`,
                      money(-vatMicro),
                    )}
                  </div>
                ))}
              </div>
              <span className="amount">{money(-amountMicro)}</span>
            </li>
          ))}
          {creditMicro > 0 && (
            <li>
              <span>{words.receipt.credit}</span>
              <span className="amount">{money(-creditMicro)}</span>
            </li>
          )}
          <li className="sum">
            <div>
              <div>{words.done.owed}</div>
              {bill.owedVatMicro !== undefined && (
                <div className="soft small">{words.done.owedVat(money(bill.owedVatMicro))}</div>
              )}
            </div>
            <span className="amount">{money(owedMicro(bill))}</span>
          </li>
        </ul>
      )}
      <p className="soft small">{words.done.statedBy(nameOfProvider(network, network?.providerId ?? ''))}</p>
    </section>
  );
}

function useBill(cdrId: string): ChargeBill | undefined {
  const { api, account } = useServices();
  const { session } = useObservable(account);
  const isSignedIn = session !== undefined;
  const [bill, setBill] = useState<ChargeBill>();
  useEffect(() => {
    if (!isSignedIn) return;
    let isCurrent = true;
    void api.asDriver('GET', `/me/charges/${encodeURIComponent(cdrId)}/bill`).then((answer) => {
      if (isCurrent && answer.ok) setBill(parseChargeBill(answer.value));
    });
    return () => {
      isCurrent = false;
    };
  }, [api, cdrId, isSignedIn]);
  return bill;
}
