import type { Tariff } from '@p2p-power/tariff/Tariff';
import { expect, test } from 'vitest';
import { displayedCapMicro, extremesOf, hoursAhead, spanAhead } from './dynamicPrices.ts';

const firstAt = 1_795_381_200;
const prices = (count: number) => ({
  firstAt,
  pricesMicro: Array.from({ length: count }, (_, index) => 100_000 + index),
  otherwiseMicro: 400_000,
});

test('the picture begins with the present quarter-hour and ends with what is known, after a day at most', () => {
  expect(spanAhead(prices(40), firstAt + 1_000)).toEqual({ from: firstAt + 900, to: firstAt + 36_000 });
  expect(spanAhead(prices(200), firstAt).to).toBe(firstAt + 86_400);
  expect(spanAhead(prices(0), firstAt + 5)).toEqual({ from: firstAt, to: firstAt + 3_600 });
});

test('the guaranteed highest has the tax of energy in it', () => {
  const tariff: Tariff = {
    countryCode: 'DE',
    partyId: 'BBB',
    id: 't',
    currency: 'EUR',
    elements: [
      { priceComponents: [{ type: 'ENERGY', priceMicro: 600_000, vatBp: 1_900, stepSize: 1 }] },
      { priceComponents: [{ type: 'FLAT', priceMicro: 600_000, vatBp: 2_500, stepSize: 1 }] },
    ],
    lastUpdatedAt: firstAt,
  };
  expect(displayedCapMicro(tariff, 500_000)).toBe(595_000);
  expect(displayedCapMicro({ ...tariff, elements: [] }, 500_000)).toBe(500_000);
});

test('the cheapest and dearest hour are named by their first, or not at all', () => {
  const slots = [30, 10, 10, 40].map((value, index) => ({ from: index, to: index + 1, value }));
  expect(extremesOf(slots)).toEqual({ low: slots[1], high: slots[3] });
  expect(extremesOf([{ from: 0, to: 1, value: 5 }])).toBeUndefined();
  expect(extremesOf([{ from: 0, to: 1 }])).toBeUndefined();
});

test('a list shows the hours from now on', () => {
  expect(hoursAhead(prices(40), firstAt + 2_000, 1)).toEqual([100_002, 100_003, 100_004, 100_005]);
  expect(hoursAhead(prices(3), firstAt - 5_000, 2)).toEqual([100_000, 100_001, 100_002]);
  expect(hoursAhead(prices(3), firstAt + 9_000, 2)).toEqual([]);
});
