import { useState } from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { goTo, hrefOf } from '../app/Route.ts';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { usePoint } from '../points/usePoint.ts';
import { useObservable } from '../store/Observable.ts';
import { linkUrlOf } from './Link.ts';
import { OfferCard } from './OfferCard.tsx';
import { useConditions } from './useConditions.ts';

/** At the point: who is it, what does it cost, yes or no. */
export function UnlockPage({ evseId, linkUrl }: { readonly evseId?: string; readonly linkUrl?: string }) {
  const { words } = useWords();
  const network = useObservable(useServices().network);
  const { point, isLoading } = usePoint(evseId);
  const address = linkUrl ?? point?.linkUrl;
  const { view, renew } = useConditions(address, evseId);
  const back = evseId === undefined ? hrefOf({ page: 'map' }) : hrefOf({ page: 'point', evseId });

  if (address === undefined)
    return (
      <Page title={words.unlock.title} back={back}>
        {isLoading ? (
          <Waiting>{words.loading}</Waiting>
        ) : (
          <>
            {evseId !== undefined && <Notice>{words.point.noLink}</Notice>}
            <StationAddress evseId={evseId} />
          </>
        )}
      </Page>
    );
  return (
    <Page title={words.unlock.title} back={back}>
      {network === undefined && <Notice kind="warn">{words.unlock.noKeys}</Notice>}
      {view.state === 'connecting' && <Waiting>{words.unlock.connecting}</Waiting>}
      {view.state === 'refused' && (
        <>
          <RefusalNotice refusal={view} />
          <button type="button" className="button" onClick={renew}>
            {words.retry}
          </button>
          <details className="card">
            <summary>{words.point.enterAddress}</summary>
            <StationAddress evseId={evseId} />
          </details>
        </>
      )}
      {view.state === 'checked' && (
        <OfferCard
          key={view.checked.offerId}
          checked={view.checked}
          linkUrl={address}
          {...(point !== undefined && { point })}
          onRenew={renew}
        />
      )}
    </Page>
  );
}

/** For stations that the map does not know: the address that is printed on them. */
export function StationAddress({ evseId }: { readonly evseId: string | undefined }) {
  const { words } = useWords();
  const [typed, setTyped] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  return (
    <form
      className="card"
      onSubmit={(event) => {
        event.preventDefault();
        const url = linkUrlOf(typed);
        setIsWrong(!url.ok);
        if (url.ok) goTo({ page: 'unlock', linkUrl: url.value, ...(evseId !== undefined && { evseId }) });
      }}
    >
      <label className="field">
        <span>{words.unlock.address}</span>
        <input
          name="address"
          inputMode="url"
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          aria-invalid={isWrong}
          onChange={({ target }) => setTyped(target.value)}
        />
        <small>{words.unlock.addressHint}</small>
      </label>
      {isWrong && <Notice kind="bad">{words.unlock.addressWrong}</Notice>}
      {location.protocol === 'https:' && <p className="soft small">{words.unlock.secureHint}</p>}
      <button type="submit" className="button primary">
        {words.unlock.connect}
      </button>
    </form>
  );
}
