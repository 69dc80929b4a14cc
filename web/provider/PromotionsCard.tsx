import { useState } from 'react';
import { useNow, useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { RefusalNotice, Waiting } from '../design/Notice.tsx';
import { currencySign, formatDay, formatMoney } from '../words/format.ts';
import {
  benefits,
  dayInput,
  lasts,
  type PromotionForm,
  placesOfBenefit,
  promotionOf,
} from './PromotionForm.ts';
import type { StaffCall } from './StaffAccess.ts';
import { parseRunningPromotions, type RunningPromotion, stateOf } from './StaffPrices.ts';
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

function NewPromotion({
  list,
  currency,
}: {
  readonly list: StaffList<readonly RunningPromotion[]>;
  readonly currency: string;
}) {
  const { words } = useWords();
  const now = useNow(60_000);
  const [form, setForm] = useState<PromotionForm>(() => ({
    title: '',
    type: 'free-energy',
    amount: null,
    firstDay: dayInput(now),
    lastDay: dayInput(now + 30 * 86_400),
  }));
  const { title, type, amount, firstDay, lastDay, budgetMicro, customerMicro } = form;
  const change = (changed: Partial<PromotionForm>) => setForm((before) => ({ ...before, ...changed }));
  const promotion = promotionOf(form, currency);
  const sign = currencySign(currency);
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
        if (promotion !== undefined) void list.act('POST', '/admin/promotions', promotion);
      }}
    >
      <label className="field">
        <span>{words.staff.promotionTitle}</span>
        <input
          name="promotion-title"
          maxLength={60}
          value={title}
          onChange={({ target }) => change({ title: target.value })}
        />
      </label>
      <div className="fields">
        <label className="field wide">
          <span>{words.staff.benefit}</span>
          <select
            name="promotion-benefit"
            value={type}
            onChange={({ target }) => {
              const chosen = benefits.find((known) => known === target.value) ?? 'free-energy';
              change({ type: chosen, amount: null });
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
          places={placesOfBenefit[type]}
          value={amount ?? undefined}
          onChange={(typed) => change({ amount: typed ?? null })}
          unit={type === 'free-energy' ? 'kWh' : type === 'percent-off' ? '%' : sign}
        />
        {bound('promotion-budget', words.staff.budget, budgetMicro, (typed) =>
          change({ budgetMicro: typed }),
        )}
        {bound('promotion-customer', words.staff.perCustomer, customerMicro, (typed) =>
          change({ customerMicro: typed }),
        )}
        <label className="field">
          <span>{words.staff.firstDay}</span>
          <input
            type="date"
            name="promotion-first"
            value={firstDay}
            onChange={({ target }) => change({ firstDay: target.value })}
          />
        </label>
        <label className="field">
          <span>{words.staff.lastDay}</span>
          <input
            type="date"
            name="promotion-last"
            value={lastDay}
            aria-invalid={!lasts(form)}
            onChange={({ target }) => change({ lastDay: target.value })}
          />
        </label>
      </div>
      <button type="submit" className="button" disabled={list.isBusy || promotion === undefined}>
        {words.staff.addPromotion}
      </button>
    </form>
  );
}
