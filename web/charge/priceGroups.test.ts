import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PriceEntry, priceGroups } from './priceGroups.ts';

const start = 1_795_381_200;
const tariff: Tariff = {
  countryCode: 'DE',
  partyId: 'BBB',
  id: 't',
  currency: 'EUR',
  elements: [
    {
      priceComponents: [
        { type: 'FLAT', priceMicro: 350_000, vatBp: 1_900, stepSize: 1 },
        { type: 'ENERGY', priceMicro: 600_000, vatBp: 1_900, stepSize: 1 },
        { type: 'PARKING_TIME', priceMicro: 2_400_000, vatBp: 1_900, stepSize: 60 },
      ],
    },
  ],
  lastUpdatedAt: start,
};

function priced(pricesMicro: readonly number[], energyWh = 12_345) {
  const chargedAt = start + Math.max(1, pricesMicro.length) * 900;
  return price(tariff, {
    timeZone: 'Europe/Berlin',
    readings: [
      { at: start, importWh: 0, exportWh: 0, state: 'charging' },
      { at: chargedAt, importWh: energyWh, exportWh: 0, state: 'parking' },
      { at: chargedAt + 90, importWh: energyWh, exportWh: 0, state: 'parking' },
    ],
    prices: { firstAt: start, pricesMicro, otherwiseMicro: 600_000 },
  });
}

test('each line of a price stands with its reason, tax and rounding behind', () => {
  const groups = priceGroups(priced([300_000]), 'de', 'Europe/Berlin');
  expect(groups.map((group) => ('texts' in group ? group.component : 'group'))).toEqual([
    'FLAT',
    'ENERGY',
    'PARKING_TIME',
    ...groups.slice(3).map(() => undefined),
  ]);
  const energy = groups[1] as PriceEntry;
  expect(energy.texts[0]).toContain('12,345 kWh');
  expect((groups.at(-1) as PriceEntry).texts[0]).toContain('19 %');
});

test('many quarter-hours are one line that opens', () => {
  const pricesMicro = Array.from({ length: 12 }, (_, index) => 200_000 + index * 10_000);
  const groups = priceGroups(priced(pricesMicro), 'en', 'Europe/Berlin');
  const energy = groups.find((group) => 'entries' in group);
  expect(energy).toMatchObject({ component: 'ENERGY', quantity: 12_345 });
  expect(energy !== undefined && 'entries' in energy && energy.entries.length).toBe(12);
});

test('the amounts add up to the price, grouped or not', () => {
  const rows = fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 100_000 }), (pricesMicro, energyWh) => {
      const made = priced(pricesMicro, energyWh);
      const sum = priceGroups(made, 'de', 'Europe/Berlin').reduce(
        (total, { amountMicro }) => total + amountMicro,
        0,
      );
      expect(sum).toBe(made.inclVatMicro);
    }),
    { numRuns: 60 },
  );
});
