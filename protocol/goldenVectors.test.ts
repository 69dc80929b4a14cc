import { execFileSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexToBytes } from '@noble/hashes/utils.js';
import { encodeTariff } from '@p2p-power/tariff/encodeTariff';
import { describe, expect, test } from 'vitest';
import { Acknowledgement } from './Acknowledgement.ts';
import { Authorization } from './Authorization.ts';
import { buildBatch, channelId, checkBatch, parseBatch } from './Batch.ts';
import { ChargeDetailRecord } from './ChargeDetailRecord.ts';
import { DriverCertificate } from './DriverCertificate.ts';
import { derFromRaw } from './EcdsaSignature.ts';
import { fromBytes, type Hex, toBytes } from './Hex.ts';
import { keyId } from './KeyId.ts';
import { verifyPayout, verifySettledCharge } from './MerkleTree.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { Offer } from './Offer.ts';
import { encodeOfferedPrices, parseOfferedPrices, pricesId } from './OfferedPrices.ts';
import { ProvisionHead } from './ProvisionUpdate.ts';
import { parseEvidence } from './parseEvidence.ts';
import { parsePlainTariff } from './parsePlainTariff.ts';
import { SignalHead } from './Signal.ts';
import type { Layout, SignedObject } from './SignedObject.ts';
import { verifyBytes } from './Signer.ts';
import { StationCertificate } from './StationCertificate.ts';
import { StopRequest } from './StopRequest.ts';
import { sha256 } from './sha256.ts';
import { TrustListHead } from './TrustList.ts';
import { tariffId } from './tariffId.ts';
import { goldenVectors, type SignedObjectVector } from './testing/goldenVectors.ts';
import { spkiOf } from './testing/world.ts';
import { type EvidenceTrust, verifyEvidence } from './verifyEvidence.ts';
import { sealedText, text, typeWord } from './Word.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
const signedObjects: { networkId: Hex; vectors: readonly SignedObjectVector[] } = read('signedObjects.json');
const { networkId } = signedObjects;
const verifier = nodeCryptoVerifier(crypto);
const types = [
  DriverCertificate,
  StationCertificate,
  Offer,
  Authorization,
  ChargeDetailRecord,
  StopRequest,
  Acknowledgement,
  TrustListHead,
  ProvisionHead,
  SignalHead,
] as unknown as readonly SignedObject<Layout>[];

test('the committed vectors are those that the code makes', async () => {
  for (const [name, content] of Object.entries(await goldenVectors()))
    expect(read(name), `run testing/writeVectors.ts: ${name}`).toEqual(JSON.parse(JSON.stringify(content)));
});

describe.each(types.map((type) => [type.name, type] as const))('%s', (name, type) => {
  const vectors = signedObjects.vectors.filter((vector) => vector.name === name);

  test.each(vectors.map((vector) => [vector.why, vector] as const))('%s', async (why, vector) => {
    const value = type.parse(JSON.parse(vector.value));
    if (!value.ok) throw new Error(value.detail);
    const bytes = hexToBytes(vector.words.map((word) => word.slice(2)).join(''));
    expect(sha256(bytes)).toBe(vector.id);
    const publicKey = `0x${vector.x.slice(2)}${vector.y.slice(2)}` as Hex;
    const signature = `0x${vector.r.slice(2)}${vector.s.slice(2)}` as Hex;
    expect(await verifyBytes(verifier, publicKey, bytes, signature)).toBe(vector.isSigned);
    if (why === 'of another type' || why === 'of another network') {
      expect(vector.words[0]).not.toBe(vector.typeWord);
      return;
    }
    expect(vector.words[0]).toBe(vector.typeWord);
    expect(type.encode(networkId, value.value)).toEqual(bytes);
    expect(type.id(networkId, value.value)).toBe(vector.id);
    expect(await type.verify(networkId, { value: value.value, signature }, publicKey, verifier)).toBe(
      vector.isSigned,
    );
  });

  test('has a spoilt vector for each of its fields', () => {
    const spoilt = vectors.map(({ why }) => why).filter((why) => why.endsWith(' changed'));
    expect(spoilt).toEqual(Object.keys(type.layout).map((field) => `${field} changed`));
  });
});

