import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { knowsCarbon } from './openOutlook.ts';
import {
  defaultWishForm,
  faultOf,
  readWishForm,
  usualLeaveTime,
  type WishForm,
  wishesOf,
  withMode,
} from './WishForm.ts';

const limits = { maxEnergyWh: 60_000, maxAmountMicro: 40_000_000 };
const everything = { carbon: true, discharge: true };
const evening = new Date('2026-11-22T22:00:00');
const form: WishForm = {
  mode: 'cheapest',
  leaveTime: '06:30',
  limitBy: 'energy',
  energyWh: 20_000,
  amountMicro: 5_000_000,
  mayDischarge: true,
  reserveWh: 15_000,
  targetWh: 40_000,
  batteryWh: 58_000,
};

describe('what is remembered', () => {
  test('comes back as it was', () => {
    expect(readWishForm(JSON.parse(JSON.stringify(form)), limits)).toEqual(form);
    expect(readWishForm(undefined, limits)).toEqual(defaultWishForm(limits));
  });

  test('is the default where it is missing, impossible or above the own limits', () => {
    expect(
      readWishForm(
        { mode: 'fast', leaveTime: '25:00', energyWh: 61_000, reserveWh: -1, targetWh: 0.5 },
        limits,
      ),
    ).toEqual(defaultWishForm(limits));
  });

  test('is a sound form whatever was kept', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        const read = readWishForm(anything, limits);
        expect(faultOf({ ...read, targetWh: 0 })).toBeUndefined();
        expect(read.energyWh).toBeLessThanOrEqual(limits.maxEnergyWh);
      }),
    );
  });
});

describe('what is signed', () => {
  test('are energy or amount as wished, and of the other the own limit', () => {
    expect(wishesOf(form, limits, everything, evening)).toEqual({
      mode: 'cheapest',
      leaveAt: new Date('2026-11-23T06:30:00').getTime() / 1000,
      maxEnergyWh: 20_000,
      maxAmountMicro: 40_000_000,
      mayDischarge: true,
      reserveWh: 15_000,
      targetWh: 40_000,
    });
    expect(wishesOf({ ...form, limitBy: 'amount' }, limits, everything, evening)).toMatchObject({
      maxEnergyWh: 60_000,
      maxAmountMicro: 5_000_000,
    });
  });

  test('at once neither leaves at a time nor gives back', () => {
    expect(wishesOf({ ...form, mode: 'immediate' }, limits, everything, evening)).toMatchObject({
      mode: 'immediate',
      leaveAt: 0,
      mayDischarge: false,
      reserveWh: 0,
      targetWh: 0,
    });
  });

  test('follows no signal that is not there, and gives nothing back where nobody pays', () => {
    const wishes = wishesOf(
      { ...form, mode: 'greenest' },
      limits,
      { carbon: false, discharge: false },
      evening,
    );
    expect(wishes).toMatchObject({ mode: 'cheapest', mayDischarge: false, reserveWh: 0 });
    expect(wishesOf({ ...form, mode: 'greenest' }, limits, everything, evening)).toMatchObject({
      mode: 'greenest',
      mayDischarge: false,
    });
  });
});

describe('the form', () => {
  test('gets a departure with its first plan, and keeps the one it has', () => {
    const fresh = defaultWishForm(limits);
    expect(withMode(fresh, 'cheapest')).toMatchObject({ mode: 'cheapest', leaveTime: usualLeaveTime });
    expect(withMode(form, 'greenest').leaveTime).toBe('06:30');
    expect(withMode(fresh, 'immediate').leaveTime).toBe('');
  });

  test('names what keeps it from being signed', () => {
    expect(faultOf(form)).toBeUndefined();
    expect(faultOf({ ...form, energyWh: 0 })).toBe('no-energy');
    expect(faultOf({ ...form, energyWh: 0, limitBy: 'amount' })).toBeUndefined();
    expect(faultOf({ ...form, amountMicro: 0, limitBy: 'amount' })).toBe('no-amount');
    expect(faultOf({ ...form, targetWh: 10_000 })).toBe('reserve-over-target');
    expect(faultOf({ ...form, targetWh: 10_000, mode: 'immediate' })).toBeUndefined();
    expect(faultOf({ ...form, targetWh: 0 })).toBeUndefined();
  });
});

test('green is offered only while CO2 of a time to come is known', () => {
  const carbon = { firstAt: 9_000, gramsPerKwh: [300, 200, null] };
  expect(knowsCarbon({}, 0)).toBe(false);
  expect(knowsCarbon({ carbon }, 10_799)).toBe(true);
  expect(knowsCarbon({ carbon }, 10_800)).toBe(false);
  expect(knowsCarbon({ carbon: { firstAt: 9_000, gramsPerKwh: [null] } }, 0)).toBe(false);
});
