import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOpenAt, parseRegisterHours, printOpeningTimes } from './openingHours.ts';

const parsed = (kind: string, days: string, times: string) => {
  const hours = parseRegisterHours(kind, days, times);
  if (!hours.ok) throw new Error(hours.detail);
  return hours.value;
};
const at = (time: string) => Date.parse(time) / 1000;

describe('what the register writes', () => {
  test('nothing, always, and spans by weekday', () => {
    expect(parsed('Keine Angabe', '', '')).toBeNull();
    expect(parsed('247', '', '')).toEqual({ twentyfourseven: true });
    const week = 'Montag; Dienstag; Mittwoch; Donnerstag; Freitag; Samstag; Sonntag';
    expect(parsed('247', week, Array(7).fill('00:00-23:59').join('; '))).toEqual({ twentyfourseven: true });
    const hours = parsed(
      'Eingeschränkt',
      'Montag; Dienstag; Samstag',
      '05:30-22:00; 05:30-22:00; 06:00-14:00',
    );
    expect(hours && printOpeningTimes(hours)).toBe('Mon–Tue 05:30–22:00; Sat 06:00–14:00');
  });

  test.each([
    ['Montag; Dienstag', '08:00-10:00', 'lists-differ'],
    ['Feiertag', '08:00-10:00', 'unknown-weekday'],
    ['Montag', 'morgens', 'unknown-times'],
    ['Montag', '08:00-24:30', 'unknown-times'],
  ])('%s / %s is refused', (days, times, refusal) => {
    expect(parseRegisterHours('Eingeschränkt', days, times)).toMatchObject({ ok: false, refusal });
  });

  test('no text makes it throw, and what it takes prints', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('Montag', 'Sonntag; Montag', '08:00-10:00', '22:00-06:00; 00:00-23:59'),
    );
    fc.assert(
      fc.property(text, text, text, (kind, days, times) => {
        const hours = parseRegisterHours(kind, days, times);
        if (hours.ok && hours.value !== null) expect(printOpeningTimes(hours.value)).not.toBe('');
      }),
    );
  });
});

describe('open or not', () => {
  const berlin = (openingTimes: Parameters<typeof isOpenAt>[0], time: string) =>
    isOpenAt(openingTimes, 'Europe/Berlin', at(time));

  test('by the clock of the place, the end excluded, 23:59 until midnight', () => {
    const hours = parsed('Eingeschränkt', 'Montag; Freitag', '08:00-20:00; 10:00-23:59');
    if (hours === null) throw new Error('no hours');
    // Summer time: 08:00 in Berlin is 06:00 UTC. 2026-09-21 is a Monday.
    expect(berlin(hours, '2026-09-21T05:59:59Z')).toBe(false);
    expect(berlin(hours, '2026-09-21T06:00:00Z')).toBe(true);
    expect(berlin(hours, '2026-09-21T18:00:00Z')).toBe(false);
    expect(berlin(hours, '2026-09-22T08:00:00Z')).toBe(false);
    expect(berlin(hours, '2026-09-25T21:59:30Z')).toBe(true);
    expect(berlin(hours, '2026-09-25T22:00:00Z')).toBe(false);
  });

  test('a span over midnight belongs to the day on which it begins', () => {
    const hours = parsed('Eingeschränkt', 'Sonntag', '22:00-06:00');
    if (hours === null) throw new Error('no hours');
    expect(berlin(hours, '2026-09-20T20:00:00Z')).toBe(true);
    expect(berlin(hours, '2026-09-21T03:59:59Z')).toBe(true);
    expect(berlin(hours, '2026-09-21T04:00:00Z')).toBe(false);
    expect(berlin(hours, '2026-09-20T03:00:00Z')).toBe(false);
  });

  test('somebody who is open always is open at any time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), (time) =>
        isOpenAt({ twentyfourseven: true }, 'Europe/Berlin', time),
      ),
    );
  });
});
