import { describe, expect, it } from 'vitest';
import { estimate, price } from './price.ts';
import type { Tariff } from './Tariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { type SessionPart, sessionOf } from './testing/session.ts';

/** Totals before and after tax in currency units, for a session in Berlin on Monday 2026-01-05. */
function totals(tariff: Tariff, start: string, ...parts: readonly SessionPart[]): readonly [number, number] {
  const priced = price(tariff, sessionOf('Europe/Berlin', `2026-01-05T${start}:00+01:00`, ...parts));
  expect(priced.exclVatMicro + priced.vatMicro).toBe(priced.inclVatMicro);
  return [priced.exclVatMicro / 1e6, priced.inclVatMicro / 1e6];
}

describe('price', () => {
  const dayAndNight: Tariff = {
    ...exampleTariff('tariff_8_simple_025kwh'),
    elements: [
      {
        priceComponents: [{ type: 'ENERGY', priceMicro: 390_000, vatBp: 1900, stepSize: 1 }],
        restrictions: { startMinute: 8 * 60, endMinute: 18 * 60, daysOfWeek: [1, 2, 3, 4, 5] },
      },
      { priceComponents: [{ type: 'ENERGY', priceMicro: 290_000, vatBp: 1900, stepSize: 1 }] },
    ],
  };

  it('explains each line', () => {
    const session = sessionOf('Europe/Berlin', '2026-01-05T17:30:00+01:00', [60, 10_001, 'charging']);
    expect(price(dayAndNight, session)).toMatchInlineSnapshot(`
      {
        "currency": "EUR",
        "exclVatMicro": 3400340,
        "inclVatMicro": 4046405,
        "lines": [
          {
            "addedQuantity": 0,
            "amountMicro": 1950195,
            "component": "ENERGY",
            "elementIndex": 0,
            "from": 1767630600,
            "priceMicro": 390000,
            "quantity": 5001,
            "restrictions": {
              "daysOfWeek": [
                1,
                2,
                3,
                4,
                5,
              ],
              "endMinute": 1080,
              "startMinute": 480,
            },
            "stepSize": 1,
            "to": 1767632400,
            "vatBp": 1900,
          },
          {
            "addedQuantity": 0,
            "amountMicro": 1450145,
            "component": "ENERGY",
            "elementIndex": 1,
            "from": 1767632400,
            "priceMicro": 290000,
            "quantity": 5000,
            "stepSize": 1,
            "to": 1767634200,
            "vatBp": 1900,
          },
        ],
        "taxes": [
          {
            "amountMicro": 646065,
            "vatBp": 1900,
          },
        ],
        "vatMicro": 646065,
      }
    `);
  });

  it('says what a step adds', () => {
    const session = sessionOf(
      'Europe/Berlin',
      '2026-01-05T10:00:00Z',
      [60, 20_000, 'charging'],
      [40, 0, 'parking'],
    );
    const { lines } = price(exampleTariff('tariff_10_025kwh_parking_start'), session);
    expect(
      lines.map(({ component, quantity, addedQuantity, stepSize }) => [
        component,
        quantity,
        addedQuantity,
        stepSize,
      ]),
    ).toEqual([
      ['FLAT', 1, 0, 1],
      ['ENERGY', 20_000, 0, 1],
      ['PARKING_TIME', 2_700, 300, 900],
    ]);
  });

  it('rounds the sum once, half away from zero, and not the lines: 0.5 and 3 micro-units are 4', () => {
    const halfMicro = (priceMicro: number) => [{ type: 'ENERGY' as const, priceMicro, stepSize: 1 }];
    const tariff: Tariff = {
      ...dayAndNight,
      elements: [
        { priceComponents: halfMicro(500), restrictions: { endMinute: 600 } },
        { priceComponents: halfMicro(1_500), restrictions: { endMinute: 660 } },
        { priceComponents: halfMicro(2_500) },
      ],
    };
    const oneWh: SessionPart = [30, 1, 'charging'];
    const session = sessionOf('UTC', '2026-01-05T09:30:00Z', oneWh, oneWh, oneWh, [30, 0, 'charging']);
    const priced = price(tariff, session);
    expect(priced.lines.map(({ amountMicro }) => amountMicro)).toEqual([1, 3]);
    expect(priced.exclVatMicro).toBe(4); // 0.5 + 2 × 1.5 = 3.5
  });

  it('charges a flat fee once, the first time that it is in force', () => {
    const flat = { type: 'FLAT' as const, priceMicro: 1_000_000, stepSize: 1 };
    const tariff: Tariff = {
      ...dayAndNight,
      elements: [{ priceComponents: [flat], restrictions: { startMinute: 22 * 60, endMinute: 6 * 60 } }],
    };
    expect(totals(tariff, '20:00', [119, 0, 'charging'])).toEqual([0, 0]);
    expect(totals(tariff, '20:00', [120, 0, 'charging'])).toEqual([0, 0]);
    expect(totals(tariff, '20:00', [121, 0, 'charging'])).toEqual([1, 1]);
    expect(totals(tariff, '20:00', [3 * 24 * 60, 0, 'charging'])).toEqual([1, 1]);
  });

  it('keeps the share of tax where a limit names no amount after tax', () => {
    const flat = { type: 'FLAT' as const, priceMicro: 8_000_000, vatBp: 2000, stepSize: 1 };
    const tariff: Tariff = {
      ...dayAndNight,
      elements: [{ priceComponents: [flat] }],
      maxPrice: { exclVatMicro: 5_000_000 },
    };
    expect(totals(tariff, '10:00')).toEqual([5, 6]);
    const energyOnly = { ...exampleTariff('tariff_8_simple_025kwh'), minPrice: { exclVatMicro: 500_000 } };
    expect(totals(energyOnly, '10:00')).toEqual([0.5, 0.55]);
  });

  it('binds before and after tax separately', () => {
    const tariff = {
      ...exampleTariff('tariff_8_simple_025kwh'),
      maxPrice: { exclVatMicro: 10_000_000, inclVatMicro: 10_500_000 },
    };
    expect(totals(tariff, '10:00', [60, 38_000, 'charging'])).toEqual([9.5, 10.45]);
    expect(totals(tariff, '10:00', [60, 39_000, 'charging'])).toEqual([9.75, 10.5]);
    expect(totals(tariff, '10:00', [60, 50_000, 'charging'])).toEqual([10, 10.5]);
  });

  it('follows the wall clock on the days when clocks jump', () => {
    const twoToThree: Tariff = {
      ...dayAndNight,
      elements: [
        {
          priceComponents: [{ type: 'TIME', priceMicro: 1_000_000, stepSize: 1 }],
          restrictions: { startMinute: 120, endMinute: 180 },
        },
      ],
    };
    const night = (start: string) => {
      const { exclVatMicro } = price(twoToThree, sessionOf('Europe/Berlin', start, [480, 0, 'charging']));
      return exclVatMicro / 1e6;
    };
    expect(night('2026-03-27T22:00:00Z')).toBe(1); // an ordinary night
    expect(night('2026-03-28T22:00:00Z')).toBe(0); // 02:00 to 03:00 does not exist
    expect(night('2026-10-24T20:00:00Z')).toBe(2); // 02:00 to 03:00 comes twice
  });

  it('refuses to price a session that is not sound', () => {
    const session = sessionOf('Mars/Olympus', '2026-01-05T10:00:00Z', [60, 1, 'charging']);
    expect(() => price(dayAndNight, session)).toThrow(
      'session cannot be priced: unknown-time-zone: Mars/Olympus',
    );
  });

  it('stays within exact integers for the largest session at the largest prices', () => {
    const largest = (type: 'ENERGY' | 'TIME' | 'FLAT') =>
      ({ type, priceMicro: 100_000_000_000, vatBp: 10_000, stepSize: 1_000_000 }) as const;
    const tariff: Tariff = {
      ...dayAndNight,
      elements: [{ priceComponents: [largest('ENERGY'), largest('TIME'), largest('FLAT')] }],
    };
    const session = sessionOf('UTC', '2026-01-01T00:00:00Z', [366 * 24 * 60, 9_999_999, 'charging']);
    const { exclVatMicro, inclVatMicro } = price(tariff, session);
    // 10 MWh, 32 × 10⁶ s and one session
    expect(exclVatMicro).toBe(1_000_000_000_000_000 + 888_888_888_888_889 + 100_000_000_000);
    expect(inclVatMicro).toBe(3_777_977_777_777_778);
    expect(Number.isSafeInteger(inclVatMicro)).toBe(true);
  });

  it('estimates an assumed charge', () => {
    const charge = {
      timeZone: 'Europe/Berlin',
      startAt: 1_767_600_000,
      energyWh: 20_000,
      powerW: 11_000,
      parkingS: 2_400,
    };
    expect(estimate(exampleTariff('tariff_10_025kwh_parking_start'), charge).inclVatMicro).toBe(7_900_000);
    expect(
      estimate(exampleTariff('tariff_10_025kwh_parking_start'), { ...charge, energyWh: 0, parkingS: 0 })
        .exclVatMicro,
    ).toBe(500_000);
  });

  it('estimates at the very power, though the time is rounded up to a second', () => {
    const tariff: Tariff = {
      ...dayAndNight,
      elements: [
        {
          priceComponents: [{ type: 'ENERGY', priceMicro: 500_000, stepSize: 1 }],
          restrictions: { minPowerW: 11_000 },
        },
      ],
    };
    const charge = { timeZone: 'UTC', startAt: 0, energyWh: 10_000, powerW: 11_000, parkingS: 0 };
    expect(estimate(tariff, charge).exclVatMicro).toBe(5_000_000);
    expect(estimate(tariff, { ...charge, powerW: 10_999 }).exclVatMicro).toBe(0);
  });
});

