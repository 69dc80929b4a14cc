import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';
import { monthBounds, monthOf } from '../bill/Statement.ts';
import { saveFile } from '../charge/saveFile.ts';
import { Icon } from '../design/Icon.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { nameOfProvider } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import { formatEnergy, formatEvseId, formatInstant, formatMoney, shorten } from '../words/format.ts';
import { refusedOperatorCharge } from '../words/refusedOperatorCharge.ts';
import { BankAccountCard } from './BankAccountCard.tsx';
import { CommissionLines } from './CommissionLines.tsx';
import {
  amountToRedeem,
  canCancel,
  isAnswer,
  type OperatorBalance,
  type OperatorCharge,
  type OperatorPoint,
  parseBalance,
  parseOperatorCharges,
  parseOperatorPoints,
  parseRedemptions,
  type Redemption,
  type RedemptionRequest,
  requestOf,
  tariffInWords,
} from './OperatorAccount.ts';

interface View {
  readonly balance?: OperatorBalance;
  readonly points: readonly OperatorPoint[];
  readonly charges: readonly OperatorCharge[];
  readonly redemptions: readonly Redemption[];
}

type Refused = { readonly refusal: string; readonly detail: string };

/** The operator's points, charges and money: plain, and all there. */
export default function OperatorPage() {
  const { api, now } = useServices();
  const { words, language } = useWords();
  const [view, setView] = useState<View>();
  const [refusal, setRefusal] = useState<Refused>();
  const [message, setMessage] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const unanswered = useRef<RedemptionRequest>(undefined);

  const load = useCallback(async () => {
    const [balance, points, charges, redemptions] = await Promise.all([
      api.asDriver('GET', '/operator/balance'),
      api.asDriver('GET', '/operator/points'),
      api.asDriver('GET', '/operator/charges'),
      api.asDriver('GET', '/operator/redemptions'),
    ]);
    const failed = [balance, points, charges, redemptions].find(({ ok }) => !ok);
    setRefusal(failed?.ok === false ? { refusal: failed.refusal, detail: failed.detail } : undefined);
    if (!balance.ok) return;
    const read = parseBalance(balance.value);
    setView({
      ...(read !== undefined && { balance: read }),
      points: points.ok ? parseOperatorPoints(points.value) : [],
      charges: charges.ok ? parseOperatorCharges(charges.value) : [],
      redemptions: redemptions.ok ? parseRedemptions(redemptions.value) : [],
    });
  }, [api]);
  useEffect(() => void load(), [load]);

  const act = async (
    method: 'POST' | 'DELETE',
    path: string,
    body: unknown,
    done: (answer: unknown) => string,
  ) => {
    setIsBusy(true);
    setMessage('');
    const answer = await api.asDriver(method, path, body);
    if (answer.ok) {
      setMessage(done(answer.value));
      await load();
    } else setRefusal({ refusal: answer.refusal, detail: answer.detail });
    setIsBusy(false);
    return answer.ok ? undefined : answer;
  };
  const saveCsv = async () => {
    const month = monthOf(now());
    const { from, to } = monthBounds(month);
    const csv = await api.textAsDriver(
      `/operator/statement?from=${from}&to=${to}&format=csv&separator=${language === 'de' ? 'semicolon' : 'comma'}`,
    );
    if (csv.ok) saveFile(`p2p-power-operator-${month}.csv`, csv.value, 'text/csv');
    else setRefusal({ refusal: csv.refusal, detail: csv.detail });
  };

  return (
    <Page title={words.operator.title} back={hrefOf({ page: 'me' })} className="page-columns">
      <div className="full" aria-live="polite">
        {refusal !== undefined && <RefusalNotice refusal={refusal} />}
        {message !== '' && <Notice kind="good">{message}</Notice>}
        {view === undefined && refusal === undefined && <Waiting>{words.loading}</Waiting>}
      </div>
      {view?.balance !== undefined && (
        <>
          <div className="column">
            <Points points={view.points} />
            <Money
              balance={view.balance}
              isBusy={isBusy}
              onClaim={() =>
                void act('POST', '/operator/claims', {}, (answer) => {
                  const paid = (answer as { paidMicro?: unknown } | undefined)?.paidMicro;
                  return typeof paid === 'number' && paid > 0
                    ? words.operator.claimed(formatMoney(paid, view.balance?.currency ?? 'EUR', language))
                    : words.operator.nothingToClaim;
                })
              }
              onRedeem={async (wanted, onDone) => {
                const request = requestOf(unanswered.current, wanted, () => crypto.randomUUID());
                unanswered.current = request;
                const refused = await act(
                  'POST',
                  '/operator/redemptions',
                  request,
                  () => words.operator.requested,
                );
                if (refused === undefined || isAnswer(refused.refusal)) unanswered.current = undefined;
                if (refused === undefined) onDone();
              }}
            />
            <BankAccountCard />
          </div>
          <div className="column">
            <Charges charges={view.charges} />
            <button type="button" className="button" onClick={() => void saveCsv()}>
              <Icon name="download" size={20} />
              {words.operator.statement}
            </button>
            <Redemptions
              redemptions={view.redemptions}
              currency={view.balance.currency}
              isBusy={isBusy}
              onCancel={(id) => void act('DELETE', `/operator/redemptions/${id}`, undefined, () => '')}
            />
          </div>
        </>
      )}
    </Page>
  );
}

