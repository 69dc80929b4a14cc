import fc from 'fast-check';
import { type Hex, keccak256, toHex } from 'viem';
import { expect, test } from 'vitest';
import {
  enodeUrl,
  newValidatorKey,
  openValidatorKey,
  parseValidatorKey,
  parseValidatorPublicKey,
  validatorAddress,
} from './ValidatorKey.ts';

const privateKey = fc.bigInt({ min: 1n, max: 2n ** 255n }).map((value) => toHex(value, { size: 32 }));

test('of one key: public key, address and enode belong together', () => {
  // The account of private key 1, known everywhere.
  const key = openValidatorKey(toHex(1n, { size: 32 }));
  expect(key.address).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
  expect(key.publicKey.slice(2, 66)).toBe('79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
  expect(validatorAddress(key.publicKey)).toBe(key.address);
  expect(enodeUrl(key.publicKey, '192.0.2.1', 30_303)).toBe(
    `enode://${key.publicKey.slice(2)}@192.0.2.1:30303`,
  );
  expect(enodeUrl(key.publicKey, '2001:db8::1', 1)).toMatch(/@\[2001:db8::1\]:1$/);
  expect(newValidatorKey().privateKey).not.toBe(newValidatorKey().privateKey);
});

test('a public key is read in every usual form, and nothing off the curve is', () => {
  fc.assert(
    fc.property(privateKey, fc.nat({ max: 63 }), (secret, at) => {
      const { publicKey, address } = openValidatorKey(secret);
      const bare = publicKey.slice(2);
      for (const form of [
        publicKey,
        bare,
        `0x04${bare}`,
        `04${bare}`,
        publicKey.toUpperCase().replace('0X', '0x'),
      ])
        expect(parseValidatorPublicKey(form)).toEqual({ ok: true, value: publicKey });
      expect(`0x${keccak256(publicKey).slice(26)}`).toBe(address.toLowerCase());
      const flipped = Buffer.from(bare, 'hex');
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(parseValidatorPublicKey(`0x${flipped.toString('hex')}` as Hex)).toMatchObject({
        ok: false,
        refusal: 'validator-key-malformed',
      });
    }),
    { numRuns: 30 },
  );
  for (const wrong of [7, '', '0x', 'zz', `02${'11'.repeat(32)}`, '00'.repeat(64), 'ff'.repeat(64)])
    expect(parseValidatorPublicKey(wrong)).toMatchObject({ ok: false, refusal: 'validator-key-malformed' });
});

test('a private key is read as Besu writes it, with 0x or without', () => {
  fc.assert(
    fc.property(privateKey, (secret) => {
      const key = openValidatorKey(secret);
      for (const text of [secret, `${secret}\n`, secret.slice(2), secret.slice(2).toUpperCase()])
        expect(parseValidatorKey(text)).toEqual({ ok: true, value: key });
    }),
    { numRuns: 10 },
  );
  for (const text of ['', '0x', '0x1', 'g'.repeat(64), '0'.repeat(64), 'f'.repeat(64)])
    expect(parseValidatorKey(text)).toMatchObject({ ok: false, refusal: 'validator-key-malformed' });
});
