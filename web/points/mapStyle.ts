import type { StyleSpecification } from 'maplibre-gl';
import type { Point } from './Point.ts';
import { availabilityOf } from './Point.ts';

/** Land, borders and labels that ship with the app: the plain map needs no internet. */
export interface Districts {
  readonly land: readonly (readonly (readonly [number, number])[])[];
  readonly borders: readonly (readonly (readonly [number, number])[])[];
  readonly codes: readonly (readonly [code: string, longitude: number, latitude: number])[];
  readonly towns: readonly (readonly [town: string, longitude: number, latitude: number, count: number])[];
}

export const noDistricts: Districts = { land: [], borders: [], codes: [], towns: [] };

/** The map's colours, out of the design's tokens. */
export interface MapColours {
  readonly ground: string;
  readonly land: string;
  readonly border: string;
  readonly label: string;
  readonly brand: string;
  readonly onBrand: string;
  readonly surface: string;
  readonly other: string;
  readonly ink: string;
}

export function readMapColours(element: Element): MapColours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: token('map-ground'),
    land: token('map-land'),
    border: token('map-border'),
    label: token('map-label'),
    brand: token('brand'),
    onBrand: token('on-brand'),
    surface: token('surface'),
    other: token('dot-other'),
    ink: token('ink'),
  };
}

type FeatureCollection = GeoJSON.FeatureCollection;

const collection = (features: readonly GeoJSON.Feature[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features: [...features],
});

const pointFeature = (
  longitude: number,
  latitude: number,
  properties: Readonly<Record<string, unknown>>,
): GeoJSON.Feature => ({
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [longitude, latitude] },
  properties,
});

/** Points of the network and all others as features; `label` is written below those of the network. */
export function pointFeatures(
  points: Iterable<Point>,
  labelOf: (point: Point) => string,
): { readonly live: FeatureCollection; readonly other: FeatureCollection } {
  const live: GeoJSON.Feature[] = [];
  const other: GeoJSON.Feature[] = [];
  for (const point of points) {
    const state = availabilityOf(point);
    const properties = { evseId: point.evseId, state, label: point.live ? labelOf(point) : '' };
    (point.live ? live : other).push(pointFeature(point.longitude, point.latitude, properties));
  }
  return { live: collection(live), other: collection(other) };
}

/** Land, borders and labels as the data of their sources. */
export function districtFeatures(
  districts: Districts,
): Readonly<Record<'land' | 'borders' | 'codes' | 'towns', FeatureCollection>> {
  const copy = (row: Districts['borders'][number]) =>
    row.map(([longitude, latitude]) => [longitude, latitude]);
  const drawn = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({
    type: 'Feature',
    properties: {},
    geometry,
  });
  return {
    land: collection(districts.land.map((ring) => drawn({ type: 'Polygon', coordinates: [copy(ring)] }))),
    borders: collection(
      districts.borders.map((line) => drawn({ type: 'LineString', coordinates: copy(line) })),
    ),
    codes: collection(
      districts.codes.map(([name, longitude, latitude]) => pointFeature(longitude, latitude, { name })),
    ),
    towns: collection(
      districts.towns.map(([name, longitude, latitude, count]) =>
        pointFeature(longitude, latitude, { name, count }),
      ),
    ),
  };
}

