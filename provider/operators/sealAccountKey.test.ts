import { randomBytes } from 'node:crypto';
import { fromBytes } from '@p2p-power/protocol/Hex';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openAccountKey, sealAccountKey } from './sealAccountKey.ts';

const account = fromBytes(randomBytes(20));
const other = fromBytes(randomBytes(20));
const sealingKey = randomBytes(32);

test('a sealed key opens with its sealing key and account only', () => {
  const privateKey = fromBytes(randomBytes(32));
  const sealed = sealAccountKey(sealingKey, account, privateKey);
  expect(openAccountKey(sealingKey, account, sealed)).toBe(privateKey);
  expect(() => openAccountKey(sealingKey, other, sealed)).toThrow();
  expect(() => openAccountKey(randomBytes(32), account, sealed)).toThrow();
});

test('nothing of the key shows, and the same key is sealed differently each time', () => {
  const privateKey = fromBytes(randomBytes(32));
  const [first, second] = [1, 2].map(() => sealAccountKey(sealingKey, account, privateKey));
  expect(first).not.toBe(second);
  const bytes = Buffer.concat((first as string).split('.').map((part) => Buffer.from(part, 'base64url')));
  expect(bytes.includes(Buffer.from(privateKey.slice(2), 'hex'))).toBe(false);
  expect(first).not.toContain(privateKey.slice(2));
});

test('any change of the sealed text is noticed', () => {
  const sealed = sealAccountKey(sealingKey, account, fromBytes(randomBytes(32)));
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'b', '7', '.', '-'), (at, character) => {
      fc.pre(sealed[at] !== character);
      const spoilt = sealed.slice(0, at) + character + sealed.slice(at + 1);
      const decoded = (text: string) =>
        text
          .split('.')
          .map((part, index) => (index === 0 ? part : Buffer.from(part, 'base64url').toString('hex')));
      // Trailing bits of base64 do not count.
      fc.pre(decoded(spoilt).join() !== decoded(sealed).join());
      expect(() => openAccountKey(sealingKey, account, spoilt)).toThrow();
    }),
  );
});
