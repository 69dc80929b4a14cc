import type { SessionRules } from './applyEvent.ts';

/** What an operator may set; each has a default. */
export interface StationOptions extends SessionRules {
  /** Whether the station itself reaches its provider. */
  readonly online: boolean;
  /** How often `tick` is called, ms. */
  readonly tickMs: number;
  /** More power than this cannot flow, W; 0 = the provision's highest power. */
  readonly worstPowerW: number;
  /** How long an offer holds, s. */
  readonly offerValidS: number;
  /** Offers that are remembered at once. */
  readonly maxOffers: number;
  /** A trust list older than this is not relied on, s. */
  readonly trustMaxAgeS: number;
  /** No session is begun while the journal is larger, bytes. */
  readonly maxJournalBytes: number;
  /** How often an online station that may enrol itself asks for tariff, keys and certificate again, s. */
  readonly refreshProvisionS: number;
  /** How often an online station asks for newer signals, s. */
  readonly refreshSignalsS: number;
  /** Sealed segments given to one courier, or sent in one request. */
  readonly maxSegments: number;
}

export const defaultStationOptions: StationOptions = {
  online: true,
  tickMs: 250,
  worstPowerW: 0,
  waitForCarS: 600,
  notDrawingS: 30,
  maxOutageS: 1_800,
  offerValidS: 600,
  maxOffers: 10_000,
  trustMaxAgeS: 60 * 86_400,
  maxJournalBytes: 2_000_000_000,
  refreshProvisionS: 3_600,
  refreshSignalsS: 60,
  maxSegments: 8,
};
