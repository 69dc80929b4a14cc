import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { p256 } from '@noble/curves/nist.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Verifier as ForeignVerifier } from '@road-labs/ocmf';
import { Crypto } from '@road-labs/ocmf-crypto-noble';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hex } from './Hex.ts';
import { type MeterSession, meterRecordPayload, signMeterRecord } from './MeterRecord.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { groupOrder } from './Signer.ts';
import { bytes32, spkiOf, testKey } from './testing/world.ts';
import { maxMeterRecordLength, meterRefusals, verifyMeterRecord } from './verifyMeterRecord.ts';

const verifier = nodeCryptoVerifier(crypto);
const meter = testKey('meter');
const spki = spkiOf(meter.publicKey);
const session: MeterSession = {
  pagination: 12,
  meterSerial: '1EMH0012345678',
  authorizationId: bytes32('authorization'),
  begin: { atMs: 1_780_272_061_004, importWh: 1_234_567, exportWh: 89_012 },
  end: { atMs: 1_780_275_661_000, importWh: 1_245_567, exportWh: 89_012 },
  endType: 'E',
  timeStatus: 'S',
};
const sign = (payload: string) => signMeterRecord(payload, (bytes) => meter.sign(bytes));
const verify = (record: string, key: Hex = spki) => verifyMeterRecord(record, key, verifier);
const payload = meterRecordPayload(session);

describe("the library's vectors, on seven curves", () => {
  interface Vector {
    readonly name: string;
    readonly curve: string;
    readonly signatureDerHex: string;
    readonly payload: string;
    readonly spkiHex: string;
    readonly expected: boolean;
  }
  const vectors: readonly Vector[] = JSON.parse(
    readFileSync(new URL('../data/ocmf/roadlabs_vectors.json', import.meta.url), 'utf8'),
  );

  test('are all there', () => {
    expect([vectors.length, vectors.filter(({ expected }) => expected).length]).toEqual([32, 11]);
    expect(new Set(vectors.map(({ curve }) => curve)).size).toBe(7);
  });

  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const record = `OCMF|${vector.payload}|{"SA":"ECDSA-${vector.curve}-SHA256","SD":"${vector.signatureDerHex}"}`;
    const verdict = await verify(record, `0x${vector.spkiHex.toLowerCase()}`);
    // Their readings lack what a bill needs, so a genuine one is refused once its signature was found good.
    const afterSignature = meterRefusals.slice(meterRefusals.indexOf('bad-meter-signature') + 1);
    const signatureIsGood = verdict.ok || afterSignature.includes(verdict.refusal);
    expect(signatureIsGood).toBe(vector.expected);
    if (!vector.expected)
      expect(verdict).toMatchObject({ refusal: expect.stringMatching(/^(bad|malformed)-meter-signature$/) });
  });
});

test('a record is built as OCMF 1.4 writes it', () => {
  expect(payload).toBe(
    '{"FV":"1.4","PG":"T12","MS":"1EMH0012345678","IS":true,"IL":"VERIFIED","IF":[],"IT":"CENTRAL",' +
      `"ID":"${session.authorizationId.slice(2)}","RD":[` +
      '{"TM":"2026-06-01T00:01:01,004+0000 S","TX":"B","RV":1234.567,"RI":"01-00:B2.08.00*FF","RU":"kWh","EF":"","ST":"G"},' +
      '{"TM":"2026-06-01T01:01:01,000+0000 S","TX":"E","RV":1245.567,"RI":"01-00:B2.08.00*FF","RU":"kWh","EF":"","ST":"G"}]}',
  );
});

test('a foreign library reads and verifies our record', async () => {
  const foreign = new Crypto();
  const key = await foreign.decodeEcPublicKey(hexToBytes(spki.slice(2)), 'spki-der');
  const read = await new ForeignVerifier(foreign).parseAndVerify(await sign(payload), key);
  expect(read).toMatchObject({
    verified: true,
    value: { payloadData: { PG: 'T12', RD: [{ RV: 1234.567 }, {}] } },
  });
});

