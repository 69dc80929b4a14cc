import type { Commission } from '@p2p-power/tariff/Commission';
import { expect, test } from 'vitest';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { commissionInWords } from './commissionInWords.ts';

const nothing: Commission = { perKwhMicro: 0, perHourMicro: 0, sharePerMille: 0, perSessionMicro: 0 };
const told = (terms: Partial<Commission>) =>
  [
    commissionInWords({ ...nothing, ...terms }, 'EUR', de, 'de'),
    commissionInWords({ ...nothing, ...terms }, 'EUR', en, 'en'),
  ].map((words) => words.replace(/\u00a0/g, ' '));

test('what is nothing is left out', () => {
  expect(told({ perKwhMicro: 50_000 })).toEqual(['0,05 € je kWh', '€0.05 per kWh']);
  expect(told({ sharePerMille: 125 })).toEqual(['12,5 %', '12.5 %']);
});

test('all parts are added up, bounds stand behind, also of nothing', () => {
  const all = { perKwhMicro: 12_345, perHourMicro: 1_000_000, sharePerMille: 10, perSessionMicro: 300_000 };
  expect(told({ ...all, leastMicro: 100_000, mostMicro: 5_000_000 })).toEqual([
    '0,012345 € je kWh + 1,00 € je Stunde + 1 % + 0,30 € je Ladevorgang, mindestens 0,10 €, höchstens 5,00 €',
    '€0.012345 per kWh + €1.00 per hour + 1 % + €0.30 per session, at least €0.10, at most €5.00',
  ]);
  expect(told({ mostMicro: 0 })).toEqual([
    'nichts vereinbart, höchstens 0,00 €',
    'nothing agreed, at most €0.00',
  ]);
});
