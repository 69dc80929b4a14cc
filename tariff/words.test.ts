import { expect, it } from 'vitest';
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
