import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import * as maplibre from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useEffect, useRef, useState } from 'react';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useServices, useWords } from '../app/AppServices.ts';
import type { Bounds } from '../network/ProviderApi.ts';
import { drawPin } from './drawPin.ts';
import {
  type Districts,
  districtFeatures,
  mapStyle,
  noDistricts,
  pointFeatures,
  readMapColours,
} from './mapStyle.ts';
import type { Place } from './Place.ts';
import type { Point } from './Point.ts';

maplibre.setWorkerUrl(new URL(workerUrl, location.href).href);

/** Where the map stood when it was last left, and for which place it had gone there. */
let lastView: { readonly center: [number, number]; readonly zoom: number; readonly place: Place } | undefined;

const startZoom = 10.2;
const nearZoom = 13.4;

/** The map of all points. Draws itself from what ships with the app; tiles are an extra that may fail. */
export default function PointsMap({
  points,
  labelOf,
  place,
  isPlaceMine,
  onMove,
  onSelect,
  onTilesFailed,
}: {
  readonly points: readonly Point[];
  readonly labelOf: (point: Point) => string;
  readonly place: Place;
  /** Whether the place is where the driver is, or one chosen: only then the map goes near. */
  readonly isPlaceMine: boolean;
  readonly onMove: (bounds: Bounds) => void;
  readonly onSelect: (evseId: string) => void;
  readonly onTilesFailed: () => void;
}) {
  const { config } = useServices();
  const { words } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibreMap>(undefined);
  const drawn = useRef<() => void>(undefined);
  const shownDistricts = useRef(noDistricts);
  const [districts, setDistricts] = useState<Districts>(noDistricts);
  const [tilesFailed, setTilesFailed] = useState(false);
  const shownPlace = useRef(place);
  shownPlace.current = place;
  const latest = useRef({ onMove, onSelect, onTilesFailed });
  latest.current = { onMove, onSelect, onTilesFailed };

  useEffect(() => {
    const reading = new AbortController();
    fetch('./districts.json', { signal: reading.signal })
      .then((response) => response.json())
      .then((read: Districts) => setDistricts(read))
      .catch(() => undefined);
    return () => reading.abort();
  }, []);

  const features = pointFeatures(points, labelOf);
  const style = useRef(() => ({}) as ReturnType<typeof mapStyle>);
  style.current = () =>
    mapStyle(
      readMapColours(box.current as Element),
      districts,
      features,
      config.tiles === undefined || tilesFailed
        ? undefined
        : { url: config.tiles, attribution: config.tilesAttribution ?? '' },
    );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is made once; what changes is handed to it below
  useEffect(() => {
    const made = new maplibre.Map({
      container: box.current as HTMLElement,
      style: style.current(),
      center: lastView?.center ?? [place.longitude, place.latitude],
      zoom: lastView?.zoom ?? startZoom,
      minZoom: 7,
      maxZoom: 18,
      dragRotate: false,
      pitchWithRotate: false,
      attributionControl: false,
      fadeDuration: 120,
    });
    map.current = made;
    made.touchZoomRotate.disableRotation();
    if (config.tiles !== undefined)
      made.addControl(new maplibre.AttributionControl({ compact: true }), 'bottom-right');
    made.setMissingStyleImageResolver((name) => {
      const colours = readMapColours(box.current as Element);
      const fill = { 'pin-free': colours.brand, 'pin-busy': '#c77f00' }[name] ?? colours.other;
      const sign = name === 'pin-free' ? colours.onBrand : '#ffffff';
      const ratio = Math.min(3, Math.ceil(devicePixelRatio));
      made.addImage(name, drawPin(fill, sign, colours.surface, ratio), { pixelRatio: ratio });
    });
    const tell = () => {
      const bounds = made.getBounds();
      latest.current.onMove({
        south: bounds.getSouth(),
        west: bounds.getWest(),
        north: bounds.getNorth(),
        east: bounds.getEast(),
      });
    };
    made.on('load', () => {
      drawn.current?.();
      tell();
      made.getContainer().dataset.ready = 'true';
    });
    made.on('moveend', () => {
      const { lng, lat } = made.getCenter();
      lastView = { center: [lng, lat], zoom: made.getZoom(), place: shownPlace.current };
      tell();
    });
    made.on('error', ({ error, ...event }) => {
      if ((event as { sourceId?: string }).sourceId === 'tiles') {
        setTilesFailed(true);
        latest.current.onTilesFailed();
      } else console.warn(error);
    });
    for (const layer of ['live-points', 'other-points'])
      made.on('click', layer, ({ features: clicked }) => {
        const evseId = clicked?.[0]?.properties?.evseId;
        if (typeof evseId === 'string') latest.current.onSelect(evseId);
      });
    for (const source of ['live', 'other'])
      made.on('click', `${source}-clusters`, ({ features: clicked }) => {
        const cluster = clicked?.[0];
        if (cluster?.geometry.type !== 'Point') return;
        const center = cluster.geometry.coordinates as [number, number];
        (made.getSource(source) as GeoJSONSource)
          .getClusterExpansionZoom(cluster.properties?.cluster_id)
          .then((zoom) => made.easeTo({ center, zoom }))
          .catch(() => undefined);
      });
    for (const layer of ['live-points', 'other-points', 'live-clusters', 'other-clusters']) {
      made.on('mouseenter', layer, () => {
        made.getCanvas().style.cursor = 'pointer';
      });
      made.on('mouseleave', layer, () => {
        made.getCanvas().style.cursor = '';
      });
    }
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const recolour = () => {
      made.setStyle(style.current(), { diff: false });
      made.once('styledata', () => drawn.current?.());
    };
    scheme.addEventListener('change', recolour);
    return () => {
      scheme.removeEventListener('change', recolour);
      made.remove();
      map.current = undefined;
    };
  }, []);

  drawn.current = () => {
    const source = (name: string) => map.current?.getSource(name) as GeoJSONSource | undefined;
    if (shownDistricts.current !== districts && source('land') !== undefined) {
      for (const [name, data] of Object.entries(districtFeatures(districts)))
        void source(name)?.setData(data);
      shownDistricts.current = districts;
    }
    if (tilesFailed && map.current?.getLayer('tiles') !== undefined) {
      map.current.removeLayer('tiles');
      for (const layer of ['codes', 'towns']) map.current.setLayoutProperty(layer, 'visibility', 'visible');
    }
    void source('live')?.setData(features.live);
    void source('other')?.setData(features.other);
    void source('me')?.setData({
      type: 'FeatureCollection',
      features: isPlaceMine
        ? [
            {
              type: 'Feature',
              properties: {},
              geometry: { type: 'Point', coordinates: [place.longitude, place.latitude] },
            },
          ]
        : [],
    });
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: it draws what the latest rendering holds
  useEffect(() => {
    drawn.current?.();
  }, [points, place, isPlaceMine, districts, tilesFailed]);

  useEffect(() => {
    if (isPlaceMine && lastView?.place !== place)
      map.current?.flyTo({
        center: [place.longitude, place.latitude],
        zoom: nearZoom,
        duration: 700,
        // What lies over the map: the search above, the sheet below.
        padding: { top: 84, bottom: 48, left: 0, right: 0 },
      });
  }, [place, isPlaceMine]);

  return <div ref={box} className="canvas" role="application" aria-label={words.map.mapLabel} />;
}
