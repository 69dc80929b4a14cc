import { expect, it } from 'vitest';
import type { TariffRestrictions } from './Tariff.ts';
import { amountInWords, durationInWords, energyInWords, restrictionsInWords } from './words.ts';

it('tells amounts with two decimals at least', () => {
  expect([0, 1, 390_000, 391_000, 12_500_000, -70_000].map((amount) => amountInWords(amount))).toEqual([
    '0.00',
    '0.000001',
    '0.39',
    '0.391',
    '12.50',
    '-0.07',
  ]);
  expect(amountInWords(1_234_500_000, 'de')).toBe('1234,50');
});

it('tells energy in kWh and durations without empty parts', () => {
  expect([0, 7, 12_345].map((energyWh) => energyInWords(energyWh))).toEqual([
    '0.000 kWh',
    '0.007 kWh',
    '12.345 kWh',
  ]);
  expect(energyInWords(20_000, 'de')).toBe('20,000 kWh');
  expect([0, 59, 60, 3_600, 9_005].map(durationInWords)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '1 h',
    '2 h 30 min 5 s',
  ]);
});

it('tells when restrictions match', () => {
  expect(restrictionsInWords(undefined)).toBe('');
  expect(restrictionsInWords({ startMinute: 1320, endMinute: 360 })).toBe('22:00–06:00');
  expect(restrictionsInWords({ startMinute: 1320 })).toBe('22:00–24:00');
  expect(restrictionsInWords({ endMinute: 0 })).toBe('00:00–24:00');
  expect(restrictionsInWords({ daysOfWeek: [1, 2, 3, 4, 5] })).toBe('Mon–Fri');
  expect(restrictionsInWords({ daysOfWeek: [1, 3, 6, 7], endMinute: 60 }, 'de')).toBe(
    'Mo, Mi, Sa, So 00:00–01:00',
  );
});

it('tells every restriction on date, energy, duration, power, current and reservation', () => {
  const day = (text: string) => Date.parse(text) / 86_400_000;
  const both = (restrictions: TariffRestrictions) =>
    (['en', 'de'] as const).map((language) => restrictionsInWords(restrictions, language)).join(' | ');
  expect([
    both({ startDay: day('2026-01-01'), endDay: day('2026-07-01') }),
    both({ startDay: day('2026-12-31') }),
    both({ endDay: day('2026-03-01') }),
    both({ minEnergyWh: 10_000, maxEnergyWh: 20_500 }),
    both({ minEnergyWh: 500 }),
    both({ maxEnergyWh: 10_000 }),
    both({ minDurationS: 1_800, maxDurationS: 5_400 }),
    both({ minDurationS: 7_200 }),
    both({ maxDurationS: 7_200 }),
    both({ minPowerW: 22_000 }),
    both({ maxPowerW: 3_700 }),
    both({ minPowerW: 16_000, maxPowerW: 32_000 }),
    both({ minCurrentMa: 16_000 }),
    both({ maxCurrentMa: 32_500 }),
    both({ reservation: 'RESERVATION', daysOfWeek: [6, 7], maxDurationS: 1_200 }),
    both({ reservation: 'RESERVATION_EXPIRES' }),
  ]).toMatchInlineSnapshot(`
    [
      "1 Jan 2026–30 Jun 2026 | 1.1.2026–30.6.2026",
      "from 31 Dec 2026 | ab 31.12.2026",
      "until 28 Feb 2026 | bis 28.2.2026",
      "10 kWh–20.5 kWh | 10 kWh–20,5 kWh",
      "after 0.5 kWh | nach 0,5 kWh",
      "first 10 kWh | erste 10 kWh",
      "30 min–1 h 30 min | 30 min–1 h 30 min",
      "after 2 h | nach 2 h",
      "first 2 h | erste 2 h",
      "from 22 kW | ab 22 kW",
      "below 3.7 kW | unter 3,7 kW",
      "16 kW–32 kW | 16 kW–32 kW",
      "from 16 A | ab 16 A",
      "below 32.5 A | unter 32,5 A",
      "reserved, Sat, Sun, first 20 min | Reservierung, Sa, So, erste 20 min",
      "reservation not used | Reservierung nicht genutzt",
    ]
  `);
});
