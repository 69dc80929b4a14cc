import { useEffect, useMemo, useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';
import { saveFile } from '../charge/saveFile.ts';
import { Icon } from '../design/Icon.tsx';
import { Empty, Notice, RefusalNotice } from '../design/Notice.tsx';
import { nameOfProvider } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import { formatEnergy, formatMoney, formatMonth } from '../words/format.ts';
import { instantAtPoint } from '../words/pointTime.ts';
import { refusedChargeInWords } from '../words/refusalWords.ts';
import {
  type BilledCharge,
  type ListedCharge,
  mergeCharges,
  parseBilledCharges,
  parseRefusedCharges,
  type RefusedCharge,
} from './BilledCharge.ts';
import { SplitLines } from './SplitLines.tsx';
import { monthAfter, monthBounds, monthOf, parseStatement, type Statement } from './Statement.ts';

/** My charges by month, and what stands on the bill. */
export function ChargesPage() {
  const services = useServices();
  const { words, language } = useWords();
  const records = useObservable(services.charges);
  const network = useObservable(services.network);
  const { session } = useObservable(services.account);
  const [billed, setBilled] = useState<readonly BilledCharge[]>([]);
  const [refused, setRefused] = useState<readonly RefusedCharge[]>([]);
  const [statement, setStatement] = useState<Statement>();
  const [refusal, setRefusal] = useState<{ readonly refusal: string; readonly detail: string }>();
  const [month, setMonth] = useState(() => monthOf(services.now()));
  const isSignedIn = session !== undefined;
  const receipts = records.filter(({ evidence }) => evidence !== undefined).length;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new receipt may be on the bill
  useEffect(() => {
    if (!isSignedIn) {
      setBilled([]);
      setRefused([]);
      return;
    }
    let isCurrent = true;
    const load = async () => {
      const kept = await services.store.get('bill/charges');
      if (isCurrent && parseBilledCharges(kept).length > 0) setBilled(parseBilledCharges(kept));
      if (isCurrent) setRefused(parseRefusedCharges(kept));
      const answer = await services.api.asDriver('GET', '/me/charges');
      if (!isCurrent) return;
      if (answer.ok) {
        setBilled(parseBilledCharges(answer.value));
        setRefused(parseRefusedCharges(answer.value));
        setRefusal(undefined);
        await services.store.put('bill/charges', answer.value);
      } else setRefusal({ refusal: answer.refusal, detail: answer.detail });
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [services, isSignedIn, receipts]);

  const { from, to } = monthBounds(month);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new receipt may be on the bill
  useEffect(() => {
    setStatement(undefined);
    if (!isSignedIn) return;
    let isCurrent = true;
    const load = async () => {
      const answer = await services.api.asDriver('GET', `/me/statement?from=${from}&to=${to}&format=json`);
      if (!isCurrent || !answer.ok) return;
      const parsed = parseStatement(answer.value);
      if (parsed.ok) setStatement(parsed.value);
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [services, isSignedIn, from, to, receipts]);

  const all = useMemo(() => mergeCharges(records, billed, refused), [records, billed, refused]);
  const ofMonth = all.filter(({ endedAt }) => endedAt >= from && endedAt < to);
  const settled = ofMonth.filter(({ state }) => state === 'receipt' || state === 'billed');
  const currency = statement?.currency ?? settled[0]?.currency ?? network?.currency ?? 'EUR';
  const ownSum = settled.reduce((sum, { amountMicro }) => sum + amountMicro, 0);
  const saveCsv = async () => {
    const csv = await services.api.textAsDriver(
      `/me/statement?from=${from}&to=${to}&format=csv&separator=${language === 'de' ? 'semicolon' : 'comma'}`,
    );
    if (csv.ok) saveFile(`p2p-power-${month}.csv`, csv.value, 'text/csv');
    else setRefusal({ refusal: csv.refusal, detail: csv.detail });
  };

  return (
    <Page title={words.charges.title}>
      <section className="card" aria-label={words.charges.bill}>
        <div className="card-head" style={{ alignItems: 'center' }}>
          <button
            type="button"
            className="button round plain"
            aria-label={words.charges.previous}
            onClick={() => setMonth(monthAfter(month, -1))}
          >
            <Icon name="left" />
          </button>
          <h2 aria-live="polite">{formatMonth(month, language)}</h2>
          <button
            type="button"
            className="button round plain"
            aria-label={words.charges.next}
            disabled={month >= monthOf(services.now())}
            onClick={() => setMonth(monthAfter(month, 1))}
          >
            <Icon name="right" />
          </button>
        </div>
        <div style={{ textAlign: 'center' }}>
          <div className="price-big" data-testid="month-total">
            {formatMoney(statement?.totalMicro ?? ownSum, currency, language)}
          </div>
          <p className="soft">
            {words.charges.count(settled.length)} ·{' '}
            {formatEnergy(
              settled.reduce((sum, { energyWh }) => sum + energyWh, 0),
              language,
            )}
          </p>
        </div>
        {statement !== undefined && (statement.promotionMicro > 0 || statement.creditMicro > 0) && (
          <ul className="lines small" data-testid="taken-off">
            {statement.promotionMicro > 0 && (
              <li>
                <span>{words.done.promotion}</span>
                <span className="amount">{formatMoney(-statement.promotionMicro, currency, language)}</span>
              </li>
            )}
            {statement.creditMicro > 0 && (
              <li>
                <span>{words.receipt.credit}</span>
                <span className="amount">{formatMoney(-statement.creditMicro, currency, language)}</span>
              </li>
            )}
          </ul>
        )}
        {statement?.split !== undefined && (
          <details>
            <summary className="small">{words.done.split}</summary>
            <SplitLines split={statement.split} currency={currency} />
          </details>
        )}
        {isSignedIn ? (
          <>
            <p className="soft small" style={{ textAlign: 'center' }}>
              {words.charges.onBill(nameOfProvider(network, network?.providerId ?? ''))}
            </p>
            <button type="button" className="button" onClick={() => void saveCsv()}>
              <Icon name="download" size={20} />
              {words.charges.csv}
            </button>
          </>
        ) : (
          <Notice>{words.charges.notSignedIn}</Notice>
        )}
      </section>
      {refusal !== undefined && refusal.refusal !== 'provider-unreachable' && (
        <RefusalNotice refusal={refusal} />
      )}
      {ofMonth.length === 0 ? (
        <Empty icon="receipt" title={words.charges.none}>
          <p className="soft">{words.charges.noneHint}</p>
        </Empty>
      ) : (
        <div className="card flush">
          <ul data-testid="charges">
            {ofMonth.map((charge) => (
              <ChargeRow key={charge.id} charge={charge} />
            ))}
          </ul>
        </div>
      )}
    </Page>
  );
}

const badgeOf = { running: 'good', asked: '', receipt: '', billed: 'good', refused: 'bad' } as const;

function ChargeRow({ charge }: { readonly charge: ListedCharge }) {
  const { words, language } = useWords();
  const isOver = charge.state !== 'running' && charge.state !== 'asked';
  const href = isOver
    ? hrefOf({ page: 'receipt', authorizationId: charge.id })
    : hrefOf({ page: 'charge', authorizationId: charge.id });
  return (
    <li>
      <a className="row" href={href}>
        <div className="what">
          <div className="name">{charge.name}</div>
          <div className="sub">{instantAtPoint(charge.at, language, charge.timeZone)}</div>
          <div className="sub">{formatEnergy(charge.energyWh, language)}</div>
          {charge.refusal !== undefined && (
            <div className="sub" data-testid="refused-because">
              {words.charges.refused}{' '}
              {refusedChargeInWords(charge.refusal.refusal, charge.refusal.detail, language)}{' '}
              <code translate="no">{charge.refusal.refusal}</code>
            </div>
          )}
        </div>
        <div className="value">
          <strong>{formatMoney(charge.amountMicro, charge.currency, language)}</strong>
          <span className={`badge ${badgeOf[charge.state]}`}>{words.charges.states[charge.state]}</span>
        </div>
      </a>
    </li>
  );
}
