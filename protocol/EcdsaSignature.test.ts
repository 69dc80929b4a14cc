import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derFromRaw, rawFromDer } from './EcdsaSignature.ts';
import { fromBytes } from './Hex.ts';

test.each([24, 32, 48])('r‖s of %i-byte coordinates comes back out of DER', (fieldBytes) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2 * fieldBytes, maxLength: 2 * fieldBytes }), (raw) => {
      expect(rawFromDer(derFromRaw(raw), fieldBytes)).toEqual(raw);
    }),
  );
});

test('integers are as short as DER wants them, with a sign byte where the first bit is set', () => {
  const raw = hexToBytes(`${'00'.repeat(31)}7f${'80'.padEnd(64, '0')}`);
  expect(fromBytes(derFromRaw(raw))).toBe(`0x302602017f022100${'80'.padEnd(64, '0')}`);
});

test('a missing sign byte is forgiven, anything else is not', () => {
  const s = '80'.padEnd(64, '0');
  expect(rawFromDer(hexToBytes(`302502017f0220${s}`), 32)).toEqual(hexToBytes(`${'00'.repeat(31)}7f${s}`));
  for (const wrong of [
    '',
    '30',
    '3000',
    `302602017f0220${s}`,
    `302502017f0220${s}00`,
    `312502017f0220${s}`,
    `302502017f0320${s}`,
    '300602017f020',
    '30060200020101',
    `304602017f0241${'01'.repeat(65)}`,
  ]) {
    const bytes = hexToBytes(wrong.length % 2 === 0 ? wrong : `${wrong}0`);
    expect(rawFromDer(bytes, 32), wrong).toBeUndefined();
  }
});

test('no bytes make it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void rawFromDer(bytes, 32)));
  const almost = fc.tuple(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(almost, ([raw, at, byte]) => {
      const der = derFromRaw(raw);
      der[at % der.length] = byte;
      const read = rawFromDer(der, 32);
      if (read !== undefined) expect(read.length).toBe(64);
    }),
  );
});
