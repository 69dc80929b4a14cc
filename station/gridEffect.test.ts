import { readFileSync } from 'node:fs';
import type { SignalContent } from '@p2p-power/protocol/Signal';
import { expect, test } from 'vitest';
import { makeStationWorld, signTestSignal, testTerms } from './testing/stationWorld.ts';

const hourS = 3_600;
const dayS = 86_400;
/** The evening that the virtual clock begins with: 2026-06-01, 16:00 UTC. */
const startsAt = 1_780_272_000 + 16 * hourS;

/** Real quarter-hours of Austria's day-ahead market, micro-units per kWh, beginning at 16:00 UTC of some days. */
function realEvenings(count: number): readonly (readonly number[])[] {
  const file = new URL('../data/prices/at_dayahead_15min_energycharts.csv', import.meta.url);
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',') as [string, string, string])
    .filter(([from, to]) => Date.parse(to) - Date.parse(from) === 900_000);
  const at = new Map(
    rows.map(([from, , perMwh]) => [Date.parse(from) / 1000, Math.round(Number(perMwh) * 1_000)]),
  );
  const first = Date.UTC(2025, 10, 3, 16) / 1000;
  return Array.from({ length: count }, (_, evening) =>
    Array.from({ length: 60 }, (_, quarter) => {
      const price = at.get(first + evening * 5 * dayS + quarter * 900);
      if (price === undefined) throw new Error('the file has a gap');
      return price;
    }),
  );
}

/** A grid that is short for three hours from some hour of the stay on, and yellow an hour before and after. */
const shortFrom = (hour: number, limitW?: number): SignalContent => {
  const [from, to] = [startsAt + hour * hourS, startsAt + (hour + 3) * hourS];
  return {
    kind: 'grid',
    slots: [
      { from: from - hourS, to: from, state: 'yellow' },
      { from, to, state: 'red', ...(limitW !== undefined && { limitW }) },
      { from: to, to: to + hourS, state: 'yellow' },
    ],
  };
};

/**
 * Where the energy of twelve stays falls, from between four and seven in the afternoon until seven in the morning, and
 * what it costs; the grid is short for three hours from `shortHour` of the stay on, and says so or does not.
 */
async function measure(mode: 'immediate' | 'cheapest', shortHour: number, signal: SignalContent | undefined) {
  const energyWh = { green: 0, yellow: 0, red: 0 };
  let [unmetWh, chargeMicro] = [0, 0];
  for (const [index, indexMicro] of realEvenings(12).entries()) {
    const world = await makeStationWorld({ provision: { dynamic: { ...testTerms, maxAgeS: dayS } } });
    world.clock.advanceMs(16 * hourS * 1_000);
    const prices: SignalContent = { kind: 'price', currency: 'EUR', firstAt: startsAt, indexMicro };
    for (const content of signal === undefined ? [prices] : [prices, signal])
      await world.station().takeSignals([await signTestSignal(world.ownProvider, content, startsAt - 60)]);
    await world.run((index % 4) * hourS, 600_000);
    const maxEnergyWh = 6_000 + 2_000 * (index % 8);
    const id = await world.start({ mode, maxEnergyWh, leaveAt: startsAt + 15 * hourS });
    await world.run((15 - (index % 4)) * hourS + 60, 10_000);
    const { readings, cdr } = await world.receipt(id);
    unmetWh += maxEnergyWh - cdr.value.importedWh;
    chargeMicro += cdr.value.chargeMicro;
    for (const [number, { importWh }] of readings.entries()) {
      const before = readings[number - 1];
      if (before === undefined) continue;
      const hour = Math.floor((before.at - startsAt) / hourS) - shortHour;
      const state = hour === -1 || hour === 3 ? 'yellow' : hour >= 0 && hour < 3 ? 'red' : 'green';
      energyWh[state] += importWh - before.importWh;
    }
  }
  const { green, yellow, red } = energyWh;
  const percent = (wh: number) => Math.round((100 * wh) / (green + yellow + red));
  return { red: percent(red), yellow: percent(yellow), cents: Math.round(chargeMicro / 10_000), unmetWh };
}

/** Hours of the stay: from five in the afternoon, and from two in the night, when the cheapest times are. */
const [evening, night] = [1, 10];

test('cars that charge at once keep out of a short evening as far as the grid limits them', async () => {
  expect(await measure('immediate', evening, undefined)).toMatchObject({ red: 76, yellow: 24 });
  expect(await measure('immediate', evening, shortFrom(evening, 4_200))).toMatchObject({
    red: 50,
    yellow: 47,
  });
});

test('cars that all wait for the cheapest times leave them when the grid is short then', async () => {
  const without = await measure('cheapest', night, undefined);
  expect(without).toMatchObject({ red: 53, yellow: 22 });
  const withSignal = await measure('cheapest', night, shortFrom(night));
  expect(withSignal).toMatchObject({ red: 0, yellow: 0 });
  // Which costs each of the twelve drivers some six cents, and none of them any energy.
  expect((withSignal.cents - without.cents) / 12).toBeCloseTo(6, 0);
  expect(withSignal.unmetWh).toBeLessThanOrEqual(12 * 31);
});
