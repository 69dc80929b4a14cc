import { describe, expect, it } from 'vitest';
import { dimmedPower, guaranteedPower } from './dimming.ts';

describe('guaranteedPower', () => {
  it.each([
    [0, 0],
    [1, 4_200],
    [2, 4_200 + 3_360],
    [3, 4_200 + 2 * 3_150],
    [8, 4_200 + 7 * 2_100],
    [9, 4_200 + 8 * 1_890],
    [100, 4_200 + 99 * 1_890],
  ])('for %d devices is %d W', (devices, powerW) => {
    expect(guaranteedPower(devices)).toBe(powerW);
  });

  it('never falls as devices are added', () => {
    for (let devices = 0; devices < 50; devices += 1)
      expect(guaranteedPower(devices + 1)).toBeGreaterThanOrEqual(guaranteedPower(devices));
  });

  it('is not asked for part of a device', () => {
    expect(() => guaranteedPower(1.5)).toThrow('devices must be a whole number');
  });
});

describe('dimmedPower', () => {
  const order = (powerW: number) => ({ from: 100, to: 200, powerW });
  it('is the fuse while nobody dims', () => {
    expect(dimmedPower(50_000, 9, [order(0)], 99)).toBe(50_000);
    expect(dimmedPower(50_000, 9, [order(0)], 200)).toBe(50_000);
  });

  it('is what is ordered, never below the guarantee, never above the fuse', () => {
    expect(dimmedPower(50_000, 9, [order(30_000), order(25_000)], 100)).toBe(25_000);
    expect(dimmedPower(50_000, 9, [order(0)], 100)).toBe(guaranteedPower(9));
    expect(dimmedPower(10_000, 9, [order(0)], 100)).toBe(10_000);
    expect(dimmedPower(10_000, 1, [order(60_000)], 100)).toBe(10_000);
  });
});
