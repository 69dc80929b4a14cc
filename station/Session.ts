import type { ChargePlan } from '@p2p-power/planning/ChargePlan';
import type { SessionExchange } from '@p2p-power/planning/sessionDischarge';
import type { SignedAuthorization } from '@p2p-power/protocol/Authorization';
import type { endReasons } from '@p2p-power/protocol/ChargeDetailRecord';
import type { SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { SignedOffer } from '@p2p-power/protocol/Offer';
import type { OfferedPrices } from '@p2p-power/protocol/OfferedPrices';
import type { Reading } from '@p2p-power/protocol/Readings';
import type { SignedStationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { EntryDraft } from './Journal.ts';

export type EndReason = (typeof endReasons)[number];

/** All that driver and station agreed on, as it was checked and written before anything happened. */
export interface Agreement {
  readonly driverCertificate: SignedDriverCertificate;
  readonly stationCertificate: SignedStationCertificate;
  readonly offer: SignedOffer;
  readonly tariff: Tariff;
  /** The energy prices that the offer names, where they are dynamic. */
  readonly prices?: OfferedPrices;
  readonly authorization: SignedAuthorization;
}

/** What a session means to do, as it was shown. An exchange was planned `at` an instant, with `levelWh` in the battery. */
export type SessionPlan =
  | { readonly kind: 'charge'; readonly plan: ChargePlan }
  | {
      readonly kind: 'exchange';
      readonly plan: SessionExchange;
      readonly levelWh: number;
      readonly at: number;
    };

/**
 * Where a running session stands. `charging`: the car may draw; `paused`: by the driver's wish no
 * power is offered now; `giving-back`: the car may be drawn from; `parking`: the car wants none; `ending`: the contactor is open for good and
 * the meter's record and the CDR are due.
 */
export type Phase = 'waiting-for-car' | 'charging' | 'paused' | 'giving-back' | 'parking' | 'ending';

/** A session from its authorization to its CDR; there is at most one. */
export interface Session {
  readonly authorizationId: Hex;
  readonly agreement: Agreement;
  /** Epoch seconds. */
  readonly authorizedAt: number;
  readonly phase: Phase;
  /** Empty until the car is there and the meter has begun. */
  readonly readings: readonly Reading[];
  /** What it means to do from now on. */
  readonly plan?: SessionPlan;
  /** Set while `ending`: why, and the instant of the last reading. */
  readonly ending?: { readonly endReason: EndReason; readonly at: number };
}

/** The bodies of the journal's entries that a session is made of, by kind. */
export interface SessionEntries {
  /** Verified; before it nothing happens. */
  readonly authorized: Agreement;
  /** The plan that runs from now on, in the place of the one before. */
  readonly planned: SessionPlan;
  /** The meter has begun: first reading. */
  readonly begun: { readonly reading: Reading; readonly phase: Phase };
  /** A quarter-hour or a change of phase. */
  readonly reading: { readonly reading: Reading; readonly phase: Phase };
  /** The contactor opens for good. */
  readonly ending: { readonly endReason: EndReason; readonly at: number };
  /** The evidence, CDR and all. */
  readonly ended: unknown;
  /** No car came: nothing was measured, nothing is owed. */
  readonly cancelled: { readonly reason: string };
}

export const sessionKinds = [
  'authorized',
  'planned',
  'begun',
  'reading',
  'ending',
  'ended',
  'cancelled',
] as const;
export type SessionKind = (typeof sessionKinds)[number];

/** A draft of one of the session's entries. */
export function sessionEntry<Kind extends SessionKind>(
  kind: Kind,
  authorizationId: Hex,
  body: SessionEntries[Kind],
): EntryDraft {
  return { kind, subject: authorizationId, body };
}

/**
 * The session after one more entry of the journal. What runs and what is read back after a kill goes
 * through here alike, so that both are the same. Throws on entries that no station writes.
 */
export function foldSession(
  session: Session | undefined,
  entry: { readonly kind: string; readonly subject: string; readonly at: number; readonly body: unknown },
): Session | undefined {
  if (entry.kind === 'authorized') {
    if (session !== undefined) throw new Error('an authorization while another session runs');
    return {
      authorizationId: entry.subject as Hex,
      agreement: entry.body as Agreement,
      authorizedAt: entry.at,
      phase: 'waiting-for-car',
      readings: [],
    };
  }
  if (!(sessionKinds as readonly string[]).includes(entry.kind)) return session;
  if (session === undefined || session.authorizationId !== entry.subject)
    throw new Error(`a journal entry ${entry.kind} without its session`);
  switch (entry.kind as Exclude<SessionKind, 'authorized'>) {
    case 'begun':
    case 'reading': {
      const { reading, phase } = entry.body as SessionEntries['reading'];
      return { ...session, phase, readings: [...session.readings, reading] };
    }
    case 'planned':
      return { ...session, plan: entry.body as SessionPlan };
    case 'ending':
      return { ...session, phase: 'ending', ending: entry.body as SessionEntries['ending'] };
    case 'ended':
    case 'cancelled':
      return undefined;
  }
}

/** Energy taken so far, Wh, with the meter at `importWh`. */
export function energyTakenWh(session: Session, importWh: number): number {
  const first = session.readings[0];
  return first === undefined ? 0 : importWh - first.importWh;
}
