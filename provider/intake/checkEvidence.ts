import { type CertificateCache, certificateCache } from '@p2p-power/protocol/CertificateCache';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { EvidenceRefusal } from '@p2p-power/protocol/EvidenceRefusal';
import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { type EvidenceParseRefusal, parseEvidence } from '@p2p-power/protocol/parseEvidence';
import type { Verifier } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { sha256 } from '@p2p-power/protocol/sha256';
import { type EvidenceFacts, type EvidenceTrust, verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import type { NewCharge } from './insertCharges.ts';

/** Whom a check believes: certificate keys of the members. Plain data, so that it can go to a worker thread. */
export interface CheckTrust {
  readonly networkId: Hex;
  /** This provider's party id. */
  readonly providerId: string;
  readonly keys: readonly { readonly providerId: string; readonly publicKey: Hex }[];
}

/** One who checks evidence: trust made ready, and what was checked before. */
export interface EvidenceChecker {
  readonly providerId: string;
  readonly trust: EvidenceTrust;
  readonly verifier: Verifier;
  readonly cache: CertificateCache;
}

export function evidenceChecker(trust: CheckTrust, verifier: Verifier): EvidenceChecker {
  const keys = new Map(
    trust.keys.map(({ providerId, publicKey }) => [`${providerId} ${keyId(publicKey)}`, publicKey]),
  );
  return {
    providerId: trust.providerId,
    trust: {
      networkId: trust.networkId,
      certificateKey: (providerId, issuerKeyId) => keys.get(`${providerId} ${issuerKeyId}`),
    },
    verifier,
    cache: certificateCache(),
  };
}

/** Evidence that is genuine and adds up; or what it was refused for, with the whole of it. */
export type CheckedEvidence =
  | { readonly ok: true; readonly charge: NewCharge }
  | {
      readonly ok: false;
      /** SHA-256 of the content where there is not even a CDR in it. */
      readonly cdrId: Hex;
      readonly refusal: EvidenceParseRefusal | EvidenceRefusal;
      readonly detail: string;
      readonly content: string;
      /** Whether the CDR in it is signed by a certified station, so that not just anybody can have made it. */
      readonly isOfStation: boolean;
    };

/** Parses and verifies evidence out of untrusted JSON: all that can be judged without a database. */
export async function checkEvidence(json: unknown, checker: EvidenceChecker): Promise<CheckedEvidence> {
  const content = JSON.stringify(json) ?? 'null';
  const parsed = parseEvidence(json);
  if (!parsed.ok) {
    const cdrId = cdrIdOf(checker.trust.networkId, json) ?? sha256(new TextEncoder().encode(content));
    const isOfStation = await isSignedByStation(json, checker);
    return { ok: false, cdrId, refusal: parsed.refusal, detail: parsed.detail, content, isOfStation };
  }
  const verified = await verifyEvidence(parsed.value, checker.trust, checker.verifier, checker.cache);
  if (verified.ok) return { ok: true, charge: newCharge(verified.value, parsed.value, content) };
  const cdrId = ChargeDetailRecord.id(checker.trust.networkId, parsed.value.cdr.value);
  const isOfStation = await isSignedByStation(json, checker);
  return { ok: false, cdrId, refusal: verified.refusal, detail: verified.detail, content, isOfStation };
}

/** The id of our station whose certificate is in the evidence, whatever else may be wrong with it. */
export async function ownStation(json: unknown, checker: EvidenceChecker): Promise<Hex | undefined> {
  const certificate = (json as Partial<Evidence> | null)?.stationCertificate;
  const parsed = StationCertificate.parseSigned(certificate);
  if (!parsed.ok || parsed.value.value.providerId !== checker.providerId) return undefined;
  const { networkId } = checker.trust;
  const issuer = checker.trust.certificateKey(checker.providerId, parsed.value.value.issuerKeyId);
  if (issuer === undefined) return undefined;
  const genuine = await StationCertificate.verify(networkId, parsed.value, issuer, checker.verifier);
  return genuine ? StationCertificate.id(networkId, parsed.value.value) : undefined;
}

/**
 * Whether the CDR's own signature is the one of a station whose certificate, beside it, a member signed;
 * whatever else may be wrong. The certificate alone says nothing: it is public.
 */
async function isSignedByStation(json: unknown, checker: EvidenceChecker): Promise<boolean> {
  const { trust, verifier } = checker;
  const { stationCertificate, cdr: signed } = (json ?? {}) as Partial<Evidence>;
  const certificate = StationCertificate.parseSigned(stationCertificate);
  const cdr = ChargeDetailRecord.parseSigned(signed);
  if (!certificate.ok || !cdr.ok) return false;
  const station = certificate.value.value;
  const issuer = trust.certificateKey(station.providerId, station.issuerKeyId);
  if (issuer === undefined) return false;
  return (
    cdr.value.value.stationCertificateId === StationCertificate.id(trust.networkId, station) &&
    (await StationCertificate.verify(trust.networkId, certificate.value, issuer, verifier)) &&
    (await ChargeDetailRecord.verify(trust.networkId, cdr.value, station.publicKey, verifier))
  );
}

function cdrIdOf(networkId: Hex, json: unknown): Hex | undefined {
  const cdr = ChargeDetailRecord.parseSigned((json as Partial<Evidence> | null)?.cdr);
  return cdr.ok ? ChargeDetailRecord.id(networkId, cdr.value.value) : undefined;
}

function newCharge(facts: EvidenceFacts, parsed: Evidence, evidence: string): NewCharge {
  return {
    cdrId: facts.cdrId,
    authorizationId: facts.authorizationId,
    driverProvider: facts.driverProviderId,
    operatorProvider: facts.stationProviderId,
    driverCertificateId: facts.driverCertificateId,
    stationCertificateId: facts.stationCertificateId,
    driverIssuerKeyId: parsed.driverCertificate.value.issuerKeyId,
    stationIssuerKeyId: parsed.stationCertificate.value.issuerKeyId,
    emaid: facts.emaid,
    evseId: facts.evseId,
    operatorAccount: facts.operatorAccount,
    currency: facts.currency,
    timeZone: facts.timeZone,
    authorizedAt: facts.authorizedAt,
    startedAt: facts.startedAt,
    endedAt: facts.endedAt,
    importedWh: facts.importedWh,
    exportedWh: facts.exportedWh,
    chargeMicro: facts.chargeMicro,
    creditMicro: facts.creditMicro,
    journalNumber: facts.journalNumber,
    journalPreviousHash: facts.journalPreviousHash,
    evidence,
  };
}
