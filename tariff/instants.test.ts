import { describe, expect, it } from 'vitest';
import { price } from './price.ts';
import type { PriceComponent, RecordedReading, Tariff, TariffElement } from './Tariff.ts';
import { exampleTariff } from './testing/examples.ts';

/** A Monday, 10:00 in Berlin. */
const start = Date.parse('2026-01-05T10:00:00+01:00') / 1000;
const per = (type: PriceComponent['type'], priceMicro: number, stepSize = 1): PriceComponent => ({
  type,
  priceMicro,
  stepSize,
});
const tariffOf = (...elements: readonly TariffElement[]): Tariff => ({
  ...exampleTariff('tariff_8_simple_025kwh'),
  elements,
});
const reading = (
  afterS: number,
  importWh: number,
  state: RecordedReading['state'],
  more: Partial<RecordedReading> = {},
): RecordedReading => ({ at: start + afterS, importWh, exportWh: 0, state, ...more });
const linesOf = (
  tariff: Tariff,
  readings: readonly RecordedReading[],
  reservation?: Parameters<typeof price>[1]['reservation'],
) =>
  price(tariff, { timeZone: 'Europe/Berlin', readings, ...(reservation && { reservation }) }).lines.map(
    ({ component, quantity, addedQuantity, priceMicro }) => [component, quantity, addedQuantity, priceMicro],
  );

describe('two readings of the same second', () => {
  // By the clock alone, and with a restriction on the session.
  for (const restrictions of [undefined, { minDurationS: 0 }] as const) {
    it(`begin no parking and end no charging${restrictions ? ', with restrictions on the session' : ''}`, () => {
      const priceComponents = [per('TIME', 1_000_000, 300), per('PARKING_TIME', 2_000_000, 900)];
      const tariff = tariffOf({ priceComponents, ...(restrictions && { restrictions }) });
      const readings = [reading(0, 0, 'charging'), reading(100, 50, 'parking'), reading(100, 50, 'parking')];
      // The last time-based dimension that was consumed is TIME: it is what the step rounds.
      expect(linesOf(tariff, readings)).toEqual([['TIME', 300, 200, 1_000_000]]);
    });
  }

  it('owe no fee of an element that is in force for no time', () => {
    const tariff = tariffOf(
      { priceComponents: [per('FLAT', 1_000_000)], restrictions: { minPowerW: 50_000 } },
      { priceComponents: [per('ENERGY', 250_000)] },
    );
    const burst = [reading(0, 0, 'charging'), reading(0, 100, 'charging'), reading(3_600, 5_000, 'parking')];
    expect(linesOf(tariff, burst)).toEqual([['ENERGY', 5_000, 0, 250_000]]);
  });

  it('have their energy at what is in force from that second on', () => {
    const restrictions = { maxDurationS: 600 };
    const tariff = tariffOf(
      { priceComponents: [per('ENERGY', 300_000)], restrictions },
      { priceComponents: [per('ENERGY', 200_000)] },
    );
    const readings = [
      reading(0, 0, 'charging'),
      reading(600, 1_000, 'charging'),
      reading(600, 1_500, 'charging'),
      reading(1_200, 2_000, 'parking'),
    ];
    expect(linesOf(tariff, readings)).toEqual([
      ['ENERGY', 1_000, 0, 300_000],
      ['ENERGY', 1_000, 0, 200_000],
    ]);
  });

  it('and no other: the fee of a session without time is that of least bounds of nothing', () => {
    const tariff = tariffOf({
      priceComponents: [per('FLAT', 1_000_000)],
      restrictions: { minDurationS: 0, minEnergyWh: 0 },
    });
    expect(linesOf(tariff, [reading(0, 7, 'parking'), reading(0, 7, 'parking')])).toEqual([
      ['FLAT', 1, 0, 1_000_000],
    ]);
  });
});

it('energy given back falls through the bounds in its own order, from the highest down', () => {
  const tariff = tariffOf(
    { priceComponents: [per('ENERGY', 100_000)], restrictions: { maxEnergyWh: 3_000 } },
    { priceComponents: [per('ENERGY', 200_000)], restrictions: { maxEnergyWh: 5_000 } },
    { priceComponents: [per('ENERGY', 400_000)] },
  );
  const readings = [
    reading(0, 0, 'charging'),
    reading(3_600, 10_000, 'charging'),
    reading(7_200, 10_000, 'parking', { exportWh: 8_000 }),
  ];
  const { lines } = price(tariff, { timeZone: 'Europe/Berlin', readings, energy: 'net' });
  expect(lines.map(({ quantity, priceMicro }) => [quantity, priceMicro])).toEqual([
    [3_000, 100_000],
    [2_000, 200_000],
    [0, 400_000],
    [-2_000, 200_000],
    [-1_000, 100_000],
  ]);
});

it('energy is divided to the second where a price holds for all but the last of an interval', () => {
  const tariff = tariffOf(
    { priceComponents: [per('ENERGY', 300_000)], restrictions: { endMinute: 615 } },
    { priceComponents: [per('ENERGY', 200_000)] },
  );
  const readings = [reading(0, 0, 'charging'), reading(901, 9_010, 'parking')];
  expect(linesOf(tariff, readings)).toEqual([
    ['ENERGY', 9_000, 0, 300_000],
    ['ENERGY', 10, 0, 200_000],
  ]);
});

it('current follows from power that a record states, rather than from its energy', () => {
  const tariff = tariffOf(
    { priceComponents: [per('ENERGY', 500_000)], restrictions: { minCurrentMa: 16_000 } },
    { priceComponents: [per('ENERGY', 200_000)] },
  );
  // 3,680 W are 16 A at 230 V; the energy alone would be 1 kW.
  const at = (powerW: number) => [reading(0, 0, 'charging', { powerW }), reading(3_600, 1_000, 'parking')];
  expect(linesOf(tariff, at(3_680))).toEqual([['ENERGY', 1_000, 0, 500_000]]);
  expect(linesOf(tariff, at(3_679))).toEqual([['ENERGY', 1_000, 0, 200_000]]);
});

it('a reservation costs the same before a session whose energy is cut at fractions of a Wh', () => {
  const reserved = {
    priceComponents: [per('TIME', 6_000_000, 600), per('FLAT', 400_000)],
    restrictions: { reservation: 'RESERVATION' as const },
  };
  const cut = tariffOf(
    reserved,
    { priceComponents: [per('ENERGY', 300_000)], restrictions: { endMinute: 610 } },
    { priceComponents: [per('ENERGY', 200_000)] },
  );
  const lines = linesOf(cut, [reading(0, 0, 'charging'), reading(4_200, 1_001, 'parking')], {
    from: start - 660,
    to: start,
    hasExpired: false,
  });
  expect(lines).toEqual([
    ['FLAT', 1, 0, 400_000],
    ['TIME', 1_200, 540, 6_000_000],
    ['ENERGY', 143, 0, 300_000],
    ['ENERGY', 858, 0, 200_000],
  ]);
});
