import { expect, test } from 'vitest';
import { knownUntil } from './dayAhead.ts';

const at = (iso: string) => Date.parse(iso) / 1_000;
const known = (iso: string) => new Date(knownUntil('Europe/Vienna', at(iso)) * 1_000).toISOString();

test('until 13:00 the prices of today are known, from then on those of tomorrow', () => {
  expect(known('2025-07-01T10:59:59Z')).toBe('2025-07-01T22:00:00.000Z');
  expect(known('2025-07-01T11:00:00Z')).toBe('2025-07-02T22:00:00.000Z');
  expect(known('2025-07-01T22:00:00Z')).toBe('2025-07-02T22:00:00.000Z');
});

test('a day of 25 hours is known to its end', () => {
  expect(known('2025-10-25T12:00:00Z')).toBe('2025-10-26T23:00:00.000Z');
});
