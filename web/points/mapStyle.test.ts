import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Districts, districtFeatures, mapStyle, noDistricts, pointFeatures } from './mapStyle.ts';
import type { Point } from './Point.ts';

const colours = {
  ground: '#dfe7e4',
  land: '#f4f7f3',
  border: '#d3ddd6',
  label: '#74877d',
  brand: '#0a6b4d',
  onBrand: '#ffffff',
  surface: '#ffffff',
  other: '#8b9a92',
  ink: '#10201a',
};
const point = (evseId: string, live: boolean) =>
  ({ evseId, live, longitude: 13.39, latitude: 52.52, inNetwork: live, available: live }) as unknown as Point;
const districts: Districts = {
  land: [
    [
      [13, 52],
      [14, 52],
      [14, 53],
      [13, 52],
    ],
  ],
  borders: [
    [
      [13, 52],
      [14, 53],
    ],
  ],
  codes: [['10117', 13.39, 52.52]],
  towns: [['Berlin', 13.4, 52.5, 900]],
};
const points = pointFeatures(
  [point('DEBBBE1', true), point('DEXXXE2', false)],
  ({ evseId }) => `price of ${evseId}`,
);

describe('the style of the map', () => {
  test.each([
    ['plain', undefined],
    ['with tiles', { url: 'https://tiles.example/{z}/{x}/{y}.png', attribution: '© Map' }],
  ])('%s has layers of names of their own, each from a source that is there', (_name, tiles) => {
    const style = mapStyle(colours, districts, points, tiles);
    const names = style.layers.map(({ id }) => id);
    expect(new Set(names).size).toBe(names.length);
    for (const layer of style.layers)
      if ('source' in layer) expect(Object.keys(style.sources)).toContain(layer.source);
    expect(Object.keys(style.sources).includes('tiles')).toBe(tiles !== undefined);
  });

  test('needs nothing from the internet where there are no tiles', () => {
    expect(JSON.stringify(mapStyle(colours, noDistricts, points, undefined))).not.toContain('http');
  });
});

test('points of the network have their price below them, others nothing', () => {
  expect(points.live.features.map(({ properties }) => properties?.label)).toEqual(['price of DEBBBE1']);
  expect(points.other.features.map(({ properties }) => properties)).toMatchObject([
    { evseId: 'DEXXXE2', label: '' },
  ]);
});

test('what ships with the app can be drawn: rings are closed, every coordinate is near Germany', () => {
  const shipped = JSON.parse(
    readFileSync(new URL('../public/districts.json', import.meta.url), 'utf8'),
  ) as Districts;
  const { land, codes } = districtFeatures(shipped);
  expect(land.features.length).toBeGreaterThan(0);
  expect(codes.features.length).toBe(195);
  for (const ring of shipped.land) expect(ring.at(-1)).toEqual(ring[0]);
  for (const [longitude, latitude] of [...shipped.land, ...shipped.borders].flat()) {
    expect(Math.abs(longitude - 10.5)).toBeLessThan(6);
    expect(Math.abs(latitude - 51.2)).toBeLessThan(5);
  }
});
