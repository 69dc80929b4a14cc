import { useEffect, useRef, useState } from 'react';
import { driverSigner } from '../account/DriverKey.ts';
import { useNow, useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { goTo, hrefOf } from '../app/Route.ts';
import { Icon } from '../design/Icon.tsx';
import { Empty, Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { ProgressRing } from '../design/ProgressRing.tsx';
import { Sparkline } from '../design/Sparkline.tsx';
import { useObservable } from '../store/Observable.ts';
import { formatClock, formatEnergy, formatMoney, formatPower } from '../words/format.ts';
import { type ChargeRecord, isOpen } from './ChargeRecord.ts';
import { stopCharge } from './followCharge.ts';
import { hasPlanToShow, RunningPlan } from './RunningPlan.tsx';
import { StationAddress } from './UnlockPage.tsx';

/** The charge that runs, or how to begin one. */
export function ChargePage({ authorizationId }: { readonly authorizationId?: string }) {
  const { words } = useWords();
  const charges = useObservable(useServices().charges);
  const record = charges.find((charge) =>
    authorizationId === undefined ? isOpen(charge) : charge.authorizationId === authorizationId,
  );
  if (record === undefined)
    return (
      <Page title={words.nav.charge}>
        <Empty icon="bolt" title={words.live.none}>
          <p className="soft">{words.live.noneHint}</p>
          <a className="button primary" href={hrefOf({ page: 'map' })}>
            {words.nav.map}
          </a>
        </Empty>
        <StationAddress evseId={undefined} />
      </Page>
    );
  return <LiveCharge key={record.authorizationId} record={record} />;
}

function LiveCharge({ record }: { readonly record: ChargeRecord }) {
  const services = useServices();
  const { words, language } = useWords();
  const isLost = useObservable(services.lost).has(record.authorizationId);
  const [isStopping, setIsStopping] = useState(false);
  const [refusal, setRefusal] = useState<{ readonly refusal: string; readonly detail: string }>();
  const now = useNow();
  const { status, authorizationId, currency } = record;
  const hadReceipt = useRef(record.evidence !== undefined);

  useEffect(() => {
    if (record.evidence !== undefined) goTo({ page: 'receipt', authorizationId }, true);
  }, [record.evidence, authorizationId]);
  if (hadReceipt.current) return null;

  const stop = async () => {
    setIsStopping(true);
    setRefusal(undefined);
    const { publicKey } = record.driverCertificate.value;
    const signer = await driverSigner(services.store, services.subtle, publicKey);
    const link = services.linkTo(record.linkUrl);
    if (signer === undefined) setRefusal({ refusal: 'no-certificate', detail: '' });
    else {
      const stopped = await stopCharge(link, record, signer, services.now());
      if (stopped.ok) await services.saveCharge(stopped.value);
      else {
        setRefusal({ refusal: stopped.refusal, detail: stopped.detail });
        setIsStopping(false);
      }
    }
  };

  const { maxEnergyWh, maxAmountMicro } = record.authorization.value;
  const energyWh = status?.energyWh ?? 0;
  const amountMicro = status?.amountMicro ?? 0;
  const isRunning = isOpen(record) && record.state !== 'ended';
  const part = Math.max(energyWh / maxEnergyWh, amountMicro / maxAmountMicro);
  const stateWords =
    record.refusal !== undefined || status === undefined
      ? words.live.asked
      : status.powerW < 0
        ? words.plan.givingBack
        : {
            'waiting-for-car': words.live.waiting,
            charging: words.live.charging,
            paused: words.live.paused,
            parking: words.live.parking,
            ended: words.live.ended,
          }[status.state];
  const durationS = status === undefined ? 0 : (isRunning && !isLost ? now : status.at) - status.startedAt;

  return (
    <Page
      title={record.pointName}
      beside={
        <span className={`badge ${isRunning && !isLost ? 'good' : ''}`} aria-live="polite">
          {isRunning && !isLost && <span className="dot free" />}
          {stateWords}
        </span>
      }
    >
      {record.address !== '' && <p className="soft">{record.address}</p>}
      {record.refusal !== undefined ? (
        <>
          {record.refusal.refusal === 'no-charge' ? (
            <Notice>{words.live.nothingCharged}</Notice>
          ) : (
            <RefusalNotice refusal={record.refusal} title={words.live.refused} />
          )}
          <button
            type="button"
            className="button"
            onClick={() => {
              void services.removeCharge(authorizationId);
              goTo({ page: 'charges' }, true);
            }}
          >
            {words.live.remove}
          </button>
        </>
      ) : (
        <>
          <ProgressRing part={part}>
            <span className="price-big" data-testid="live-energy">
              {formatEnergy(energyWh, language)}
            </span>
            <span className="soft small">{words.live.ofMost(formatEnergy(maxEnergyWh, language))}</span>
          </ProgressRing>
          <div className="stats">
            <div className="stat">
              <span>{words.live.power}</span>
              <strong data-testid="live-power">{formatPower(status?.powerW ?? 0, language)}</strong>
            </div>
            <div className="stat">
              <span>{words.live.cost}</span>
              <strong data-testid="live-cost">{formatMoney(amountMicro, currency, language)}</strong>
            </div>
            <div className="stat">
              <span>{words.live.time}</span>
              <strong>{formatClock(durationS)}</strong>
            </div>
          </div>
          {isRunning && hasPlanToShow(record) && <RunningPlan record={record} />}
          {record.samples.length > 2 && (
            <section className="card">
              <h2 className="small soft">{words.live.curve}</h2>
              <Sparkline samples={record.samples} label={words.live.curve} />
            </section>
          )}
          {isLost && (
            <Notice kind="warn" icon="offline">
              {words.live.lost}
            </Notice>
          )}
          {status?.state === 'waiting-for-car' && <Notice icon="plug">{words.live.waitingHint}</Notice>}
          {refusal !== undefined && <RefusalNotice refusal={refusal} />}
          {record.state === 'ended' ? (
            <Waiting>{words.live.fetching}</Waiting>
          ) : isStopping ? (
            <Waiting>{words.live.stopping}</Waiting>
          ) : (
            <button
              type="button"
              className="button danger big"
              disabled={record.state === 'asked'}
              onClick={() => void stop()}
            >
              <Icon name="stop" />
              {words.live.stop}
            </button>
          )}
        </>
      )}
    </Page>
  );
}
