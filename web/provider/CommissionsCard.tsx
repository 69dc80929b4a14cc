import type { Commission } from '@p2p-power/tariff/Commission';
import { TARGET_GROUPS } from '@p2p-power/tariff/TargetGroup';
import { useState } from 'react';
import { useWords } from '../app/AppServices.ts';
import { DecimalField } from '../design/DecimalField.tsx';
import { RefusalNotice, Waiting } from '../design/Notice.tsx';
import { currencySign, formatInstant } from '../words/format.ts';
import { commissionInWords } from './commissionInWords.ts';
import type { StaffCall } from './StaffAccess.ts';
import {
  type CommissionScope,
  type CommissionVersion,
  commissionScopes,
  parseCommissionVersions,
} from './StaffPrices.ts';
import { type StaffList, useStaffList } from './useStaffList.ts';

/** What operators earn, by scope: those in force, and a form for the next. */
export function CommissionsCard({ call, currency }: { readonly call: StaffCall; readonly currency: string }) {
  const { words } = useWords();
  const list = useStaffList(call, '/admin/commissions', parseCommissionVersions);
  // One without terms is in force where one was taken back: then there is none.
  const inForce = list.value?.filter((version) => version.inForce && version.terms !== undefined) ?? [];
  return (
    <section className="card" aria-labelledby="commissions" data-testid="commissions">
      <h2 id="commissions">{words.staff.commissions}</h2>
      <p className="soft small">{words.staff.commissionsHint}</p>
      {list.value === undefined && list.refusal === undefined && <Waiting>{words.loading}</Waiting>}
      {list.value !== undefined && inForce.length === 0 && <p>{words.staff.noCommissions}</p>}
      <ul className="lines">
        {inForce.map((version) => (
          <Version key={`${version.scope} ${version.subject}`} {...{ version, list, currency }} />
        ))}
      </ul>
      {list.refusal !== undefined && <RefusalNotice refusal={list.refusal} withDetail />}
      <details>
        <summary>{words.staff.newCommission}</summary>
        <NewCommission {...{ list, currency }} />
      </details>
    </section>
  );
}

function Version({
  version,
  list,
  currency,
}: {
  readonly version: CommissionVersion;
  readonly list: StaffList<readonly CommissionVersion[]>;
  readonly currency: string;
}) {
  const { words, language } = useWords();
  const { scope, subject, terms, validFrom } = version;
  const group = TARGET_GROUPS.find((known) => known === subject);
  const whose =
    scope === 'all'
      ? words.staff.scopes.all
      : `${words.staff.scopes[scope]} ${scope === 'target-group' && group ? words.staff.groups[group] : subject}`;
  return (
    <li className="wraps">
      <div>
        <strong>{whose}</strong>
        <div>{terms && commissionInWords(terms, currency, words, language)}</div>
        <div className="soft small">{words.staff.since(formatInstant(validFrom, language))}</div>
      </div>
      <button
        type="button"
        className="button plain small"
        disabled={list.isBusy}
        onClick={() => void list.act('PUT', '/admin/commissions', { scope, subject, terms: null })}
      >
        {words.staff.endCommission}
      </button>
    </li>
  );
}

const nothing: Commission = { perKwhMicro: 0, perHourMicro: 0, sharePerMille: 0, perSessionMicro: 0 };
type Part = Exclude<keyof Commission, 'targetGroup'>;

function NewCommission({
  list,
  currency,
}: {
  readonly list: StaffList<readonly CommissionVersion[]>;
  readonly currency: string;
}) {
  const { words } = useWords();
  const [scope, setScope] = useState<CommissionScope>('all');
  const [subject, setSubject] = useState('');
  const [typed, setTyped] = useState<Partial<Record<Part, number | null>>>({});
  const sign = currencySign(currency);
  const field = (name: Part, label: string, unit: string, places = 6) => (
    <DecimalField
      name={`commission-${name}`}
      label={label}
      places={places}
      value={typed[name]}
      onChange={(value) => {
        const { [name]: _, ...others } = typed;
        setTyped(value === undefined ? others : { ...others, [name]: value });
      }}
      unit={unit}
      mayBeEmpty
    />
  );
  const isTyped = !Object.values(typed).includes(null) && (scope === 'all' || subject !== '');
  return (
    <form
      style={{ display: 'flex', flexDirection: 'column', gap: 12, marginTop: 12 }}
      onSubmit={(event) => {
        event.preventDefault();
        const body = { scope, subject: scope === 'all' ? '' : subject, terms: { ...nothing, ...typed } };
        if (isTyped) void list.act('PUT', '/admin/commissions', body);
      }}
    >
      <div className="fields">
        <label className="field">
          <span>{words.staff.scope}</span>
          <select
            name="commission-scope"
            value={scope}
            onChange={({ target }) => {
              const chosen = commissionScopes.find((known) => known === target.value) ?? 'all';
              setScope(chosen);
              setSubject(chosen === 'target-group' ? TARGET_GROUPS[0] : '');
            }}
          >
            {commissionScopes.map((option) => (
              <option key={option} value={option}>
                {words.staff.scopes[option]}
              </option>
            ))}
          </select>
        </label>
        {scope === 'target-group' && (
          <label className="field">
            <span>{words.staff.group}</span>
            <select
              name="commission-subject"
              value={subject}
              onChange={({ target }) => setSubject(target.value)}
            >
              {TARGET_GROUPS.map((group) => (
                <option key={group} value={group}>
                  {words.staff.groups[group]}
                </option>
              ))}
            </select>
          </label>
        )}
        {(scope === 'operator' || scope === 'point') && (
          <label className="field">
            <span>{words.staff.subjects[scope]}</span>
            <input
              name="commission-subject"
              maxLength={64}
              value={subject}
              onChange={({ target }) => setSubject(target.value.trim())}
            />
          </label>
        )}
      </div>
      <div className="fields">
        {field('perKwhMicro', words.staff.perKwh, sign)}
        {field('perHourMicro', words.staff.perHour, sign)}
        {field('sharePerMille', words.staff.share, '%', 1)}
        {field('perSessionMicro', words.staff.perSession, sign)}
        {field('leastMicro', words.staff.atLeast, sign)}
        {field('mostMicro', words.staff.atMost, sign)}
      </div>
      <button type="submit" className="button" disabled={list.isBusy || !isTyped}>
        {words.staff.enterCommission}
      </button>
    </form>
  );
}
