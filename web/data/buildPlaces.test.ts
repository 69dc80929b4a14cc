import { expect, test } from 'vitest';
import { buildPlaces } from './buildPlaces.ts';

const head = 'Längengrad;Breitengrad;Postleitzahl;Ort;Straße';
const csv = (...rows: readonly string[]) => [head, ...rows].join('\n');
type Places = { readonly codes: readonly unknown[]; readonly streets: readonly unknown[] };
const placesOf = (text: string) => buildPlaces(text).places as Places;

test('codes and streets lie in the middle of their stations, a code in the town that most of them name', () => {
  const places = placesOf(
    csv(
      '13,3900;52,5200;10117;Berlin;Oranienburger Straße',
      '13,3948;52,5246;10117;Berlin;Oranienburger Straße',
      '13,9000;52,9000;10117;Mitte;Oranienburger Straße',
      '11,5800;48,1400;80331;München;Marienplatz',
    ),
  );
  expect(places.codes).toEqual([
    ['10117', 'Berlin', 13.3948, 52.5246],
    ['80331', 'München', 11.58, 48.14],
  ]);
  expect(places.streets).toEqual([
    ['Marienplatz', '80331', 11.58, 48.14],
    ['Oranienburger Straße', '10117', 13.3948, 52.5246],
  ]);
});

test('stations abroad, in the sea or without a postal code are left out, and streets that are none', () => {
  const places = placesOf(
    csv(
      '0;0;10117;Berlin;Hauptstraße',
      '2,35;48,85;75001;Paris;Rue de Rivoli',
      '13,39;52,52;1011;Berlin;Hauptstraße',
      '13,39;52,52;10117;Berlin;12',
    ),
  );
  expect(places.codes).toEqual([['10117', 'Berlin', 13.39, 52.52]]);
  expect(places.streets).toEqual([]);
});

test('a town is on the map from eight stations on', () => {
  const rows = (town: string, count: number) =>
    Array.from({ length: count }, () => `13,39;52,52;10117;${town};Hof`);
  const { districts } = buildPlaces(csv(...rows('Groß', 8), ...rows('Klein', 7)));
  expect((districts as { readonly towns: readonly unknown[] }).towns).toEqual([['Groß', 13.39, 52.52, 8]]);
});
