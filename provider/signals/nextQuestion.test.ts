import { expect, test } from 'vitest';
import { type Asked, nextQuestion } from './nextQuestion.ts';

const at = (text: string) => Date.parse(text) / 1000;
const base: Asked = { kind: 'price', everyS: 900, faultsInRow: 0, knownUntil: at('2026-11-22T23:00:00Z') };
const inS = (now: number, change: Partial<Asked> = {}) => nextQuestion({ ...base, ...change }, now) - now;

test('a signal is asked for as often as configured', () => {
  expect(inS(at('2026-11-22T08:00:00Z'))).toBe(900);
  expect(inS(at('2026-11-22T12:30:00Z'), { kind: 'carbon' })).toBe(900);
});

test('prices are asked for when tomorrow’s come out, and every three minutes until they are there', () => {
  // 12:45 in winter is 11:45 UTC.
  expect(inS(at('2026-11-22T11:44:00Z'))).toBe(60);
  expect(inS(at('2026-11-22T08:00:00Z'), { everyS: 86_400 })).toBe(3.75 * 3_600);
  expect(inS(at('2026-11-22T12:00:00Z'))).toBe(180);
  expect(inS(at('2026-11-22T12:00:00Z'), { knownUntil: at('2026-11-23T23:00:00Z') })).toBe(900);
  expect(inS(at('2026-11-22T15:00:00Z'))).toBe(900);
  // In summer 10:45 UTC.
  expect(inS(at('2026-07-01T10:44:00Z'), { knownUntil: at('2026-07-01T22:00:00Z') })).toBe(60);
});

test('after faults later and later, up to an hour, and not before the source allows it', () => {
  const now = at('2026-11-22T12:00:00Z');
  expect([1, 2, 3, 7, 8, 1_000].map((faultsInRow) => inS(now, { faultsInRow }))).toEqual([
    30, 60, 120, 1_920, 3_600, 3_600,
  ]);
  expect(inS(now, { faultsInRow: 1, retryAfterS: 7_200 })).toBe(7_200);
  expect(inS(now, { faultsInRow: 3, retryAfterS: 1 })).toBe(120);
});
