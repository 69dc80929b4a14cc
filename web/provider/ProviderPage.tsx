import { type FormEvent, useMemo, useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';
import { RefusalNotice } from '../design/Notice.tsx';
import { useObservable } from '../store/Observable.ts';
import { CommissionsCard } from './CommissionsCard.tsx';
import { FramesCard } from './FramesCard.tsx';
import { PromotionsCard } from './PromotionsCard.tsx';
import { SignalsCard } from './SignalsCard.tsx';
import { dropToken, heldToken, holdToken, staffCalls } from './StaffAccess.ts';

/** What the provider's staff sets: prices of others within bounds, what operators earn, promotions; and the signals. */
export default function ProviderPage() {
  const { api, network: known } = useServices();
  const { words } = useWords();
  const network = useObservable(known);
  const [token, setToken] = useState(() => heldToken(sessionStorage));
  const [isRefused, setIsRefused] = useState(false);
  const call = useMemo(
    () =>
      token === undefined
        ? undefined
        : staffCalls(api, token, () => {
            dropToken(sessionStorage);
            setToken(undefined);
            setIsRefused(true);
          }),
    [api, token],
  );
  const currency = network?.currency ?? 'EUR';
  return (
    <Page
      title={words.staff.title}
      back={hrefOf({ page: 'me' })}
      className="page-columns"
      beside={
        call !== undefined && (
          <button
            type="button"
            className="button small"
            onClick={() => {
              dropToken(sessionStorage);
              setToken(undefined);
            }}
          >
            {words.staff.leave}
          </button>
        )
      }
    >
      {call === undefined ? (
        <TokenForm
          isRefused={isRefused}
          onToken={(typed) => {
            holdToken(sessionStorage, typed);
            setIsRefused(false);
            setToken(typed);
          }}
        />
      ) : (
        <>
          <div className="column">
            <SignalsCard call={call} currency={currency} />
          </div>
          <div className="column">
            <FramesCard call={call} currency={currency} />
            <CommissionsCard call={call} currency={currency} />
            <PromotionsCard call={call} currency={currency} />
          </div>
        </>
      )}
    </Page>
  );
}

function TokenForm({
  isRefused,
  onToken,
}: {
  readonly isRefused: boolean;
  readonly onToken: (token: string) => void;
}) {
  const { words } = useWords();
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== '') onToken(typed);
  };
  return (
    <form className="card" onSubmit={submit}>
      <label className="field">
        <span>{words.staff.token}</span>
        <input
          type="password"
          name="staff-token"
          autoComplete="off"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <small>{words.staff.tokenHint}</small>
      </label>
      {isRefused && <RefusalNotice refusal={{ refusal: 'not-staff', detail: '' }} />}
      <button type="submit" className="button primary" disabled={typed === ''}>
        {words.staff.enter}
      </button>
    </form>
  );
}
