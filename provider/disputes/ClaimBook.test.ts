import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseClaim, payableFromOf, printClaim } from './ClaimBook.ts';

const hex = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('a claim comes back from the books as it was, to the last bit', () => {
  fc.assert(
    fc.property(
      fc.record({
        authorizationId: hex,
        direction: fc.constantFrom(0, 1),
        amountMicro: uint64,
        payableFrom: uint64,
        recordDemanded: fc.boolean(),
      }),
      (claim) => {
        expect(parseClaim(printClaim(claim as never))).toEqual(claim);
      },
    ),
  );
});

test('a claim that waits for the meter’s record has no time at which it can be paid', () => {
  expect(payableFromOf({ payableFrom: 2n ** 64n - 1n })).toBeNull();
  expect(payableFromOf({ payableFrom: 1_780_000_000n })).toBe('1780000000');
});
