import { displayPrice } from '@p2p-power/tariff/displayPrice';
import { useCallback, useEffect, useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { useObservable } from '../store/Observable.ts';
import { formatEvseId, formatPower } from '../words/format.ts';
import { type PricedPoint, parsePricedPoint } from './PricedPoint.ts';
import { PricesEditor } from './PricesEditor.tsx';
import { emptyForm, formOf } from './TariffForm.ts';

/** Where an operator sets the prices of one of its points. */
export default function PricesPage({ evseId }: { readonly evseId: string }) {
  const { api } = useServices();
  const { words, language } = useWords();
  const [point, setPoint] = useState<PricedPoint>();
  const [refusal, setRefusal] = useState<{ readonly refusal: string; readonly detail: string }>();
  const [loads, setLoads] = useState(0);

  const load = useCallback(async () => {
    const answer = await api.asDriver('GET', '/operator/points');
    const read = answer.ok ? parsePricedPoint(answer.value, evseId) : undefined;
    if (read === undefined)
      setRefusal(
        answer.ok
          ? { refusal: 'point-unknown', detail: words.prices.notYours }
          : { refusal: answer.refusal, detail: answer.detail },
      );
    else {
      setRefusal(undefined);
      setPoint(read);
      setLoads((count) => count + 1);
    }
  }, [api, evseId, words]);
  useEffect(() => void load(), [load]);

  return (
    <Page
      title={words.prices.title}
      back={hrefOf({ page: 'operator' })}
      className="page-columns"
      beside={
        point && (
          <span className="soft small">
            {point.name} · {formatEvseId(evseId)} · {formatPower(point.powerW, language)}
          </span>
        )
      }
    >
      {refusal !== undefined && (
        <div className="full">
          <RefusalNotice refusal={refusal} />
        </div>
      )}
      {point === undefined && refusal === undefined && <Waiting>{words.loading}</Waiting>}
      {point !== undefined && (
        <Editable key={loads} point={point} isPublished={loads > 1} onPublished={load} />
      )}
    </Page>
  );
}

function Editable({
  point,
  isPublished,
  onPublished,
}: {
  readonly point: PricedPoint;
  readonly isPublished: boolean;
  readonly onPublished: () => Promise<void>;
}) {
  const { words, language } = useWords();
  const network = useObservable(useServices().network);
  const [isAnew, setIsAnew] = useState(false);
  const { tariff, evseId } = point;
  const providerId = network?.providerId ?? '';
  const empty = emptyForm({
    countryCode: tariff?.countryCode ?? providerId.slice(0, 2),
    partyId: tariff?.partyId ?? providerId.slice(2, 5),
    id: tariff?.id ?? evseId.replaceAll('*', '').slice(0, 36),
    currency: tariff?.currency ?? point.frame?.currency ?? network?.currency ?? 'EUR',
  });
  if (tariff === undefined || isAnew)
    return <PricesEditor {...{ point, isPublished, onPublished }} before={empty} />;
  const form = formOf(tariff);
  if (form.ok) return <PricesEditor {...{ point, isPublished, onPublished }} before={form.value} />;
  return (
    <>
      <Notice kind="warn" title={words.prices.beyondTitle}>
        {words.prices.beyondHas(words.prices.beyond[form.refusal])}
        <ul>
          {displayPrice(tariff, language).map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </Notice>
      <div>
        <button type="button" className="button" onClick={() => setIsAnew(true)}>
          {words.prices.startAnew}
        </button>
      </div>
    </>
  );
}
