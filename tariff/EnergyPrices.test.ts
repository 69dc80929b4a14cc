import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areEnergyPricesSound, type EnergyPrices, energyPriceAt, parseEnergyPrices } from './EnergyPrices.ts';
import { arbitraryEnergyPrices } from './testing/arbitraryTariff.ts';

const prices = { firstAt: 1_767_225_600, pricesMicro: [100, 100, 300], otherwiseMicro: 500 };

describe('parseEnergyPrices', () => {
  it('reads what was written, and passes other fields over', () => {
    expect(parseEnergyPrices({ ...prices, signalId: '0x00' })).toEqual({ ok: true, value: prices });
    const check = (any: EnergyPrices) => {
      expect(parseEnergyPrices(JSON.parse(JSON.stringify(any)))).toEqual({ ok: true, value: any });
      expect(areEnergyPricesSound(any)).toBe(true);
    };
    fc.assert(fc.property(arbitraryEnergyPrices(fc.constant(1_767_225_600)), check), { numRuns: 100 });
  });

  it.each([
    ['missing-field', { pricesMicro: [], otherwiseMicro: 1 }],
    ['invalid-time', { ...prices, firstAt: prices.firstAt + 60 }],
    ['negative', { ...prices, pricesMicro: [1, -1] }],
    ['not-whole', { ...prices, otherwiseMicro: 0.5 }],
    ['out-of-range', { ...prices, otherwiseMicro: 100_000_000_001 }],
    ['too-many', { ...prices, pricesMicro: Array.from({ length: 401 }, () => 1) }],
    ['not-a-list', { ...prices, pricesMicro: 5 }],
    ['not-an-object', 7],
  ])('refuses with %s', (refusal, json) => {
    expect(parseEnergyPrices(json)).toMatchObject({ ok: false, refusal });
  });

  it('never throws, and gives sound prices only', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const parsed = parseEnergyPrices(json);
        if (parsed.ok) expect(areEnergyPricesSound(parsed.value)).toBe(true);
      }),
    );
  });
});

describe('energyPriceAt', () => {
  it('holds until the price changes', () => {
    const at = (offsetS: number) => energyPriceAt(prices, prices.firstAt + offsetS);
    expect(at(-1)).toEqual({ priceMicro: 500, until: prices.firstAt });
    expect(at(-100_000)).toEqual({ priceMicro: 500, until: prices.firstAt });
    expect(at(0)).toEqual({ priceMicro: 100, until: prices.firstAt + 1_800 });
    expect(at(1_799)).toEqual({ priceMicro: 100, until: prices.firstAt + 1_800 });
    expect(at(1_800)).toEqual({ priceMicro: 300, until: prices.firstAt + 2_700 });
    expect(at(2_700)).toEqual({ priceMicro: 500, until: Number.POSITIVE_INFINITY });
  });

  it('holds for good where every quarter-hour costs the same as all others', () => {
    const flat = { ...prices, pricesMicro: [500, 500] };
    expect(energyPriceAt(flat, prices.firstAt - 1)).toEqual({
      priceMicro: 500,
      until: Number.POSITIVE_INFINITY,
    });
    const none = { ...prices, pricesMicro: [] };
    expect(energyPriceAt(none, 0)).toEqual({ priceMicro: 500, until: Number.POSITIVE_INFINITY });
  });
});
