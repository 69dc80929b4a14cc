import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import { tariffId } from '@p2p-power/protocol/tariffId';
import { useMemo, useState } from 'react';
import { usableCertificate } from '../account/HeldCertificate.ts';
import { useNow, useServices, useWords } from '../app/AppServices.ts';
import { goTo } from '../app/Route.ts';
import { Icon } from '../design/Icon.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { nameOfProvider } from '../network/Network.ts';
import type { PointInFull } from '../points/Point.ts';
import { TariffLines } from '../points/TariffLines.tsx';
import { readThousandths } from '../settings/Settings.ts';
import { useObservable } from '../store/Observable.ts';
import { formatClock, formatEnergy, formatEvseId, formatMoney, formatPower } from '../words/format.ts';
import { type ChargeRecord, signAuthorization } from './ChargeRecord.ts';
import type { CheckedConditions } from './checkConditions.ts';
import { compareOffer, priceOfUsualCharge } from './compareOffer.ts';
import { askToStart } from './followCharge.ts';
import { leaveAtOf } from './leaveAtOf.ts';
import { MismatchWarning } from './MismatchWarning.tsx';

const inThousands = (value: number) => String(value / 1_000);

/** The offer as the station signed it, my bounds, and one button. */
export function OfferCard({
  checked,
  linkUrl,
  point,
  onRenew,
}: {
  readonly checked: CheckedConditions;
  readonly linkUrl: string;
  readonly point?: PointInFull;
  readonly onRenew: () => void;
}) {
  const services = useServices();
  const { words, language } = useWords();
  const settings = useObservable(services.settings);
  const network = useObservable(services.network);
  const { certificate } = useObservable(services.account);
  const now = useNow();
  const [isAgreed, setIsAgreed] = useState(false);
  const [isSigning, setIsSigning] = useState(false);
  const [refusal, setRefusal] = useState<{ readonly refusal: string; readonly detail: string }>();
  const [maxEnergy, setMaxEnergy] = useState(inThousands(settings.maxEnergyWh));
  const [maxAmount, setMaxAmount] = useState(inThousands(settings.maxAmountMicro / 1_000));
  const [mode, setMode] = useState<'immediate' | 'cheapest'>('immediate');
  const [leave, setLeave] = useState('');

  const { conditions } = checked;
  const offer = conditions.offer.value;
  const { tariff } = conditions;
  const mismatches = useMemo(
    () =>
      point === undefined
        ? []
        : compareOffer(
            {
              maxPowerW: point.maxPowerW,
              ...(point.tariff !== undefined && {
                tariff: point.tariff,
                tariffId: tariffId(conditions.networkId, point.tariff),
              }),
              ...(point.priceMicro !== undefined && { priceMicro: point.priceMicro }),
            },
            { tariff, tariffId: checked.tariffId, timeZone: offer.timeZone, maxPowerW: offer.maxPowerW },
            settings.usual,
            offer.issuedAt,
          ),
    [point, conditions, tariff, checked, offer, settings.usual],
  );
  const priceMicro = priceOfUsualCharge(
    tariff,
    offer.timeZone,
    offer.maxPowerW,
    settings.usual,
    offer.issuedAt,
  );
  const leftS = offer.expiresAt - now;
  const energyWh = readThousandths(maxEnergy);
  const amountMicro = readThousandths(maxAmount);
  const areBoundsRead = (energyWh ?? 0) > 0 && (amountMicro ?? 0) > 0;
  const isFaulty = conditions.pilot === 'E' || conditions.pilot === 'F';

  const charge = async () => {
    setIsSigning(true);
    setRefusal(undefined);
    const at = services.now();
    const usable = await usableCertificate(services.store, services.subtle, at);
    if (!usable.ok) {
      setRefusal({ refusal: usable.refusal, detail: usable.detail });
      setIsSigning(false);
      return;
    }
    const signed = await signAuthorization(
      checked,
      usable.value.certificate,
      DriverCertificate.id(conditions.networkId, usable.value.certificate.value),
      usable.value.signer,
      {
        maxEnergyWh: energyWh ?? 0,
        maxAmountMicro: (amountMicro ?? 0) * 1_000,
        mode,
        leaveAt: leaveAtOf(leave, new Date(at * 1000)),
      },
      at,
      services.randomBytes(32),
    );
    const asked: ChargeRecord = {
      ...signed,
      networkId: conditions.networkId,
      driverCertificate: usable.value.certificate,
      evseId: checked.evseId,
      pointName: point?.name ?? formatEvseId(checked.evseId),
      address: point?.address ?? '',
      linkUrl,
      currency: offer.currency,
      maxPowerW: offer.maxPowerW,
      signedAt: at,
      state: 'asked',
      samples: [],
    };
    // Kept before it is sent: whatever happens then, the phone knows what it agreed to.
    await services.saveCharge(asked);
    const { record } = await askToStart(services.linkTo(linkUrl), asked);
    if (record.refusal !== undefined) {
      await services.removeCharge(asked.authorizationId);
      setRefusal(record.refusal);
      setIsSigning(false);
      return;
    }
    await services.saveCharge(record);
    goTo({ page: 'charge', authorizationId: record.authorizationId }, true);
  };

  return (
    <>
      {mismatches.length > 0 && (
        <MismatchWarning
          mismatches={mismatches}
          currency={offer.currency}
          isAgreed={isAgreed}
          onAgree={setIsAgreed}
        />
      )}

      <section className="card" aria-labelledby="offer">
        <div>
          <h2 id="offer">{point?.name ?? formatEvseId(checked.evseId)}</h2>
          {point !== undefined && <p className="soft">{point.address}</p>}
        </div>
        <div>
          <div className="price-big" data-testid="offer-price">
            {formatMoney(priceMicro, offer.currency, language)}
          </div>
          <p className="soft">
            {words.point.priceForMine(formatEnergy(settings.usual.energyWh, language))} ·{' '}
            {words.point.fastest(formatPower(offer.maxPowerW, language))}
          </p>
        </div>
        <TariffLines tariff={tariff} />
        <Notice kind="good" icon="shield" title={words.unlock.genuine}>
          <span className="small">
            {words.unlock.genuineDetail(
              nameOfProvider(network, conditions.stationCertificate.value.providerId),
            )}
          </span>
        </Notice>
        <p className="soft small number" role="timer">
          {leftS > 0 ? words.unlock.validFor(`${formatClock(leftS)} min`) : words.unlock.ranOut}
        </p>
      </section>

      <details className="card">
        <summary>{words.unlock.wishes}</summary>
        <div className="card" style={{ padding: 0, border: 0 }}>
          <fieldset className="field">
            <legend>{words.unlock.most}</legend>
            <div className="fields">
              <label className="field">
                <span>{words.me.maxEnergy}</span>
                <input
                  name="max-energy"
                  inputMode="decimal"
                  value={maxEnergy}
                  aria-invalid={energyWh === undefined}
                  onChange={({ target }) => setMaxEnergy(target.value)}
                />
              </label>
              <label className="field">
                <span>{words.me.maxAmount}</span>
                <input
                  name="max-amount"
                  inputMode="decimal"
                  value={maxAmount}
                  aria-invalid={amountMicro === undefined}
                  onChange={({ target }) => setMaxAmount(target.value)}
                />
              </label>
            </div>
          </fieldset>
          <fieldset className="field">
            <legend>{words.unlock.when}</legend>
            <div className="segmented">
              {(['immediate', 'cheapest'] as const).map((option) => (
                <label key={option}>
                  <input
                    type="radio"
                    name="mode"
                    checked={mode === option}
                    onChange={() => setMode(option)}
                  />
                  <span>{words.unlock[option]}</span>
                </label>
              ))}
            </div>
          </fieldset>
          <label className="field">
            <span>{words.unlock.leaveAt}</span>
            <input name="leave" type="time" value={leave} onChange={({ target }) => setLeave(target.value)} />
            <small>{words.unlock.leaveUnknown}</small>
          </label>
          {certificate !== undefined && (
            <p className="soft small">
              {words.unlock.certificateCaps(
                formatEnergy(certificate.value.maxEnergyWh, language),
                formatMoney(certificate.value.maxAmountMicro, offer.currency, language),
              )}
            </p>
          )}
        </div>
      </details>

      {conditions.pilot === 'A' && <Notice icon="plug">{words.unlock.carFirst}</Notice>}
      {isFaulty && <Notice kind="bad">{words.unlock.fault}</Notice>}
      {conditions.occupied && <Notice kind="warn">{words.unlock.occupied}</Notice>}
      {refusal !== undefined && <RefusalNotice refusal={refusal} />}

      {leftS <= 0 ? (
        <button type="button" className="button primary big" onClick={onRenew}>
          {words.unlock.renew}
        </button>
      ) : certificate === undefined ? (
        <>
          <Notice>{words.unlock.signInFirst}</Notice>
          <button type="button" className="button primary big" onClick={() => void services.signIn()}>
            {words.me.signIn}
          </button>
        </>
      ) : isSigning ? (
        <Waiting>{words.unlock.signing}</Waiting>
      ) : (
        <div className="in-reach">
          <button
            type="button"
            className="button primary big"
            disabled={
              isFaulty || conditions.occupied || !areBoundsRead || (mismatches.length > 0 && !isAgreed)
            }
            onClick={() => void charge()}
          >
            <Icon name="bolt" />
            {words.unlock.go}
          </button>
        </div>
      )}
    </>
  );
}
