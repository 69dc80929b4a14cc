import { utf8ToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { base64 } from '@scure/base';
import { derFromRaw, rawFromDer } from './EcdsaSignature.ts';
import { type Hex, toBytes } from './Hex.ts';
import { type MeterCurve, meterCurves } from './MeterCurve.ts';
import type { MeterEndType, MeterTimeStatus } from './MeterRecord.ts';
import { isRecord } from './SignedObject.ts';
import type { Verifier } from './Signer.ts';

/** Longest record that is read, in characters. */
export const maxMeterRecordLength = 20_000;

/** Why a meter's record is refused, in order of precedence. */
export const meterRefusals = [
  /** It is not `OCMF|payload|signature`, or longer than {@link maxMeterRecordLength}. */
  'not-ocmf',
  /** The key is no SPKI of a curve that OCMF knows. */
  'unknown-meter-key',
  /** The signature section is malformed, or of another hash than SHA-256. */
  'malformed-meter-signature',
  /** The payload's bytes are not signed with this key. */
  'bad-meter-signature',
  /** The payload lacks what OCMF demands, or has it in another form. */
  'malformed-meter-record',
  /** A reading's status is not `G` (good). */
  'meter-status-not-good',
  /** A reading's error flags are not empty. */
  'meter-error-flags',
  /** The readings do not lead from a begin (B) to an end (E, L, R, A, P). */
  'meter-record-incomplete',
  /** No register says what was imported. */
  'meter-register-missing',
  /** A register or the time falls. */
  'meter-register-falls',
] as const;
export type MeterRefusal = (typeof meterRefusals)[number];

/** What a meter's record says, once its signature is found good. Energy is read down to whole Wh. */
export interface MeterFacts {
  readonly curve: MeterCurve;
  /** MS; empty where the meter does not say. */
  readonly meterSerial: string;
  /** PG, e.g. `T12`. */
  readonly pagination: string;
  /** ID: whom or what the record was made for. */
  readonly identification: string;
  /** CI where CT is `EVSEID`, else empty. */
  readonly evseId: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** The weaker of both instants' status: what the meter's clock is worth. */
  readonly timeStatus: MeterTimeStatus;
  readonly endType: MeterEndType;
  readonly importBeginWh: number;
  readonly importEndWh: number;
  /** Both 0 where the record has no export register. */
  readonly exportBeginWh: number;
  readonly exportEndWh: number;
}

/**
 * Checks an OCMF record (OCMF 1.4.1) byte by byte as it came: first the signature with the meter's key
 * from the register, then that it is a whole, good measurement. Nothing is said of what did not verify.
 * P-256 goes through `verifier`, the other curves through a library loaded at need. Meters may sign
 * with high s; raw r‖s and DER without sign bytes occur and are taken.
 */
export async function verifyMeterRecord(
  record: string,
  spki: Hex,
  verifier: Verifier,
): Promise<Result<MeterFacts, MeterRefusal>> {
  const sections = record.length > maxMeterRecordLength ? [] : record.split('|');
  const [header, payload = '', signatureJson = ''] = sections;
  if (sections.length !== 3 || header !== 'OCMF')
    return refuse('not-ocmf', 'a record is OCMF|payload|signature');
  const key = keyOf(spki);
  if (key === undefined) return refuse('unknown-meter-key', 'the key is on no curve that meters sign on');
  const signature = signatureOf(signatureJson, key.fieldBytes);
  if (signature === undefined)
    return refuse('malformed-meter-signature', 'the signature section is malformed');
  const bytes = utf8ToBytes(payload);
  const isGood =
    key.curve === 'secp256r1'
      ? await verifier.verify(key.point, bytes, signature)
      : await verifyForeign(spki, bytes, signature);
  if (!isGood) return refuse('bad-meter-signature', 'the record is not signed with this meter key');
  return readPayload(payload, key.curve);
}

const p256Spki = '0x3059301306072a8648ce3d020106082a8648ce3d03010703420004';

function keyOf(spki: Hex): { curve: MeterCurve; fieldBytes: number; point: Hex } | undefined {
  if (spki.length === 2 + 2 * 91 && spki.startsWith(p256Spki))
    return { curve: 'secp256r1', fieldBytes: 32, point: `0x${spki.slice(p256Spki.length)}` };
  // SEQUENCE { SEQUENCE { id-ecPublicKey, curve }, BIT STRING }: the curve's id follows id-ecPublicKey.
  const found = /^0x30..30..06072a8648ce3d0201(06.*)$/.exec(spki)?.[1];
  const curve = meterCurves.find(({ oid }) => found?.startsWith(oid));
  if (curve === undefined) return undefined;
  return {
    curve: curve.curve,
    fieldBytes: curve.fieldBytes,
    point: `0x${spki.slice(-4 * curve.fieldBytes)}`,
  };
}

/** r‖s out of the signature section, or undefined. */
function signatureOf(json: string, fieldBytes: number): Uint8Array | undefined {
  try {
    const section: unknown = JSON.parse(json);
    if (!isRecord(section) || typeof section.SD !== 'string') return undefined;
    const { SA, SE, SD } = section;
    if (SA !== undefined && !(typeof SA === 'string' && SA.endsWith('SHA256'))) return undefined;
    const bytes = SE === 'base64' ? base64.decode(SD) : toBytes(`0x${SD.toLowerCase()}`);
    return rawFromDer(bytes, fieldBytes) ?? (bytes.length === 2 * fieldBytes ? bytes : undefined);
  } catch {
    return undefined;
  }
}

async function verifyForeign(spki: Hex, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { EcPublicKey, verify } = await import('@road-labs/ocmf-crypto-noble');
  try {
    const key = EcPublicKey.fromEncoded(toBytes(spki), 'spki-der');
    return verify(derFromRaw(signature), bytes, key, 'SHA-256', 'sigvalue-der');
  } catch {
    return false;
  }
}

const endTypes = ['E', 'L', 'R', 'A', 'P'];
const timeStatuses: readonly MeterTimeStatus[] = ['S', 'R', 'I', 'U'];
/** OBIS of imported and exported energy: OCMF's B0…B3 and C0…C3, and the plain 1.8.0 and 2.8.0. */
const importCode = /(?:^|:)(?:B[0-3]|1)\.0?8\.0?0/;
const exportCode = /(?:^|:)(?:C[0-3]|2)\.0?8\.0?0/;

interface MeterReading {
  readonly at: number;
  readonly timeStatus: MeterTimeStatus;
  readonly type: string;
  readonly register: string;
  readonly wh: number;
}

function readPayload(payload: string, curve: MeterCurve): Result<MeterFacts, MeterRefusal> {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return refuse('malformed-meter-record', 'the payload is not JSON');
  }
  if (!isRecord(json) || !Array.isArray(json.RD) || typeof json.PG !== 'string' || !/^[TF]\d+$/.test(json.PG))
    return refuse('malformed-meter-record', 'pagination or readings are missing');
  const readings: MeterReading[] = [];
  let row: Record<string, unknown> = {};
  for (const given of json.RD) {
    if (!isRecord(given)) return refuse('malformed-meter-record', 'a reading is no object');
    // What equals the reading before may be left out.
    row = { ...row, ...given };
    const reading = readReading(row);
    if (reading === undefined)
      return refuse('malformed-meter-record', `reading ${readings.length} is malformed`);
    if (row.ST !== 'G')
      return refuse('meter-status-not-good', `reading ${readings.length} has another status than G`);
    if (row.EF !== undefined && row.EF !== '')
      return refuse('meter-error-flags', `reading ${readings.length} has error flags`);
    readings.push(reading);
  }
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined || first.type !== 'B' || !endTypes.includes(last.type))
    return refuse('meter-record-incomplete', 'the readings do not lead from a begin to an end');
  const imports = registerOf(readings, importCode, last.type);
  const exports = registerOf(readings, exportCode, last.type);
  if (imports === undefined) return refuse('meter-register-missing', 'no register of imported energy');
  const falls = (rows: readonly MeterReading[]) =>
    rows.some((reading, index) => {
      const before = rows[index - 1];
      return before !== undefined && (reading.wh < before.wh || reading.at < before.at);
    });
  if (falls(imports) || (exports !== undefined && falls(exports)))
    return refuse('meter-register-falls', 'a register or the time falls');
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return accept({
    curve,
    meterSerial: text(json.MS),
    pagination: json.PG,
    identification: text(json.ID),
    evseId: json.CT === 'EVSEID' ? text(json.CI) : '',
    beganAtMs: first.at,
    endedAtMs: last.at,
    timeStatus: timeStatuses[
      Math.max(timeStatuses.indexOf(first.timeStatus), timeStatuses.indexOf(last.timeStatus))
    ] as MeterTimeStatus,
    endType: last.type as MeterEndType,
    importBeginWh: imports[0]?.wh ?? 0,
    importEndWh: imports.at(-1)?.wh ?? 0,
    exportBeginWh: exports?.[0]?.wh ?? 0,
    exportEndWh: exports?.at(-1)?.wh ?? 0,
  });
}

