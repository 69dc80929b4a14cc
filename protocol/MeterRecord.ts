import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { derFromRaw } from './EcdsaSignature.ts';
import type { Hex } from './Hex.ts';

/** How a record ends (OCMF 1.4, TX): as planned, by the user here or from afar, broken off, power failed. */
export type MeterEndType = 'E' | 'L' | 'R' | 'A' | 'P';

/** How much a meter's clock is worth (OCMF 1.4, TM): unknown, informative, synchronised, relative. */
export type MeterTimeStatus = 'U' | 'I' | 'S' | 'R';

/** The registers at an instant; `atMs` is milliseconds since the epoch. */
export interface MeterRegisters {
  readonly atMs: number;
  readonly importWh: number;
  readonly exportWh: number;
}

/** What a meter signs of one session. */
export interface MeterSession {
  /** The meter's own count of such records, unbroken. */
  readonly pagination: number;
  readonly meterSerial: string;
  readonly authorizationId: Hex;
  readonly begin: MeterRegisters;
  readonly end: MeterRegisters;
  readonly endType: MeterEndType;
  readonly timeStatus: MeterTimeStatus;
}

/** OBIS codes (OCMF 1.4, table of reserved registers). */
const importRegister = '01-00:B2.08.00*FF';
const exportRegister = '01-00:C2.08.00*FF';

/**
 * The payload of an OCMF 1.4 record: a begin and an end reading for what was imported, and for what
 * was exported where anything was. The id is the authorization's, so that a record fits one session only; the point
 * is not named (CT, CI), because a record that a contract has to look at is readable by everybody with a node.
 */
export function meterRecordPayload(session: MeterSession): string {
  const { begin, end } = session;
  const reading = (registers: MeterRegisters, type: string, register: string, wh: number) =>
    `{"TM":"${meterTime(registers.atMs)} ${session.timeStatus}","TX":"${type}","RV":${kilowattHours(wh)},` +
    `"RI":"${register}","RU":"kWh","EF":"","ST":"G"}`;
  const readings = [reading(begin, 'B', importRegister, begin.importWh)];
  const exports = end.exportWh > begin.exportWh;
  if (exports) readings.push(reading(begin, 'B', exportRegister, begin.exportWh));
  readings.push(reading(end, session.endType, importRegister, end.importWh));
  if (exports) readings.push(reading(end, session.endType, exportRegister, end.exportWh));
  const head = {
    FV: '1.4',
    PG: `T${session.pagination}`,
    MS: session.meterSerial,
    IS: true,
    IL: 'VERIFIED',
    IF: [],
    IT: 'CENTRAL',
    ID: session.authorizationId.slice(2),
  };
  return `${JSON.stringify(head).slice(0, -1)},"RD":[${readings.join(',')}]}`;
}

/**
 * The whole record `OCMF|payload|signature`. `sign` is as of `Signer`: it hashes with SHA-256 and
 * answers r‖s of P-256, which the record carries as DER in hex.
 */
export async function signMeterRecord(
  payload: string,
  sign: (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array,
): Promise<string> {
  if (payload.includes('|')) throw new RangeError('a section of an OCMF record holds no |');
  const signature = bytesToHex(derFromRaw(await sign(utf8ToBytes(payload))));
  return `OCMF|${payload}|{"SA":"ECDSA-secp256r1-SHA256","SD":"${signature}"}`;
}

/** Watt-hours as kWh with exactly three decimals. */
function kilowattHours(wh: number): string {
  if (!Number.isSafeInteger(wh) || wh < 0) throw new RangeError(`not a register in Wh: ${wh}`);
  return `${Math.floor(wh / 1000)}.${String(wh % 1000).padStart(3, '0')}`;
}

/** `2018-07-24T13:22:04,000+0000`, always UTC. */
function meterTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -1).replace('.', ',')}+0000`;
}