describe('energy prices by quarter-hour', () => {
  const tariff = exampleTariff('tariff_8_simple_025kwh');
  const session = sessionOf('Europe/Berlin', '2026-01-05T12:05:00Z', [40, 8_000, 'charging']);
  const at = Date.parse('2026-01-05T12:00:00Z') / 1000;

  it('has a line for each stretch of one price, and divides the energy between two readings by time', () => {
    const prices = { firstAt: at, pricesMicro: [100_000, 100_000, 300_000], otherwiseMicro: 0 };
    const priced = price(tariff, { ...session, prices });
    expect(
      priced.lines.map(({ from, to, quantity, priceMicro }) => [from, to, quantity, priceMicro]),
    ).toEqual([
      [at + 300, at + 1_800, 5_000, 100_000],
      [at + 1_800, at + 2_700, 3_000, 300_000],
    ]);
    expect([priced.exclVatMicro, priced.vatMicro]).toEqual([1_400_000, 140_000]);
  });

  it('estimates at them', () => {
    const prices = { firstAt: at, pricesMicro: [100_000], otherwiseMicro: 200_000 };
    const charge = { timeZone: 'Europe/Berlin', startAt: at, energyWh: 10_000, powerW: 20_000, parkingS: 0 };
    expect(estimate(tariff, { ...charge, prices }).exclVatMicro).toBe(1_500_000);
  });

  it('refuses unsound ones', () => {
    const prices = { firstAt: at + 1, pricesMicro: [], otherwiseMicro: 0 };
    expect(() => price(tariff, { ...session, prices })).toThrow('invalid-prices');
  });
});
