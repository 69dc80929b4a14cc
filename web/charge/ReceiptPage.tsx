import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { EvidenceFacts } from '@p2p-power/protocol/verifyEvidence';
import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';
import { BillCard } from '../bill/BillCard.tsx';
import { Icon } from '../design/Icon.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { Sparkline } from '../design/Sparkline.tsx';
import { nameOfProvider } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import {
  formatDuration,
  formatEnergy,
  formatEvseId,
  formatExactMoney,
  formatMoney,
  shorten,
} from '../words/format.ts';
import { foreignZone, instantAtPoint, timeAtPoint } from '../words/pointTime.ts';
import { PriceLines } from './PriceLines.tsx';
import { samplesOfReadings } from './samplesOfReadings.ts';
import { saveFile } from './saveFile.ts';
import { useReceipt } from './useReceipt.ts';
import { WishDone } from './WishDone.tsx';

/** A charge's receipt: what was charged and paid, and why one may believe it. */
export function ReceiptPage({ id }: { readonly id: string }) {
  const { words, language } = useWords();
  const { evidence, record, verdict } = useReceipt(id);
  const back = hrefOf({ page: 'charges' });
  if (evidence === undefined)
    return (
      <Page title={words.receipt.title} back={back}>
        {verdict.state === 'checking' && <Waiting>{words.receipt.checking}</Waiting>}
        {verdict.state === 'missing' && <Notice kind="warn">{words.receipt.missing}</Notice>}
        {verdict.state === 'wrong' && <RefusalNotice refusal={verdict} />}
      </Page>
    );
  const cdr = evidence.cdr.value;
  const { currency, timeZone } = evidence.offer.value;
  const zone = foreignZone(cdr.startedAt, language, timeZone) ?? foreignZone(cdr.endedAt, language, timeZone);
  const evseId = evidence.stationCertificate.value.evseId.text;
  const measured = samplesOfReadings(evidence.readings, evidence.offer.value.maxPowerW);
  // A short charge has but two readings; what the phone saw meanwhile draws a better curve.
  const samples = measured.length > 2 ? measured : (record?.samples ?? []);
  // The picture of prices and power below says the same of a longer charge.
  const isLong = cdr.endedAt - cdr.startedAt >= 120;
  const save = () =>
    saveFile(
      `p2p-power-${cdr.authorizationId.slice(2, 10)}.json`,
      JSON.stringify(evidence, null, 2),
      'application/json',
    );
  return (
    <Page title={words.receipt.title} back={back} className="page-columns">
      <div className="column">
        <section className="card" aria-label={words.receipt.charge}>
          <div>
            <h2>{record?.pointName ?? formatEvseId(evseId)}</h2>
            <p className="soft">{record?.address ?? instantAtPoint(cdr.startedAt, language, timeZone)}</p>
          </div>
          <div className="card-head">
            <span className="price-big" data-testid="receipt-amount">
              {formatMoney(cdr.chargeMicro, currency, language)}
            </span>
            <strong data-testid="receipt-energy">{formatEnergy(cdr.importedWh, language, true)}</strong>
          </div>
          <Verdict verdict={verdict} />
          {(verdict.state !== 'right' || !isLong) && samples.length > 2 && (
            <Sparkline samples={samples} label={words.live.curve} />
          )}
          <dl className="facts">
            <dt>{words.receipt.from}</dt>
            <dd>{instantAtPoint(cdr.startedAt, language, timeZone)}</dd>
            <dt>{words.receipt.to}</dt>
            <dd>
              {timeAtPoint(cdr.endedAt, language, timeZone)} ({formatDuration(cdr.endedAt - cdr.startedAt)})
            </dd>
            <dt>{words.receipt.endReason}</dt>
            <dd>{words.receipt.endReasons[cdr.endReason] ?? cdr.endReason}</dd>
          </dl>
          {zone !== undefined && (
            <p className="soft small" data-testid="point-time">
              {words.receipt.pointTime(zone)}
            </p>
          )}
        </section>
        {verdict.state === 'right' && <WishDone evidence={evidence} />}
        {verdict.state === 'right' && (
          <section className="card" aria-labelledby="lines">
            <h2 id="lines">{words.receipt.lines}</h2>
            <PriceLines price={verdict.facts.price} chargeMicro={cdr.chargeMicro} timeZone={timeZone} />
            {cdr.creditMicro > 0 && (
              <p className="card-head">
                <span>{words.receipt.credit}</span>
                <strong>{formatExactMoney(cdr.creditMicro, currency, language)}</strong>
              </p>
            )}
          </section>
        )}
        {verdict.state === 'right' && (
          <BillCard cdrId={verdict.facts.cdrId} chargeMicro={cdr.chargeMicro} currency={currency} />
        )}
      </div>
      <div className="column">
        {verdict.state === 'right' && <Trust evidence={evidence} facts={verdict.facts} />}
        <section className="card">
          <button type="button" className="button" onClick={save}>
            <Icon name="download" size={20} />
            {words.receipt.download}
          </button>
          <p className="soft small">{words.receipt.downloadHint}</p>
          <details>
            <summary>{words.receipt.identifiers}</summary>
            <dl className="facts mono">
              <dt>{words.receipt.session}</dt>
              <dd title={cdr.authorizationId}>{shorten(cdr.authorizationId)}</dd>
              {verdict.state === 'right' && (
                <>
                  <dt>CDR</dt>
                  <dd title={verdict.facts.cdrId}>{shorten(verdict.facts.cdrId)}</dd>
                  <dt>eMAID</dt>
                  <dd>{verdict.facts.emaid}</dd>
                </>
              )}
              <dt>EVSE-ID</dt>
              <dd>{formatEvseId(evseId)}</dd>
              <dt>{words.receipt.meterRecord}</dt>
              <dd title={evidence.meterRecord}>{shorten(cdr.meterRecordHash)}</dd>
            </dl>
          </details>
        </section>
      </div>
    </Page>
  );
}

