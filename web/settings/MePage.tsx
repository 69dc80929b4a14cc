import { useState } from 'react';
import { ageOf } from '../account/HeldCertificate.ts';
import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';
import { Icon } from '../design/Icon.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { nameOfProvider } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import { formatEnergy, formatInstant, formatPower } from '../words/format.ts';
import { readThousandths, type Settings } from './Settings.ts';

export function MePage() {
  const { words } = useWords();
  return (
    <Page title={words.me.title} className="page-columns">
      <div className="column">
        <AccountCard />
        <CourierCard />
      </div>
      <div className="column">
        <UsualCard />
        <BoundsCard />
        <LanguageCard />
      </div>
      <p className="soft small full">
        {words.me.about} <a href={hrefOf({ page: 'provider' })}>{words.staff.link}</a>
      </p>
    </Page>
  );
}

function AccountCard() {
  const services = useServices();
  const { words, language } = useWords();
  const network = useObservable(services.network);
  const { session, certificate, refusal } = useObservable(services.account);
  const [isLeaving, setIsLeaving] = useState(false);
  const provider = nameOfProvider(network, certificate?.value.providerId ?? network?.providerId ?? '');
  const age = certificate === undefined ? undefined : ageOf(certificate.value, services.now());
  return (
    <section className="card" aria-labelledby="account">
      {session === undefined ? (
        <>
          <h2 id="account">{words.me.signIn}</h2>
          <p className="soft">{words.me.signInWhy}</p>
          {isLeaving && refusal === undefined ? (
            <Waiting>{words.me.signingIn}</Waiting>
          ) : (
            <button
              type="button"
              className="button primary big"
              onClick={() => {
                setIsLeaving(true);
                void services.signIn();
              }}
            >
              {provider === '' ? words.me.signIn : words.me.signInWith(provider)}
            </button>
          )}
        </>
      ) : (
        <div className="card-head">
          <div>
            <h2 id="account" data-testid="signed-in">
              {session.name}
            </h2>
            <p className="soft">{words.me.customer(provider)}</p>
          </div>
          <button type="button" className="button" onClick={() => void services.signOut()}>
            {words.me.signOut}
          </button>
        </div>
      )}
      {refusal !== undefined && <RefusalNotice refusal={refusal} title={words.me.signInFailed} />}
      <div>
        <h3>{words.me.certificate}</h3>
        {certificate === undefined ? (
          <p className="soft">{words.me.certificateNone}</p>
        ) : age === 'expired' ? (
          <Notice kind="warn">{words.me.certificateExpired}</Notice>
        ) : (
          <ul className="ticks" data-testid="certificate" style={{ marginTop: 8 }}>
            <li>
              <Icon name="check" />
              <div>
                <div>{words.me.certificateUntil(formatInstant(certificate.value.notAfter, language))}</div>
                <div className="soft small">{words.me.certificateOffline}</div>
              </div>
            </li>
          </ul>
        )}
      </div>
      {session !== undefined && (
        <a className="button" href={hrefOf({ page: 'operator' })}>
          <Icon name="building" size={20} />
          {words.me.operatorPage}
        </a>
      )}
    </section>
  );
}

function CourierCard() {
  const { words } = useWords();
  const { carried, waiting } = useObservable(useServices().courier);
  return (
    <section className="card" aria-labelledby="courier">
      <h2 id="courier">{words.me.courier}</h2>
      <p className="soft" data-testid="courier">
        {carried > 0 ? words.me.courierCarried(carried) : words.me.courierNone}{' '}
        {waiting > 0 && words.me.courierWaiting(waiting)}
      </p>
    </section>
  );
}

const powers = [3_700, 7_400, 11_000, 22_000, 50_000, 100_000, 150_000];

function UsualCard() {
  const services = useServices();
  const { words, language } = useWords();
  const settings = useObservable(services.settings);
  const { usual } = settings;
  const set = (change: Partial<Settings['usual']>) =>
    services.saveSettings({ ...settings, usual: { ...usual, ...change } });
  return (
    <section className="card" aria-labelledby="usual">
      <div className="card-head">
        <h2 id="usual">{words.me.usual}</h2>
        <strong>{formatEnergy(usual.energyWh, language)}</strong>
      </div>
      <input
        className="range"
        type="range"
        name="usual-energy"
        aria-labelledby="usual"
        aria-valuetext={formatEnergy(usual.energyWh, language)}
        min={5}
        max={100}
        step={5}
        value={usual.energyWh / 1_000}
        onChange={({ target }) => set({ energyWh: Number(target.value) * 1_000 })}
      />
      <p className="soft small">{words.me.usualHint}</p>
      <label className="field">
        <span>{words.me.usualPower}</span>
        <select
          name="usual-power"
          value={usual.powerW}
          onChange={({ target }) => set({ powerW: Number(target.value) })}
        >
          {powers.map((powerW) => (
            <option key={powerW} value={powerW}>
              {formatPower(powerW, language)}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}

function BoundsCard() {
  const services = useServices();
  const { words } = useWords();
  const settings = useObservable(services.settings);
  const [energy, setEnergy] = useState(String(settings.maxEnergyWh / 1_000));
  const [amount, setAmount] = useState(String(settings.maxAmountMicro / 1_000_000));
  const energyWh = readThousandths(energy);
  const amountThousandths = readThousandths(amount);
  const save = () => {
    if (!energyWh || !amountThousandths) return;
    services.saveSettings({ ...settings, maxEnergyWh: energyWh, maxAmountMicro: amountThousandths * 1_000 });
  };
  return (
    <section className="card" aria-labelledby="bounds">
      <h2 id="bounds">{words.me.bounds}</h2>
      <div className="fields">
        <label className="field">
          <span>{words.me.maxEnergy}</span>
          <input
            inputMode="decimal"
            value={energy}
            aria-invalid={!energyWh}
            onChange={({ target }) => setEnergy(target.value)}
            onBlur={save}
          />
        </label>
        <label className="field">
          <span>{words.me.maxAmount}</span>
          <input
            inputMode="decimal"
            value={amount}
            aria-invalid={!amountThousandths}
            onChange={({ target }) => setAmount(target.value)}
            onBlur={save}
          />
        </label>
      </div>
    </section>
  );
}

function LanguageCard() {
  const services = useServices();
  const { words } = useWords();
  const settings = useObservable(services.settings);
  const options = [
    ['automatic', words.me.automatic],
    ['de', 'Deutsch'],
    ['en', 'English'],
  ] as const;
  return (
    <section className="card">
      <fieldset className="field">
        <legend>{words.me.language}</legend>
        <div className="segmented">
          {options.map(([option, label]) => (
            <label key={option}>
              <input
                type="radio"
                name="language"
                checked={settings.language === option}
                onChange={() => services.saveSettings({ ...settings, language: option })}
              />
              <span>{label}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </section>
  );
}
