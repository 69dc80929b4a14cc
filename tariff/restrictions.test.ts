import { describe, expect, it } from 'vitest';
import { price } from './price.ts';
import type { PriceComponent, PricedSession, Tariff, TariffRestrictions } from './Tariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { type SessionPart, sessionOf } from './testing/session.ts';

const perKwh = (priceMicro: number): PriceComponent => ({ type: 'ENERGY', priceMicro, stepSize: 1 });
const perHour = (priceMicro: number): PriceComponent => ({ type: 'TIME', priceMicro, stepSize: 1 });

/** A tariff with one component under restrictions, and another otherwise. */
function tariffOf(
  component: PriceComponent,
  restrictions: TariffRestrictions,
  other?: PriceComponent,
): Tariff {
  return {
    ...exampleTariff('tariff_8_simple_025kwh'),
    elements: [
      { priceComponents: [component], restrictions },
      ...(other ? [{ priceComponents: [other] }] : []),
    ],
  };
}

/** Quantities and prices of the lines, for a session in Berlin on Monday 2026-01-05 from 10:00. */
function linesOf(tariff: Tariff, ...parts: readonly SessionPart[]) {
  const session = sessionOf('Europe/Berlin', '2026-01-05T10:00:00+01:00', ...parts);
  return price(tariff, session).lines.map(({ quantity, priceMicro }) => [quantity, priceMicro]);
}

describe('min_kwh and max_kwh', () => {
  it('cut an interval where the register passes them, the bound itself belonging to what is above', () => {
    const tariff = tariffOf(perKwh(300_000), { maxEnergyWh: 10_000 }, perKwh(200_000));
    expect(linesOf(tariff, [60, 25_000, 'charging'])).toEqual([
      [10_000, 300_000],
      [15_000, 200_000],
    ]);
    expect(linesOf(tariff, [30, 10_000, 'charging'])).toEqual([[10_000, 300_000]]);
    expect(linesOf(tariff, [30, 10_000, 'charging'], [1, 1, 'charging'])).toEqual([
      [10_000, 300_000],
      [1, 200_000],
    ]);
  });

  it('cut time with it: the third of an hour that 3 of 9 kWh take', () => {
    const tariff = tariffOf(perHour(3_000_000), { minEnergyWh: 3_000 });
    const session = sessionOf('Europe/Berlin', '2026-01-05T10:00:00+01:00', [60, 9_000, 'charging']);
    const priced = price(tariff, session);
    expect(priced.exclVatMicro).toBe(2_000_000);
    expect(priced.lines).toMatchObject([
      { quantity: 2_400, from: (session.readings[0]?.at as number) + 1_200 },
    ]);
  });

  it('cut within a second, exactly: 1 of 7 Wh in 10 s', () => {
    const readings = [
      { at: 1_767_603_600, importWh: 0, exportWh: 0, state: 'charging' as const },
      { at: 1_767_603_610, importWh: 7, exportWh: 0, state: 'charging' as const },
    ];
    const timeIn = (stepSize: number) =>
      price(tariffOf({ ...perHour(3_600_000_000), stepSize }, { minEnergyWh: 1 }), {
        timeZone: 'UTC',
        readings,
      });
    expect(timeIn(1).exclVatMicro).toBe(9_000_000); // 60/7 s, rounded up to the second
    expect(timeIn(0).exclVatMicro).toBe(8_571_429); // and without steps
  });
});

describe('min_power and max_power', () => {
  it('hold for an interval between two readings by its energy over its time', () => {
    const tariff = tariffOf(perKwh(500_000), { minPowerW: 11_000 }, perKwh(300_000));
    expect(linesOf(tariff, [15, 2_750, 'charging'], [15, 2_749, 'charging'])).toEqual([
      [2_750, 500_000],
      [2_749, 300_000],
    ]);
  });

  it('hold by what a record says, where it says it', () => {
    const tariff = tariffOf(perKwh(500_000), { minPowerW: 11_000 }, perKwh(300_000));
    const session = sessionOf('UTC', '2026-01-05T10:00:00Z', [15, 1_000, 'charging']);
    const readings = session.readings.map((reading) => ({ ...reading, powerW: 22_000 }));
    expect(price(tariff, { ...session, readings }).exclVatMicro).toBe(500_000);
  });
});

describe('min_current and max_current', () => {
  it('follow from power at 230 V: 16 A are 3.68 kW', () => {
    const tariff = tariffOf(perKwh(500_000), { minCurrentMa: 16_000 }, perKwh(300_000));
    expect(linesOf(tariff, [15, 920, 'charging'], [15, 919, 'charging'])).toEqual([
      [920, 500_000],
      [919, 300_000],
    ]);
  });
});

describe('min_duration and max_duration', () => {
  it('count from the start of the session, and cut an interval', () => {
    const tariff = tariffOf(perHour(6_000_000), { minDurationS: 3_600 }, perHour(0));
    expect(linesOf(tariff, [90, 1_000, 'charging'])).toEqual([
      [3_600, 0],
      [1_800, 6_000_000],
    ]);
  });

  it('leave energy of the last instant where it was: before the bound that the session ends on', () => {
    const tariff = tariffOf(perKwh(0), { maxDurationS: 3_600 }, perKwh(1_000_000));
    expect(linesOf(tariff, [60, 1_000, 'charging'], [0, 5, 'charging'])).toEqual([[1_005, 0]]);
  });
});

