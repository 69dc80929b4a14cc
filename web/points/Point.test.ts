import { plainTariff } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  availabilityOf,
  distanceBetweenM,
  type PointInFull,
  parsePoint,
  parsePointInFull,
  parsePoints,
  withOwnersPrices,
} from './Point.ts';

const json = {
  evseId: 'DEBBBE1',
  name: 'Garage',
  address: 'Hof 3',
  latitude: 52.5,
  longitude: 13.4,
  maxPowerW: 11_000,
  plugs: ['IEC_62196_T2'],
  count: 1,
  open: true,
  available: true,
  live: true,
  providerId: 'DEBBB',
  operatorName: 'Bert',
  currency: 'EUR',
  priceMicro: 9_282_000,
};

describe('points out of a provider’s answer', () => {
  test('are read, and what is no point is left out', () => {
    const answer = parsePoints({ points: [json, { evseId: 'x' }, 7], total: 900 });
    expect(answer).toMatchObject({ ok: true, value: { total: 900, points: [{ evseId: 'DEBBBE1' }] } });
    expect(parsePoints({ total: 1 })).toMatchObject({ ok: false, refusal: 'malformed-points' });
  });

  test('a point in full has its tariff where it is one', () => {
    expect(parsePointInFull({ ...json, tariff: plainTariff, timeZone: 'Europe/Vienna' })).toMatchObject({
      value: { tariff: plainTariff, timeZone: 'Europe/Vienna' },
    });
    const spoilt = parsePointInFull({ ...json, tariff: { elements: 'x' }, timeZone: 'Mars/Olympus' });
    expect(spoilt).toMatchObject({ value: { timeZone: 'Europe/Berlin' } });
    expect(spoilt.ok && spoilt.value.tariff).toBeUndefined();
  });

  test('a dynamic point has its next prices, and says why it is not to be had', () => {
    const nextHours = { firstAt: 1_795_381_200, pricesMicro: [210_000, 190_000], otherwiseMicro: 400_000 };
    const dynamic = { area: 'DE-LU', isFallback: false, capMicro: 500_000, nextHours };
    expect(parsePoint({ ...json, dynamic })).toMatchObject({ dynamic });
    expect(parsePoint(json)).not.toHaveProperty('dynamic');
    for (const spoilt of [
      { ...dynamic, capMicro: '5' },
      { ...dynamic, nextHours: { ...nextHours, firstAt: 7 } },
      { ...dynamic, nextHours: { ...nextHours, pricesMicro: [-1] } },
      'dear',
    ])
      expect(parsePoint({ ...json, dynamic: spoilt })).not.toHaveProperty('dynamic');
    expect(parsePoint({ ...json, unavailable: 'no-fresh-price' })?.unavailable).toBe('no-fresh-price');
    expect(parsePoint({ ...json, unavailable: 7 })).not.toHaveProperty('unavailable');
  });

  test('nothing that is sent breaks the reading', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        parsePoint(anything);
        parsePoints(anything);
        parsePointInFull(anything);
      }),
    );
  });

  test('stand as a driver sees them', () => {
    const point = parsePoint(json);
    if (point === undefined) throw new Error('no point');
    expect(availabilityOf(point)).toBe('free');
    expect(availabilityOf({ ...point, available: false })).toBe('busy');
    expect(availabilityOf({ ...point, available: false, unavailable: 'occupied' })).toBe('busy');
    expect(availabilityOf({ ...point, available: false, unavailable: 'no-fresh-price' })).toBe('unavailable');
    expect(availabilityOf({ ...point, open: false })).toBe('closed');
    expect(availabilityOf({ ...point, live: false })).toBe('notLive');
  });
});

test('a point of another provider has the prices that its own one says, and nothing else of it', () => {
  const full = (changes: object): PointInFull => {
    const read = parsePointInFull({ ...json, timeZone: 'Europe/Berlin', ...changes });
    if (!read.ok) throw new Error(read.detail);
    return read.value;
  };
  const nextHours = { firstAt: 1_795_381_200, pricesMicro: [210_000], otherwiseMicro: 400_000 };
  const dynamic = { area: 'DE-LU', isFallback: false, capMicro: 500_000, nextHours };
  const point = full({});
  expect(withOwnersPrices(point, full({ name: 'Other', dynamic, priceMicro: 7 }))).toEqual({
    ...point,
    dynamic,
    priceMicro: 7,
  });
  expect(withOwnersPrices(point, full({ priceMicro: 7 }))).toEqual(point);
  expect(withOwnersPrices(point, full({ evseId: 'DEBBBE2', dynamic }))).toEqual(point);
  expect(withOwnersPrices(point, full({ available: false, unavailable: 'no-fresh-price' }))).toMatchObject({
    available: false,
    unavailable: 'no-fresh-price',
  });
});

test('distances on the sphere', () => {
  const berlin = { latitude: 52.5163, longitude: 13.3777 };
  expect(distanceBetweenM(berlin, berlin)).toBe(0);
  expect(Math.round(distanceBetweenM({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 }))).toBe(
    111_195,
  );
  expect(Math.round(distanceBetweenM(berlin, { latitude: 48.2082, longitude: 16.3738 }) / 1000)).toBe(524);
});
