import type { Benefit, Promotion } from '@p2p-power/tariff/Promotion';
import { useState } from 'react';
import { useNow, useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { RefusalNotice, Waiting } from '../design/Notice.tsx';
import { currencySign, formatDay, formatMoney } from '../words/format.ts';
import type { StaffCall } from './StaffAccess.ts';
import { parseRunningPromotions, promotionId, type RunningPromotion, stateOf } from './StaffPrices.ts';
import { type StaffList, useStaffList } from './useStaffList.ts';

/** Promotions with what they have borne: running ones can be ended, new ones started. */
export function PromotionsCard({ call, currency }: { readonly call: StaffCall; readonly currency: string }) {
  const { words } = useWords();
  const list = useStaffList(call, '/admin/promotions', parseRunningPromotions);
  return (
    <section className="card" aria-labelledby="promotions" data-testid="promotions">
      <h2 id="promotions">{words.staff.promotions}</h2>
      <p className="soft small">{words.staff.promotionsHint}</p>
      {list.value === undefined && list.refusal === undefined && <Waiting>{words.loading}</Waiting>}
      {list.value?.length === 0 && <p>{words.staff.noPromotions}</p>}
      <ul className="lines">
        {list.value?.map((running) => (
          <Running key={running.promotion.id} running={running} list={list} />
        ))}
      </ul>
      {list.refusal !== undefined && <RefusalNotice refusal={list.refusal} withDetail />}
      <details>
        <summary>{words.staff.newPromotion}</summary>
        <NewPromotion key={list.value?.length} {...{ list, currency }} />
      </details>
    </section>
  );
}

function Running({
  running,
  list,
}: {
  readonly running: RunningPromotion;
  readonly list: StaffList<readonly RunningPromotion[]>;
}) {
  const { words, language } = useWords();
  const now = useNow(60_000);
  const { promotion, spentMicro, charges, customers } = running;
  const { budgetMicro, currency, title, id, startsAt, endsAt } = promotion;
  const state = stateOf(running, now);
  const money = (amountMicro: number) => formatMoney(amountMicro, currency, language);
  return (
    <li className="wraps">
      <div>
        <strong>{title}</strong>{' '}
        <span className={`badge ${state === 'running' ? 'good' : ''}`}>
          {words.staff.promotionStates[state]}
        </span>
        <div>
          {budgetMicro === undefined
            ? words.staff.spentSoFar(money(spentMicro))
            : words.staff.spent(money(spentMicro), money(budgetMicro))}
          , {words.staff.reach(charges, customers)}
        </div>
        <div className="soft small">
          {formatDay(startsAt, language)} – {formatDay(endsAt - 1, language)}
        </div>
      </div>
      {(state === 'running' || state === 'coming') && (
        <button
          type="button"
          className="button plain small"
          disabled={list.isBusy}
          onClick={() => void list.act('DELETE', `/admin/promotions/${encodeURIComponent(id)}`)}
        >
          {words.staff.end}
        </button>
      )}
    </li>
  );
}

const benefits = ['free-energy', 'percent-off', 'amount-off'] as const;
/** Decimals in which what each gives is typed: kWh to the Wh, percent to the tenth, money to the micro-unit. */
const placesOf = { 'free-energy': 3, 'percent-off': 1, 'amount-off': 6 } as const;

function benefitOf(type: Benefit['type'], amount: number): Benefit {
  switch (type) {
    case 'free-energy':
      return { type, energyWh: amount };
    case 'percent-off':
      return { type, perMille: amount };
    case 'amount-off':
      return { type, amountMicro: amount };
  }
}

const dayInput = (at: number): string => {
  const date = new Date(at * 1000);
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
};
/** Midnight at the start of a day by the device's clock, `days` later. */
const startOf = (day: string, days = 0): number => {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + days);
  return Math.floor(date.getTime() / 1000);
};

function NewPromotion({
  list,
  currency,
}: {
  readonly list: StaffList<readonly RunningPromotion[]>;
  readonly currency: string;
}) {
  const { words } = useWords();
  const now = useNow(60_000);
  const [title, setTitle] = useState('');
  const [type, setType] = useState<Benefit['type']>('free-energy');
  const [amount, setAmount] = useState<number | null>(null);
  const [firstDay, setFirstDay] = useState(() => dayInput(now));
  const [lastDay, setLastDay] = useState(() => dayInput(now + 30 * 86_400));
  const [budgetMicro, setBudget] = useState<number | null | undefined>();
  const [customerMicro, setCustomer] = useState<number | null | undefined>();
  const sign = currencySign(currency);
  const startsAt = startOf(firstDay);
  const endsAt = startOf(lastDay, 1);
  const isTyped =
    title.trim() !== '' &&
    amount !== null &&
    startsAt < endsAt &&
    budgetMicro !== null &&
    customerMicro !== null;
  const bound = (
    name: string,
    label: string,
    value: number | null | undefined,
    onChange: (value: number | null | undefined) => void,
  ) => (
    <DecimalField
      {...{ name, label, value, onChange }}
      places={6}
      unit={sign}
      hints={[words.staff.unlimited]}
      mayBeEmpty
    />
  );
  return (
    <form
      style={{ display: 'flex', flexDirection: 'column', gap: 12, marginTop: 12 }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isTyped) return;
        const promotion: Promotion = {
          id: promotionId(title, startsAt),
          title: title.trim(),
          benefit: benefitOf(type, amount),
          currency,
          startsAt,
          endsAt,
          ...(typeof budgetMicro === 'number' && { budgetMicro }),
          ...(typeof customerMicro === 'number' && { customerMicro }),
        };
        void list.act('POST', '/admin/promotions', promotion);
      }}
    >
      <label className="field">
        <span>{words.staff.promotionTitle}</span>
        <input
          name="promotion-title"
          maxLength={60}
          value={title}
          onChange={({ target }) => setTitle(target.value)}
        />
      </label>
      <div className="fields">
        <label className="field wide">
          <span>{words.staff.benefit}</span>
          <select
            name="promotion-benefit"
            value={type}
            onChange={({ target }) => {
              setType(benefits.find((known) => known === target.value) ?? 'free-energy');
              setAmount(null);
            }}
          >
            {benefits.map((option) => (
              <option key={option} value={option}>
                {words.staff.benefits[option]}
              </option>
            ))}
          </select>
        </label>
        <DecimalField
          key={type}
          name="promotion-amount"
          label={words.staff.howMuch}
          places={placesOf[type]}
          value={amount ?? undefined}
          onChange={(typed) => setAmount(typed ?? null)}
          unit={type === 'free-energy' ? 'kWh' : type === 'percent-off' ? '%' : sign}
        />
        {bound('promotion-budget', words.staff.budget, budgetMicro, setBudget)}
        {bound('promotion-customer', words.staff.perCustomer, customerMicro, setCustomer)}
        <label className="field">
          <span>{words.staff.firstDay}</span>
          <input
            type="date"
            name="promotion-first"
            value={firstDay}
            onChange={({ target }) => setFirstDay(target.value)}
          />
        </label>
        <label className="field">
          <span>{words.staff.lastDay}</span>
          <input
            type="date"
            name="promotion-last"
            value={lastDay}
            aria-invalid={!(startsAt < endsAt)}
            onChange={({ target }) => setLastDay(target.value)}
          />
        </label>
      </div>
      <button type="submit" className="button" disabled={list.isBusy || !isTyped}>
        {words.staff.addPromotion}
      </button>
    </form>
  );
}
