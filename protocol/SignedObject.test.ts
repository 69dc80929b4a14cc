import * as crypto from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Acknowledgement } from './Acknowledgement.ts';
import { Authorization } from './Authorization.ts';
import { ChargeDetailRecord } from './ChargeDetailRecord.ts';
import { DriverCertificate } from './DriverCertificate.ts';
import { fromBytes, type Hex } from './Hex.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { Offer } from './Offer.ts';
import {
  type FieldKind,
  type Layout,
  type SignedObject,
  signedObject,
  type ValueOf,
} from './SignedObject.ts';
import { StationCertificate } from './StationCertificate.ts';
import { StopRequest } from './StopRequest.ts';
import { TrustListHead } from './TrustList.ts';
import { spoilField } from './testing/goldenVectors.ts';
import { bytes32, networkId, testKey } from './testing/world.ts';
import { sealedText, text, typeWord, uint } from './Word.ts';

const types = [
  DriverCertificate,
  StationCertificate,
  Offer,
  Authorization,
  ChargeDetailRecord,
  StopRequest,
  Acknowledgement,
  TrustListHead,
] as unknown as readonly SignedObject<Layout>[];
const verifier = nodeCryptoVerifier(crypto);
const key = testKey('somebody');

const hexOf = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => fromBytes(value));
const printableText = (maxLength: number) =>
  fc.string({
    unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength,
  });

/** Any value that a field of the kind may hold. */
function fieldArbitrary(kind: FieldKind): fc.Arbitrary<unknown> {
  if (kind === 'bytes32') return hexOf(32);
  if (kind === 'address') return hexOf(20);
  if (kind === 'publicKey') return hexOf(64);
  if (kind === 'uint') return fc.maxSafeNat();
  if (kind === 'flag') return fc.boolean();
  if (kind === 'text') return printableText(32);
  if (kind === 'sealedText') return fc.record({ salt: hexOf(32), text: printableText(64) });
  return fc.constantFrom(...kind);
}
const valueArbitrary = (type: SignedObject<Layout>): fc.Arbitrary<ValueOf<Layout>> =>
  fc.record(
    Object.fromEntries(Object.entries(type.layout).map(([field, kind]) => [field, fieldArbitrary(kind)])),
  ) as fc.Arbitrary<ValueOf<Layout>>;

describe.each(types.map((type) => [type.name, type] as const))('%s', (_, type) => {
  test('is signed, printed, read and verified, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(valueArbitrary(type), async (value) => {
        const signed = await type.sign(networkId, value, key);
        const read = type.parseSigned(JSON.parse(JSON.stringify(signed)));
        expect(read).toEqual({ ok: true, value: signed });
        expect(await type.verify(networkId, signed, key.publicKey, verifier)).toBe(true);
        expect(type.encode(networkId, value).length % 32).toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  test('no field can be changed under a signature', async () => {
    await fc.assert(
      fc.asyncProperty(valueArbitrary(type), async (value) => {
        const signed = await type.sign(networkId, value, key);
        for (const [field, kind] of Object.entries(type.layout)) {
          const spoilt = {
            ...signed,
            value: { ...value, [field]: spoilField(kind, value[field]) } as ValueOf<Layout>,
          };
          // The greatest count has no successor, and a text may end as the spoilt one does.
          if (value[field] === Number.MAX_SAFE_INTEGER || type.parse(spoilt.value).ok === false) continue;
          if (JSON.stringify(spoilt.value) === JSON.stringify(value)) continue;
          expect(await type.verify(networkId, spoilt, key.publicKey, verifier), field).toBe(false);
        }
        expect(await type.verify(bytes32('another network'), signed, key.publicKey, verifier)).toBe(false);
        expect(await type.verify(networkId, signed, testKey('another').publicKey, verifier)).toBe(false);
      }),
      { numRuns: 5 },
    );
  });

  test('two different values never have the same bytes', () => {
    fc.assert(
      fc.property(valueArbitrary(type), valueArbitrary(type), (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(type.id(networkId, one)).not.toBe(type.id(networkId, other));
      }),
    );
  });

  test('refuses what lacks a field, has one more, or one of another kind', () => {
    const [value] = fc.sample(valueArbitrary(type), { numRuns: 1, seed: 1 }) as [Record<string, unknown>];
    for (const [field, kind] of Object.entries(type.layout)) {
      const without = Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
      expect(type.parse(without)).toMatchObject({
        refusal: 'missing-field',
        detail: expect.stringContaining(field),
      });
      for (const wrong of wrongOf(kind))
        expect(type.parse({ ...value, [field]: wrong }), `${field}: ${String(wrong)}`).toMatchObject({
          refusal: 'bad-field',
        });
    }
    expect(type.parse({ ...value, more: 1 })).toMatchObject({ refusal: 'unknown-field' });
    for (const json of [null, undefined, 7, 'text', [], [value]])
      expect(type.parse(json)).toMatchObject({ refusal: 'not-an-object' });
    const signature = `0x${'ab'.repeat(64)}`;
    expect(type.parseSigned({ value })).toMatchObject({ refusal: 'bad-signature-form' });
    expect(type.parseSigned({ value, signature: signature.toUpperCase() })).toMatchObject({
      refusal: 'bad-signature-form',
    });
    expect(type.parseSigned({ signature })).toMatchObject({ refusal: 'missing-field' });
    expect(type.parseSigned({ value, signature, more: 1 })).toMatchObject({ refusal: 'unknown-field' });
    expect(type.parseSigned([])).toMatchObject({ refusal: 'not-an-object' });
  });

  test('no JSON makes the parsers throw', () => {
    const almost = fc.dictionary(fc.constantFrom(...Object.keys(type.layout)), fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), almost), (json) => {
        type.parse(json);
        type.parseSigned(json);
        type.parseSigned({ value: json, signature: `0x${'ab'.repeat(64)}` });
      }),
    );
  });
});

