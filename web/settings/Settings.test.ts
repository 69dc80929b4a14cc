import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultSettings, readSettings, readThousandths } from './Settings.ts';

test('what was kept comes back; what is missing or impossible is the default', () => {
  const kept = {
    language: 'en',
    usual: { energyWh: 35_000, powerW: 22_000 },
    maxEnergyWh: 50_000,
    maxAmountMicro: 30_000_000,
  };
  expect(readSettings(kept)).toEqual(kept);
  expect(readSettings({ ...kept, language: 'fr', usual: { energyWh: -1 }, maxEnergyWh: 0.5 })).toEqual({
    language: 'automatic',
    usual: defaultSettings.usual,
    maxEnergyWh: defaultSettings.maxEnergyWh,
    maxAmountMicro: 30_000_000,
  });
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      expect(readSettings(anything).maxEnergyWh).toBeGreaterThan(0);
    }),
  );
});

test('the wishes of the last charge come back, within what the limits are by now', () => {
  const wishes = {
    mode: 'cheapest',
    leaveTime: '07:15',
    limitBy: 'energy',
    energyWh: 50_000,
    amountMicro: 10_000_000,
    mayDischarge: false,
    reserveWh: 20_000,
    targetWh: 0,
    batteryWh: 58_000,
  };
  expect(readSettings({ ...defaultSettings, wishes }).wishes).toEqual(wishes);
  expect(readSettings({ ...defaultSettings, maxEnergyWh: 30_000, wishes }).wishes?.energyWh).toBe(30_000);
  expect(readSettings(defaultSettings).wishes).toBeUndefined();
});

test('numbers as people type them', () => {
  expect(['20', ' 20,5 ', '0.125', '1,', '7,1234', '', '-3', 'viel', '1.000,5'].map(readThousandths)).toEqual(
    [20_000, 20_500, 125, 1_000, undefined, undefined, undefined, undefined, undefined],
  );
});
