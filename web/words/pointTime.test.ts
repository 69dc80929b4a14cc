import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatInstant, formatTimeOfDay } from './format.ts';
import { foreignZone, instantAtPoint, timeAtPoint } from './pointTime.ts';

/** 23 November 2026, 09:00 in Berlin. */
const winter = Date.parse('2026-11-23T08:00:00Z') / 1000;
const summer = Date.parse('2026-07-01T08:00:00Z') / 1000;

describe('on a device in Berlin', () => {
  let before: string | undefined;
  beforeEach(() => {
    before = process.env.TZ;
    process.env.TZ = 'Europe/Berlin';
  });
  afterEach(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  test('times at a point in the same time carry no zone, whatever the zone is called', () => {
    expect(timeAtPoint(winter, 'de', 'Europe/Berlin')).toBe('09:00');
    expect(timeAtPoint(winter, 'de', 'Europe/Vienna')).toBe('09:00');
    expect(instantAtPoint(winter, 'de', 'Europe/Vienna')).toBe('23.11.2026, 09:00');
    expect(instantAtPoint(winter, 'de')).toBe('23.11.2026, 09:00');
    expect(instantAtPoint(winter, 'de', 'Europe/Nowhere')).toBe('23.11.2026, 09:00');
  });

  test('times elsewhere are those of the point, with the zone', () => {
    expect(timeAtPoint(winter, 'de', 'Europe/Lisbon')).toBe('08:00 WEZ');
    expect(instantAtPoint(winter, 'de', 'America/New_York')).toBe('23.11.2026, 03:00 GMT-5');
    expect(timeAtPoint(summer, 'en', 'Europe/London')).toMatch(/9:00.* BST$/);
  });

  test('a zone is named only while its clocks differ', () => {
    expect(foreignZone(winter, 'de', 'Africa/Lagos')).toBeUndefined();
    expect(foreignZone(summer, 'de', 'Africa/Lagos')).toBe('GMT+1');
  });
});

test('the zone is named exactly where the time shown is another than the device would show', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }),
      fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'UTC', 'Pacific/Auckland'),
      fc.constantFrom('de' as const, 'en' as const),
      (at, timeZone, language) => {
        const own = formatInstant(at, language);
        const there = formatInstant(at, language, timeZone);
        const zone = foreignZone(at, language, timeZone);
        expect(zone === undefined).toBe(own === there);
        const suffix = zone === undefined ? '' : ` ${zone}`;
        expect(instantAtPoint(at, language, timeZone)).toBe(there + suffix);
        expect(timeAtPoint(at, language, timeZone)).toBe(formatTimeOfDay(at, language, timeZone) + suffix);
      },
    ),
  );
});
