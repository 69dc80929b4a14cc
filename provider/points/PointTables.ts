import type { Hex } from '@p2p-power/protocol/Hex';
import type { TargetGroup } from '@p2p-power/tariff/TargetGroup';
import type { Generated } from 'kysely';
import type { OcpiConnector } from './OcpiConnector.ts';

/**
 * Where a location comes from: `own` points belong to operators of ours, `peer` ones to those of other
 * providers of the network, `register` ones are public points that are not in the network.
 */
export const pointSources = ['own', 'peer', 'register'] as const;
export type PointSource = (typeof pointSources)[number];

/** A place with charging points (OCPI Location). Times in epoch seconds. */
export interface LocationTable {
  /** The provider that publishes it; `register:` and the register's name for public points. */
  provider_id: string;
  location_id: string;
  source: PointSource;
  operator_id: string | null;
  operator_name: string;
  name: string;
  address: string;
  postal_code: string;
  city: string;
  /** ISO 3166-1 alpha-3. */
  country: string;
  latitude: number;
  longitude: number;
  /** IANA. */
  time_zone: string;
  /** OCPI `Hours` as JSON; null = unknown. */
  opening_times: unknown;
  /** The opening hours in the source's own words, where they were not understood or say more. */
  opening_text: string | null;
  /** Who may use it, in the source's words; null where nobody says. */
  access: string | null;
  updated_at: string;
}

/** A charging point (OCPI EVSE). */
export interface EvseTable {
  provider_id: string;
  /** Technical id, never changed; the id that our interface goes by where there is no EVSE-ID. */
  uid: string;
  location_id: string;
  /** Upper case without separators; null where the register has none. */
  evse_id: string | null;
  connectors: readonly OcpiConnector[];
  plugs: string[];
  max_power_w: number;
  /** SPKI DER. */
  meter_public_key: Hex | null;
  /** Why a published meter key was not understood. */
  meter_key_note: string | null;
  /** Out of service according to its source. */
  in_service: boolean;
  /** The tariff in force as OCPI JSON, also in `tariff`; a peer's as it published it. */
  tariff: unknown;
  /** What kind of place it stands at (tariff/TargetGroup.ts); null = nobody says. */
  target_group: Generated<TargetGroup | null>;
  /** How its energy price follows an index: `DynamicTerms` as JSON; null where it does not. */
  dynamic_terms: Generated<unknown>;
  /**
   * What the last provision of its station said of that: `{dynamic: DynamicTerms | null}`; null where it had none yet.
   * A station offers by it until it gets the next.
   */
  held_terms: Generated<unknown>;
  /** By which tariffs its station may offer (`HeldTariff[]`, points/heldTariffs.ts); null where nothing is known of that. */
  held_tariffs: Generated<unknown>;
  /** What a kWh given back earns, before tax, micro-units; 0 = nothing is bought back. */
  feed_in_micro_per_kwh: Generated<number>;
  /** Whose grid signal counts here; null = that of the configuration. */
  grid_area: Generated<string | null>;
  /** When its station last asked for signals. */
  signals_taken_at: Generated<string | null>;
  /** The price signal that its station said it holds when it last asked, of table `signal`. */
  taken_signal_id: Generated<Hex | null>;
  /** Later price signals that were given to it or to couriers for it: each may have come there, or not. */
  given_signal_ids: Generated<Hex[]>;
  link_url: string | null;
  /** Whether a station of the network stands there. */
  live: boolean;
  /** When its station was last heard of. */
  last_seen_at: string | null;
  /** When its station last said that a charge runs; null = it said that none does, or nothing. */
  occupied_at: string | null;
  removed_at: string | null;
  updated_at: string;
}

/** Every tariff that one of our points ever had, and from when. */
export interface TariffTable {
  /** Id of protocol/tariffId. */
  tariff_id: Hex;
  uid: string;
  /** OCPI JSON. */
  tariff: unknown;
  valid_from: string;
  /** Null while it is in force. */
  valid_until: string | null;
}

/** Each station certificate ever issued. */
export interface StationCertificateTable {
  certificate_id: Hex;
  uid: string;
  evse_id: string;
  operator_id: string;
  operator_account: Hex;
  public_key: Hex;
  meter_public_key: Hex;
  not_before: string;
  not_after: string;
  issued_at: string;
  revoked_at: string | null;
  /** The `SignedStationCertificate` as JSON. */
  signed: string;
}

/** What a station's certificate says that its renewal may not change. */
export type CertifiedStation = Pick<
  StationCertificateTable,
  'uid' | 'public_key' | 'meter_public_key' | 'signed'
>;

export interface PointTables {
  location: LocationTable;
  evse: EvseTable;
  tariff: TariffTable;
  station_certificate: StationCertificateTable;
}
