import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AssumedSession } from './activePeriods.ts';
import { price } from './price.ts';
import type { Tariff } from './Tariff.ts';
import { tariffSlots } from './tariffSlots.ts';
import { arbitraryPlainTariff, arbitraryTimeZone } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { withVatMicro } from './withVat.ts';

const nightRate: Tariff = {
  ...exampleTariff('tariff_8_simple_025kwh'),
  elements: [
    {
      priceComponents: [{ type: 'ENERGY', priceMicro: 200_000, vatBp: 1900, stepSize: 1 }],
      restrictions: { startMinute: 22 * 60, endMinute: 6 * 60 },
    },
    { priceComponents: [{ type: 'ENERGY', priceMicro: 300_000, vatBp: 1900, stepSize: 1 }] },
  ],
};

it('follows the wall clock over the night when clocks jump forward', () => {
  const from = Date.parse('2026-03-28T20:00:00+01:00') / 1000;
  const slots = tariffSlots(nightRate, 'Europe/Berlin', from, from + 12 * 3600);
  expect(slots.map(({ from, to, priceMicroPerKwh }) => [(to - from) / 3600, priceMicroPerKwh])).toEqual([
    [2, 357_000],
    [7, 238_000],
    [3, 357_000],
  ]);
});

it('gives no slot for an empty span, and price 0 where energy has none', () => {
  expect(tariffSlots(nightRate, 'Europe/Berlin', 1_000, 1_000)).toEqual([]);
  const perHour = exampleTariff('tariff_1_simple_2hour');
  expect(tariffSlots(perHour, 'Europe/Berlin', 1_000, 2_000)).toEqual([
    { from: 1_000, to: 2_000, priceMicroPerKwh: 0 },
  ]);
});

it('covers the span without gaps, at the price that a charge there pays', () => {
  const at = fc.integer({ min: 1_577_836_800, max: 1_893_456_000 });
  const check = (tariff: Tariff, timeZone: string, from: number, lastsS: number) => {
    const slots = tariffSlots(tariff, timeZone, from, from + lastsS);
    let until = from;
    for (const slot of slots) {
      expect(slot.from).toBe(until);
      until = slot.to;
      const readings = [0, 1_000].map((importWh, index) => ({
        at: slot.from + index,
        importWh,
        exportWh: 0,
        state: 'charging' as const,
      }));
      const { lines } = price(tariff, { timeZone, readings });
      const line = lines.find(({ component }) => component === 'ENERGY');
      expect(slot.priceMicroPerKwh).toBe(line === undefined ? 0 : withVatMicro(line.priceMicro, line.vatBp));
    }
    expect(until).toBe(from + lastsS);
  };
  fc.assert(
    fc.property(arbitraryPlainTariff, arbitraryTimeZone, at, fc.integer({ min: 1, max: 400_000 }), check),
  );
});

it('takes the prices of quarter-hours for the tariff’s own, with its tax, where energy has a price', () => {
  const from = Date.parse('2026-01-05T12:00:00Z') / 1000;
  const prices = { firstAt: from, pricesMicro: [100_000, 100_000, 50_000], otherwiseMicro: 200_000 };
  expect(tariffSlots(nightRate, 'Europe/Berlin', from + 60, from + 3600, prices)).toEqual([
    { from: from + 60, to: from + 1_800, priceMicroPerKwh: 119_000 },
    { from: from + 1_800, to: from + 2_700, priceMicroPerKwh: 59_500 },
    { from: from + 2_700, to: from + 3_600, priceMicroPerKwh: 238_000 },
  ]);
  const perHour = exampleTariff('tariff_1_simple_2hour');
  expect(tariffSlots(perHour, 'Europe/Berlin', from, from + 3600, prices)).toEqual([
    { from, to: from + 3_600, priceMicroPerKwh: 0 },
  ]);
});

it('adds no tax to prices that have it in them, or bear none', () => {
  const priceOf = (tariff: Tariff) =>
    tariffSlots(tariff, 'Europe/Berlin', 1_000, 2_000).map(({ priceMicroPerKwh }) => priceMicroPerKwh);
  expect(priceOf({ ...nightRate, taxes: 'included' })).toEqual([200_000]);
  expect(priceOf({ ...nightRate, taxes: 'none' })).toEqual([200_000]);
  expect(priceOf(nightRate)).toEqual([238_000]);
});

it('has a slot of one second where one element lasts no longer', () => {
  const [night, day] = nightRate.elements as [Tariff['elements'][0], Tariff['elements'][0]];
  const brief: Tariff = {
    ...nightRate,
    elements: [{ ...night, restrictions: { minDurationS: 600, maxDurationS: 601 } }, day],
  };
  const slots = tariffSlots(brief, 'Europe/Berlin', 1_000, 3_000);
  expect(slots.map(({ from, to }) => to - from)).toEqual([600, 1, 1_399]);
});

it('takes the current of an assumed session from its power, at 230 V', () => {
  const [night, day] = nightRate.elements as [Tariff['elements'][0], Tariff['elements'][0]];
  const weak: Tariff = {
    ...nightRate,
    elements: [{ ...night, restrictions: { maxCurrentMa: 16_000 } }, day],
  };
  const at = (powerW: number) =>
    tariffSlots(weak, 'Europe/Berlin', 1_000, 2_000, undefined, { startedAt: 1_000, energyWh: 0, powerW })[0]
      ?.priceMicroPerKwh;
  expect([at(3_679), at(3_680)]).toEqual([238_000, 357_000]);
});

it('asks restrictions on a session of the assumed one: as fast as can be unless it is given', () => {
  const tariff: Tariff = {
    ...nightRate,
    elements: [
      {
        priceComponents: [{ type: 'ENERGY', priceMicro: 100_000, stepSize: 1 }],
        restrictions: { maxDurationS: 1_800 },
      },
      {
        priceComponents: [{ type: 'ENERGY', priceMicro: 500_000, stepSize: 1 }],
        restrictions: { minPowerW: 22_000 },
      },
      { priceComponents: [{ type: 'ENERGY', priceMicro: 300_000, stepSize: 1 }] },
    ],
  };
  const prices = (...assumed: [] | [AssumedSession]) =>
    tariffSlots(tariff, 'Europe/Berlin', 10_000, 13_600, undefined, ...assumed).map(
      ({ from, to, priceMicroPerKwh }) => [from, to, priceMicroPerKwh],
    );
  expect(prices()).toEqual([
    [10_000, 11_800, 100_000],
    [11_800, 13_600, 500_000],
  ]);
  expect(prices({ startedAt: 9_100, energyWh: 2_000, powerW: 11_000 })).toEqual([
    [10_000, 10_900, 100_000],
    [10_900, 13_600, 300_000],
  ]);
});
