import type { PricedSession, SessionReading, SessionState } from '../Tariff.ts';

/** Consecutive stretches of a session: minutes, energy in Wh, state. */
export type SessionPart = readonly [minutes: number, energyWh: number, state: SessionState];

/** A session that starts at a UTC time such as `2026-01-05T08:30:00Z` and runs through the parts. */
export function sessionOf(timeZone: string, start: string, ...parts: readonly SessionPart[]): PricedSession {
  const startAt = Date.parse(start) / 1000;
  const readings: SessionReading[] = [];
  let [at, importWh] = [startAt, 1_000];
  for (const [minutes, energyWh, state] of parts) {
    readings.push({ at, importWh, exportWh: 0, state });
    at += minutes * 60;
    importWh += energyWh;
  }
  readings.push({ at, importWh, exportWh: 0, state: 'parking' });
  return { timeZone, readings };
}