test('what is signed comes back as facts, whatever the registers', async () => {
  const wh = fc.nat({ max: 2_000_000_000 });
  await fc.assert(
    fc.asyncProperty(
      wh,
      fc.nat(100_000),
      wh,
      fc.nat(10_000),
      fc.integer({ min: 1, max: 999_999_999 }),
      async (importWh, imported, exportWh, exported, durationMs) => {
        const begin = { atMs: session.begin.atMs, importWh, exportWh };
        const end = {
          atMs: begin.atMs + durationMs,
          importWh: importWh + imported,
          exportWh: exportWh + exported,
        };
        const read = await verify(await sign(meterRecordPayload({ ...session, begin, end })));
        expect(read).toMatchObject({
          ok: true,
          value: {
            beganAtMs: begin.atMs,
            endedAtMs: end.atMs,
            importBeginWh: importWh,
            importEndWh: end.importWh,
            exportBeginWh: exported > 0 ? exportWh : 0,
            exportEndWh: exported > 0 ? end.exportWh : 0,
          },
        });
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ['status', edit('"ST":"G"', '"ST":"T"'), 'meter-status-not-good'],
  ['no status', edit(',"ST":"G"', ''), 'meter-status-not-good'],
  ['error flags', edit('"EF":""', '"EF":"Et"'), 'meter-error-flags'],
  ['no begin', edit('"TX":"B"', '"TX":"C"'), 'meter-record-incomplete'],
  ['no end', edit('"TX":"E"', '"TX":"S"'), 'meter-record-incomplete'],
  ['no readings', edit(/"RD":.*/, '"RD":[]}'), 'meter-record-incomplete'],
  ['readings are no list', edit(/"RD":.*/, '"RD":7}'), 'malformed-meter-record'],
  ['a reading is no object', edit('"RD":[', '"RD":[7,'), 'malformed-meter-record'],
  ['no pagination', edit('"PG":"T12",', ''), 'malformed-meter-record'],
  ['not JSON', (text: string) => text.slice(0, -1), 'malformed-meter-record'],
  ['unknown unit', edit('"kWh"', '"MWh"'), 'malformed-meter-record'],
  ['negative register', edit('1234.567', '-1234.567'), 'malformed-meter-record'],
  ['a month of thirteen', edit('2026-06', '2026-13'), 'malformed-meter-record'],
  [
    'a register that is not energy',
    (text: string) => text.replaceAll('B2.08', 'F2.08'),
    'meter-register-missing',
  ],
  ['begin of one register, end of another', edit('B2.08', 'B3.08'), 'meter-register-missing'],
  ['falling register', edit('1234.567', '1245.568'), 'meter-register-falls'],
  ['time that runs back', edit('T01:01', 'T00:01'), 'meter-register-falls'],
])('refuses a record with %s', async (_, change, refusal) => {
  expect(await verify(await sign(change(payload)))).toMatchObject({ ok: false, refusal });
});

test.each([
  ['no OCMF', 'XCMF|{}|{}', 'not-ocmf'],
  ['four sections', 'OCMF|{}|{}|{}', 'not-ocmf'],
  ['too long', `OCMF|${' '.repeat(maxMeterRecordLength)}|{}`, 'not-ocmf'],
  ['no signature', 'OCMF|{}|{}', 'malformed-meter-signature'],
  ['signature section is no JSON', 'OCMF|{}|x', 'malformed-meter-signature'],
  [
    'another hash',
    'OCMF|{}|{"SA":"ECDSA-secp256r1-SHA512","SD":"3006020101020101"}',
    'malformed-meter-signature',
  ],
  ['signature that is no hex', 'OCMF|{}|{"SD":"zz"}', 'malformed-meter-signature'],
  ['signature of nothing', 'OCMF|{}|{"SD":"3006020101020101"}', 'bad-meter-signature'],
])('refuses %s', async (_, record, refusal) => {
  expect(await verify(record)).toMatchObject({ ok: false, refusal });
});

test('what real meters do differently is taken', async () => {
  const record = await sign(payload);
  const [, , section = ''] = record.split('|');
  const der: string = JSON.parse(section).SD;
  const withSection = (json: object, text = payload) => `OCMF|${text}|${JSON.stringify(json)}`;
  const raw = meter.sign(utf8ToBytes(payload));
  const rawHex = Buffer.from(raw).toString('hex');
  const s = BigInt(`0x${rawHex.slice(64)}`);
  const highS = new p256.Signature(BigInt(`0x${rawHex.slice(0, 64)}`), groupOrder - s).toBytes('der');
  for (const json of [
    { SD: der },
    { SD: der.toUpperCase() },
    { SE: 'base64', SD: Buffer.from(der, 'hex').toString('base64') },
    { SD: rawHex },
    { SD: Buffer.from(highS).toString('hex') },
    { SA: 'ECDSA-secp192r1-SHA256', SD: der },
  ])
    expect(await verify(withSection(json)), JSON.stringify(json)).toMatchObject({ ok: true });
  for (const change of [
    edit('"RV":1234.567', '"RV":" 1234.567"'),
    edit('"MS":"1EMH0012345678",', ''),
    (text: string) => text.replaceAll('01-00:B2.08.00*FF', '1-0:1.8.0*198'),
    edit('"RV":1234.567', '"RV":1234.5674'),
    edit('"RI":"01-00:B2.08.00*FF","RU":"kWh","EF":"","ST":"G"}]', '"ST":"G"}]'),
    edit('2026-06-01T00:01:01,004+0000', '2026-06-01T02:01:01,004+0200'),
  ])
    expect(await verify(await sign(change(payload))), change(payload)).toMatchObject({
      ok: true,
      value: { importBeginWh: 1_234_567, importEndWh: 1_245_567, beganAtMs: session.begin.atMs },
    });
});

test('a key of no curve is refused before anything is checked', async () => {
  expect(await verify(await sign(payload), '0x3003020100')).toMatchObject({ refusal: 'unknown-meter-key' });
});

test('any change of a byte of payload or signature is noticed', async () => {
  const record = await sign(payload);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 5, max: record.length - 1 }),
      fc.integer({ min: 32, max: 126 }),
      async (at, code) => {
        const char = String.fromCharCode(code);
        // The case of hex digits and the algorithm's name are not signed.
        fc.pre(char.toLowerCase() !== record[at]?.toLowerCase() && at < payload.length + 5);
        expect(await verify(record.slice(0, at) + char + record.slice(at + 1))).toMatchObject({ ok: false });
      },
    ),
  );
});

test('no record makes it throw', async () => {
  const section = fc.oneof(fc.string(), fc.json(), fc.constant('{"SD":"3006020101020101"}'));
  await fc.assert(
    fc.asyncProperty(section, section, async (one, other) => {
      expect((await verify(`OCMF|${one}|${other}`)).ok).toBe(false);
    }),
  );
  // Signed nonsense: the payload's reader sees it.
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 4 }), async (json) => {
      fc.pre(!json.includes('|'));
      expect(await verify(await sign(json))).toMatchObject({ ok: false });
    }),
    { numRuns: 50 },
  );
});

function edit(place: string | RegExp, by: string): (text: string) => string {
  return (text) => {
    const changed = text.replace(place, by);
    if (changed === text) throw new Error(`nothing to change: ${place}`);
    return changed;
  };
}
