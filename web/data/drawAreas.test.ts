import { expect, test } from 'vitest';
import { buildPlaces } from './buildPlaces.ts';
import { drawAreas } from './drawAreas.ts';
import { readSemicolonCsv } from './readSemicolonCsv.ts';

test('two areas side by side are one land with one border between them', () => {
  const { land, borders } = drawAreas([
    { longitude: 13.4, latitude: 52.5, area: 'west' },
    { longitude: 13.42, latitude: 52.5, area: 'east' },
  ]);
  expect(land).toHaveLength(1);
  expect(land[0]?.[0]).toEqual(land[0]?.at(-1));
  expect(borders).toHaveLength(1);
  for (const [longitude] of borders[0] ?? []) expect(Math.abs(longitude - 13.41)).toBeLessThan(0.004);
});

test('areas apart are land apart', () => {
  const { land, borders } = drawAreas([
    { longitude: 13.4, latitude: 52.5, area: 'one' },
    { longitude: 13.6, latitude: 52.5, area: 'two' },
  ]);
  expect([land.length, borders.length]).toEqual([2, 0]);
});

test('the register’s quoting is read', () => {
  expect(readSemicolonCsv('\uFEFFa;b\r\n"x;""y""\nz";2\r\n')).toEqual([{ a: 'x;"y"\nz', b: '2' }]);
});

test('places come out of the register with the middle of their stations', () => {
  const row = (street: string, code: string, town: string, at: string) =>
    `${street};${code};${town};52,5;${at}`;
  const csv = [
    'Straße;Postleitzahl;Ort;Breitengrad;Längengrad',
    row('Torstraße', '10119', 'Berlin', '13,40'),
    row('Torstraße', '10119', 'Essen', '13,41'),
    row('Torstraße', '10119', 'Berlin', '13,42'),
    row('Nirgendwo', 'x', 'Berlin', '13,4'),
  ].join('\n');
  expect(buildPlaces(csv).places).toEqual({
    codes: [['10119', 'Berlin', 13.41, 52.5]],
    streets: [['Torstraße', '10119', 13.41, 52.5]],
  });
});