describe('start_date and end_date', () => {
  const tariff = tariffOf(perHour(1_000_000), { startDay: 20_541, endDay: 20_542 }, perHour(0)); // 2026-03-29
  const hoursOn = (from: string, hours: number): number => {
    const session = sessionOf('Europe/Berlin', from, [hours * 60, 0, 'charging']);
    return price(tariff, session).exclVatMicro / 1e6;
  };

  it('are days in local time: the 29th of March 2026 has 23 hours in Berlin', () => {
    expect(hoursOn('2026-03-28T12:00:00Z', 48)).toBe(23);
  });

  it('and the 25th of October 25', () => {
    const october = {
      ...tariff,
      elements: tariffOf(perHour(1_000_000), { startDay: 20_751, endDay: 20_752 }).elements,
    };
    const session = sessionOf('Europe/Berlin', '2026-10-24T12:00:00Z', [48 * 60, 0, 'charging']);
    expect(price(october, session).exclVatMicro).toBe(25_000_000);
  });
});

describe('reservation', () => {
  const tariff: Tariff = {
    ...exampleTariff('tariff_8_simple_025kwh'),
    minPrice: { exclVatMicro: 3_000_000 },
    elements: [
      { priceComponents: [perHour(1_000_000)], restrictions: { reservation: 'RESERVATION' } },
      { priceComponents: [perHour(2_000_000)], restrictions: { reservation: 'RESERVATION_EXPIRES' } },
      { priceComponents: [perHour(5_000_000)] },
    ],
  };
  const start = Date.parse('2026-01-05T10:00:00Z') / 1000;
  const after = (hours: number, hasExpired: boolean): PricedSession => ({
    ...sessionOf('UTC', '2026-01-05T10:00:00Z', [60, 0, 'charging']),
    reservation: { from: start - hours * 3600, to: start, hasExpired },
    ...(hasExpired && { readings: [] }),
  });

  it('has its own time, which is not the session’s', () => {
    const { lines } = price(tariff, after(2, false));
    expect(lines.map(({ quantity, priceMicro }) => [quantity, priceMicro])).toEqual([
      [7_200, 1_000_000],
      [3_600, 5_000_000],
    ]);
  });

  it('that expired is priced by the elements for that, wherever they stand, and not by the limits of a session', () => {
    expect(price(tariff, after(1, true))).toMatchObject({
      exclVatMicro: 2_000_000,
      lines: [{ elementIndex: 1, quantity: 3_600, restrictions: { reservation: 'RESERVATION_EXPIRES' } }],
    });
  });

  it('costs nothing where no element is for it, nor do its elements price a session without one', () => {
    expect(price(exampleTariff('tariff_8_simple_025kwh'), after(2, true)).lines).toEqual([]);
    const { reservation: _none, ...session } = after(2, false);
    expect(price(tariff, session).lines).toHaveLength(1);
  });
});

describe('net energy', () => {
  const readings = [
    { at: 1_767_603_600, importWh: 1_000, exportWh: 0, state: 'charging' as const },
    { at: 1_767_607_200, importWh: 1_500, exportWh: 3_001, state: 'charging' as const },
  ];
  const taxed: Tariff = {
    ...exampleTariff('tariff_8_simple_025kwh'),
    elements: [{ priceComponents: [{ type: 'ENERGY', priceMicro: 250_500, vatBp: 1_000, stepSize: 1_000 }] }],
  };

  it('may be negative: it is credited, half rounded away from zero, and without steps', () => {
    const priced = price(taxed, { timeZone: 'UTC', energy: 'net', readings });
    expect(priced).toMatchObject({ exclVatMicro: -626_501, vatMicro: -62_650, inclVatMicro: -689_151 });
    expect(priced.lines).toMatchObject([{ quantity: -2_501, addedQuantity: 0, amountMicro: -626_501 }]);
  });

  it('is not what a session counts that does not say so: imports alone', () => {
    expect(price(taxed, { timeZone: 'UTC', readings }).lines).toMatchObject([{ quantity: 1_000 }]);
  });

  it('leaves a bound again when the car gives back', () => {
    const tariff = tariffOf(perHour(1_000_000), { minEnergyWh: 1_000 });
    const [first] = readings;
    const at = (s: number, importWh: number, exportWh: number) => ({
      ...first,
      at: 1_767_603_600 + s,
      importWh,
      exportWh,
      state: 'charging' as const,
    });
    const upAndDown = [at(0, 0, 0), at(3_600, 2_000, 0), at(7_200, 2_000, 2_000)];
    expect(price(tariff, { timeZone: 'UTC', energy: 'net', readings: upAndDown }).exclVatMicro).toBe(
      1_000_000,
    );
  });

  it('keeps a least price', () => {
    const tariff = { ...taxed, minPrice: { exclVatMicro: 500_000, inclVatMicro: 550_000 } };
    expect(price(tariff, { timeZone: 'UTC', energy: 'net', readings })).toMatchObject({
      limit: 'min',
      exclVatMicro: 500_000,
      inclVatMicro: 550_000,
      taxes: [{ vatBp: 1_000, amountMicro: 50_000 }],
    });
  });
});
