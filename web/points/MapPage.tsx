import {
  Component,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useServices, useWords } from '../app/AppServices.ts';
import { goTo, hrefOf } from '../app/Route.ts';
import { Icon } from '../design/Icon.tsx';
import { Notice, RefusalNotice, Waiting } from '../design/Notice.tsx';
import type { Bounds } from '../network/ProviderApi.ts';
import { useObservable } from '../store/Observable.ts';
import { formatEnergy, formatMoney } from '../words/format.ts';
import type { Place } from './Place.ts';
import { PlaceSearch } from './PlaceSearch.tsx';
import { availabilityOf, distanceBetweenM, type Point } from './Point.ts';
import { PointRow } from './PointRow.tsx';
import { useGeolocation } from './useGeolocation.ts';
import './map.css';

const PointsMap = lazy(() => import('./PointsMap.tsx'));

/** Where the map begins before the driver says where they are. */
const berlin: Place = { name: 'Berlin', latitude: 52.5163, longitude: 13.3777 };
const maxPoints = 20_000;

/** What was seen last stays while the app is open, so that coming back to the map is instant. */
const seen: { points: ReadonlyMap<string, Point>; place: Place; isChosen: boolean } = {
  points: new Map(),
  place: berlin,
  isChosen: false,
};

export function MapPage() {
  const { api, store, settings } = useServices();
  const { words, language } = useWords();
  const { usual } = useObservable(settings);
  const [points, setPoints] = useState(seen.points);
  const [place, setPlace] = useState(seen.place);
  const [isChosen, setIsChosen] = useState(seen.isChosen);
  const [refusal, setRefusal] = useState<{ readonly refusal: string; readonly detail: string }>();
  const [isKept, setIsKept] = useState(false);
  const [isLoading, setIsLoading] = useState(points.size === 0);
  const [tilesFailed, setTilesFailed] = useState(false);
  const [filter, setFilter] = useState({ live: false, open: false, fast: false });
  const [shown, setShown] = useState(12);
  const { state: locating, locate } = useGeolocation(words.map.nearMe);

  useEffect(() => {
    document.title = `${words.map.title} · ${words.appName}`;
  }, [words]);

  const take = useCallback((more: readonly Point[]) => {
    if (more.length === 0) return;
    setPoints((before) => {
      const merged = new Map(before.size > maxPoints ? [] : before);
      for (const point of more) {
        const { distanceM: _, ...rest } = point;
        merged.set(point.evseId, { ...merged.get(point.evseId), ...rest });
      }
      seen.points = merged;
      return merged;
    });
  }, []);

  const takeAnswer = useCallback(
    (answer: Awaited<ReturnType<typeof api.pointsWithin>>) => {
      setIsLoading(false);
      if (answer.ok) {
        setRefusal(undefined);
        setIsKept(false);
        take(answer.value.points);
      } else setRefusal({ refusal: answer.refusal, detail: answer.detail });
    },
    [take],
  );

  // Around the chosen place: the network's points with their prices, and all others close by.
  useEffect(() => {
    let isCurrent = true;
    const load = async () => {
      const answers = await Promise.all([
        api.pointsNear(place, usual, { limit: 60, radiusM: 60_000, inNetwork: true }),
        api.pointsNear(place, usual, { limit: 60, radiusM: 5_000 }),
      ]);
      if (!isCurrent) return;
      for (const answer of answers) takeAnswer(answer);
      if (answers.every(({ ok }) => !ok)) {
        const kept = (await store.get('points/last')) as readonly Point[] | undefined;
        if (kept !== undefined && kept.length > 0) {
          take(kept);
          setIsKept(true);
        }
      }
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [api, store, place, usual, take, takeAnswer]);

  // What the map shows, a moment after it came to rest.
  const moving = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onMove = useCallback(
    (bounds: Bounds) => {
      clearTimeout(moving.current);
      moving.current = setTimeout(async () => takeAnswer(await api.pointsWithin(bounds, usual)), 200);
    },
    [api, usual, takeAnswer],
  );
  useEffect(() => () => clearTimeout(moving.current), []);

  // The last known state is kept for a start without internet.
  useEffect(() => {
    if (points.size === 0 || isKept) return;
    const saving = setTimeout(
      () => void store.put('points/last', [...points.values()].slice(0, 6_000)),
      3_000,
    );
    return () => clearTimeout(saving);
  }, [points, isKept, store]);

  const choose = useCallback((chosen: Place) => {
    seen.place = chosen;
    seen.isChosen = true;
    setPlace(chosen);
    setIsChosen(true);
    setShown(12);
  }, []);

  const filtered = useMemo(
    () =>
      [...points.values()].filter(
        (point) =>
          (!filter.live || point.live) &&
          (!filter.open || point.open === true) &&
          (!filter.fast || point.maxPowerW >= 50_000),
      ),
    [points, filter],
  );
  const near = useMemo(
    () =>
      filtered
        .map((point) => ({ ...point, distanceM: distanceBetweenM(place, point) }))
        .sort(
          (a, b) =>
            Number(b.live) - Number(a.live) ||
            Number(availabilityOf(b) === 'free') - Number(availabilityOf(a) === 'free') ||
            a.distanceM - b.distanceM,
        ),
    [filtered, place],
  );
  const labelOf = useCallback(
    (point: Point) =>
      point.priceMicro === undefined ? '' : formatMoney(point.priceMicro, point.currency, language),
    [language],
  );

  const toggles = [
    ['live', words.map.onlyNetwork],
    ['open', words.map.openNow],
    ['fast', words.map.minPower('50 kW')],
  ] as const;

  return (
    <main className="map-page">
      <div className="map-box">
        <MapGuard fallback={<MapMissing text={words.map.mapFailed} />}>
          <Suspense fallback={null}>
            <PointsMap
              points={filtered}
              labelOf={labelOf}
              place={place}
              isPlaceMine={isChosen}
              onMove={onMove}
              onSelect={(evseId) => goTo({ page: 'point', evseId })}
              onTilesFailed={() => setTilesFailed(true)}
            />
          </Suspense>
        </MapGuard>
        <div className="map-tools">
          <PlaceSearch onChoose={choose} />
          <button
            type="button"
            className="button round"
            aria-label={words.map.nearMe}
            title={words.map.nearMe}
            onClick={() => locate(choose)}
          >
            {locating === 'locating' ? <span className="spinner" /> : <Icon name="locate" />}
          </button>
        </div>
        <div className="map-legend" aria-hidden="true">
          <span>
            <span className="dot free" /> {words.map.legendLive}
          </span>
          <span>
            <span className="dot busy" /> {words.map.legendBusy}
          </span>
          <span>
            <span className="dot" /> {words.map.legendOther}
          </span>
        </div>
      </div>
      <section className="sheet" aria-labelledby="near">
        <div className="card-head">
          <h1 id="near">
            {isChosen
              ? place.name === words.map.nearMe
                ? place.name
                : words.map.near(place.name)
              : words.map.title}
          </h1>
          <a className="small" href={hrefOf({ page: 'me' })}>
            {words.map.forMyCharge(formatEnergy(usual.energyWh, language))}
          </a>
        </div>
        <fieldset className="chips" aria-label={words.map.filters}>
          {toggles.map(([name, label]) => (
            <button
              key={name}
              type="button"
              className="chip"
              aria-pressed={filter[name]}
              onClick={() => setFilter({ ...filter, [name]: !filter[name] })}
            >
              {filter[name] && <Icon name="check" size={16} />}
              {label}
            </button>
          ))}
        </fieldset>
        <div aria-live="polite">
          {locating === 'locating' && <Waiting>{words.map.locating}</Waiting>}
          {locating === 'denied' && <Notice kind="warn">{words.map.locationDenied}</Notice>}
          {locating === 'failed' && <Notice kind="warn">{words.map.locationFailed}</Notice>}
          {isLoading && <Waiting>{words.loading}</Waiting>}
        </div>
        {isKept && <Notice icon="offline">{words.map.cachedPoints}</Notice>}
        {refusal !== undefined && !isKept && (
          <RefusalNotice refusal={refusal} title={words.map.pointsFailed} />
        )}
        {tilesFailed && <Notice>{words.map.tilesFailed}</Notice>}
        {near.length > 0 ? (
          <>
            <div className="card flush">
              <ul>
                {near.slice(0, shown).map((point) => (
                  <PointRow key={point.evseId} point={point} />
                ))}
              </ul>
            </div>
            {near.length > shown && (
              <button type="button" className="button" onClick={() => setShown(shown + 20)}>
                {words.map.more}
              </button>
            )}
          </>
        ) : (
          !isLoading && refusal === undefined && <Notice>{words.map.noneNear}</Notice>
        )}
        <p className="soft small">{words.map.source}</p>
      </section>
    </main>
  );
}

function MapMissing({ text }: { readonly text: string }) {
  return (
    <div className="empty" style={{ paddingTop: 96 }}>
      <p className="soft">{text}</p>
    </div>
  );
}

/** A device without WebGL gets the list. */
class MapGuard extends Component<
  { readonly fallback: ReactNode; readonly children: ReactNode },
  { readonly hasFailed: boolean }
> {
  override state = { hasFailed: false };
  static getDerivedStateFromError() {
    return { hasFailed: true };
  }
  override render() {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}
