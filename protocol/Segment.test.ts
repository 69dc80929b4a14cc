import { base64 } from '@scure/base';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CourierKey, generateCourierKey, hpkeSuite, openCourierKey } from './CourierKey.ts';
import type { Evidence } from './Evidence.ts';
import { type Hex, toBytes } from './Hex.ts';
import { printEvidence } from './parseEvidence.ts';
import {
  maxSegmentBytes,
  maxSegmentCount,
  openSegment,
  parseSegment,
  type Segment,
  sealSegment,
  segmentId,
} from './Segment.ts';
import { sha256 } from './sha256.ts';
import { buildEvidence, bytes32, networkId, testKey } from './testing/world.ts';

let evidence: Evidence;
let key: CourierKey;
let segment: Segment;
const to = (recipientPublicKey: Hex) => ({ networkId, providerId: 'DEBBB', recipientPublicKey });
const own = () => ({ networkId, providerId: 'DEBBB', keys: [key] });

beforeAll(async () => {
  evidence = await buildEvidence();
  const opened = await openCourierKey(await generateCourierKey());
  if (!opened.ok) throw new Error(opened.detail);
  key = opened.value;
  segment = await sealSegment([evidence, evidence], to(key.publicKey));
});

test('what was sealed comes out again, after JSON and back', async () => {
  const parsed = parseSegment(JSON.parse(JSON.stringify(segment)));
  expect(parsed).toEqual({ ok: true, value: segment });
  if (!parsed.ok) return;
  expect(await openSegment(parsed.value, own())).toEqual({
    ok: true,
    value: [
      { ok: true, value: evidence },
      { ok: true, value: evidence },
    ],
  });
});

test('who carries it sees the header, and nothing of driver, point or amount', () => {
  const seen = JSON.stringify(segment);
  for (const secret of [
    evidence.driverCertificate.value.emaid.text,
    evidence.stationCertificate.value.evseId.text,
    evidence.meterRecord,
  ])
    expect(seen).not.toContain(secret);
  expect(segment.header).toEqual({
    version: 1,
    networkId,
    providerId: 'DEBBB',
    recipientKeyId: key.keyId,
    segmentId: segmentId([evidence, evidence]),
    count: 2,
  });
});

test('sealed again it is the same segment in another envelope', async () => {
  const again = await sealSegment([evidence, evidence], to(key.publicKey));
  expect(again.header).toEqual(segment.header);
  expect(again.ciphertext).not.toBe(segment.ciphertext);
});

test('any change of header, key or ciphertext is noticed', async () => {
  const { header } = segment;
  const flipped = (text: string, at: number) => {
    const position = at % (text.length - 4);
    return `${text.slice(0, position)}${text[position] === 'A' ? 'B' : 'A'}${text.slice(position + 1)}`;
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (at) => {
      for (const changed of [
        { ...segment, ciphertext: flipped(segment.ciphertext, at) },
        { ...segment, encapsulatedKey: flipped(segment.encapsulatedKey, at) },
      ])
        expect(await openSegment(changed, own())).toMatchObject({ refusal: 'segment-unreadable' });
    }),
    { numRuns: 20 },
  );
  for (const change of [{ count: 3 }, { segmentId: bytes32('another') }])
    expect(await openSegment({ ...segment, header: { ...header, ...change } }, own())).toMatchObject({
      refusal: 'segment-unreadable',
    });
});

test('one for another network, provider or key is refused by name', async () => {
  const { header } = segment;
  for (const [change, refusal] of [
    [{ networkId: bytes32('another') }, 'segment-of-another-network'],
    [{ providerId: 'DEAAA' }, 'segment-for-another-provider'],
    [{ recipientKeyId: bytes32('another') }, 'segment-key-unknown'],
  ] as const)
    expect(await openSegment({ ...segment, header: { ...header, ...change } }, own())).toMatchObject({
      refusal,
    });
});

test('a record that is no evidence harms no other', async () => {
  // A malicious sealer: the provider's public key is public.
  const bad = { ...evidence, readings: [] };
  const mixed = await sealSegment([bad, evidence], to(key.publicKey));
  expect(await openSegment(mixed, own())).toMatchObject({
    ok: true,
    value: [{ ok: false, refusal: 'too-few-readings' }, { ok: true }],
  });
});

