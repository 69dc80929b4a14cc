import type { Hex } from '@p2p-power/protocol/Hex';
import type { SignedStationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import type { Tariff } from '@p2p-power/tariff/Tariff';

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
