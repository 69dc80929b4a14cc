import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { parsePlainTariff } from '@p2p-power/protocol/parsePlainTariff';
import type { Signal } from '@p2p-power/protocol/Signal';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { isPublicKey } from '@p2p-power/protocol/Signer';
import { type SignedStationCertificate, StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import { type DynamicTerms, parseDynamicTerms } from '@p2p-power/tariff/DynamicTerms';
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
  /** How energy prices follow from an index, where they do; the tariff's own are the most that they may be. */
  readonly dynamic?: DynamicTerms;
  /** Paid per kWh that a car gives back; 0 or left out: none is taken. */
  readonly feedInMicroPerKwh?: number;
  /** What the provider knew of prices, CO2 and grid when it answered. */
  readonly signals?: readonly Signal[];
}

/** Highest price of energy given back, micro-units per kWh. */
const mostFeedInMicro = 100_000_000;
const mostSignals = 8;

/** All but trust list and signals, which are others at each asking and are taken by themselves. */
export const provisionEssence = ({ trustList: _, signals: __, ...rest }: Provision): string =>
  canonicalJson(rest);

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
  const { feedInMicroPerKwh = 0, signals = [] } = json;
  const dynamic = json.dynamic === undefined ? undefined : parseDynamicTerms(json.dynamic);
  if (dynamic?.ok === false) return bad(`dynamic: ${dynamic.refusal}: ${dynamic.detail}`);
  if (!isFeedIn(feedInMicroPerKwh)) return bad('feedInMicroPerKwh is not whole micro-units up to 100 a kWh');
  if (!Array.isArray(signals) || signals.length > mostSignals || !signals.every(isSignalShaped))
    return bad('signals is not a list of at most 8 with head and contentJson');
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
    ...(dynamic && { dynamic: dynamic.value }),
    ...(feedInMicroPerKwh > 0 && { feedInMicroPerKwh }),
    ...(signals.length > 0 && { signals }),
  });
}

const isFeedIn = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= mostFeedInMicro;

const isSignalShaped = (value: unknown): value is Signal =>
  isRecord(value) && isRecord(value.head) && typeof value.contentJson === 'string';