function Money({
  balance,
  isBusy,
  onClaim,
  onRedeem,
}: {
  readonly balance: OperatorBalance;
  readonly isBusy: boolean;
  readonly onClaim: () => void;
  /** `onDone` is called where it was accepted. */
  readonly onRedeem: (wanted: Omit<RedemptionRequest, 'requestId'>, onDone: () => void) => Promise<void>;
}) {
  const { words, language } = useWords();
  const network = useObservable(useServices().network);
  const [typed, setTyped] = useState<string>();
  const [chosen, setChosen] = useState<string>();
  const provider = chosen ?? network?.providerId ?? '';
  const money = (amountMicro: number) => formatMoney(amountMicro, balance.currency, language);
  const tokensMicro = balance.tokensMicro ?? 0;
  const { text, amountMicro, canRedeem } = amountToRedeem(typed, tokensMicro, language);
  const rows: readonly (readonly [name: string, hint: string, value: string, id: string])[] = [
    [words.operator.waiting, '', money(balance.waitingMicro), 'waiting'],
    ...(balance.refusedMicro > 0
      ? [
          [
            words.operator.refused,
            words.operator.refusedHint,
            money(balance.refusedMicro),
            'refused',
          ] as const,
        ]
      : []),
    [words.operator.earned, words.operator.earnedHint, money(balance.earnedMicro), 'earned'],
    [words.operator.claimable, words.operator.claimableHint, money(balance.claimableMicro), 'claimable'],
    [
      words.operator.tokens,
      balance.tokensMicro === undefined ? words.operator.tokensUnknown : words.operator.tokensHint,
      balance.tokensMicro === undefined ? '–' : money(tokensMicro),
      'tokens',
    ],
    [words.operator.redeeming, '', money(balance.redeemingMicro), 'redeeming'],
    [words.operator.redeemed, '', money(balance.redeemedMicro), 'redeemed'],
    [words.operator.own, '', money(balance.ownMicro), 'own'],
  ];
  return (
    <section className="card" aria-labelledby="money">
      <div className="card-head">
        <h2 id="money">{words.operator.money}</h2>
        <span className="soft small number" title={balance.account}>
          {words.operator.account} {shorten(balance.account)}
        </span>
      </div>
      <ul className="lines">
        {rows.map(([name, hint, value, id]) => (
          <li key={id}>
            <div>
              <div>{name}</div>
              {hint !== '' && <div className="soft small">{hint}</div>}
            </div>
            <span className="amount" data-testid={`operator-${id}`}>
              {value}
            </span>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button primary"
        disabled={isBusy || balance.claimableMicro <= 0}
        onClick={onClaim}
      >
        {words.operator.claim}
      </button>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          if (canRedeem && amountMicro !== undefined)
            void onRedeem({ amountMicro, provider }, () => setTyped(undefined));
        }}
      >
        <label className="field wide">
          <span>{words.operator.redeemAmount}</span>
          <input
            name="redeem-amount"
            inputMode="decimal"
            value={text}
            aria-invalid={amountMicro === undefined}
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
        <label className="field wide">
          <span>{words.operator.redeemFrom}</span>
          <select name="redeem-provider" value={provider} onChange={({ target }) => setChosen(target.value)}>
            {network?.members.map((member) => (
              <option key={member.providerId} value={member.providerId}>
                {member.name}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button wide" disabled={isBusy || !canRedeem}>
          {words.operator.redeem}
        </button>
      </form>
      <p className="soft small">{words.operator.redeemHint}</p>
    </section>
  );
}

function Section({
  id,
  title,
  isEmpty,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly isEmpty: boolean;
  readonly children: ReactNode;
}) {
  const { words } = useWords();
  return (
    <section className="card flush" aria-labelledby={id}>
      <h2 id={id} style={{ padding: 16 }}>
        {title}
      </h2>
      {isEmpty ? (
        <p className="soft" style={{ padding: '0 16px 16px' }}>
          {words.operator.none}
        </p>
      ) : (
        children
      )}
    </section>
  );
}

const good = ['settled', 'paid', 'accepted', 'booked'];
const badgeOf = (state: string) =>
  good.includes(state) ? 'good' : state === 'refused' || state === 'overdue' ? 'bad' : '';

function Points({ points }: { readonly points: readonly OperatorPoint[] }) {
  const { words, language } = useWords();
  return (
    <Section id="points" title={words.operator.points} isEmpty={points.length === 0}>
      <ul>
        {points.map((point) => (
          <li key={point.evseId}>
            <a
              className="row"
              style={{ borderTop: '1px solid var(--line)' }}
              href={hrefOf({ page: 'point', evseId: point.evseId })}
            >
              <span className={`dot ${point.live ? 'free' : ''}`} aria-hidden="true" />
              <div className="what">
                <div className="name">{point.name}</div>
                <div className="sub why">{tariffInWords(point, language) || words.operator.noTariff}</div>
                <div className="sub why">
                  {point.lastSeenAt === undefined
                    ? words.operator.never
                    : words.operator.lastSeen(formatInstant(point.lastSeenAt, language))}
                </div>
              </div>
              <span className={`badge ${point.live ? 'good' : ''}`}>
                {point.live ? words.operator.live : words.operator.silent}
              </span>
            </a>
            <div style={{ padding: '0 16px 12px' }}>
              <a className="button small" href={hrefOf({ page: 'prices', evseId: point.evseId })}>
                {words.prices.edit}
              </a>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Charges({ charges }: { readonly charges: readonly OperatorCharge[] }) {
  const { words, language } = useWords();
  const network = useObservable(useServices().network);
  const [isAll, setIsAll] = useState(false);
  const shown = isAll ? charges : charges.slice(0, 8);
  return (
    <Section id="charges" title={words.operator.charges} isEmpty={charges.length === 0}>
      <ul data-testid="operator-charges">
        {shown.map((charge) => (
          <li key={charge.cdrId}>
            <div className="row" style={{ borderTop: '1px solid var(--line)' }}>
              <div className="what">
                <div className="name">{formatEvseId(charge.evseId)}</div>
                <div className="sub">
                  {formatInstant(charge.endedAt, language)} · {formatEnergy(charge.importedWh, language)}
                </div>
                <div className="sub">{nameOfProvider(network, charge.driverProvider)}</div>
                {charge.commission !== undefined && (
                  <CommissionLines commission={charge.commission} currency={charge.currency} />
                )}
                {charge.refusal !== undefined && (
                  <div className="sub why" data-testid="refused-because">
                    {refusedOperatorCharge(charge.refusal, charge.refusalDetail ?? '', language)}{' '}
                    <code translate="no">{charge.refusal}</code>
                  </div>
                )}
              </div>
              <div className="value">
                <strong>{formatMoney(charge.chargeMicro, charge.currency, language)}</strong>
                <span className={`badge ${badgeOf(charge.state)}`}>
                  {words.operator.states[charge.state] ?? charge.state}
                </span>
              </div>
            </div>
          </li>
        ))}
      </ul>
      {shown.length < charges.length && (
        <button type="button" className="button plain" onClick={() => setIsAll(true)}>
          {words.operator.more}
        </button>
      )}
    </Section>
  );
}

function Redemptions({
  redemptions,
  currency,
  isBusy,
  onCancel,
}: {
  readonly redemptions: readonly Redemption[];
  readonly currency: string;
  readonly isBusy: boolean;
  readonly onCancel: (redemptionId: string) => void;
}) {
  const { words, language } = useWords();
  const network = useObservable(useServices().network);
  return (
    <Section id="redemptions" title={words.operator.redemptions} isEmpty={redemptions.length === 0}>
      <ul data-testid="redemptions">
        {redemptions.map((redemption) => (
          <li key={redemption.redemptionId}>
            <div className="row" style={{ borderTop: '1px solid var(--line)' }}>
              <div className="what">
                <div className="name">{formatMoney(redemption.amountMicro, currency, language)}</div>
                <div className="sub">
                  {formatInstant(redemption.requestedAt, language)}
                  {redemption.provider !== undefined && ` · ${nameOfProvider(network, redemption.provider)}`}
                </div>
                {redemption.dueAt !== undefined && canCancel(redemption) && (
                  <div className="sub">{words.operator.dueBy(formatInstant(redemption.dueAt, language))}</div>
                )}
                {redemption.bankReference !== undefined && (
                  <div className="sub">{words.operator.reference(redemption.bankReference)}</div>
                )}
              </div>
              <div className="value">
                <span className={`badge ${badgeOf(redemption.state)}`}>
                  {words.operator.states[redemption.state] ?? redemption.state}
                </span>
              </div>
              {canCancel(redemption) && (
                <button
                  type="button"
                  className="button"
                  disabled={isBusy}
                  onClick={() => onCancel(redemption.redemptionId)}
                >
                  {words.operator.cancel}
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
