import type { Hex } from '@p2p-power/protocol/Hex';
import type { PilotState } from '@p2p-power/protocol/LocalLink';
import { maxReadings, type Reading } from '@p2p-power/protocol/Readings';
import { SESSION_BOUNDS } from '@p2p-power/tariff/checkSession';
import type { EntryDraft } from './Journal.ts';
import type { MeterReading, Registers } from './Ports.ts';
import {
  type Agreement,
  type EndReason,
  energyTakenWh,
  foldSession,
  type Phase,
  type Session,
  type SessionPlan,
  sessionEntry,
} from './Session.ts';
import { sessionAmountMicro } from './sessionAmount.ts';

/** Bounds of time that a station keeps. */
export interface SessionRules {
  /** An authorization without a car is given up after this, s. */
  readonly waitForCarS: number;
  /** A car that is offered power and takes none for this long is parking, s. */
  readonly notDrawingS: number;
  /** A session goes on after a power cut of at most this, s. */
  readonly maxOutageS: number;
}

/** What is running, and since when the car takes nothing though it may. Only the session is journalled. */
export interface StationState {
  readonly session?: Session;
  readonly notDrawingSince?: number;
}

/** The world at an instant, as the station sees it. */
export interface Observation {
  /** Epoch seconds. */
  readonly now: number;
  readonly registers: Registers;
  readonly pilot: PilotState;
  /** What the plan and all limits allow now, W; 0 = pause; below 0 that much may be drawn from the car. */
  readonly plannedW: number;
  /** The plan that this follows from; journalled where it is not the session's. */
  readonly plan?: SessionPlan;
  /** The most that can flow until the station looks again, Wh, and how far ahead that is, s. */
  readonly lookAheadWh: number;
  readonly lookAheadS: number;
}

export type StationEvent =
  | {
      readonly type: 'authorized';
      readonly authorizationId: Hex;
      readonly agreement: Agreement;
      readonly seen: Observation;
      /** The meter's first reading, where a car is there already. */
      readonly begun?: MeterReading;
    }
  | { readonly type: 'ticked'; readonly seen: Observation; readonly begun?: MeterReading }
  | { readonly type: 'stop-requested'; readonly seen: Observation }
  /** The controller runs again; `aliveAt` is its last sign of life before. */
  | { readonly type: 'reopened'; readonly seen: Observation; readonly aliveAt?: number }
  /** The evidence is complete. */
  | { readonly type: 'concluded'; readonly evidence: unknown; readonly seen: Pick<Observation, 'now'> };

/** What follows from an event: first the entries, durable; then the state; then the outputs. */
export interface Step {
  readonly state: StationState;
  readonly entries: readonly EntryDraft[];
  /** What contactor, pilot and battery must be now. */
  readonly outputs: { readonly closed: boolean; readonly offeredW: number; readonly drawnW: number };
}

const quarterHourS = 900;
const resting = { closed: false, offeredW: 0, drawnW: 0 };

/**
 * The controller's whole decision, pure: entries to journal, the state after them, and how contactor
 * and pilot must stand. The contactor is closed only in phase `charging` or `giving-back`, so only after the entry of a
 * verified authorization and a first reading.
 */
export function applyEvent(state: StationState, event: StationEvent, rules: SessionRules): Step {
  switch (event.type) {
    case 'authorized': {
      const { authorizationId, agreement, seen, begun } = event;
      if (state.session !== undefined) throw new Error('a second session was begun');
      const entries = [sessionEntry('authorized', authorizationId, agreement)];
      if (seen.plan !== undefined) entries.push(sessionEntry('planned', authorizationId, seen.plan));
      if (begun !== undefined) entries.push(begin(authorizationId, begun, seen));
      return after(state, entries, seen);
    }
    case 'ticked':
      return tick(state, event, rules);
    case 'stop-requested':
      return state.session === undefined
        ? after(state, [], event.seen)
        : after(state, end(state.session, 'driver-stopped', event.seen.now), event.seen);
    case 'reopened':
      return reopen(state, event, rules);
    case 'concluded': {
      if (state.session?.phase !== 'ending') throw new Error('no session is ending');
      return after(state, [sessionEntry('ended', state.session.authorizationId, event.evidence)], event.seen);
    }
  }
}

