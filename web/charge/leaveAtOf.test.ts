import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leaveAtOf } from './leaveAtOf.ts';

const now = new Date(2026, 5, 1, 22, 30, 0);
const at = (day: number, hour: number, minute: number) =>
  new Date(2026, 5, day, hour, minute).getTime() / 1000;

test('a time still to come is today, one that is past tomorrow, and now is tomorrow', () => {
  expect(leaveAtOf('23:15', now)).toBe(at(1, 23, 15));
  expect(leaveAtOf('07:00', now)).toBe(at(2, 7, 0));
  expect(leaveAtOf('22:30', now)).toBe(at(2, 22, 30));
});

test('what is no time is none', () => {
  for (const typed of ['', '7:00', 'morgen', '--:--']) expect(leaveAtOf(typed, now)).toBe(0);
});

test('it is never past, and within a day or the 25 hours of a night that clocks are put back in', () => {
  const days = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(days, fc.nat(23), fc.nat(59), (day, hour, minute) => {
      const typed = [hour, minute].map((part) => String(part).padStart(2, '0')).join(':');
      const ahead = leaveAtOf(typed, day) - Math.floor(day.getTime() / 1000);
      expect(ahead).toBeGreaterThanOrEqual(0);
      expect(ahead).toBeLessThanOrEqual(25 * 3_600);
    }),
  );
});
