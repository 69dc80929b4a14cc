import { DriverCertificate, type SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import type { EvidenceTrust } from '@p2p-power/protocol/verifyEvidence';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Store } from '../store/Store.ts';
import { driverSigner, forgetDriverKeys, makeDriverKey } from './DriverKey.ts';

const storeKey = 'account/certificate';

/** The certificate that this browser holds, checked or not; undefined where there is none. */
export async function heldCertificate(store: Store): Promise<SignedDriverCertificate | undefined> {
  const parsed = DriverCertificate.parseSigned(await store.get(storeKey));
  return parsed.ok ? parsed.value : undefined;
}

export type CertificateAge = 'good' | 'renew-soon' | 'expired';

/** A certificate is renewed when two thirds of its life are over: the last third is for days offline. */
export function ageOf(certificate: DriverCertificate, now: number): CertificateAge {
  const { notBefore, notAfter } = certificate;
  if (now >= notAfter) return 'expired';
  return (now - notBefore) * 3 >= (notAfter - notBefore) * 2 ? 'renew-soon' : 'good';
}

export interface CertificatePorts {
  readonly store: Store;
  readonly subtle: SubtleCrypto;
  readonly verifier: Verifier;
  readonly now: number;
  readonly trust: EvidenceTrust;
  /** Asks the driver's provider to certify the key; its refusals come through by name. */
  requestCertificate(publicKey: Hex): Promise<Result<unknown, string>>;
}

/**
 * Makes a new key, has it certified and holds the certificate if it is genuine and of this key. Each
 * renewal has its own key, so that nobody can follow a driver across certificates. Until the new
 * one is there the old one stays. `keysInUse` are the keys of charges that still run.
 */
export async function renewCertificate(
  ports: CertificatePorts,
  keysInUse: readonly Hex[],
): Promise<Result<SignedDriverCertificate, string>> {
  const { store, subtle, verifier, trust } = ports;
  const signer = await makeDriverKey(store, subtle);
  const answer = await ports.requestCertificate(signer.publicKey);
  if (!answer.ok) return answer;
  const parsed = DriverCertificate.parseSigned(answer.value);
  if (!parsed.ok) return refuse('malformed-certificate', parsed.detail);
  const certificate = parsed.value;
  const { providerId, issuerKeyId, publicKey } = certificate.value;
  const issuer = trust.certificateKey(providerId, issuerKeyId);
  if (issuer === undefined) return refuse('unknown-driver-provider', providerId);
  if (publicKey !== signer.publicKey) return refuse('certificate-mismatch', 'made for another key');
  if (!(await DriverCertificate.verify(trust.networkId, certificate, issuer, verifier)))
    return refuse('bad-certificate-signature', providerId);
  await store.put(storeKey, certificate);
  await forgetDriverKeys(store, new Set([publicKey, ...keysInUse]));
  return accept(certificate);
}

/** What a driver signs with: a certificate in force and the signer of its key; why not by name. */
export async function usableCertificate(
  store: Store,
  subtle: SubtleCrypto,
  now: number,
): Promise<
  Result<
    { readonly certificate: SignedDriverCertificate; readonly signer: Signer },
    'no-certificate' | 'certificate-expired' | 'certificate-not-yet-valid'
  >
> {
  const certificate = await heldCertificate(store);
  if (certificate === undefined) return refuse('no-certificate', 'sign in first');
  const { notBefore, notAfter, publicKey } = certificate.value;
  if (now >= notAfter) return refuse('certificate-expired', `valid until ${notAfter}`);
  if (now < notBefore) return refuse('certificate-not-yet-valid', `valid from ${notBefore}`);
  const signer = await driverSigner(store, subtle, publicKey);
  if (signer === undefined) return refuse('no-certificate', 'the key is gone');
  return accept({ certificate, signer });
}

/** Forgets the certificate and all keys but those of charges that still run: signing out. */
export async function dropCertificate(store: Store, keysInUse: readonly Hex[]): Promise<void> {
  await store.remove(storeKey);
  await forgetDriverKeys(store, new Set(keysInUse));
}
