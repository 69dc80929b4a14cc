import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dimmedPower, type GridNotice, guaranteedPower, newestNotices, siteLimit } from './dimming.ts';

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

describe('siteLimit', () => {
  const rules = { clockSkewS: 5, reactionS: 10 };
  const site = { fuseW: 30_000, devices: 3, readers: ['a', 'b'] };
  const says = (reader: string, order: GridNotice['order'], until: number, limitW = 0): GridNotice => ({
    reader,
    order,
    limitW,
    until,
  });
  const limitOf = (notices: readonly GridNotice[], at = 100) => siteLimit(site, notices, rules, at);
  const forGood = { partW: guaranteedPower(3) / 3, until: Number.POSITIVE_INFINITY };
  const guarantee = { limitW: guaranteedPower(3), ...forGood };

  it('is none while all readers say so, until the first of them has to be heard again', () => {
    expect(limitOf([says('a', 'none', 160), says('b', 'none', 150)])).toEqual(forGood);
    expect(limitOf([says('a', 'none', 160), says('b', 'none', 150)], 134)).toEqual(forGood);
    expect(limitOf([says('a', 'none', 160), says('b', 'none', 150)], 135)).toEqual(guarantee);
  });

  it('is the lowest of what they say, and the guarantee where one does not know or is not heard', () => {
    expect(limitOf([says('a', 'dimmed', 160, 20_000), says('b', 'dimmed', 150, 12_000)])).toEqual({
      limitW: 12_000,
      partW: 4_000,
      until: 150,
    });
    expect(limitOf([says('a', 'dimmed', 160, 20_000), says('b', 'unknown', 150)])).toEqual(guarantee);
    expect(limitOf([says('a', 'none', 160)])).toEqual(guarantee);
    expect(limitOf([says('a', 'none', 160), says('b', 'dimmed', 160, 100)])).toEqual(guarantee);
    expect(limitOf([says('a', 'none', 160), says('b', 'dimmed', 160, 90_000)])).toEqual({
      limitW: 30_000,
      partW: 10_000,
      until: 160,
    });
    // A fuse that bears less than the guarantee.
    expect(siteLimit({ ...site, fuseW: 9_000 }, [], rules, 100)).toEqual({
      limitW: 9_000,
      partW: 3_000,
      until: Number.POSITIVE_INFINITY,
    });
    expect(siteLimit({ ...site, readers: [] }, [says('a', 'dimmed', 160, 100)], rules, 100)).toEqual({
      partW: 0,
      until: Number.POSITIVE_INFINITY,
    });
  });

  it('goes by what a reader said last, in whatever order it is heard', () => {
    const notices = [says('a', 'none', 150), says('a', 'dimmed', 153, 12_000), says('b', 'none', 160)];
    expect(limitOf(notices).limitW).toBe(12_000);
    expect(limitOf(notices.toReversed()).limitW).toBe(12_000);
    expect(limitOf([...notices, says('a', 'none', 156)]).limitW).toBeUndefined();
    expect(newestNotices([...notices, says('a', 'unknown', 153)], 100)).toContainEqual(
      says('a', 'unknown', 153),
    );
    expect(newestNotices(notices, 155)).toEqual([says('b', 'none', 160)]);
  });

  it('is never below the guarantee nor above the fuse, and hearing more of the same is no more', () => {
    const notice = fc.record<GridNotice>({
      reader: fc.constantFrom('a', 'b', 'c'),
      order: fc.constantFrom<GridNotice['order']>('none', 'dimmed', 'unknown'),
      limitW: fc.nat(40_000),
      until: fc.integer({ min: 90, max: 180 }),
    });
    fc.assert(
      fc.property(fc.array(notice, { maxLength: 8 }), (notices) => {
        const limit = limitOf(notices);
        expect(3 * limit.partW).toBeLessThanOrEqual(limit.limitW ?? guaranteedPower(3));
        const { limitW = site.fuseW } = limit;
        expect(limitW).toBeGreaterThanOrEqual(guaranteedPower(3));
        expect(limitW).toBeLessThanOrEqual(site.fuseW);
        expect(limitOf(newestNotices([...notices, ...notices.toReversed()], 100))).toEqual(limit);
        // What lasts on lasts no longer than it can be believed.
        if (limitW > guaranteedPower(3) && Number.isFinite(limit.until))
          expect(limitOf(notices, limit.until - 15).limitW).toBe(guaranteedPower(3));
      }),
    );
  });
});
