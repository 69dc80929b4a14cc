import { areEnergyPricesSound } from './EnergyPrices.ts';
import { isTimeZone } from './localTime.ts';
import { accept, type Result, refuse } from './Result.ts';
import type { PricedSession, Reservation } from './Tariff.ts';

/** Why a session cannot be priced, in the order in which it is checked. */
export type SessionRefusal =
  | 'unknown-time-zone'
  | 'invalid-prices'
  | 'invalid-reservation'
  | 'no-readings'
  | 'too-many-readings'
  | 'invalid-reading'
  | 'time-runs-back'
  | 'register-runs-back'
  | 'session-too-long'
  | 'too-much-energy';

/** Bounds that keep every price within exact integers; see docs/rounding.md. */
export const SESSION_BOUNDS = { readings: 100_000, durationS: 366 * 86_400, energyWh: 10_000_000 } as const;

const YEAR_9999_ENDS_AT = 253_402_300_799;

/**
 * Checks that a session can be priced: a known time zone, sound energy prices, a reservation that ends when the session begins at the latest, at least one reading, times (epoch seconds)
 * and both registers (whole Wh) that never run back, and amounts within the bounds.
 */
export function checkSession(session: PricedSession): Result<PricedSession, SessionRefusal> {
  const { timeZone, readings, prices, reservation } = session;
  if (!isTimeZone(timeZone)) return refuse('unknown-time-zone', timeZone);
  if (prices !== undefined && !areEnergyPricesSound(prices)) {
    return refuse('invalid-prices', 'energy prices out of bounds or off the quarter-hour');
  }
  if (reservation !== undefined) {
    const fault = reservationFault(reservation, readings);
    if (fault !== undefined) return refuse('invalid-reservation', fault);
    if (reservation.hasExpired) return accept(session);
  }
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined) return refuse('no-readings', 'a session has at least one');
  if (readings.length > SESSION_BOUNDS.readings) return refuse('too-many-readings', `${readings.length}`);
  let before = first;
  for (const [index, reading] of readings.entries()) {
    const { at, importWh, exportWh, state, powerW = 0, currentMa = 0 } = reading;
    const isSound =
      isCount(at) &&
      at <= YEAR_9999_ENDS_AT &&
      isCount(importWh) &&
      isCount(exportWh) &&
      Number.isSafeInteger(powerW) &&
      Number.isSafeInteger(currentMa);
    if (!isSound || (state !== 'charging' && state !== 'parking')) {
      return refuse('invalid-reading', `readings[${index}]`);
    }
    if (at < before.at) return refuse('time-runs-back', `readings[${index}]`);
    if (importWh < before.importWh || exportWh < before.exportWh) {
      return refuse('register-runs-back', `readings[${index}]`);
    }
    before = reading;
  }
  if (last.at - first.at > SESSION_BOUNDS.durationS) {
    return refuse('session-too-long', `${last.at - first.at} s`);
  }
  const registers = session.energy === 'net' ? (['importWh', 'exportWh'] as const) : (['importWh'] as const);
  for (const register of registers) {
    const energyWh = last[register] - first[register];
    if (energyWh > SESSION_BOUNDS.energyWh) return refuse('too-much-energy', `${energyWh} Wh`);
  }
  return accept(session);
}

/** What is wrong with a reservation: it ends before it begins or after the session began, or lasts too long. */
function reservationFault(
  { from, to, hasExpired }: Reservation,
  readings: PricedSession['readings'],
): string | undefined {
  if (!isCount(from) || !isCount(to) || to > YEAR_9999_ENDS_AT) return 'its times are no epoch seconds';
  if (to < from) return 'it ends before it begins';
  if (to - from > SESSION_BOUNDS.durationS) return `it lasts ${to - from} s`;
  const startAt = readings[0]?.at;
  if (hasExpired) return startAt === undefined ? undefined : 'it expired, but a session followed';
  return startAt !== undefined && to > startAt ? 'it ends after the session began' : undefined;
}

/** A whole number from 0 up to what can be counted exactly. */
function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
