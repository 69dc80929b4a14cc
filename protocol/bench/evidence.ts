import * as crypto from 'node:crypto';
import { Authorization } from '../Authorization.ts';
import { certificateCache } from '../CertificateCache.ts';
import type { Evidence } from '../Evidence.ts';
import { toBytes } from '../Hex.ts';
import { nodeCryptoVerifier } from '../nodeCryptoSigner.ts';
import { parseEvidence, printEvidence } from '../parseEvidence.ts';
import type { Verifier } from '../Signer.ts';
import { nativeKey } from '../testing/nativeKey.ts';
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
  /** Pieces of evidence judged per second (`verifyEvidence`, certificates seen before). */
  readonly evidenceChecksPerS: number;
  /** The same from JSON text: parsed, its form checked, judged. */
  readonly evidenceTextsPerS: number;
  /** Bare P-256 verifications per second with imported keys. */
  readonly p256VerifiesPerS: number;
  /** Signature checks that one piece of evidence needs. */
  readonly signaturesPerEvidence: number;
  /** How near judging comes to the bare signature checks that it needs: 1 is their limit. */
  readonly shareOfSignatureLimit: number;
}

/**
 * Measures how fast evidence is judged in steady state against the bare signature checks, in turns, so
 * that a noisy machine slows all alike. Every piece of evidence is parsed anew before it is judged, as in
 * an intake; `evidenceChecksPerS` leaves the parsing out, `evidenceTextsPerS` counts it.
 */
export async function benchEvidence(
  options: { readonly durationMs?: number; readonly sessions?: number } = {},
): Promise<EvidenceBench> {
  const { durationMs = 5_000, sessions = 400 } = options;
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
  const parse = (text: string): Evidence => {
    const evidence = parseEvidence(JSON.parse(text));
    if (!evidence.ok) throw new Error(`${evidence.refusal}: ${evidence.detail}`);
    return evidence.value;
  };
  const judge = async (evidence: Evidence): Promise<void> => {
    const facts = await verifyEvidence(evidence, trust, verifier, cache);
    if (!facts.ok) throw new Error(`${facts.refusal}: ${facts.detail}`);
  };
  const verifyBare = ([key, bytes, signature]: SignedBytes): void => {
    if (!bare.verify(key, bytes, signature)) throw new Error('a genuine signature was found bad');
  };
  // Once for the caches and the compiler, then in turns.
  for (const text of texts) await judge(parse(text));
  for (const signed of signedBytes) verifyBare(signed);
  checks = 0;
  const perTurn = 20;
  let judged = 0;
  const parsedMs: number[] = [];
  const judgedMs: number[] = [];
  const verifiedMs: number[] = [];
  const until = performance.now() + durationMs;
  for (let from = 0; performance.now() < until; from += perTurn) {
    const turn = Array.from({ length: perTurn }, (_, index) => (from + index) % texts.length);
    const startedAt = performance.now();
    const evidences = turn.map((index) => parse(texts[index] as string));
    const parsedAt = performance.now();
    for (const evidence of evidences) await judge(evidence);
    const judgedAt = performance.now();
    for (const index of turn)
      for (let time = 0; time < 4; time += 1)
        verifyBare(signedBytes[(index + time) % texts.length] as SignedBytes);
    parsedMs.push(parsedAt - startedAt);
    judgedMs.push(judgedAt - parsedAt);
    verifiedMs.push(performance.now() - judgedAt);
    judged += perTurn;
  }
  // The turn in the middle: those in which something else had the core say nothing of us.
  const perS = (count: number, turnsMs: readonly number[]) =>
    (count / (turnsMs.toSorted((a, b) => a - b)[turnsMs.length >> 1] as number)) * 1000;
  const signaturesPerEvidence = checks / judged;
  const evidenceChecksPerS = perS(perTurn, judgedMs);
  const p256VerifiesPerS = perS(4 * perTurn, verifiedMs);
  const wholeMs = judgedMs.map((ms, turn) => ms + (parsedMs[turn] as number));
  return {
    evidenceChecksPerS,
    evidenceTextsPerS: perS(perTurn, wholeMs),
    p256VerifiesPerS,
    signaturesPerEvidence,
    shareOfSignatureLimit: (evidenceChecksPerS * signaturesPerEvidence) / p256VerifiesPerS,
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
