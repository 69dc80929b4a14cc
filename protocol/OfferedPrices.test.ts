import { ENERGY_PRICES_BOUNDS } from '@p2p-power/tariff/EnergyPrices';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zeroHash } from './Hex.ts';
import {
  checkOfferedPrices,
  encodeOfferedPrices,
  type OfferedPrices,
  parseOfferedPrices,
  pricesId,
} from './OfferedPrices.ts';
import { bytes32, dawn, networkId, plainTariff, testPrices, testTariff } from './testing/world.ts';
import { wordBytes } from './Word.ts';

const anyPrices: fc.Arbitrary<OfferedPrices> = fc.record({
  signalId: fc.constantFrom(zeroHash, bytes32('one'), bytes32('two')),
  firstAt: fc.nat(2_000_000).map((quarter) => quarter * 900),
  pricesMicro: fc.array(fc.nat(ENERGY_PRICES_BOUNDS.priceMicro), { maxLength: 12 }),
  otherwiseMicro: fc.nat(ENERGY_PRICES_BOUNDS.priceMicro),
});

describe('the id of offered prices', () => {
  test('is zero where there are none, and else the hash of a word for each part', () => {
    expect(pricesId(networkId, undefined)).toBe(zeroHash);
    expect(encodeOfferedPrices(networkId, testPrices)).toHaveLength((5 + 96) * wordBytes);
    expect(pricesId(networkId, testPrices)).toMatchInlineSnapshot(
      `"0xd61f3a669a8459d337c3c52c7774b0a7a9f5d8cecfba79e81922e0d3f2cd64ef"`,
    );
    expect(pricesId(bytes32('another network'), testPrices)).not.toBe(pricesId(networkId, testPrices));
  });

  test('two prices have one id only if they are the same', () => {
    fc.assert(
      fc.property(anyPrices, anyPrices, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(pricesId(networkId, one) === pricesId(networkId, other)).toBe(isSame);
      }),
    );
    const split = { ...testPrices, pricesMicro: [1, 2] };
    for (const other of [
      { ...split, pricesMicro: [1, 2, 0] },
      { ...split, pricesMicro: [2, 1] },
      { ...split, pricesMicro: [1], otherwiseMicro: 2 },
      { ...split, signalId: zeroHash },
      { ...split, firstAt: split.firstAt + 900 },
    ])
      expect(pricesId(networkId, other)).not.toBe(pricesId(networkId, split));
  });
});

describe('offered prices out of JSON', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(anyPrices, (prices) => {
        expect(parseOfferedPrices(JSON.parse(JSON.stringify(prices)))).toEqual({ ok: true, value: prices });
      }),
    );
  });

  test.each([
    ['nothing', null],
    ['a list', [testPrices]],
    ['a field more', { ...testPrices, area: 'AT' }],
    ['no signal', { ...testPrices, signalId: undefined }],
    ['a signal in capitals', { ...testPrices, signalId: bytes32('x').toUpperCase() }],
    ['a first time off the quarter-hour', { ...testPrices, firstAt: dawn + 1 }],
    ['a negative price', { ...testPrices, pricesMicro: [-1] }],
    ['half a micro-unit', { ...testPrices, pricesMicro: [0.5] }],
    ['a price that is not known', { ...testPrices, pricesMicro: [null] }],
    ['no price otherwise', { ...testPrices, otherwiseMicro: undefined }],
    ['a price beyond all bounds', { ...testPrices, otherwiseMicro: ENERGY_PRICES_BOUNDS.priceMicro + 1 }],
    ['too many', { ...testPrices, pricesMicro: Array(ENERGY_PRICES_BOUNDS.quarterHours + 1).fill(1) }],
  ])('%s is refused', (_, wrong) => {
    expect(parseOfferedPrices(wrong)).toMatchObject({ ok: false, refusal: 'bad-prices' });
  });

  test('no JSON makes the parser throw, and what it takes can be hashed', () => {
    const near = fc.record(
      {
        signalId: fc.oneof(fc.constant(zeroHash), fc.jsonValue()),
        firstAt: fc.oneof(fc.constantFrom(0, -0, 900, 2 ** 53), fc.jsonValue()),
        pricesMicro: fc.oneof(fc.array(fc.constantFrom(0, -0, 1, 390_000, -1, 0.5)), fc.jsonValue()),
        otherwiseMicro: fc.oneof(fc.nat(), fc.jsonValue()),
      },
      { requiredKeys: ['signalId'] },
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near, near, near), (json) => {
        const prices = parseOfferedPrices(json);
        if (!prices.ok) return;
        taken += 1;
        expect(pricesId(networkId, prices.value)).toMatch(/^0x[0-9a-f]{64}$/);
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(10);
  });
});

describe('whether prices go with an offer', () => {
  const offer = { pricesId: pricesId(networkId, testPrices) };
  const check = (named: string, tariff: Tariff, prices?: OfferedPrices) =>
    checkOfferedPrices(networkId, { pricesId: named as `0x${string}` }, tariff, prices);

  test('those that it names do; none do with an offer that names none', () => {
    expect(check(offer.pricesId, plainTariff, testPrices)).toEqual({ ok: true, value: testPrices });
    expect(check(zeroHash, plainTariff)).toEqual({ ok: true, value: undefined });
  });

  test('others do not', () => {
    const dear = { ...testPrices, pricesMicro: [0, 390_001] };
    expect(check(offer.pricesId, plainTariff)).toMatchObject({ refusal: 'unknown-prices' });
    expect(check(zeroHash, plainTariff, testPrices)).toMatchObject({ refusal: 'prices-mismatch' });
    expect(check(offer.pricesId, plainTariff, dear)).toMatchObject({ refusal: 'prices-mismatch' });
    expect(check(pricesId(networkId, dear), plainTariff, dear)).toMatchObject({
      refusal: 'prices-over-tariff',
      detail: '390001 is above 390000 micro-units per kWh',
    });
  });

  test('the lowest energy price of all elements is the most; where energy is free prices are idle', () => {
    const [energy, parking] = testTariff.elements;
    if (energy === undefined || parking === undefined) throw new Error('testTariff has two elements');
    const night = {
      ...energy,
      priceComponents: [{ type: 'ENERGY', priceMicro: 500_000, stepSize: 1 } as const],
    };
    const dear = { ...testPrices, otherwiseMicro: 390_001 };
    const id = pricesId(networkId, dear);
    expect(check(id, { ...testTariff, elements: [night] }, dear).ok).toBe(true);
    expect(check(id, { ...testTariff, elements: [night, energy] }, dear).ok).toBe(false);
    expect(check(id, { ...testTariff, elements: [parking] }, dear).ok).toBe(true);
  });
});