test('no two genuine or spoilt objects have the same id, but for spoilt keys and signatures', () => {
  const whys = new Set([
    'checked with a foreign key',
    'signature with high s',
    'signature with another r',
    'signature of zeros',
  ]);
  const ids = signedObjects.vectors.filter(({ why }) => !whys.has(why)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('openssl finds the genuine signatures good and those with a foreign key bad', () => {
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-vectors-'));
  try {
    for (const why of ['genuine', 'checked with a foreign key', 'signature with high s', 'nonce changed']) {
      const vector = signedObjects.vectors.find((one) => one.why === why && one.name === 'Authorization');
      if (vector === undefined) throw new Error(why);
      const key = spkiOf(`0x${vector.x.slice(2)}${vector.y.slice(2)}`);
      const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(toBytes(key)).toString('base64')}\n-----END PUBLIC KEY-----\n`;
      writeFileSync(join(folder, 'key.pem'), pem);
      writeFileSync(
        join(folder, 'signature.der'),
        derFromRaw(hexToBytes(vector.r.slice(2) + vector.s.slice(2))),
      );
      writeFileSync(
        join(folder, 'object.bin'),
        hexToBytes(vector.words.map((word) => word.slice(2)).join('')),
      );
      const verify = () =>
        execFileSync(
          'openssl',
          ['dgst', '-sha256', '-verify', 'key.pem', '-signature', 'signature.der', 'object.bin'],
          {
            cwd: folder,
            encoding: 'utf8',
            stdio: 'pipe',
          },
        );
      // To openssl a high s is as good as the low one; we take only the low one.
      if (why === 'genuine' || why === 'signature with high s') expect(verify()).toBe('Verified OK\n');
      else expect(verify, why).toThrow();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('words, commitments, key ids and channel ids', () => {
  const words = read('words.json');
  for (const { name, networkId: network, typeWord: word } of words.typeWords)
    expect(typeWord(name, network)).toBe(word);
  for (const { text: value, word } of words.texts) expect(`0x${text(value)}`).toBe(word);
  for (const { salt, text: sealed, commitment } of words.sealedTexts)
    expect(sealedText(salt, sealed)).toBe(commitment);
  for (const { keyId: id, x, y } of words.keyIds) expect(keyId(`0x${x.slice(2)}${y.slice(2)}`)).toBe(id);
  const partyOf = (word: Hex) => Buffer.from(toBytes(word)).toString('ascii').replaceAll('\0', '');
  for (const { channelId: id, debtor, creditor } of words.channelIds)
    expect(channelId(partyOf(debtor), partyOf(creditor))).toBe(id);
});

test('tariffs', () => {
  for (const { tariff, encoding, id, networkId: network } of read('tariffs.json').vectors) {
    const parsed = parsePlainTariff(JSON.parse(tariff));
    if (!parsed.ok) throw new Error(parsed.detail);
    expect(fromBytes(encodeTariff(parsed.value))).toBe(encoding);
    expect(tariffId(network, parsed.value)).toBe(id);
  }
});

test('offered prices', () => {
  for (const { prices, encoding, id, networkId: network } of read('offeredPrices.json').vectors) {
    const parsed = parseOfferedPrices(JSON.parse(prices));
    if (!parsed.ok) throw new Error(parsed.detail);
    expect(fromBytes(encodeOfferedPrices(network, parsed.value))).toBe(encoding);
    expect(pricesId(network, parsed.value)).toBe(id);
  }
});

test('Merkle proofs', () => {
  const { settledCharges, payouts } = read('merkle.json');
  for (const { account, channelId: channel, cumulativeMicro, isProven, proof, root, why } of payouts)
    expect(verifyPayout(channel, root, { account, cumulativeMicro }, proof), why).toBe(isProven);
  const domain = typeWord('SettledCharge', networkId);
  for (const { isProven, proof, root, typeWord: word, why, ...charge } of settledCharges) {
    if (word === domain) expect(verifySettledCharge(networkId, root, charge, proof), why).toBe(isProven);
    else expect(isProven, why).toBe(false);
  }
});

test('batches', () => {
  for (const { source: json, payouts, ...vector } of read('batches.json').vectors) {
    const source = JSON.parse(json);
    const built = buildBatch(source);
    expect(built.payouts).toEqual(JSON.parse(payouts));
    const { debtor, creditor, ...rest } = built.batch;
    expect(vector).toMatchObject({ ...rest, debtor: `0x${text(debtor)}`, creditor: `0x${text(creditor)}` });
    expect(parseBatch(JSON.parse(JSON.stringify(built.batch)))).toEqual({ ok: true, value: built.batch });
    expect(checkBatch(built.batch, source)).toMatchObject({ ok: true });
  }
});

test('evidence, genuine and refused', async () => {
  const file = read('evidence.json');
  const trust: EvidenceTrust = {
    networkId: file.networkId,
    certificateKey: (providerId, issuerKeyId) =>
      file.trustedKeys.find(
        (key: { providerId: string; publicKey: Hex }) =>
          key.providerId === providerId && keyId(key.publicKey) === issuerKeyId,
      )?.publicKey,
  };
  for (const { evidence: json, refusal, why } of file.vectors) {
    const evidence = parseEvidence(json);
    // What has not even the form never reaches the judge.
    if (!evidence.ok) {
      expect([evidence.refusal, refusal], why).toEqual(['readings-not-monotone', 'invalid-readings']);
      continue;
    }
    const verdict = await verifyEvidence(evidence.value, trust, verifier);
    expect(verdict.ok ? null : verdict.refusal, why).toBe(refusal);
  }
});
