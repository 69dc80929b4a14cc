import type { OcpiTariffJson } from '@p2p-power/tariff/Tariff';
import { expect, test } from 'vitest';
import { parsePricedPoint } from './PricedPoint.ts';

const ocpiTariff: OcpiTariffJson = {
  country_code: 'DE',
  party_id: 'BBB',
  id: 'garage',
  currency: 'EUR',
  elements: [{ price_components: [{ type: 'ENERGY', price: 0.39, vat: 19, step_size: 1 }] }],
  last_updated: '2026-05-01T00:00:00Z',
};
const frame = { pointClass: 'ac', currency: 'EUR', floorMicro: 1, ceilingMicro: 9, mayBeFree: false };
const dynamic = {
  area: 'AT',
  factorPerMille: 1_000,
  marginMicro: 0,
  floorMicro: 0,
  capMicro: 390_000,
  maxAgeS: 60,
};
const row = {
  evseId: 'DEBBBE1',
  name: 'Garage',
  maxPowerW: 11_000,
  targetGroup: 'garage',
  ocpiTariff,
  dynamic,
  frame,
};

test('a point is found among the operator’s by its EVSE-ID, with its prices and its frame', () => {
  expect(parsePricedPoint({ points: [{ evseId: 'DEBBBE0' }, row] }, 'DEBBBE1')).toMatchObject({
    evseId: 'DEBBBE1',
    name: 'Garage',
    powerW: 11_000,
    isPublic: true,
    tariff: { elements: [{ priceComponents: [{ priceMicro: 390_000 }] }] },
    dynamic,
    frame,
  });
});

test('what a point lacks, or what makes no sense, is not there', () => {
  const bare = { evseId: 'DEBBBE1', ocpiTariff: null, dynamic: { area: 7 }, frame: { floorMicro: 1 } };
  expect(parsePricedPoint({ points: [bare] }, 'DEBBBE1')).toEqual({
    evseId: 'DEBBBE1',
    name: 'DEBBBE1',
    powerW: 0,
    isPublic: true,
  });
  expect(parsePricedPoint({ points: [{ ...row, targetGroup: 'shared-home' }] }, 'DEBBBE1')?.isPublic).toBe(
    false,
  );
});

test('somebody else’s point is none', () => {
  for (const json of [{ points: [row] }, {}, null, { points: 7 }])
    expect(parsePricedPoint(json, 'DEBBBE2')).toBeUndefined();
});
