import { describe, expect, it } from 'vitest';
import { checkSession } from './checkSession.ts';
import type { PricedSession, RecordedReading } from './Tariff.ts';

const reading: RecordedReading = { at: 1_767_225_600, importWh: 5_000, exportWh: 10, state: 'charging' };

function sessionWith(...changes: readonly Partial<RecordedReading>[]): PricedSession {
  return { timeZone: 'Europe/Berlin', readings: changes.map((change) => ({ ...reading, ...change })) };
}

function reserved(from: number, to: number, hasExpired: boolean, session: PricedSession): PricedSession {
  return { ...session, reservation: { from, to, hasExpired } };
}

describe('checkSession', () => {
  it('takes a single reading, and readings that stand still', () => {
    for (const session of [sessionWith({}), sessionWith({}, {}, { state: 'parking' })]) {
      expect(checkSession(session)).toEqual({ ok: true, value: session });
    }
  });

  it('takes a reservation that a session followed, and one that none did', () => {
    const sessions = [
      reserved(reading.at - 60, reading.at, false, sessionWith({})),
      reserved(reading.at - 60, reading.at, true, sessionWith()),
    ];
    for (const session of sessions) expect(checkSession(session)).toEqual({ ok: true, value: session });
  });

  it.each([
    ['unknown-time-zone', { ...sessionWith({}), timeZone: 'Mars/Olympus' }],
    ['invalid-prices', { ...sessionWith({}), prices: { firstAt: 60, pricesMicro: [], otherwiseMicro: 0 } }],
    ['invalid-reservation', reserved(reading.at - 60, reading.at + 1, false, sessionWith({}))],
    ['invalid-reservation', reserved(reading.at, reading.at - 1, false, sessionWith({}))],
    ['invalid-reservation', reserved(reading.at - 0.5, reading.at, false, sessionWith({}))],
    ['invalid-reservation', reserved(reading.at - 367 * 86_400, reading.at, false, sessionWith({}))],
    ['invalid-reservation', reserved(reading.at - 60, reading.at, true, sessionWith({}))],
    ['no-readings', reserved(reading.at - 60, reading.at, false, sessionWith())],
    ['no-readings', sessionWith()],
    ['invalid-reading', sessionWith({ powerW: 0.5 })],
    ['too-much-energy', { ...sessionWith({}, { exportWh: 10_000_011 }), energy: 'net' as const }],
    ['too-many-readings', { ...sessionWith(), readings: Array(100_001).fill(reading) }],
    ['invalid-reading', sessionWith({ importWh: 0.5 })],
    ['invalid-reading', sessionWith({ importWh: -1 })],
    ['invalid-reading', sessionWith({ at: Number.NaN })],
    ['invalid-reading', sessionWith({ at: 253_402_300_800 })],
    ['invalid-reading', sessionWith({ exportWh: 2 ** 53 })],
    ['invalid-reading', sessionWith({ state: 'sleeping' as 'parking' })],
    ['time-runs-back', sessionWith({}, { at: reading.at - 1 })],
    ['register-runs-back', sessionWith({}, { importWh: 4_999 })],
    ['register-runs-back', sessionWith({}, { exportWh: 9 })],
    ['session-too-long', sessionWith({}, { at: reading.at + 367 * 86_400 })],
    ['too-much-energy', sessionWith({}, { importWh: 10_005_001 })],
  ])('refuses by name: %s', (refusal, session) => {
    expect(checkSession(session)).toMatchObject({ ok: false, refusal });
  });
});
