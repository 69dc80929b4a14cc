import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signer } from '@p2p-power/protocol/Signer';
import {
  applyEvent,
  type Observation,
  type SessionRules,
  type StationEvent,
  type StationState,
} from './applyEvent.ts';
import { concludeSession } from './concludeSession.ts';
import type { Journal } from './Journal.ts';
import { JournalFault } from './JournalFault.ts';
import { type PlannedPowersParts, plannedPowers } from './PlannedPowers.ts';
import type { Contactor, Meter, MeterLook, MeterReading, Pilot } from './Ports.ts';
import { powerGauge } from './PowerGauge.ts';
import { type Agreement, foldSession, type Session, sessionKinds } from './Session.ts';

export interface ControllerParts extends PlannedPowersParts {
  readonly journal: Journal;
  readonly meter: Meter;
  readonly contactor: Contactor;
  readonly pilot: Pilot;
  readonly signer: Signer;
}

export interface ControllerOptions extends SessionRules {
  readonly networkId: Hex;
  readonly evseId: string;
  /** How often `tick` is called, ms. */
  readonly tickMs: number;
  /** More power than this cannot flow, W: how far the station must look ahead to keep a bound. */
  readonly worstPowerW: number;
}

/** What the meter says of the running session. */
export interface SessionView {
  readonly session: Session;
  readonly importWh: number;
  readonly exportWh: number;
  /** As the meter tells it; where it only counts energy, the mean of the last seconds. */
  readonly powerW: number;
  readonly at: number;
}

/**
 * The actor that lets the machine of applyEvent act: it reads the world, journals, and only then moves
 * contactor and pilot. Its methods must not overlap: Station.ts runs them one after the other.
 */
export interface Controller {
  session(): Session | undefined;
  /** Why no session can start now; undefined while all is well. */
  outOfOrder(): string | undefined;
  view(): SessionView | undefined;
  /** Takes up what ran before; called first. Where it fails, `tick` tries again. */
  reopen(): Promise<void>;
  tick(): Promise<void>;
  authorize(authorizationId: Hex, agreement: Agreement): Promise<void>;
  /** Ends the running session; its CDR is journalled when this returns. */
  stop(): Promise<void>;
  /** Contactor open, pilot at rest. */
  rest(): Promise<void>;
}

const aliveEveryS = 5;
/** The store is tidied when nothing was written for this long and no session runs, s. */
const tidyAfterS = 5;

