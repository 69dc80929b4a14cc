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
import { useObservable } from '../store/Observable.ts';
import { formatClock, formatEnergy, formatEvseId, formatMoney, formatPower } from '../words/format.ts';
import { type ChargeRecord, signAuthorization, signedWish } from './ChargeRecord.ts';
import type { CheckedConditions } from './checkConditions.ts';
import { compareOffer, priceOfUsualCharge } from './compareOffer.ts';
import { ExchangeCard } from './ExchangeCard.tsx';
import { askToStart } from './followCharge.ts';
import { MismatchWarning } from './MismatchWarning.tsx';
import { knowsCarbon } from './openOutlook.ts';
import { CheaperHint, PlanCard } from './PlanCard.tsx';
import { previewExchange } from './previewExchange.ts';
import { previewPlan } from './previewPlan.ts';
import { statedBattery } from './statedBattery.ts';
import { WishesCard } from './WishesCard.tsx';
import { defaultWishForm, faultOf, wishesOf, withMode } from './WishForm.ts';

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
  const [levelPerMille, setLevelPerMille] = useState<number>();
  const [form, setForm] = useState(settings.wishes ?? defaultWishForm(settings));

  const { conditions } = checked;
  const offer = conditions.offer.value;
  const { tariff, prices } = conditions;
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
              ...(point.dynamic !== undefined && { dynamic: point.dynamic }),
              ...(point.priceMicro !== undefined && { priceMicro: point.priceMicro }),
            },
            {
              tariff,
              tariffId: checked.tariffId,
              timeZone: offer.timeZone,
              maxPowerW: offer.maxPowerW,
              ...(prices !== undefined && { prices }),
            },
            settings.usual,
            offer.issuedAt,
          ),
    [point, conditions, tariff, prices, checked, offer, settings.usual],
  );
  const priceMicro = priceOfUsualCharge(
    tariff,
    offer.timeZone,
    offer.maxPowerW,
    settings.usual,
    offer.issuedAt,
    prices,
  );
  const leftS = offer.expiresAt - now;
  const allowed = {
    carbon: knowsCarbon(checked.outlook, now),
    discharge: offer.feedInMicroPerKwh > 0 && certificate?.value.mayDischarge === true,
  };
  const isSound = faultOf(form) === undefined;
  const terms = useMemo(
    () => ({
      tariff,
      timeZone: offer.timeZone,
      maxPowerW: offer.maxPowerW,
      feedInMicroPerKwh: offer.feedInMicroPerKwh,
      ...(prices !== undefined && { prices }),
    }),
    [tariff, prices, offer],
  );
  const minute = now - (now % 60);
  const wish = signedWish(wishesOf(form, settings, allowed, new Date(minute * 1000)), certificate?.value);
  const cheapWish = signedWish(
    wishesOf(withMode(form, 'cheapest'), settings, allowed, new Date(minute * 1000)),
    certificate?.value,
  );
  const wishKey = JSON.stringify([wish, cheapWish]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the wish by its values, else it were planned every second
  const preview = useMemo(
    () =>
      isSound
        ? previewPlan(terms, wish.mode === 'immediate' ? cheapWish : wish, checked.outlook, minute)
        : undefined,
    [terms, wishKey, checked, minute, isSound],
  );
  const battery = statedBattery(
    { batteryWh: form.batteryWh, ...(levelPerMille !== undefined && { levelPerMille }) },
    offer,
  );
  const batteryKey = JSON.stringify(battery);
  // biome-ignore lint/correctness/useExhaustiveDependencies: wish and battery by their values, as above
  const exchange = useMemo(
    () =>
      isSound && battery !== undefined
        ? previewExchange(terms, wish, checked.outlook, battery, minute)
        : undefined,
    [terms, wishKey, batteryKey, checked, minute, isSound],
  );
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
      wishesOf(form, settings, allowed, new Date(at * 1000)),
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
      agreed: {
        tariff,
        timeZone: offer.timeZone,
        outlook: checked.outlook,
        ...(prices !== undefined && { prices }),
      },
      signedAt: at,
      state: 'asked',
      samples: [],
    };
    // Kept before it is sent: whatever happens then, the phone knows what it agreed to.
    await services.saveCharge(asked);
    services.saveSettings({ ...settings, wishes: form });
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
        <TariffLines tariff={tariff} isDynamic={prices !== undefined} />
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

      <WishesCard
        form={form}
        onForm={setForm}
        allowed={allowed}
        limits={settings}
        currency={offer.currency}
        feedInMicroPerKwh={offer.feedInMicroPerKwh}
        now={now}
        onLevel={setLevelPerMille}
        {...(levelPerMille !== undefined && { levelPerMille })}
        {...(certificate !== undefined && { caps: certificate.value })}
      />
      {exchange !== undefined && (
        <ExchangeCard
          preview={exchange}
          terms={terms}
          outlook={checked.outlook}
          leaveAt={wish.leaveAt}
          now={minute}
        />
      )}
      {exchange === undefined && preview !== undefined && wish.mode !== 'immediate' && (
        <PlanCard preview={preview} terms={terms} outlook={checked.outlook} wish={wish} now={minute} />
      )}
      {preview !== undefined && wish.mode === 'immediate' && (
        <CheaperHint
          preview={preview}
          currency={offer.currency}
          leaveAt={cheapWish.leaveAt}
          onTake={() => setForm(withMode(form, 'cheapest'))}
        />
      )}

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
            disabled={isFaulty || conditions.occupied || !isSound || (mismatches.length > 0 && !isAgreed)}
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
