import { useServices, useWords } from '../app/AppServices.ts';
import { hrefOf } from '../app/Route.ts';
import { MiniColumns } from '../design/MiniColumns.tsx';
import { useObservable } from '../store/Observable.ts';
import { formatDistance, formatEnergy, formatMoney, formatPower } from '../words/format.ts';
import { hoursAhead } from './dynamicPrices.ts';
import { availabilityOf, type Point } from './Point.ts';
import { plugNames } from './plugName.ts';

/** One point in a list: what, how far, and what my charge costs there. */
export function PointRow({ point }: { readonly point: Point }) {
  const { words, language } = useWords();
  const { settings, now } = useServices();
  const { usual } = useObservable(settings);
  const state = availabilityOf(point);
  const plugs = plugNames(point.plugs, language);
  return (
    <li>
      <a className="row" href={hrefOf({ page: 'point', evseId: point.evseId })} data-evse-id={point.evseId}>
        <span
          className={`dot ${state === 'free' ? 'free' : state === 'busy' ? 'busy' : ''}`}
          aria-hidden="true"
        />
        <div className="what">
          <div className="name">{point.name}</div>
          <div className="sub">{point.address}</div>
          <div className="sub">
            {[
              point.distanceM === undefined ? '' : formatDistance(point.distanceM, language),
              point.dynamic === undefined ? '' : words.dynamic.badge,
              formatPower(point.maxPowerW, language),
              plugs,
              point.count > 1 ? `${point.count}×` : '',
            ]
              .filter(Boolean)
              .join(' · ')}
          </div>
          {point.unavailable !== undefined && (
            <div className="sub warn-text">
              {words.dynamic.reasons[point.unavailable] ?? point.unavailable}
            </div>
          )}
        </div>
        <div className="value">
          {point.priceMicro === undefined ? (
            <span className={`badge ${state === 'free' ? 'good' : ''}`}>{words.availability[state]}</span>
          ) : (
            <>
              <strong>{formatMoney(point.priceMicro, point.currency, language)}</strong>
              <span>{words.map.forMyCharge(formatEnergy(usual.energyWh, language))}</span>
              <br />
              {point.dynamic !== undefined && (
                <MiniColumns values={hoursAhead(point.dynamic.nextHours, now(), 12)} />
              )}
              <span className={`badge ${state === 'free' ? 'good' : state === 'busy' ? 'warn' : ''}`}>
                {words.availability[state]}
              </span>
            </>
          )}
        </div>
      </a>
    </li>
  );
}