/** The state after the entries, and the outputs that follow from it. */
function after(
  state: StationState,
  entries: readonly EntryDraft[],
  seen: Pick<Observation, 'now'> & Partial<Observation>,
  notDrawingSince?: number,
): Step {
  const session = entries.reduce<Session | undefined>(
    (folded, entry) => foldSession(folded, { ...entry, at: seen.now }),
    state.session,
  );
  const plannedW = seen.plannedW ?? 0;
  const phase = session?.phase;
  const offeredW = phase === 'charging' || phase === 'parking' ? Math.max(0, plannedW) : 0;
  const drawnW = phase === 'giving-back' ? Math.max(0, -plannedW) : 0;
  const isCharging = phase === 'charging' && seen.pilot === 'C' && offeredW > 0;
  const isGiving = drawnW > 0 && seen.pilot !== undefined && isPlugged(seen.pilot);
  return {
    state: {
      ...(session && { session }),
      ...(notDrawingSince !== undefined && { notDrawingSince }),
    },
    entries,
    outputs: { closed: isCharging || isGiving, offeredW, drawnW },
  };
}

function begin(authorizationId: Hex, reading: MeterReading, seen: Observation): EntryDraft {
  const phase = phaseFor(seen.plannedW);
  return sessionEntry('begun', authorizationId, { reading: readingOf(reading, phase), phase });
}

const phaseFor = (plannedW: number): Phase =>
  plannedW > 0 ? 'charging' : plannedW < 0 ? 'giving-back' : 'paused';

function readingOf({ at, importWh, exportWh }: MeterReading, phase: Phase): Reading {
  return { at, importWh, exportWh, state: phase === 'charging' ? 'charging' : 'parking' };
}

/** Ends what was measured with a CDR; what never began is only cancelled. */
function end(session: Session, endReason: EndReason, now: number): readonly EntryDraft[] {
  const { authorizationId, phase, readings } = session;
  const last = readings.at(-1);
  if (phase === 'ending') return [];
  if (last === undefined) return [cancel(authorizationId, endReason)];
  return [sessionEntry('ending', authorizationId, { endReason, at: Math.max(now, last.at + 1) })];
}

const cancel = (authorizationId: Hex, reason: EndReason | 'no-car'): EntryDraft =>
  sessionEntry('cancelled', authorizationId, { reason });

const isPlugged = (pilot: PilotState) => pilot === 'B' || pilot === 'C';

function tick(
  state: StationState,
  { seen, begun }: Extract<StationEvent, { type: 'ticked' }>,
  rules: SessionRules,
): Step {
  const { session } = state;
  if (session === undefined || session.phase === 'ending') return after(state, [], seen);
  const { now, pilot } = seen;
  const { authorization } = session.agreement;
  const planned = newPlan(session, seen);
  if (session.phase === 'waiting-for-car') {
    const isLate =
      now - session.authorizedAt >= rules.waitForCarS ||
      (authorization.value.leaveAt > 0 && now >= authorization.value.leaveAt);
    if (pilot === 'E' || pilot === 'F') return after(state, end(session, 'fault', now), seen);
    if (begun !== undefined)
      return after(state, [...planned, begin(session.authorizationId, begun, seen)], seen);
    return after(state, isLate ? [cancel(session.authorizationId, 'no-car')] : planned, seen);
  }
  const endReason = reasonToEnd(session, seen);
  if (endReason !== undefined) return after(state, end(session, endReason, now), seen);
  const isIdle = session.phase === 'charging' && seen.plannedW > 0 && pilot !== 'C';
  const notDrawingSince = isIdle ? (state.notDrawingSince ?? now) : undefined;
  const phase = nextPhase(session.phase, seen, notDrawingSince, rules);
  return after(state, [...planned, ...noteReading(session, phase, seen)], seen, notDrawingSince);
}

/** The plan, where it is another than the one that was shown. */
function newPlan({ authorizationId, plan }: Session, seen: Observation): readonly EntryDraft[] {
  return seen.plan === undefined || seen.plan === plan
    ? []
    : [sessionEntry('planned', authorizationId, seen.plan)];
}

