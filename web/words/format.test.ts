import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';
import {
  currencySign,
  formatChange,
  formatClock,
  formatDay,
  formatDistance,
  formatDuration,
  formatEnergy,
  formatEvseId,
  formatExactMoney,
  formatGrams,
  formatMass,
  formatMoney,
  formatPower,
  formatTimeOfDay,
  formatWeekday,
  formatWeekdayTime,
  shorten,
} from './format.ts';
import { languageOf } from './Language.ts';

/** Intl writes a no-break space before the currency. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('money, energy and time in words', () => {
  test.each([
    [6_105_000, '6,11 €'],
    [6_104_999, '6,10 €'],
    [0, '0,00 €'],
    [4_999, '0,00 €'],
    [5_000, '0,01 €'],
    [-6_105_000, '-6,11 €'],
    [1_234_567_890_000, '1.234.567,89 €'],
  ])('%i micro-euros are %s', (amountMicro, words) => {
    expect(plain(formatMoney(amountMicro, 'EUR', 'de'))).toBe(words);
  });

  test('cents are rounded half away from zero, for every amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (amountMicro) => {
        const cents = Number(formatMoney(amountMicro, 'EUR', 'en').replace(/[^\d.-]/g, '')) * 100;
        const exact = BigInt(Math.abs(amountMicro)) * 10n;
        expect(Math.abs(Math.round(cents))).toBe(Number((exact + 50_000n) / 100_000n));
      }),
    );
  });

  test('exact prices keep their places, at least two', () => {
    expect(plain(formatExactMoney(464_100, 'EUR', 'de'))).toBe('0,4641 €');
    expect(plain(formatExactMoney(390_000, 'EUR', 'en'))).toBe('€0.39');
    expect(plain(formatExactMoney(1, 'EUR', 'de'))).toBe('0,000001 €');
  });

  test('a currency that is none does not break the page', () => {
    expect(() => formatMoney(1, 'nonsense', 'de')).not.toThrow();
  });

  test('energy, power, distance, durations', () => {
    expect(formatEnergy(12_345, 'de')).toBe('12,3 kWh');
    expect(formatEnergy(2_470, 'de')).toBe('2,47 kWh');
    expect(formatEnergy(12_345, 'de', true)).toBe('12,345 kWh');
    expect(formatPower(3_680, 'en')).toBe('3.7 kW');
    expect([0, 344, 949, 950, 12_300].map((distanceM) => formatDistance(distanceM, 'de'))).toEqual([
      '10 m',
      '340 m',
      '950 m',
      '1,0 km',
      '12 km',
    ]);
    expect([0, 59, 60, 3_599, 7_500].map(formatDuration)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '59 min',
      '2 h 05 min',
    ]);
    expect([7, 462, 7_662].map(formatClock)).toEqual(['00:07', '07:42', '2:07:42']);
  });

  test('CO2, small and large', () => {
    expect(formatGrams(1_204, 'de')).toBe('1.204 g');
    expect([0, 7, 94, 244, 949, 1_250, 12_000].map((massG) => formatMass(massG, 'de'))).toEqual([
      '0 g',
      '7 g',
      '94 g',
      '240 g',
      '950 g',
      '1,3 kg',
      '12 kg',
    ]);
  });

  test('a time of day is that of the zone that is asked for', () => {
    const at = Date.parse('2026-11-22T21:05:00Z') / 1000;
    expect(formatTimeOfDay(at, 'de', 'Europe/Berlin')).toBe('22:05');
    expect(formatTimeOfDay(at, 'en', 'Asia/Kathmandu')).toBe('02:50');
  });

  test('days, and times of day with their weekday', () => {
    const at = Date.parse('2026-06-02T06:45:00Z') / 1000;
    expect(formatWeekdayTime(at, 'de', 'Europe/Berlin')).toBe('Di, 08:45');
    expect(formatWeekdayTime(at, 'en', 'Europe/Berlin')).toBe('Tue, 08:45');
    expect(formatWeekday(at, 'en', 'America/Los_Angeles')).toBe('Mon');
    expect(formatDay(at, 'de', 'Europe/Berlin')).toBe('02.06.2026');
    expect(formatDay(at, 'en', 'America/Los_Angeles')).toBe('1 Jun 2026');
  });

  test('identifiers', () => {
    expect(formatEvseId('DEBBBE001')).toBe('DE*BBB*E001');
    expect(formatEvseId('DE*BBB*E001*2')).toBe('DE*BBB*E001*2');
    expect(formatEvseId('whatever')).toBe('whatever');
    expect(shorten(`0x${'ab'.repeat(32)}`)).toBe('0xababab…abab');
  });
});

describe('languages', () => {
  test('the browser’s first one that is spoken here', () => {
    expect(languageOf(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(languageOf(['en-US', 'de'])).toBe('en');
    expect(languageOf(['fr'])).toBe('en');
  });

  test('both say something of everything, and not the same', () => {
    const texts = (words: object): string[] =>
      Object.values(words).flatMap((value): string[] =>
        typeof value === 'string' ? [value] : typeof value === 'object' ? texts(value) : [],
      );
    expect(texts(en).every((text) => text.trim() !== '')).toBe(true);
    expect(texts(de).every((text) => text.trim() !== '')).toBe(true);
    const same = texts(de).filter((text, index) => text === texts(en)[index]);
    expect(same.length).toBeLessThan(12);
  });
});

test('a currency has its sign beside a field', () => {
  expect([currencySign('EUR'), currencySign('CHF')]).toEqual(['€', 'CHF']);
});

test.each([
  [123, '+12,3 %'],
  [-40, '-4 %'],
  [0, '0 %'],
])('%i per mille more are %s', (perMille, inWords) => {
  expect(plain(formatChange(perMille, 'de'))).toBe(inWords);
});
