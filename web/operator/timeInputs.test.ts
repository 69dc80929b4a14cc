import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endMinuteOf, startMinuteOf, timeInput } from './timeInputs.ts';

test('minutes become a field and the same minutes again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_439 }), (minute) => {
      expect(startMinuteOf(timeInput(minute))).toBe(minute);
      expect(endMinuteOf(timeInput(minute + 1))).toBe(minute + 1);
    }),
  );
});

test('the end of the day is midnight', () => {
  expect(timeInput(1_440)).toBe('00:00');
  expect(endMinuteOf('00:00')).toBe(1_440);
  expect(startMinuteOf('00:00')).toBe(0);
});

test('an empty field says nothing, and so does what is no time', () => {
  for (const typed of ['', '24:00', '7:00', '12:60', 'noon']) {
    expect(startMinuteOf(typed)).toBeUndefined();
    expect(endMinuteOf(typed)).toBeUndefined();
  }
  expect(timeInput(undefined)).toBe('');
});
