import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { keccak256, stringToHex, toBytes } from 'viem';
import { describe, expect, test } from 'vitest';
import { personalDataFinder } from './findPersonalData.ts';

const emaid = 'DEAAAC12345678X';
const evseId = 'DEBBBE1003';
const finder = personalDataFinder([
  { kind: 'eMAID', text: emaid },
  { kind: 'EVSE-ID', text: evseId },
  { kind: 'name', text: 'Ida' },
  { kind: 'e-mail', text: 'ida@example.org' },
]);
const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest();
const noise = (seed: number, length: number) =>
  Buffer.concat(Array.from({ length: Math.ceil(length / 32) }, (_, at) => sha256(`${seed} ${at}`))).subarray(
    0,
    length,
  );

describe('what is planted is found, wherever it stands', () => {
  test.each([
    ['plain', Buffer.from(emaid), 'eMAID', 'plain'],
    ['in lower case', Buffer.from(emaid.toLowerCase()), 'eMAID', 'plain of the lower-case form'],
    [
      'with separators',
      Buffer.from('DE-AAA-C12345678-X'),
      'eMAID',
      'plain of the separated (- with check digit) form',
    ],
    ['an EVSE-ID with stars', Buffer.from('DE*BBB*E1003'), 'EVSE-ID', 'plain of the separated (*) form'],
    ['hashed', sha256(emaid), 'eMAID', 'sha256'],
    ['hashed with separators', sha256('DE*BBB*E1003'), 'EVSE-ID', 'sha256 of the separated (*) form'],
    ['hashed as contracts do', toBytes(keccak256(toBytes(emaid))), 'eMAID', 'keccak256'],
    ['cut to an address', sha256(evseId).subarray(0, 20), 'EVSE-ID', 'sha256'],
    ['hashed twice', sha256(sha256(emaid)), 'eMAID', 'sha256 of sha256'],
    ['hashed and written out', Buffer.from(sha256(emaid).toString('hex')), 'eMAID', 'sha256 as text'],
    ['an e-mail address', Buffer.from('ida@example.org'), 'e-mail', 'plain'],
    ['a short name in a word', toBytes(stringToHex('Ida', { size: 32 })), 'name', 'plain'],
    ['a short name, hashed', sha256('ida'), 'name', 'sha256 of the lower-case form'],
    ['UTF-16', Buffer.from(emaid, 'utf16le'), 'eMAID', 'UTF-16'],
  ])('%s', (_what, planted, kind, form) => {
    for (const offset of [0, 1, 37]) {
      const bytes = Buffer.concat([noise(1, offset), planted, noise(2, 40)]);
      expect(finder.find(bytes)).toContainEqual(expect.objectContaining({ kind, form, offset }));
    }
  });
});

test('salted commitments, noise and other people’s ids are not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 2_000 }), fc.nat(), (bytes, salt) => {
      expect(finder.find(bytes)).toEqual([]);
      expect(finder.find(sha256(Buffer.concat([noise(salt, 32), Buffer.from(emaid)])))).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(finder.find(Buffer.from('DEAAAC87654321X DEBBBE1004 idea candida'))).toEqual([]);
  // Words that end and begin with its bytes.
  expect(finder.find(noise(3, 300_000))).toEqual([]);
  expect(finder.find(new Uint8Array(5))).toEqual([]);
});

test('it is fast enough for all that a long simulation writes', () => {
  const many = personalDataFinder(
    Array.from({ length: 100 }, (_, at) => ({ kind: 'eMAID', text: `DEAAAC${String(at).padStart(8, '0')}` })),
  );
  expect(many.patterns).toBeGreaterThan(100 * 40);
  const began = performance.now();
  expect(many.find(noise(4, 1_000_000))).toEqual([]);
  expect(performance.now() - began).toBeLessThan(30_000);
});
