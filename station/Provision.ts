import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { parsePlainTariff } from '@p2p-power/protocol/parsePlainTariff';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { isPublicKey } from '@p2p-power/protocol/Signer';
import { type SignedStationCertificate, StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import { isTimeZone } from '@p2p-power/tariff/localTime';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { canonicalJson } from './canonicalJson.ts';

/** What a station has of its provider: the answer to its enrolment, kept in `provision.json`. */
export interface Provision {
  readonly networkId: Hex;
  readonly certificate: SignedStationCertificate;
  readonly trustList: TrustList;
  readonly tariff: Tariff;
  /** IANA name of the zone in which the tariff's times are meant. */
  readonly timeZone: string;
  readonly maxPowerW: number;
  /** ISO 4217. */
  readonly currency: string;
  /** The provider's certificate keys, x‖y. */
  readonly issuerKeys: readonly Hex[];
  /** The provider's HPKE key that records are sealed for. */
  readonly courierKey: { readonly publicKey: Hex; readonly keyId: Hex };
}

/** All but the trust list, which is another at each asking and is taken by itself. */
export const provisionEssence = ({ trustList: _, ...rest }: Provision): string => canonicalJson(rest);

/** Why a provision is refused; the detail names the field. */
export type ProvisionRefusal = 'bad-provision';

/** A provision out of untrusted JSON. Its form only: what was signed is checked when the station opens. */
export function parseProvision(json: unknown): Result<Provision, ProvisionRefusal> {
  const bad = (detail: string) => refuse('bad-provision', detail);
  if (!isRecord(json)) return bad('a provision is a JSON object');
  const { networkId, trustList, timeZone, maxPowerW, currency, issuerKeys, courierKey } = json;
  if (!isHex(networkId, 32)) return bad('networkId is not 32 bytes of lower-case hex');
  const certificate = StationCertificate.parseSigned(json.certificate);
  if (!certificate.ok) return bad(`certificate: ${certificate.detail}`);
  const tariff = parsePlainTariff(json.tariff);
  if (!tariff.ok) return bad(tariff.detail);
  if (
    !isRecord(trustList) ||
    typeof trustList.contentJson !== 'string' ||
    !isRecord(trustList.head) ||
    !isRecord(trustList.head.value)
  )
    return bad('trustList has no head and contentJson');
  if (typeof timeZone !== 'string' || !isTimeZone(timeZone)) return bad('timeZone is not an IANA name');
  if (!Number.isSafeInteger(maxPowerW) || (maxPowerW as number) <= 0 || (maxPowerW as number) > 2_000_000)
    return bad('maxPowerW is not whole watts up to 2 MW');
  if (currency !== tariff.value.currency) return bad('currency is not that of the tariff');
  if (!Array.isArray(issuerKeys) || issuerKeys.length === 0 || !issuerKeys.every(isPublicKey))
    return bad('issuerKeys is not a list of P-256 keys');
  if (!isRecord(courierKey) || !isPublicKey(courierKey.publicKey))
    return bad('courierKey has no P-256 publicKey');
  return accept({
    networkId,
    certificate: certificate.value,
    trustList: trustList as unknown as TrustList,
    tariff: tariff.value,
    timeZone,
    maxPowerW: maxPowerW as number,
    currency: tariff.value.currency,
    issuerKeys: issuerKeys as readonly Hex[],
    courierKey: { publicKey: courierKey.publicKey, keyId: keyId(courierKey.publicKey) },
  });
}
