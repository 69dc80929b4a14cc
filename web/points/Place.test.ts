import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type PlaceIndex, searchPlaces } from './Place.ts';

const index: PlaceIndex = {
  codes: [
    ['10115', 'Berlin', 13.38, 52.53],
    ['10117', 'Berlin', 13.39, 52.52],
  ],
  streets: [
    ['Oranienburger Straße', '10117', 13.39, 52.52],
    ['Alte Oranienburger Str.', '13469', 13.3, 52.6],
    ['Müllerstraße', '13353', 13.35, 52.55],
  ],
};
const names = (typed: string) => searchPlaces(index, typed).map(({ name }) => name);

test('a postal code by its first digits', () => {
  expect(names('1011')).toEqual(['10115 Berlin', '10117 Berlin']);
  expect(names('10117')).toEqual(['10117 Berlin']);
});

test('a street however it is spelt, beginnings first, house numbers passed over', () => {
  expect(names('oranienburger str')).toEqual([
    'Oranienburger Straße, 10117',
    'Alte Oranienburger Str., 13469',
  ]);
  expect(names('Oranienburger Straße 27')).toEqual(names('oranienburger strasse'));
  expect(names('mullerstr')).toEqual(['Müllerstraße, 13353']);
  expect(names('MÜLLERSTRASSE 12a')).toEqual(['Müllerstraße, 13353']);
});

test('too little or nothing like it finds nothing', () => {
  expect(names('o')).toEqual([]);
  expect(names('Champs-Élysées')).toEqual([]);
  expect(names('.*')).toEqual([]);
});

test('what ships with the app can be searched', () => {
  const shipped = JSON.parse(
    readFileSync(new URL('../public/places.json', import.meta.url), 'utf8'),
  ) as PlaceIndex;
  expect(searchPlaces(shipped, 'Invalidenstraße 5')[0]?.name).toMatch(/^Invalidenstr/);
  expect(searchPlaces(shipped, '10115')).toMatchObject([{ name: '10115 Berlin' }]);
});
