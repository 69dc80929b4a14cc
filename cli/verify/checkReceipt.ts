import nodeCrypto from 'node:crypto';
import type { CertificateCache } from '@p2p-power/protocol/CertificateCache';
import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { parseEvidenceText } from '@p2p-power/protocol/parseEvidence';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { type EvidenceFacts, verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import { findKey, type TrustedKeys } from './TrustedKeys.ts';

/**
 * What a check of a receipt found. `unproven`: whatever can be checked without the providers' keys is
 * right, but nobody has shown that the two certificates are genuine.
 */
export type Verdict =
  | { readonly verdict: 'verified'; readonly facts: EvidenceFacts }
  | { readonly verdict: 'unproven'; readonly facts: EvidenceFacts; readonly unchecked: readonly string[] }
  | { readonly verdict: 'refused'; readonly refusal: string; readonly detail: string };

/** Checks the text of a receipt or evidence file, with no network; `keys` undefined where none are known. */
export async function checkReceipt(text: string, keys: TrustedKeys | undefined): Promise<Verdict> {
  const parsed = parseEvidenceText(text);
  if (!parsed.ok) return { verdict: 'refused', refusal: parsed.refusal, detail: parsed.detail };
  const evidence = parsed.value;
  const verifier = nodeCryptoVerifier(nodeCrypto);
  const networkId = keys?.networkId ?? evidence.networkId;
  if (keys !== undefined) {
    const trust = {
      networkId,
      certificateKey: (providerId: string, issuerKeyId: `0x${string}`) =>
        findKey(keys, providerId, issuerKeyId),
    };
    const checked = await verifyEvidence(evidence, trust, verifier);
    return checked.ok
      ? { verdict: 'verified', facts: checked.value }
      : { verdict: 'refused', refusal: checked.refusal, detail: checked.detail };
  }
  // The issuers' signatures are passed over, and the verdict says so; all else is checked.
  const trust = { networkId, certificateKey: () => noKey };
  const checked = await verifyEvidence(evidence, trust, verifier, takeForGenuine);
  return checked.ok
    ? { verdict: 'unproven', facts: checked.value, unchecked: listUnchecked(evidence) }
    : { verdict: 'refused', refusal: checked.refusal, detail: checked.detail };
}

const noKey = `0x${'0'.repeat(128)}` as const;
const takeForGenuine: CertificateCache = {
  knownId: (id, { value }) =>
    'emaid' in value
      ? DriverCertificate.id(id, value as DriverCertificate)
      : StationCertificate.id(id, value as StationCertificate),
  remember: () => undefined,
};

function listUnchecked({ driverCertificate, stationCertificate }: Evidence): readonly string[] {
  return [
    `that ${driverCertificate.value.providerId} issued the driver's certificate`,
    `that ${stationCertificate.value.providerId} issued the station's certificate`,
    'that the receipt belongs to a network you know',
  ];
}
