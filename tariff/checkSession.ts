import { areEnergyPricesSound } from './EnergyPrices.ts';
import { isTimeZone } from './localTime.ts';
import { accept, type Result, refuse } from './Result.ts';
import type { PricedSession } from './Tariff.ts';

/** Why a session cannot be priced, in the order in which it is checked. */
export type SessionRefusal =
  | 'unknown-time-zone'
  | 'invalid-prices'
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
 * Checks that a session can be priced: a known time zone, sound energy prices, at least one reading, times (epoch seconds)
 * and both registers (whole Wh) that never run back, and amounts within the bounds.
 */
export function checkSession(session: PricedSession): Result<PricedSession, SessionRefusal> {
  const { timeZone, readings, prices } = session;
  if (!isTimeZone(timeZone)) return refuse('unknown-time-zone', timeZone);
  if (prices !== undefined && !areEnergyPricesSound(prices)) {
    return refuse('invalid-prices', 'energy prices out of bounds or off the quarter-hour');
  }
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined) return refuse('no-readings', 'a session has at least one');
  if (readings.length > SESSION_BOUNDS.readings) return refuse('too-many-readings', `${readings.length}`);
  let before = first;
  for (const [index, reading] of readings.entries()) {
    const { at, importWh, exportWh, state } = reading;
    const isSound = isCount(at) && at <= YEAR_9999_ENDS_AT && isCount(importWh) && isCount(exportWh);
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
  if (last.importWh - first.importWh > SESSION_BOUNDS.energyWh) {
    return refuse('too-much-energy', `${last.importWh - first.importWh} Wh`);
  }
  return accept(session);
}

/** A whole number from 0 up to what can be counted exactly. */
function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