export function openController(parts: ControllerParts, options: ControllerOptions): Controller {
  const { clock, journal, meter, contactor, pilot, battery, log } = parts;
  const gauge = powerGauge();
  const powers = plannedPowers(parts);
  let state: StationState = {};
  let seenLast: (MeterLook & { readonly now: number }) | undefined;
  let offeredW: number | undefined;
  let drawnW: number | undefined;
  let aliveAt = 0;
  let broken: JournalFault | undefined;
  let fault: string | undefined;
  let isReopened = false;

  const observe = async (): Promise<Observation> => {
    const { powerW, ...registers } = await meter.readRegisters();
    const now = clock.nowS();
    gauge.note(clock.monotonicMs(), registers.importWh - registers.exportWh);
    seenLast = { now, ...registers, ...(powerW !== undefined && { powerW }) };
    const stepMs = Math.max(options.tickMs, gauge.lastStepMs()) + powers.slowestMs();
    // Power may rise from nothing to all there is between two looks, whatever it was before.
    const lookAheadWh = Math.ceil((options.worstPowerW * stepMs) / 3_600_000);
    const { session } = state;
    const planned =
      session === undefined || session.phase === 'ending'
        ? { plannedW: 0 }
        : await powers.now({ ...session, session }, registers, lookAheadWh);
    return {
      now,
      registers,
      pilot: pilot.state(),
      ...planned,
      lookAheadWh,
      lookAheadS: Math.ceil(stepMs / 1000),
    };
  };

  const beginIfPlugged = async (reference: Hex, seen: Observation): Promise<MeterReading | undefined> =>
    seen.pilot === 'B' || seen.pilot === 'C'
      ? meter.begin({ reference, evseId: options.evseId }, seen.now)
      : undefined;

  const draw = async (powerW: number): Promise<void> => {
    if (battery === undefined || drawnW === powerW) return;
    await battery.draw(powerW);
    drawnW = powerW;
  };

  /** Journal first, then the state, then contactor and pilot. */
  const perform = async (event: StationEvent): Promise<void> => {
    const step = applyEvent(state, event, options);
    if (step.entries.length > 0) journal.append(event.seen.now, step.entries);
    state = step.state;
    for (const { kind, subject } of step.entries)
      log.info({ entry: kind, authorizationId: subject }, 'journalled');
    const { closed } = step.outputs;
    if (!closed && contactor.isClosed()) await contactor.open();
    // First what is to be less: power is never offered and drawn at once.
    if (step.outputs.drawnW === 0) await draw(0);
    if (offeredW !== step.outputs.offeredW) {
      await pilot.advertise(step.outputs.offeredW);
      offeredW = step.outputs.offeredW;
    }
    await draw(step.outputs.drawnW);
    if (closed && !contactor.isClosed()) await contactor.close();
  };

  const conclude = async (): Promise<void> => {
    const { session } = state;
    if (session?.phase !== 'ending') return;
    const evidence: Evidence = await concludeSession(session, parts, options.networkId, journal.head());
    await perform({ type: 'concluded', evidence, seen: { now: clock.nowS() } });
    gauge.reset();
  };

  const look = async (): Promise<void> => {
    const seen = await observe();
    const { session } = state;
    const begun =
      session?.phase === 'waiting-for-car' ? await beginIfPlugged(session.authorizationId, seen) : undefined;
    await perform({ type: 'ticked', seen, ...(begun && { begun }) });
    await conclude();
    // The car answers the offered power by asking for it: look again at once.
    if (begun !== undefined) await look();
  };

  /** After any fault no energy may flow that nobody watches. A journal that cannot be written stays out of order. */
  const guarded = async (action: () => Promise<void>): Promise<void> => {
    if (broken !== undefined) throw broken;
    try {
      await action();
      fault = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof JournalFault) broken = error;
      if (fault !== message) log.error({ fault: message }, 'out of order: the contactor is opened');
      fault = message;
      [offeredW, drawnW] = [undefined, undefined];
      await contactor.open();
      throw error;
    }
  };

  let quiet = { nextNumber: 0, since: 0, isTidy: false };
  const tidyWhenQuiet = (now: number): void => {
    const { nextNumber } = journal.head();
    if (nextNumber !== quiet.nextNumber) quiet = { nextNumber, since: now, isTidy: false };
    if (quiet.isTidy || now - quiet.since < tidyAfterS) return;
    journal.store.tidy();
    quiet = { ...quiet, isTidy: true };
  };

  const reopen = async (): Promise<void> => {
    await contactor.open();
    const session = readSession(journal);
    if (session !== undefined) state = { session };
    const seen = await observe();
    const alive = journal.store.aliveAt();
    await perform({ type: 'reopened', seen, ...(alive !== undefined && { aliveAt: alive }) });
    isReopened = true;
    gauge.reset();
    await conclude();
  };

  return {
    session: () => state.session,
    outOfOrder: () => broken?.message ?? fault,
    view() {
      if (state.session === undefined || seenLast === undefined) return undefined;
      const { now, importWh, exportWh, powerW = gauge.powerW() } = seenLast;
      return { session: state.session, importWh, exportWh, powerW, at: now };
    },
    reopen: () => guarded(reopen),
    tick: () =>
      guarded(async () => {
        await (isReopened ? look() : reopen());
        const now = clock.nowS();
        if (state.session === undefined) tidyWhenQuiet(now);
        else if (Math.abs(now - aliveAt) >= aliveEveryS) {
          journal.store.markAlive(now);
          aliveAt = now;
        }
      }),
    authorize: (authorizationId, agreement) =>
      guarded(async () => {
        powers.reset();
        gauge.reset();
        const seen = await observe();
        const begun = await beginIfPlugged(authorizationId, seen);
        const { registers, lookAheadWh } = seen;
        const planned = await powers.now({ authorizationId, agreement }, registers, lookAheadWh);
        await perform({
          type: 'authorized',
          authorizationId,
          agreement,
          seen: { ...seen, ...planned },
          ...(begun && { begun }),
        });
        if (begun !== undefined) await look();
      }),
    stop: () =>
      guarded(async () => {
        await perform({ type: 'stop-requested', seen: await observe() });
        await conclude();
      }),
    rest: async () => {
      await contactor.open();
      await draw(0);
      await pilot.advertise(0);
      offeredW = 0;
    },
  };
}

const pageSize = 500;

/** The session that the journal says is running. */
function readSession(journal: Journal): Session | undefined {
  let session: Session | undefined;
  let next = journal.store.latest('authorized')?.number;
  while (next !== undefined) {
    const page = journal.store.read(next, pageSize);
    for (const entry of page) {
      if ((sessionKinds as readonly string[]).includes(entry.kind))
        session = foldSession(session, { ...entry, body: JSON.parse(entry.body) });
    }
    next = page.length < pageSize ? undefined : next + pageSize;
  }
  return session;
}
