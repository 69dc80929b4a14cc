import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { SessionReading } from '@p2p-power/tariff/Tariff';
import type { Hex } from './Hex.ts';
import { isRecord } from './SignedObject.ts';
import { sha256 } from './sha256.ts';
import { wordBytes, writeUint } from './Word.ts';

/** What the station noted of the meter: at the start, each quarter-hour, each change of state, the end. */
export type Reading = SessionReading;

/** Readings one CDR may hold: a month of quarter-hours and as many changes of state. */
export const maxReadings = 6_000;

/** Why readings are refused, in order of precedence. */
export type ReadingsRefusal =
  | 'not-readings'
  | 'too-few-readings'
  | 'too-many-readings'
  | 'readings-not-monotone';

/** Four words a reading: time, import register, export register, 1 while charging and 0 while parking. */
export function encodeReadings(readings: readonly Reading[]): Uint8Array {
  const bytes = new Uint8Array(readings.length * 4 * wordBytes);
  let offset = 0;
  for (const { at, importWh, exportWh, state } of readings) {
    writeUint(bytes, offset, at);
    writeUint(bytes, offset + wordBytes, importWh);
    writeUint(bytes, offset + 2 * wordBytes, exportWh);
    writeUint(bytes, offset + 3 * wordBytes, state === 'charging' ? 1 : 0);
    offset += 4 * wordBytes;
  }
  return bytes;
}

/** SHA-256 of {@link encodeReadings}, as the CDR names it. */
export function readingsHash(readings: readonly Reading[]): Hex {
  return sha256(encodeReadings(readings));
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Readings out of untrusted JSON: two or more, time strictly rising, registers never falling. */
export function parseReadings(json: unknown): Result<readonly Reading[], ReadingsRefusal> {
  if (!Array.isArray(json)) return refuse('not-readings', 'readings are not a list');
  if (json.length < 2) return refuse('too-few-readings', 'a session has a first and a last reading');
  if (json.length > maxReadings) return refuse('too-many-readings', `more than ${maxReadings} readings`);
  const readings: Reading[] = [];
  for (const [index, row] of json.entries()) {
    if (!isRecord(row) || Object.keys(row).length !== 4)
      return refuse('not-readings', `reading ${index} is malformed`);
    const { at, importWh, exportWh, state } = row;
    if (
      !isCount(at) ||
      !isCount(importWh) ||
      !isCount(exportWh) ||
      (state !== 'charging' && state !== 'parking')
    )
      return refuse('not-readings', `reading ${index} is malformed`);
    const before = readings.at(-1);
    if (before && (at <= before.at || importWh < before.importWh || exportWh < before.exportWh))
      return refuse('readings-not-monotone', `reading ${index} falls behind the one before`);
    readings.push({ at, importWh, exportWh, state });
  }
  return accept(readings);
}