/** How the plain map and the points are drawn. Text is drawn with the device's own fonts. */
export function mapStyle(
  colours: MapColours,
  districts: Districts,
  points: { readonly live: FeatureCollection; readonly other: FeatureCollection },
  tiles: { readonly url: string; readonly attribution: string } | undefined,
): StyleSpecification {
  const { land, borders, codes, towns } = districtFeatures(districts);
  const font = ['Open Sans Regular'];
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: land },
      borders: { type: 'geojson', data: borders },
      codes: { type: 'geojson', data: codes },
      towns: { type: 'geojson', data: towns },
      ...(tiles && {
        tiles: { type: 'raster', tiles: [tiles.url], tileSize: 256, attribution: tiles.attribution },
      }),
      other: { type: 'geojson', data: points.other, cluster: true, clusterRadius: 46, clusterMaxZoom: 14 },
      live: { type: 'geojson', data: points.live, cluster: true, clusterRadius: 34, clusterMaxZoom: 13 },
      me: { type: 'geojson', data: collection([]) },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': colours.ground } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': colours.land } },
      {
        id: 'coast',
        type: 'line',
        source: 'land',
        paint: { 'line-color': colours.border, 'line-width': 1.2 },
      },
      {
        id: 'borders',
        type: 'line',
        source: 'borders',
        paint: {
          'line-color': colours.border,
          'line-width': ['interpolate', ['linear'], ['zoom'], 9, 0.6, 14, 2],
        },
      },
      ...(tiles ? [{ id: 'tiles', type: 'raster' as const, source: 'tiles' }] : []),
      {
        id: 'codes',
        type: 'symbol',
        source: 'codes',
        minzoom: 11,
        layout: {
          'text-field': ['get', 'name'],
          'text-font': font,
          'text-size': ['interpolate', ['linear'], ['zoom'], 11, 10, 15, 14],
          'text-letter-spacing': 0.06,
          visibility: tiles ? 'none' : 'visible',
        },
        paint: { 'text-color': colours.label, 'text-halo-color': colours.land, 'text-halo-width': 1 },
      },
      {
        id: 'towns',
        type: 'symbol',
        source: 'towns',
        maxzoom: 11.5,
        layout: {
          'text-field': ['upcase', ['get', 'name']],
          'text-font': font,
          'text-size': ['interpolate', ['linear'], ['get', 'count'], 8, 11, 4000, 20],
          'text-letter-spacing': 0.22,
          visibility: tiles ? 'none' : 'visible',
        },
        paint: { 'text-color': colours.label, 'text-halo-color': colours.land, 'text-halo-width': 1.6 },
      },
      {
        id: 'other-clusters',
        type: 'circle',
        source: 'other',
        filter: ['has', 'point_count'],
        paint: {
          'circle-color': colours.other,
          'circle-opacity': 0.2,
          'circle-radius': ['interpolate', ['linear'], ['get', 'point_count'], 2, 11, 100, 20, 1000, 30],
          'circle-stroke-color': colours.other,
          'circle-stroke-opacity': 0.35,
          'circle-stroke-width': 1,
        },
      },
      {
        id: 'other-counts',
        type: 'symbol',
        source: 'other',
        filter: ['has', 'point_count'],
        layout: {
          'text-field': ['get', 'point_count_abbreviated'],
          'text-font': font,
          'text-size': 12,
          'text-allow-overlap': true,
        },
        paint: { 'text-color': colours.ink, 'text-opacity': 0.8 },
      },
      {
        id: 'other-points',
        type: 'circle',
        source: 'other',
        filter: ['!', ['has', 'point_count']],
        paint: {
          'circle-color': colours.other,
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 2.5, 15, 6],
          'circle-stroke-color': colours.surface,
          'circle-stroke-width': 1.5,
        },
      },
      {
        id: 'me-halo',
        type: 'circle',
        source: 'me',
        paint: { 'circle-color': '#2d7ff0', 'circle-opacity': 0.18, 'circle-radius': 18 },
      },
      {
        id: 'me',
        type: 'circle',
        source: 'me',
        paint: {
          'circle-color': '#2d7ff0',
          'circle-radius': 7,
          'circle-stroke-color': '#ffffff',
          'circle-stroke-width': 2.5,
        },
      },
      {
        id: 'live-clusters',
        type: 'circle',
        source: 'live',
        filter: ['has', 'point_count'],
        paint: {
          'circle-color': colours.brand,
          'circle-radius': ['interpolate', ['linear'], ['get', 'point_count'], 2, 17, 50, 26],
          'circle-stroke-color': colours.surface,
          'circle-stroke-width': 3,
        },
      },
      {
        id: 'live-counts',
        type: 'symbol',
        source: 'live',
        filter: ['has', 'point_count'],
        layout: {
          'text-field': ['get', 'point_count_abbreviated'],
          'text-font': font,
          'text-size': 14,
          'text-allow-overlap': true,
        },
        paint: { 'text-color': colours.onBrand },
      },
      {
        id: 'live-points',
        type: 'symbol',
        source: 'live',
        filter: ['!', ['has', 'point_count']],
        layout: {
          'icon-image': ['concat', 'pin-', ['get', 'state']],
          'icon-anchor': 'bottom',
          'icon-allow-overlap': true,
          'text-field': ['step', ['zoom'], '', 11.5, ['get', 'label']],
          'text-font': font,
          'text-size': 13,
          // Below the pin, or beside it where another pin stands there.
          'text-variable-anchor-offset': ['top', [0, 0.2], 'left', [1.3, -1.5], 'right', [-1.3, -1.5]],
          'text-justify': 'auto',
          'text-optional': true,
        },
        paint: { 'text-color': colours.ink, 'text-halo-color': colours.land, 'text-halo-width': 2.5 },
      },
    ],
  };
}
