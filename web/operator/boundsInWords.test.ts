import { expect, test } from 'vitest';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { boundsInWords } from './boundsInWords.ts';

const bounds = { leastMicro: 200_000, mostMicro: 500_000, mayBeFree: false };
const plain = (said: ReturnType<typeof boundsInWords>) =>
  JSON.parse(JSON.stringify(said).replaceAll('\u00a0', ' '));

test('what is allowed is said beside the field, and the bound that is passed', () => {
  expect(plain(boundsInWords(bounds, 300_000, 'EUR', de, 'de'))).toEqual({
    hints: ['Erlaubt: 0,20 € bis 0,50 €'],
  });
  expect(plain(boundsInWords(bounds, 510_000, 'EUR', de, 'de')).fault).toBe('Über der Obergrenze von 0,50 €');
  expect(plain(boundsInWords(bounds, 190_000, 'EUR', en, 'en')).fault).toBe('Below the floor of €0.20');
});

test('what may be free says so, what is forbidden too, and where nothing binds nothing is said', () => {
  const free = { ...bounds, mayBeFree: true };
  expect(plain(boundsInWords(free, 0, 'EUR', de, 'de'))).toEqual({
    hints: ['Erlaubt: 0,20 € bis 0,50 € oder kostenlos'],
  });
  expect(plain(boundsInWords({ ...free, leastMicro: 0 }, 1, 'EUR', en, 'en')).hints).toEqual([
    'Allowed: up to €0.50',
  ]);
  expect(plain(boundsInWords({ ...free, leastMicro: 0, mostMicro: 0 }, 1, 'EUR', de, 'de'))).toEqual({
    hints: [de.prices.notAllowed],
    fault: 'Über der Obergrenze von 0,00 €',
  });
  expect(boundsInWords(undefined, 9, 'EUR', de, 'de')).toEqual({ hints: [] });
});
