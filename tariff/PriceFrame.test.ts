import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf, type PriceFrame, parseFrames, pointClassOf } from './PriceFrame.ts';

const ac: PriceFrame = {
  pointClass: 'ac',
  currency: 'EUR',
  floorMicro: 200_000,
  ceilingMicro: 600_000,
  mayBeFree: false,
};
const dc: PriceFrame = { ...ac, pointClass: 'dc', ceilingMicro: 800_000, hourCeilingMicro: 0 };
const acHotel: PriceFrame = { ...ac, targetGroup: 'hotel', mayBeFree: true, sessionCeilingMicro: 1_000_000 };
const acSwiss: PriceFrame = { ...ac, currency: 'CHF' };
const frames = [ac, dc, acHotel, acSwiss];

describe('parseFrames', () => {
  it('reads a list of frames', () => {
    expect(parseFrames(JSON.parse(JSON.stringify(frames)))).toEqual({ ok: true, value: frames });
    expect(parseFrames([])).toEqual({ ok: true, value: [] });
    const { mayBeFree: _, ...silent } = ac;
    expect(parseFrames([silent])).toEqual({ ok: true, value: [ac] });
  });

  it('refuses by name', () => {
    const refusal = (...json: readonly unknown[]) => {
      const read = parseFrames(json);
      return read.ok ? 'ok' : `${read.refusal}: ${read.detail}`;
    };
    expect([
      refusal(5),
      refusal({ ...ac, pointClass: 'slow' }),
      refusal({ ...ac, targetGroup: 'airport' }),
      refusal({ ...ac, currency: '€' }),
      refusal({ ...ac, floorMicro: 600_001 }),
      refusal({ ...ac, ceilingMicro: -1 }),
      refusal({ ...ac, mayBeFree: 'yes' }),
      refusal(ac, dc, acHotel, { ...acHotel, floorMicro: 1 }),
      refusal({ ...ac, parkingCeilingMicro: 1 }),
    ]).toMatchInlineSnapshot(`
      [
        "not-an-object: [0]: expected an object",
        "unknown-value: [0].pointClass: expected one of ac, dc",
        "unknown-value: [0].targetGroup: expected one of garage, hotel, supermarket, public, shared-home",
        "invalid-text: [0].currency: expected an ISO 4217 code",
        "floor-above-ceiling: [0]: 600001 is above 600000",
        "out-of-range: [0].ceilingMicro: must be 0 to 100000000000",
        "unknown-value: [0].mayBeFree: expected true or false",
        "duplicate-frame: [3]: a second frame for ac, hotel, EUR",
        "unsupported-field: [0]: parkingCeilingMicro is not known here; known are pointClass, targetGroup, currency, floorMicro, ceilingMicro, mayBeFree, hourCeilingMicro, sessionCeilingMicro",
      ]
    `);
  });

  it('takes or refuses any JSON without throwing', () => {
    const nearly = fc.array(fc.record({ pointClass: fc.jsonValue(), floorMicro: fc.jsonValue() }));
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), nearly), (json) => void parseFrames(json).ok));
  });
});

describe('frameOf', () => {
  it("takes the group's own frame before that for all groups", () => {
    const find = (powerW: number, targetGroup?: 'hotel' | 'garage', currency = 'EUR') =>
      frameOf(frames, { powerW, currency, ...(targetGroup && { targetGroup }) });
    expect(find(11_000)).toBe(ac);
    expect(find(11_000, 'hotel')).toBe(acHotel);
    expect(find(11_000, 'garage')).toBe(ac);
    expect(find(150_000, 'hotel')).toBe(dc);
    expect(find(11_000, 'hotel', 'CHF')).toBe(acSwiss);
    expect(find(150_000, undefined, 'CHF')).toBeUndefined();
    expect(frameOf([acHotel], { powerW: 11_000, currency: 'EUR' })).toBeUndefined();
  });

  it('draws the line at 50 kW', () => {
    expect([3_700, 49_999, 50_000, 400_000].map(pointClassOf)).toEqual(['ac', 'ac', 'dc', 'dc']);
  });
});