function Verdict({ verdict }: { readonly verdict: ReturnType<typeof useReceipt>['verdict'] }) {
  const { words } = useWords();
  switch (verdict.state) {
    case 'right':
      return <Notice kind="good" icon="shield" title={words.receipt.verified} />;
    case 'wrong':
      return <RefusalNotice refusal={verdict} title={words.receipt.failed} />;
    case 'unknown-keys':
      return <Notice kind="warn">{words.receipt.unverified}</Notice>;
    default:
      return <Waiting>{words.receipt.checking}</Waiting>;
  }
}

/** The six signatures and what else was checked, each in plain words. */
function Trust({ evidence, facts }: { readonly evidence: Evidence; readonly facts: EvidenceFacts }) {
  const { words, language } = useWords();
  const network = useObservable(useServices().network);
  const { maxEnergyWh, maxAmountMicro } = evidence.authorization.value;
  const { issuedAt, timeZone } = evidence.offer.value;
  const instant = (at: number) => instantAtPoint(at, language, timeZone);
  const rows: readonly (readonly [string, string])[] = [
    [words.receipt.driverCertificate(nameOfProvider(network, facts.driverProviderId)), ''],
    [
      words.receipt.stationCertificate(nameOfProvider(network, facts.stationProviderId)),
      formatEvseId(facts.evseId),
    ],
    [words.receipt.offer, instant(issuedAt)],
    [words.receipt.authorization, instant(facts.authorizedAt)],
    [words.receipt.cdr, instant(facts.endedAt)],
    [
      words.receipt.meter,
      words.receipt.meterDetail(
        formatEnergy(facts.meter.importBeginWh, language, true),
        formatEnergy(facts.meter.importEndWh, language, true),
      ),
    ],
  ];
  const sums: readonly (readonly [string, string])[] = [
    [words.receipt.recomputed, words.receipt.recomputedDetail],
    [
      words.receipt.withinBounds,
      words.receipt.withinBoundsDetail(
        formatEnergy(maxEnergyWh, language),
        formatMoney(maxAmountMicro, facts.currency, language),
      ),
    ],
  ];
  const tick = ([text, detail]: readonly [string, string]) => (
    <li key={text}>
      <Icon name="check" />
      <div>
        <div>{text}</div>
        {detail !== '' && <div className="soft small">{detail}</div>}
      </div>
    </li>
  );
  return (
    <section className="card" aria-labelledby="why">
      <h2 id="why">{words.receipt.why}</h2>
      <h3 className="soft">{words.receipt.signatures}</h3>
      <ol className="ticks" data-testid="signatures">
        {rows.map(tick)}
      </ol>
      <ul className="ticks" data-testid="sums">
        {sums.map(tick)}
      </ul>
    </section>
  );
}