test('a header that lies about its records is noticed, and so are records that are no list', async () => {
  const seal = async (plaintext: string, header: object) => {
    const suite = hpkeSuite();
    const bytes = new TextEncoder().encode(plaintext);
    const whole = { ...segment.header, segmentId: sha256(bytes), ...header };
    const recipientPublicKey = await suite.kem.deserializePublicKey(toBytes(`0x04${key.publicKey.slice(2)}`));
    const aad = new TextEncoder().encode(JSON.stringify(whole));
    const info = new TextEncoder().encode('p2p-power/1/Segment');
    const sealed = await suite.seal({ recipientPublicKey, info }, bytes, aad);
    return {
      header: whole,
      encapsulatedKey: base64.encode(new Uint8Array(sealed.enc)),
      ciphertext: base64.encode(new Uint8Array(sealed.ct)),
    };
  };
  const list = `[${printEvidence(evidence)}]`;
  for (const [plaintext, header, refusal] of [
    [list, { count: 1, segmentId: bytes32('other') }, 'segment-mismatch'],
    [list, { count: 2 }, 'segment-mismatch'],
    ['{}', { count: 1 }, 'segment-malformed'],
    ['[7]', { count: 1 }, 'segment-malformed'],
    ['[', { count: 1 }, 'segment-malformed'],
  ] as const)
    expect(await openSegment(await seal(plaintext, header), own())).toMatchObject({ refusal });
  expect(await openSegment(await seal(list, { count: 1 }), own())).toMatchObject({ ok: true });
});

describe('forms that are no segment', () => {
  test.each([
    [null, 'not-a-segment'],
    [{}, 'not-a-segment'],
    [[], 'not-a-segment'],
    ['a segment', 'not-a-segment'],
  ])('%j', (json, refusal) => {
    expect(parseSegment(json)).toMatchObject({ ok: false, refusal });
  });

  test.each([
    ['another field', (one: Segment) => ({ ...one, more: 1 }), 'not-a-segment'],
    [
      'another header field',
      (one: Segment) => ({ ...one, header: { ...one.header, more: 1 } }),
      'not-a-segment',
    ],
    ['version 2', (one: Segment) => ({ ...one, header: { ...one.header, version: 2 } }), 'not-a-segment'],
    [
      'capital hex',
      (one: Segment) => ({
        ...one,
        header: { ...one.header, segmentId: one.header.segmentId.toUpperCase() },
      }),
      'not-a-segment',
    ],
    ['a short key', (one: Segment) => ({ ...one, encapsulatedKey: 'AAAA' }), 'not-a-segment'],
    ['a ciphertext that is no base64', (one: Segment) => ({ ...one, ciphertext: 'a_b-' }), 'not-a-segment'],
    ['half a CDR', (one: Segment) => ({ ...one, header: { ...one.header, count: 0.5 } }), 'not-a-segment'],
    ['no CDR', (one: Segment) => ({ ...one, header: { ...one.header, count: 0 } }), 'segment-empty'],
    [
      'too many CDRs',
      (one: Segment) => ({ ...one, header: { ...one.header, count: maxSegmentCount + 1 } }),
      'segment-too-large',
    ],
    [
      'too many bytes',
      (one: Segment) => ({ ...one, ciphertext: 'A'.repeat(6 * 1024 * 1024) }),
      'segment-too-large',
    ],
  ])('%s', (_, change, refusal) => {
    expect(parseSegment(change(segment))).toMatchObject({ ok: false, refusal });
  });

  test('no JSON makes the parser throw', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void parseSegment(json)));
  });
});

test('more than a segment holds is the caller’s fault', async () => {
  await expect(sealSegment([], to(key.publicKey))).rejects.toThrow(RangeError);
  await expect(
    sealSegment(
      Array.from({ length: maxSegmentCount + 1 }, () => evidence),
      to(key.publicKey),
    ),
  ).rejects.toThrow(RangeError);
  const huge = { ...evidence, meterRecord: 'x'.repeat(maxSegmentBytes) };
  await expect(sealSegment([huge], to(key.publicKey))).rejects.toThrow(RangeError);
});

test('a key file is read back, a false one refused', async () => {
  const json = await generateCourierKey();
  expect(await openCourierKey(json)).toMatchObject({ ok: true, value: { publicKey: json.publicKey } });
  const other = testKey('other').publicKey;
  expect(await openCourierKey({ ...json, publicKey: other })).toMatchObject({ refusal: 'keys-do-not-match' });
  for (const wrong of [
    null,
    {},
    { ...json, privateKey: '0x00' },
    { ...json, publicKey: `0x${'01'.repeat(64)}` },
  ])
    expect(await openCourierKey(wrong)).toMatchObject({ refusal: 'not-a-courier-key' });
});
