import { useServices, useWords } from '../app/AppServices.ts';
import { Page } from '../app/Page.tsx';
import { hrefOf } from '../app/Route.ts';
import { priceOfUsualCharge } from '../charge/compareOffer.ts';
import { Icon } from '../design/Icon.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import { nameOfProvider } from '../network/Network.ts';
import { useObservable } from '../store/Observable.ts';
import {
  formatDuration,
  formatEnergy,
  formatEvseId,
  formatMoney,
  formatPower,
  shorten,
} from '../words/format.ts';
import { DynamicPrices } from './DynamicPrices.tsx';
import { availabilityOf } from './Point.ts';
import { plugName, plugNames } from './plugName.ts';
import { TariffLines } from './TariffLines.tsx';
import { usePoint } from './usePoint.ts';

export function PointPage({ evseId }: { readonly evseId: string }) {
  const { words, language } = useWords();
  const { settings, network, now } = useServices();
  const { usual } = useObservable(settings);
  const known = useObservable(network);
  const { point, isLoading, refusal } = usePoint(evseId);

  if (point === undefined)
    return (
      <Page title={words.point.title} back={hrefOf({ page: 'map' })}>
        {isLoading && <Waiting>{words.loading}</Waiting>}
        {refusal !== undefined && <RefusalNotice refusal={refusal} />}
      </Page>
    );

  const state = availabilityOf(point);
  const powerW = Math.max(1, Math.min(usual.powerW, point.maxPowerW));
  const priceMicro =
    point.priceMicro ??
    (point.tariff &&
      priceOfUsualCharge(
        point.tariff,
        point.timeZone,
        point.maxPowerW,
        usual,
        now(),
        point.dynamic?.nextHours,
      ));
  const unavailableBecause =
    point.unavailable && (words.dynamic.reasons[point.unavailable] ?? point.unavailable);
  const open = point.open === undefined ? '' : point.open ? words.point.open : words.point.closed;
  return (
    <Page title={point.name} back={hrefOf({ page: 'map' })} className="page-columns">
      <div className="column">
        <div className="card">
          <div>
            <p>{point.address}</p>
            <p className="chips" style={{ marginTop: 8, flexWrap: 'wrap' }}>
              <span className={`badge ${state === 'free' ? 'good' : state === 'busy' ? 'warn' : ''}`}>
                <span className={`dot ${state === 'free' ? 'free' : state === 'busy' ? 'busy' : ''}`} />
                {words.availability[state]}
              </span>
              <span className="badge">{formatPower(point.maxPowerW, language)}</span>
              {[...new Set(point.plugs.map((plug) => plugName(plug, language)))].map((plug) => (
                <span className="badge" key={plug}>
                  {plug}
                </span>
              ))}
            </p>
          </div>
          {unavailableBecause !== undefined && (
            <Notice kind="warn" title={words.dynamic.unavailable}>
              {unavailableBecause}
            </Notice>
          )}
          {point.live ? (
            <>
              <a className="button primary big" href={hrefOf({ page: 'unlock', evseId: point.evseId })}>
                <Icon name="bolt" />
                {words.point.unlock}
              </a>
              <p className="soft small">{words.point.unlockHint}</p>
            </>
          ) : (
            <Notice>{words.point.notLive}</Notice>
          )}
          {point.live && point.linkUrl === undefined && <Notice>{words.point.noLink}</Notice>}
        </div>
        {(priceMicro !== undefined || point.tariff !== undefined) && (
          <section className="card" aria-labelledby="price">
            <h2 id="price">{words.point.price}</h2>
            {priceMicro !== undefined && point.unavailable !== 'no-fresh-price' && (
              <div>
                <div className="price-big" data-testid="my-price">
                  {formatMoney(priceMicro, point.tariff?.currency ?? point.currency, language)}
                </div>
                <p className="soft">
                  {words.point.priceForMine(formatEnergy(usual.energyWh, language))} ·{' '}
                  {formatDuration((usual.energyWh * 3600) / powerW)} · {formatPower(powerW, language)}
                </p>
              </div>
            )}
            {point.dynamic !== undefined && <DynamicPrices point={point} dynamic={point.dynamic} />}
            {point.tariff !== undefined && (
              <TariffLines tariff={point.tariff} isDynamic={point.dynamic !== undefined} />
            )}
          </section>
        )}
      </div>
      <div className="column">
        {refusal !== undefined && <Notice icon="offline">{words.map.cachedPoints}</Notice>}
        <section className="card" aria-labelledby="details">
          <h2 id="details">{words.point.details}</h2>
          <dl className="facts">
            <dt>{words.point.power}</dt>
            <dd>{words.point.fastest(formatPower(point.maxPowerW, language))}</dd>
            <dt>{words.point.plugs}</dt>
            <dd>{plugNames(point.plugs, language) || words.point.openUnknown}</dd>
            <dt>{words.point.opening}</dt>
            <dd>
              {[point.openingHours === 'always' ? words.point.always : point.openingHours, open]
                .filter(Boolean)
                .join(', ') || words.point.openUnknown}
            </dd>
            {point.access !== undefined && (
              <>
                <dt>{words.point.access}</dt>
                <dd>{point.access}</dd>
              </>
            )}
            <dt>{words.point.operator}</dt>
            <dd>{point.operatorName || words.point.openUnknown}</dd>
            {point.live && (
              <>
                <dt>{words.point.provider}</dt>
                <dd>{nameOfProvider(known, point.providerId)}</dd>
              </>
            )}
            <dt>{words.point.evseId}</dt>
            <dd className="number">{formatEvseId(point.evseId)}</dd>
            {point.meterPublicKey !== undefined && (
              <>
                <dt>{words.point.meterKey}</dt>
                <dd className="number" title={point.meterPublicKey}>
                  {shorten(point.meterPublicKey.slice(-32))}
                </dd>
              </>
            )}
          </dl>
          <a
            className="button"
            href={`https://www.openstreetmap.org/directions?to=${point.latitude}%2C${point.longitude}`}
            target="_blank"
            rel="noreferrer"
          >
            <Icon name="map" size={20} />
            {words.point.route}
          </a>
        </section>
      </div>
    </Page>
  );
}
