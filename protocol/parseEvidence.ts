import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { Authorization } from './Authorization.ts';
import { ChargeDetailRecord } from './ChargeDetailRecord.ts';
import { DriverCertificate } from './DriverCertificate.ts';
import type { Evidence } from './Evidence.ts';
import { type Hex, isHex } from './Hex.ts';
import { Offer } from './Offer.ts';
import { parseOfferedPrices } from './OfferedPrices.ts';
import { type PlainTariffRefusal, parsePlainTariff } from './parsePlainTariff.ts';
import { parseReadings, type ReadingsRefusal } from './Readings.ts';
import { isRecord, type ParseRefusal, printable } from './SignedObject.ts';
import { StationCertificate } from './StationCertificate.ts';
import { maxMeterRecordLength } from './verifyMeterRecord.ts';

/** Longest text of evidence that is read, in characters: 6,000 readings, with room. */
export const maxEvidenceLength = 1_000_000;

/** Why JSON is no evidence: the first in the order of the fields of `Evidence`; `detail` names the place. */
export type EvidenceParseRefusal =
  | 'not-json'
  | 'too-long'
  | ParseRefusal
  | PlainTariffRefusal
  | 'bad-prices'
  | ReadingsRefusal
  | 'bad-meter-record'
  | 'bad-meter-key';

const fields: readonly (keyof Evidence)[] = [
  'networkId',
  'driverCertificate',
  'stationCertificate',
  'offer',
  'tariff',
  'prices',
  'authorization',
  'cdr',
  'readings',
  'meterRecord',
  'meterPublicKey',
];

/** Evidence out of untrusted JSON. Only its form: whether it is true is for `verifyEvidence`. */
export function parseEvidence(json: unknown): Result<Evidence, EvidenceParseRefusal> {
  if (!isRecord(json)) return refuse('not-an-object', 'evidence is not a JSON object');
  const missing = fields.find((field) => field !== 'prices' && !Object.hasOwn(json, field));
  if (missing !== undefined) return refuse('missing-field', `evidence has no ${missing}`);
  const unknown = Object.keys(json).find((field) => !(fields as readonly string[]).includes(field));
  if (unknown !== undefined)
    return refuse('unknown-field', `evidence has no field of the name ${printable(unknown)}`);
  if (!isHex(json.networkId, 32)) return refuse('bad-field', 'networkId is not 32 bytes of lower-case hex');
  const driverCertificate = DriverCertificate.parseSigned(json.driverCertificate);
  if (!driverCertificate.ok) return driverCertificate;
  const stationCertificate = StationCertificate.parseSigned(json.stationCertificate);
  if (!stationCertificate.ok) return stationCertificate;
  const offer = Offer.parseSigned(json.offer);
  if (!offer.ok) return offer;
  const tariff = parsePlainTariff(json.tariff);
  if (!tariff.ok) return tariff;
  const prices = json.prices === undefined ? undefined : parseOfferedPrices(json.prices);
  if (prices !== undefined && !prices.ok) return prices;
  const authorization = Authorization.parseSigned(json.authorization);
  if (!authorization.ok) return authorization;
  const cdr = ChargeDetailRecord.parseSigned(json.cdr);
  if (!cdr.ok) return cdr;
  const readings = parseReadings(json.readings);
  if (!readings.ok) return readings;
  if (typeof json.meterRecord !== 'string' || json.meterRecord.length > maxMeterRecordLength)
    return refuse(
      'bad-meter-record',
      `the meter record is no text of at most ${maxMeterRecordLength} characters`,
    );
  if (!isSpki(json.meterPublicKey))
    return refuse('bad-meter-key', 'the meter key is not an SPKI in lower-case hex');
  return accept({
    networkId: json.networkId,
    driverCertificate: driverCertificate.value,
    stationCertificate: stationCertificate.value,
    offer: offer.value,
    tariff: tariff.value,
    ...(prices && { prices: prices.value }),
    authorization: authorization.value,
    cdr: cdr.value,
    readings: readings.value,
    meterRecord: json.meterRecord,
    meterPublicKey: json.meterPublicKey,
  });
}

/** Evidence out of a file or a message: {@link parseEvidence} of JSON text. */
export function parseEvidenceText(text: string): Result<Evidence, EvidenceParseRefusal> {
  if (text.length > maxEvidenceLength)
    return refuse('too-long', `evidence has at most ${maxEvidenceLength} characters`);
  try {
    return parseEvidence(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('not-json', 'evidence is not JSON');
    throw error;
  }
}

/** As JSON text, the form in which it is kept and handed on; reads back as the same evidence. */
export function printEvidence(evidence: Evidence, indent = 0): string {
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, evidence[field]])), null, indent);
}

const isSpki = (value: unknown): value is Hex =>
  typeof value === 'string' && value.length <= 302 && /^0x(?:[0-9a-f]{2})+$/.test(value);
