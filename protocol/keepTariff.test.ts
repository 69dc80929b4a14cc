import type { Tariff } from '@p2p-power/tariff/Tariff';
import { expect, test } from 'vitest';
import { isKept, keepTariff } from './keepTariff.ts';
import { parsePlainTariff } from './parsePlainTariff.ts';
import { tariffId } from './tariffId.ts';
import { bytes32, networkId, testTariff } from './testing/world.ts';

const copyOf = (tariff: Tariff): Tariff => JSON.parse(JSON.stringify(tariff)) as Tariff;

test('the same JSON gives the very same tariff, other JSON another', () => {
  const first = keepTariff(copyOf(testTariff));
  expect(keepTariff(copyOf(testTariff))).toBe(first);
  expect(first).toEqual(testTariff);
  expect(keepTariff({ ...testTariff, id: 'another' })).not.toEqual(first);
});

test('who changes what they gave, or what they got, changes nobody else’s tariff', () => {
  const given = copyOf(testTariff) as { -readonly [Key in keyof Tariff]: Tariff[Key] };
  const got = keepTariff(given);
  given.currency = 'CHF';
  expect(got.currency).toBe('EUR');
  const component = got.elements[0]?.priceComponents[0] as { priceMicro: number };
  expect(() => {
    component.priceMicro = 1;
  }).toThrow(TypeError);
  expect(keepTariff(copyOf(testTariff))).toEqual(testTariff);
});

test('an id that was worked out once is that of this tariff in this network', () => {
  const parsed = parsePlainTariff(copyOf(testTariff));
  if (!parsed.ok) throw new Error(parsed.detail);
  expect(isKept(parsed.value)).toBe(true);
  const id = tariffId(networkId, testTariff);
  const other = tariffId(bytes32('another network'), testTariff);
  for (const _ of [1, 2]) {
    expect(tariffId(networkId, parsed.value)).toBe(id);
    expect(tariffId(bytes32('another network'), parsed.value)).toBe(other);
  }
  expect(other).not.toBe(id);
});

test('a tariff that somebody may still change has its id worked out each time', () => {
  const own = copyOf(testTariff) as { -readonly [Key in keyof Tariff]: Tariff[Key] };
  const before = tariffId(networkId, own);
  own.id = 'changed';
  expect(tariffId(networkId, own)).not.toBe(before);
});

test('a thousand are kept, a very long one is not', () => {
  const first = keepTariff(copyOf(testTariff));
  for (let index = 0; index < 1_000; index += 1) keepTariff({ ...testTariff, id: `other-${index}` });
  expect(keepTariff(copyOf(testTariff))).not.toBe(first);
  const text = 'x'.repeat(500);
  const long = { ...testTariff, altText: Array.from({ length: 20 }, () => ({ language: 'en', text })) };
  expect(keepTariff(long)).toBe(long);
  expect(isKept(long)).toBe(false);
});
