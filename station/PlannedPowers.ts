import { leastPowerW, type Outlook } from '@p2p-power/planning/sessionWish';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Observation } from './applyEvent.ts';
import type { Battery, BatteryReading, Clock, Log, Registers } from './Ports.ts';
import { type Agreement, energyTakenWh, type Session } from './Session.ts';
import { plannedPowerW, sessionPlanner } from './SessionPlanner.ts';
import { sessionAmountMicro } from './sessionAmount.ts';

/** What the power of a session follows from, besides the session itself. */
export interface PlannedPowersParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nothing is taken from a car. */
  readonly battery?: Battery;
  /** What is known of CO2 and grid, to plan by. */
  readonly outlook: () => Outlook;
  /**
   * The most that may be drawn at an instant, W, whatever the plan says: of all limits the lowest. Infinity: none.
   * `wantedW` is what the car is to be offered within it: others on the same fuse reckon with that.
   */
  readonly limitW: (now: number, wantedW: number) => number;
}

/** An agreement that is about to begin, or the session that runs under it. */
export interface PlannedFor {
  readonly authorizationId: Hex;
  readonly agreement: Agreement;
  readonly session?: Session;
}

/** The plan of a session and the power that follows from it, look by look. */
export interface PlannedPowers {
  /**
   * The plan, and the power that it and all limits allow now; below 0 as much may be drawn from the car. `lookAheadWh` is the
   * most that can flow until the next look.
   */
  now(
    planned: PlannedFor,
    registers: Registers,
    lookAheadWh: number,
  ): Promise<Pick<Observation, 'plan' | 'plannedW'>>;
  /** The longest that planning has taken in this session: so much later may a look come than it should, ms. */
  slowestMs(): number;
  /** Another session begins. */
  reset(): void;
}

/** A car that a limit has paused stays so for this long at least. */
const limitRestMs = 120_000;

export function plannedPowers(parts: PlannedPowersParts): PlannedPowers {
  const { clock, log, battery } = parts;
  const planner = sessionPlanner(parts.outlook);
  let slowestMs = 0;
  /** Since when a limit has let no power through. */
  let limitedAtMs: number | undefined;

  /** A car that a limit has paused rests for a while: a limit that trembles must not turn it on and off. */
  const limited = (wantedW: number, allowedW: number): number => {
    const nowMs = clock.monotonicMs();
    const isStopped = wantedW > 0 && allowedW === 0;
    if (isStopped && limitedAtMs === undefined) limitedAtMs = nowMs;
    if (isStopped || limitedAtMs === undefined) return allowedW;
    if (nowMs - limitedAtMs < limitRestMs) return 0;
    limitedAtMs = undefined;
    return allowedW;
  };

  /** A car that does not say what is in its battery is not drawn from. */
  const readBattery = async (agreement: Agreement): Promise<BatteryReading | undefined> => {
    if (battery === undefined || !agreement.authorization.value.mayDischarge) return undefined;
    try {
      return await battery.read();
    } catch (error) {
      log.warn(
        { fault: error instanceof Error ? error.message : String(error) },
        'the battery does not answer',
      );
      return undefined;
    }
  };

  const now: PlannedPowers['now'] = async (
    { authorizationId, agreement, session },
    registers,
    lookAheadWh,
  ) => {
    const at = clock.nowS();
    const takenWh = session === undefined ? 0 : energyTakenWh(session, registers.importWh);
    const isParking = session?.phase === 'parking';
    const startedAt = session?.readings[0]?.at;
    const inCar = await readBattery(agreement);
    const shown = session?.plan;
    const beganMs = clock.monotonicMs();
    const plan = planner.plan(
      {
        authorizationId,
        agreement,
        takenWh,
        isParking,
        spentMicro: () => (session === undefined ? undefined : spentMicro(session, registers, at)),
        ...(inCar && { battery: inCar }),
        ...(startedAt !== undefined && { startedAt }),
        ...(shown && { plan: shown }),
      },
      at,
    );
    slowestMs = Math.max(slowestMs, clock.monotonicMs() - beganMs);
    const wantedW = plannedPowerW(agreement, plan, at, takenWh, isParking);
    const { maxPowerW } = agreement.offer.value;
    // A car that takes nothing asks for the least to begin again with.
    const askedW = isParking ? Math.min(wantedW, leastPowerW(maxPowerW)) : wantedW;
    const limitW = parts.limitW(at, Math.max(0, askedW));
    if (wantedW >= 0) return { plan, plannedW: limited(wantedW, withinW(wantedW, limitW, maxPowerW)) };
    const leftWh = (inCar?.levelWh ?? 0) - Math.ceil((lookAheadWh * 1_000) / (inCar?.dischargePerMille ?? 1));
    const mayGive = inCar !== undefined && leftWh >= agreement.authorization.value.reserveWh;
    return { plan, plannedW: mayGive ? Math.max(wantedW, -inCar.maxDischargeW) : 0 };
  };

  return {
    now,
    slowestMs: () => slowestMs,
    reset() {
      slowestMs = 0;
    },
  };
}

/** What the session has cost up to now; undefined before its first reading. */
function spentMicro({ agreement, readings }: Session, registers: Registers, now: number): number | undefined {
  const last = readings.at(-1);
  if (last === undefined) return undefined;
  const at = Math.max(now, last.at + 1);
  return sessionAmountMicro(agreement, [...readings, { ...last, ...registers, at }]);
}

/** A power within a limit; where the limit leaves less than a car can draw at such a point, none. */
function withinW(powerW: number, limitW: number, maxPowerW: number): number {
  if (powerW <= limitW) return powerW;
  return limitW < Math.min(powerW, leastPowerW(maxPowerW)) ? 0 : Math.floor(limitW);
}
