import * as crypto from 'node:crypto';
import { Authorization } from '../Authorization.ts';
import { certificateCache } from '../CertificateCache.ts';
import type { Evidence } from '../Evidence.ts';
import { toBytes } from '../Hex.ts';
import { nodeCryptoSigner, nodeCryptoVerifier, publicKeyFromSpki } from '../nodeCryptoSigner.ts';
import { parseEvidence, printEvidence } from '../parseEvidence.ts';
import type { Signer, Verifier } from '../Signer.ts';
import {
  buildEvidence,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  steadyReadings,
  trustIn,
} from '../testing/world.ts';
import { verifyEvidence } from '../verifyEvidence.ts';

/** What {@link benchEvidence} measured, on one core and in one run. */
export interface EvidenceBench {
  /** Pieces of evidence judged per second: JSON text parsed, everything verified, certificates known. */
  readonly evidenceChecksPerS: number;
  /** Bare P-256 verifications per second with imported keys. */
  readonly p256VerifiesPerS: number;
  /** Signature checks that one piece of evidence needs. */
  readonly signaturesPerEvidence: number;
  /** Of the time that the signature checks alone would take, how much the whole takes: 1 is the bare limit. */
  readonly shareOfBareLimit: number;
}

/**
 * Measures how fast evidence is judged in steady state against the bare signature checks, alternating
 * between both so that a noisy machine slows them alike.
 */
export async function benchEvidence(
  options: { readonly durationMs?: number; readonly sessions?: number } = {},
): Promise<EvidenceBench> {
  const { durationMs = 4_000, sessions = 200 } = options;
  const bare = nodeCryptoVerifier(crypto);
  let checks = 0;
  const verifier: Verifier = {
    verify: (publicKey, bytes, signature) => {
      checks += 1;
      return bare.verify(publicKey, bytes, signature);
    },
  };
  const { texts, trust, signedBytes } = await makeSessions(sessions);
  const cache = certificateCache();
  const judge = async (text: string): Promise<void> => {
    const evidence = parseEvidence(JSON.parse(text));
    const facts = evidence.ok ? await verifyEvidence(evidence.value, trust, verifier, cache) : evidence;
    if (!facts.ok) throw new Error(`${facts.refusal}: ${facts.detail}`);
  };
  // Once for the caches and the compiler, then in turns.
  for (const text of texts) await judge(text);
  let valid = true;
  for (const [key, bytes, signature] of signedBytes) valid &&= bare.verify(key, bytes, signature);
  checks = 0;
  let [judged, judgedMs, verified, verifiedMs] = [0, 0, 0, 0];
  for (let turn = 0; judgedMs + verifiedMs < durationMs; turn += 1) {
    const from = performance.now();
    for (let index = 0; index < 50; index += 1)
      await judge(texts[(turn * 50 + index) % texts.length] as string);
    const between = performance.now();
    for (let index = 0; index < 200; index += 1) {
      const [key, bytes, signature] = signedBytes[(turn * 200 + index) % signedBytes.length] as SignedBytes;
      valid &&= bare.verify(key, bytes, signature);
    }
    judgedMs += between - from;
    verifiedMs += performance.now() - between;
    judged += 50;
    verified += 200;
  }
  if (!valid) throw new Error('a genuine signature was found bad');
  const evidenceChecksPerS = (judged / judgedMs) * 1000;
  const p256VerifiesPerS = (verified / verifiedMs) * 1000;
  const signaturesPerEvidence = checks / judged;
  return {
    evidenceChecksPerS,
    p256VerifiesPerS,
    signaturesPerEvidence,
    shareOfBareLimit: (evidenceChecksPerS * signaturesPerEvidence) / p256VerifiesPerS,
  };
}

type SignedBytes = Parameters<ReturnType<typeof nodeCryptoVerifier>['verify']>;

/** Sessions of 50 drivers at 20 stations, an hour to six hours long, as JSON texts. */
async function makeSessions(count: number) {
  const driverProvider = makeProvider('DEAAA', nativeKey());
  const stationProvider = makeProvider('DEBBB', nativeKey());
  const drivers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => makeDriver(driverProvider, `driver ${index}`, {}, nativeKey())),
  );
  const stations = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      makeStation(stationProvider, `station ${index}`, {}, { key: nativeKey(), meterKey: nativeKey() }),
    ),
  );
  const evidences: Evidence[] = [];
  for (let index = 0; index < count; index += 1) {
    const hours = 1 + (index % 6);
    evidences.push(
      await buildEvidence({
        driverProvider,
        stationProvider,
        driver: drivers[index % drivers.length] as (typeof drivers)[number],
        station: stations[index % stations.length] as (typeof stations)[number],
        readings: steadyReadings(dawn + 61 * index, hours * 3_600, hours * 7_000),
        nonce: `session ${index}`,
      }),
    );
  }
  const signedBytes = evidences.map(({ authorization, driverCertificate }): SignedBytes => {
    const bytes = Authorization.encode(networkId, authorization.value);
    return [driverCertificate.value.publicKey, bytes, toBytes(authorization.signature)];
  });
  return {
    texts: evidences.map((evidence) => printEvidence(evidence)),
    trust: trustIn(driverProvider, stationProvider),
    signedBytes,
  };
}

/** A new key of node:crypto, as stations and servers have them. */
function nativeKey(): Signer {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return nodeCryptoSigner(crypto, privateKey, publicKeyFromSpki(spki));
}
