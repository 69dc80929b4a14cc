import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Reading } from '@p2p-power/protocol/Readings';
import { buildEvidence } from '@p2p-power/protocol/testing/world';
import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { beforeAll, describe, expect, test } from 'vitest';
import { chargeFacts, powerSlots } from './chargeFacts.ts';
import { samplesOfReadings } from './samplesOfReadings.ts';

/** 22:00 in Berlin. */
const start = 1_795_381_200;
const hour = 3_600;
let genuine: Evidence;

beforeAll(async () => {
  genuine = await buildEvidence();
});

const tariff: Tariff = {
  countryCode: 'DE',
  partyId: 'BBB',
  id: 'dynamic',
  currency: 'EUR',
  elements: [
    {
      priceComponents: [
        { type: 'ENERGY', priceMicro: 600_000, vatBp: 1_900, stepSize: 1 },
        { type: 'PARKING_TIME', priceMicro: 100_000, stepSize: 1 },
      ],
    },
  ],
  lastUpdatedAt: start,
};
/** 0.40 in the first four hours, 0.20 afterwards. */
const prices = {
  signalId: `0x${'1'.repeat(64)}` as const,
  firstAt: start,
  pricesMicro: [...Array(16).fill(400_000), ...Array(16).fill(200_000)],
  otherwiseMicro: 500_000,
};

/** Waits four hours, charges two with 10 kW, and stands until the end. */
const readings = (endsAt = 6 * hour): readonly Reading[] => {
  const at = (seconds: number, importWh: number, state: Reading['state']): Reading => ({
    at: start + seconds,
    importWh: 1_000 + importWh,
    exportWh: 0,
    state,
  });
  const done = [at(0, 0, 'parking'), at(4 * hour, 0, 'charging'), at(5 * hour, 10_000, 'charging')];
  const end = at(6 * hour, 20_000, 'parking');
  return endsAt > 6 * hour ? [...done, end, at(endsAt, 20_000, 'parking')] : [...done, end];
};

function evidenceOf(
  given: readonly Reading[],
  endReason: Evidence['cdr']['value']['endReason'],
  creditMicro = 0,
): Evidence {
  const { timeZone } = genuine.offer.value;
  const chargeMicro = price(tariff, { timeZone, readings: given, prices }).inclVatMicro;
  return {
    ...genuine,
    tariff,
    prices,
    readings: given,
    cdr: {
      ...genuine.cdr,
      value: {
        ...genuine.cdr.value,
        chargeMicro,
        creditMicro,
        endReason,
        startedAt: start,
        endedAt: given.at(-1)?.at ?? start,
      },
    },
  };
}

describe('what a charge came to', () => {
  test('is compared with the same energy at once, at the highest power seen', () => {
    const facts = chargeFacts(evidenceOf(readings(), 'energy-reached'));
    // At once 20 kWh at 0.40; as it was, 20 kWh at 0.20 and four hours of waiting at 0.10.
    expect(facts).toEqual({
      readyAt: start + 6 * hour,
      exportedWh: 0,
      highestW: 10_000,
      atOnceMicro: 9_520_000,
      savedMicro: 9_520_000 - 4_760_000 - 400_000,
    });
  });

  test('where the car stood there anyway, it would have after charging at once', () => {
    const facts = chargeFacts(evidenceOf(readings(9 * hour), 'driver-stopped'));
    expect(facts.readyAt).toBe(start + 6 * hour);
    // Seven hours of standing after two of charging, as against four before and three after.
    expect(facts.atOnceMicro).toBe(9_520_000 + 700_000);
    expect(facts.savedMicro).toBe(9_520_000 - 4_760_000);
  });

  test('counts what was given back, and its credit', () => {
    const [first, ...rest] = readings() as [Reading, ...Reading[]];
    const given = [first, ...rest.map((reading) => ({ ...reading, exportWh: 5_000 }))];
    const facts = chargeFacts(evidenceOf(given, 'energy-reached', 2_000_000));
    expect(facts.exportedWh).toBe(5_000);
    expect(facts.atOnceMicro).toBe((15 * 400_000 * 119) / 100);
    expect(facts.savedMicro).toBe(7_140_000 - (4_760_000 + 400_000 - 2_000_000));
  });

  test('at once it saved nothing', () => {
    const at = (seconds: number, importWh: number): Reading => ({
      at: start + seconds,
      importWh,
      exportWh: 0,
      state: 'charging',
    });
    const steady = [at(0, 0), at(900, 2_500), at(2 * hour, 20_000)];
    expect(chargeFacts(evidenceOf(steady, 'energy-reached'))).toMatchObject({
      savedMicro: 0,
      highestW: 10_000,
    });
    const nothing = readings()
      .slice(0, 2)
      .map((reading) => ({ ...reading, importWh: 0 }));
    expect(chargeFacts(evidenceOf(nothing, 'cable-removed')).readyAt).toBe(start + 4 * hour);
  });

  test('who gave back as much as was charged, or more, is told of no saving: the energy is gone', () => {
    const [first, ...rest] = readings() as [Reading, ...Reading[]];
    for (const exportWh of [20_000, 25_000]) {
      const given = [first, ...rest.map((reading) => ({ ...reading, exportWh }))];
      const facts = chargeFacts(evidenceOf(given, 'driver-stopped', 9_000_000));
      expect(facts).not.toHaveProperty('savedMicro');
      expect(facts.exportedWh).toBe(exportWh);
    }
  });
});

test('power between readings falls below zero while the car gives back', () => {
  const at = (seconds: number, importWh: number, exportWh: number): Reading => ({
    at: start + seconds,
    importWh,
    exportWh,
    state: 'charging',
  });
  expect(powerSlots([at(0, 0, 0), at(900, 2_500, 0), at(1_800, 2_500, 1_000)], 11_000)).toEqual([
    { from: start, to: start + 900, value: 10_000 },
    { from: start + 900, to: start + 1_800, value: -4_000 },
  ]);
});

test('power between readings is never more than the point offered, whatever whole Wh over seconds seem to be', () => {
  const at = (seconds: number, importWh: number, exportWh: number): Reading => ({
    at: start + seconds,
    importWh,
    exportWh,
    state: 'charging',
  });
  const quick = [at(0, 0, 0), at(2, 8, 0), at(4, 8, 9)];
  expect(powerSlots(quick, 11_000).map(({ value }) => value)).toEqual([11_000, -11_000]);
  expect(samplesOfReadings(quick, 11_000).map(({ powerW, energyWh }) => [powerW, energyWh])).toEqual([
    [11_000, 0],
    [11_000, 8],
    [-11_000, 8],
    [-11_000, 8],
  ]);
});
