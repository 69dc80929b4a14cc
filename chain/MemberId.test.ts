import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMemberId, encodeMemberId, isPartyId } from './MemberId.ts';

test('a party id is its ASCII padded to 32 bytes', () => {
  expect(encodeMemberId('DEAAA')).toBe('0x4445414141000000000000000000000000000000000000000000000000000000');
});

test('there and back', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z]{2}[A-Z0-9]{3}$/), (partyId) => {
      expect(isPartyId(partyId)).toBe(true);
      expect(decodeMemberId(encodeMemberId(partyId))).toBe(partyId);
    }),
  );
});

test('anything else is neither written nor read', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (isPartyId(text)) return;
      expect(() => encodeMemberId(text)).toThrow();
    }),
  );
  const bad = [
    '0x',
    '0x4445414141',
    `0x4445414141${'00'.repeat(26)}01`,
    `0x${'00'.repeat(32)}`,
    `0x${'4a'.repeat(32)}`,
  ];
  for (const memberId of bad as `0x${string}`[]) expect(() => decodeMemberId(memberId)).toThrow();
});
