import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimeZone, localTime } from './localTime.ts';
import { arbitraryTimeZone } from './testing/arbitraryTariff.ts';

const at = (time: string) => Date.parse(time) / 1000;

/** Day and time of day at a place, without the look-ahead. */
function clock(timeZone: string, time: string): readonly [dayOfWeek: number, time: string] {
  const { dayOfWeek, secondOfDay } = localTime(timeZone, at(time));
  return [dayOfWeek, new Date(secondOfDay * 1000).toISOString().slice(11, 19)];
}

describe('localTime', () => {
  it('knows days and offsets', () => {
    expect(clock('UTC', '1970-01-01T00:00:00Z')).toEqual([4, '00:00:00']);
    expect(clock('Europe/Berlin', '2026-01-04T23:30:00Z')).toEqual([1, '00:30:00']);
    expect(clock('America/New_York', '2026-01-05T04:59:59Z')).toEqual([7, '23:59:59']);
    expect(clock('Asia/Kathmandu', '2026-01-05T00:00:00Z')).toEqual([1, '05:45:00']);
  });

  it('jumps with the clocks to the second, and says until when it does not', () => {
    expect(clock('Europe/Berlin', '2026-03-29T00:59:59Z')).toEqual([7, '01:59:59']);
    expect(clock('Europe/Berlin', '2026-03-29T01:00:00Z')).toEqual([7, '03:00:00']);
    expect(clock('Europe/Berlin', '2026-10-25T00:59:59Z')).toEqual([7, '02:59:59']);
    expect(clock('Europe/Berlin', '2026-10-25T01:00:00Z')).toEqual([7, '02:00:00']);
    expect(clock('Australia/Lord_Howe', '2026-10-03T15:30:00Z')).toEqual([7, '02:30:00']);
    expect(localTime('Europe/Berlin', at('2026-03-29T00:59:59Z')).steadyUntil).toBe(
      at('2026-03-29T01:00:00Z'),
    );
  });

  it('says what Intl says, at any time, before and after the look-up is kept', () => {
    const check = (timeZone: string, instant: number) => {
      const { day, dayOfWeek, secondOfDay, steadyUntil } = localTime(timeZone, instant);
      expect(steadyUntil).toBeGreaterThan(instant);
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
      const [date, time] = format.format(instant * 1000).split(' ');
      expect(new Date(secondOfDay * 1000).toISOString().slice(11, 19)).toBe(time);
      expect(new Date(`${date}T00:00:00Z`).getTime()).toBe(day * 86_400_000);
      expect(new Date(`${date}T00:00:00Z`).getUTCDay()).toBe(dayOfWeek % 7);
      expect(localTime(timeZone, instant)).toEqual({ day, dayOfWeek, secondOfDay, steadyUntil });
    };
    fc.assert(fc.property(arbitraryTimeZone, fc.integer({ min: 0, max: 4_102_444_800 }), check), {
      numRuns: 300,
    });
  });

  it('knows which zones there are', () => {
    expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', '', '../etc'].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(() => localTime('Mars/Olympus', 0)).toThrow(new RangeError('unknown time zone Mars/Olympus'));
  });
});
