import { expect, test } from 'vitest';
import { accountSigner, newAccountKey } from './accountSigner.ts';

test('a key has one account, and a new key another', () => {
  const known = accountSigner('0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318');
  expect(known.address).toBe('0x2c7536E3605D9C16a7a3D7b1898e529396a65c23');
  const keys = Array.from({ length: 8 }, newAccountKey);
  expect(new Set(keys).size).toBe(8);
  for (const key of keys) {
    expect(key).toMatch(/^0x[0-9a-f]{64}$/);
    expect(accountSigner(key).address).toBe(accountSigner(key).address);
  }
});
