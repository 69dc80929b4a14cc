import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { SignedAcknowledgement } from './Acknowledgement.ts';
import type { SignedAuthorization } from './Authorization.ts';
import type { SignedDriverCertificate } from './DriverCertificate.ts';
import type { Evidence } from './Evidence.ts';
import type { Hex } from './Hex.ts';
import type { SignedOffer } from './Offer.ts';
import type { OfferedPrices } from './OfferedPrices.ts';
import type { ProvisionUpdate } from './ProvisionUpdate.ts';
import type { Segment } from './Segment.ts';
import type { Signal } from './Signal.ts';
import type { SignedStationCertificate } from './StationCertificate.ts';
import type { SignedStopRequest } from './StopRequest.ts';
import type { TrustList } from './TrustList.ts';

/**
 * What phone and station say to each other: the phone asks, the station answers each message with
 * exactly one. No state but the session's own lives in the link, so a phone may write, go away and
 * read the answer later, over any transport. One message is one JSON text.
 */
export type LinkRequest =
  /** Who are you and what does it cost? Each `hello` makes a new offer. */
  | { readonly type: 'hello'; readonly version: 1 }
  /** I agree. Sent again it is answered as before. */
  | {
      readonly type: 'authorize';
      readonly driverCertificate: SignedDriverCertificate;
      readonly authorization: SignedAuthorization;
    }
  | { readonly type: 'status'; readonly authorizationId: Hex }
  | { readonly type: 'stop'; readonly request: SignedStopRequest }
  | { readonly type: 'receipt'; readonly authorizationId: Hex }
  /** A courier takes sealed records along. */
  | { readonly type: 'collect' }
  /** A courier brings back what the provider said, and a newer trust list. */
  | {
      readonly type: 'deliver';
      readonly acknowledgements: readonly SignedAcknowledgement[];
      readonly trustList?: TrustList;
      /** What the provider has for this very station; signed. */
      readonly provision?: ProvisionUpdate;
    };

/** IEC 61851-1 states: A no car, B car connected, C charging, E/F fault. */
export type PilotState = 'A' | 'B' | 'C' | 'E' | 'F';

export interface Conditions {
  readonly type: 'conditions';
  readonly version: 1;
  readonly networkId: Hex;
  readonly stationCertificate: SignedStationCertificate;
  readonly offer: SignedOffer;
  readonly tariff: Tariff;
  /** The prices that the offer names, where the point's are dynamic. */
  readonly prices?: OfferedPrices;
  /** What the station plans by, so that the phone can show the very plan that will run. */
  readonly signals?: readonly Signal[];
  readonly pilot: PilotState;
  readonly occupied: boolean;
  /** Epoch seconds of the station's clock and of its trust list. */
  readonly stationTime: number;
  readonly trustListIssuedAt: number;
  /** CDRs that wait to be handed in. */
  readonly unacknowledged: number;
}

export interface SessionStatus {
  readonly type: 'session';
  readonly authorizationId: Hex;
  readonly state: 'waiting-for-car' | 'charging' | 'paused' | 'parking' | 'ended';
  readonly powerW: number;
  readonly energyWh: number;
  /** What it would cost if it ended now, micro-units, tax included. */
  readonly amountMicro: number;
  readonly startedAt: number;
  readonly at: number;
  readonly note: string;
  /** What the station means to do from now on, in order; W, negative while the car gives back. */
  readonly plan?: readonly PlannedPower[];
  /** Why the plan is as it is, for the driver. */
  readonly planReason?: string;
}

/** Power from `from` to `to`, epoch seconds; between two of them the car waits. */
export interface PlannedPower {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

export type LinkAnswer =
  | Conditions
  | { readonly type: 'started'; readonly authorizationId: Hex }
  | SessionStatus
  | { readonly type: 'receipt'; readonly evidence: Evidence }
  | { readonly type: 'sealed'; readonly segments: readonly Segment[] }
  | {
      readonly type: 'taken';
      readonly acknowledged: number;
      readonly trustListIssuedAt: number;
      /** Why a provision that was brought was not taken. */
      readonly provisionRefusal?: string;
    }
  /** `refusal` is a stable name (docs/refusals.md), `words` is for the driver. */
  | { readonly type: 'refused'; readonly refusal: string; readonly words: string };