/** The readings of the first register of that kind, from a begin to the record's end; undefined without. */
function registerOf(
  readings: readonly MeterReading[],
  code: RegExp,
  endType: string,
): readonly MeterReading[] | undefined {
  const register = readings.find((reading) => code.test(reading.register))?.register;
  if (register === undefined) return undefined;
  const rows = readings.filter((reading) => reading.register === register);
  return rows.length > 1 && rows[0]?.type === 'B' && rows.at(-1)?.type === endType ? rows : undefined;
}

const timeShape = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d),(\d{3})([+-]\d\d)(\d\d) ([UISR])$/;

function readReading(row: Record<string, unknown>): MeterReading | undefined {
  const time = typeof row.TM === 'string' ? timeShape.exec(row.TM) : null;
  if (time === null) return undefined;
  const at = Date.parse(`${time[1]}T${time[2]}.${time[3]}${time[4]}:${time[5]}`);
  const wh = readEnergy(row.RV, row.RU);
  if (Number.isNaN(at) || wh === undefined || typeof row.TX !== 'string') return undefined;
  const register = typeof row.RI === 'string' ? row.RI : '';
  return { at, timeStatus: time[6] as MeterTimeStatus, type: row.TX, register, wh };
}

/** Whole Wh; a value may be a text with leading blanks, as some meters write it. */
function readEnergy(value: unknown, unit: unknown): number | undefined {
  const number = typeof value === 'string' && /^ *\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !(number >= 0) || (unit !== 'kWh' && unit !== 'Wh')) return undefined;
  // A thousandth of a Wh above hides that decimals are not exact in binary.
  const wh = Math.floor((unit === 'kWh' ? number * 1000 : number) + 0.001);
  return Number.isSafeInteger(wh) ? wh : undefined;
}