function nextPhase(
  phase: Phase,
  { now, pilot, plannedW }: Observation,
  notDrawingSince: number | undefined,
  rules: SessionRules,
): Phase {
  if (plannedW < 0) return 'giving-back';
  if (phase === 'parking') return pilot === 'C' && plannedW > 0 ? 'charging' : 'parking';
  if (plannedW === 0) return 'paused';
  return notDrawingSince !== undefined && now - notDrawingSince >= rules.notDrawingS ? 'parking' : 'charging';
}

/** A reading where the phase changes or a quarter-hour (UTC) has begun. One second holds one reading. */
function noteReading(session: Session, phase: Phase, { now, registers }: Observation): readonly EntryDraft[] {
  const last = session.readings.at(-1) as Reading;
  const isQuarter = Math.floor(now / quarterHourS) > Math.floor(last.at / quarterHourS);
  if (phase === session.phase && !isQuarter) return [];
  const at = Math.max(now, last.at + 1);
  return [
    sessionEntry('reading', session.authorizationId, {
      reading: readingOf({ at, ...registers }, phase),
      phase,
    }),
  ];
}

/** The first reason, in the order of these lines, for which a measured session must end now. */
function reasonToEnd(session: Session, seen: Observation): EndReason | undefined {
  const { agreement, readings, phase } = session;
  const { maxEnergyWh, maxAmountMicro, leaveAt } = agreement.authorization.value;
  const { now, pilot, registers } = seen;
  if (pilot === 'A') return 'cable-removed';
  if (pilot === 'E' || pilot === 'F' || readings.length >= maxReadings - 8) return 'fault';
  const lookAheadWh = phase === 'charging' ? seen.lookAheadWh : 0;
  const nextWh = energyTakenWh(session, registers.importWh) + lookAheadWh;
  if (phase === 'charging' && nextWh > Math.min(maxEnergyWh, SESSION_BOUNDS.energyWh))
    return 'energy-reached';
  const last = readings.at(-1) as Reading;
  const next = {
    at: Math.max(now, last.at) + seen.lookAheadS,
    importWh: registers.importWh + lookAheadWh,
    exportWh: registers.exportWh,
    state: last.state,
  };
  if (sessionAmountMicro(agreement, [...readings, next]) > maxAmountMicro) return 'amount-reached';
  if (leaveAt > 0 && now >= leaveAt) return 'leave-time';
  return undefined;
}

/** Outages shorter than this leave no trace in the readings, s. */
const noticedOutageS = 5;

/**
 * After a power cut or a crash. What flowed before is in the meter's registers. The session goes on if
 * the car is still there, the outage was short and no bound is reached; the outage counts as parking,
 * not as charging. Otherwise it ends, dated at the station's last sign of life.
 */
function reopen(
  state: StationState,
  { seen, aliveAt }: Extract<StationEvent, { type: 'reopened' }>,
  rules: SessionRules,
): Step {
  const { session } = state;
  const last = session?.readings.at(-1);
  if (session === undefined || last === undefined || session.phase === 'ending') {
    const step = after(state, [], seen);
    return { ...step, outputs: resting };
  }
  const { now, pilot, registers } = seen;
  const lastAliveAt = Math.max(last.at + 1, Math.min(aliveAt ?? 0, now));
  const isOver =
    !isPlugged(pilot) ||
    now - lastAliveAt > rules.maxOutageS ||
    reasonToEnd(session, { ...seen, lookAheadWh: 0, lookAheadS: 0 }) !== undefined;
  if (isOver) return after(state, end(session, 'power-cut', lastAliveAt), seen);
  if (now - lastAliveAt < noticedOutageS)
    return after(state, newPlan(session, seen), { ...seen, plannedW: 0 });
  const phase = phaseFor(seen.plannedW);
  const entries = (
    [
      [lastAliveAt, 'paused'],
      [now, phase],
    ] as const
  ).map(([at, noted]) =>
    sessionEntry('reading', session.authorizationId, {
      reading: readingOf({ at, ...registers }, noted),
      phase: noted,
    }),
  );
  return after(state, [...newPlan(session, seen), ...entries], { ...seen, plannedW: 0 });
}