/** Values that no field of the kind may hold. */
function wrongOf(kind: FieldKind): readonly unknown[] {
  const never = [null, undefined, {}, []];
  if (kind === 'uint') return [...never, -1, 0.5, 2 ** 53, Number.NaN, '7', true];
  if (kind === 'flag') return [...never, 0, 1, 'true'];
  if (kind === 'text') return [...never, '', 'a'.repeat(33), 'ä', 'a\n', 7];
  if (kind === 'sealedText')
    return [
      ...never,
      'a',
      { text: 'a' },
      { salt: bytes32('a'), text: '' },
      { salt: bytes32('a'), text: 'a'.repeat(65) },
      { salt: '0x00', text: 'a' },
      { salt: bytes32('a'), text: 'a', more: 1 },
    ];
  if (kind === 'bytes32' || kind === 'address' || kind === 'publicKey')
    return [
      ...never,
      '0x',
      '0x00',
      `0X${'00'.repeat(32)}`,
      `0x${'AB'.repeat(kind === 'address' ? 20 : 32)}`,
      `0x${'0g'.repeat(32)}`,
      7,
    ];
  return [...never, '', 'else', 0];
}

test('the encoding is the type word and a word a field', () => {
  const Sample = signedObject('Sample', {
    id: 'bytes32',
    account: 'address',
    publicKey: 'publicKey',
    count: 'uint',
    flag: 'flag',
    name: 'text',
    secret: 'sealedText',
    mode: ['slow', 'fast'],
  });
  const value = {
    id: bytes32('id'),
    account: `0x${'ab'.repeat(20)}` as Hex,
    publicKey: key.publicKey,
    count: 258,
    flag: true,
    name: 'DEAAA',
    secret: { salt: bytes32('salt'), text: 'DEAAAE1' },
    mode: 'fast',
  } as const;
  const words = fromBytes(Sample.encode(networkId, value)).slice(2).match(/.{64}/g);
  expect(words).toEqual([
    typeWord('Sample', networkId).slice(2),
    value.id.slice(2),
    `${'0'.repeat(24)}${'ab'.repeat(20)}`,
    key.publicKey.slice(2, 66),
    key.publicKey.slice(66),
    uint(258),
    uint(1),
    text('DEAAA'),
    sealedText(value.secret.salt, 'DEAAAE1').slice(2),
    uint(1),
  ]);
  expect(words?.[5]).toBe('102'.padStart(64, '0'));
  expect(words?.[7]).toBe('4445414141'.padEnd(64, '0'));
});

test('what cannot be encoded is a bug of the caller and throws', () => {
  const Count = signedObject('Count', { count: 'uint', name: 'text' });
  for (const count of [-1, 0.5, 2 ** 53])
    expect(() => Count.encode(networkId, { count, name: 'a' })).toThrow(RangeError);
  expect(() => Count.encode(networkId, { count: 0, name: 'ä' })).toThrow(RangeError);
  expect(() => uint(-1)).toThrow(RangeError);
  expect(() => text('')).toThrow(RangeError);
});
