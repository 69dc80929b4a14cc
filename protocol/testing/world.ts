import { p256 } from '@noble/curves/nist.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { Authorization, withoutWishes } from '../Authorization.ts';
import { ChargeDetailRecord } from '../ChargeDetailRecord.ts';
import { DriverCertificate, type SignedDriverCertificate } from '../DriverCertificate.ts';
import { formatEmaid, pseudonymousEmaid } from '../Emaid.ts';
import type { Evidence } from '../Evidence.ts';
import { fromBytes, type Hex, toBytes } from '../Hex.ts';
import { keyId } from '../KeyId.ts';
import {
  type MeterEndType,
  type MeterTimeStatus,
  meterRecordPayload,
  signMeterRecord,
} from '../MeterRecord.ts';
import { Offer } from '../Offer.ts';
import { type OfferedPrices, pricesId } from '../OfferedPrices.ts';
import { type Reading, readingsHash } from '../Readings.ts';
import type { Signer } from '../Signer.ts';
import { type SignedStationCertificate, StationCertificate } from '../StationCertificate.ts';
import { sha256 } from '../sha256.ts';
import { tariffId } from '../tariffId.ts';
import { creditOf, type EvidenceTrust } from '../verifyEvidence.ts';

/**
 * A small deterministic world for tests, vectors and benchmarks: everything follows from names, and
 * everything in it is genuinely signed.
 */

export const networkId: Hex = sha256(utf8ToBytes('p2p-power test network'));
/** 2026-06-01T00:00:00Z. */
export const dawn = 1_780_272_000;
export const day = 86_400;

/** 32 bytes that follow from a name. */
export const bytes32 = (name: string): Hex => sha256(utf8ToBytes(name));

/** A P-256 key that follows from a name; signs deterministically (RFC 6979). */
export interface TestKey extends Signer {
  readonly privateKey: Hex;
  sign(bytes: Uint8Array): Uint8Array;
}

export function testKey(name: string): TestKey {
  const secret = toBytes(bytes32(`key of ${name}`));
  return {
    privateKey: fromBytes(secret),
    publicKey: fromBytes(p256.getPublicKey(secret, false).subarray(1)),
    sign: (bytes) => p256.sign(bytes, secret, { prehash: true, lowS: true }),
  };
}

/** SPKI DER of a P-256 key x‖y. */
export const spkiOf = (publicKey: Hex): Hex =>
  `0x3059301306072a8648ce3d020106082a8648ce3d03010703420004${publicKey.slice(2)}`;

export interface TestProvider {
  readonly providerId: string;
  readonly key: Signer;
  readonly issuerKeyId: Hex;
}

/** A provider whose key follows from its id; `key` to take another, e.g. a fast one. */
export function makeProvider(
  providerId = 'DEAAA',
  key: Signer = testKey(`provider ${providerId}`),
): TestProvider {
  return { providerId, key, issuerKeyId: keyId(key.publicKey) };
}

/** Trust in these providers and no other. */
export function trustIn(...providers: readonly TestProvider[]): EvidenceTrust {
  return {
    networkId,
    certificateKey: (providerId, issuerKeyId) =>
      providers.find((one) => one.providerId === providerId && one.issuerKeyId === issuerKeyId)?.key
        .publicKey,
  };
}

export interface TestDriver {
  readonly key: Signer;
  readonly certificate: SignedDriverCertificate;
  readonly certificateId: Hex;
}

/** A driver of `provider`, certified for four weeks around {@link dawn} unless overridden. */
export async function makeDriver(
  provider: TestProvider,
  name = 'Anna',
  overrides: Partial<DriverCertificate> = {},
  key: Signer = testKey(`driver ${name}`),
): Promise<TestDriver> {
  const value: DriverCertificate = {
    providerId: provider.providerId,
    issuerKeyId: provider.issuerKeyId,
    emaid: {
      salt: bytes32(`emaid salt of ${name}`),
      text: formatEmaid(pseudonymousEmaid(provider.providerId, toBytes(bytes32(`emaid of ${name}`)))),
    },
    publicKey: key.publicKey,
    notBefore: dawn - 14 * day,
    notAfter: dawn + 14 * day,
    maxEnergyWh: 100_000,
    maxAmountMicro: 80_000_000,
    mayDischarge: true,
    ...overrides,
  };
  const certificate = await DriverCertificate.sign(networkId, value, provider.key);
  return { key, certificate, certificateId: DriverCertificate.id(networkId, value) };
}

export interface TestStation {
  readonly key: Signer;
  readonly meterKey: Signer;
  readonly meterPublicKey: Hex;
  readonly certificate: SignedStationCertificate;
  readonly certificateId: Hex;
}

/** A charging point under `provider`, certified for a year around {@link dawn} unless overridden. */
export async function makeStation(
  provider: TestProvider,
  name = 'Garage',
  overrides: Partial<StationCertificate> = {},
  keys: { readonly key?: Signer; readonly meterKey?: Signer } = {},
): Promise<TestStation> {
  const { key = testKey(`station ${name}`), meterKey = testKey(`meter of ${name}`) } = keys;
  const meterPublicKey = spkiOf(meterKey.publicKey);
  const value: StationCertificate = {
    providerId: provider.providerId,
    issuerKeyId: provider.issuerKeyId,
    evseId: {
      salt: bytes32(`evse salt of ${name}`),
      text: `${provider.providerId}E${bytes32(`evse of ${name}`).slice(2, 10).toUpperCase()}`,
    },
    operatorAccount: `0x${bytes32(`operator of ${name}`).slice(2, 42)}`,
    publicKey: key.publicKey,
    meterKeyHash: sha256(toBytes(meterPublicKey)),
    notBefore: dawn - 180 * day,
    notAfter: dawn + 180 * day,
    hardwareModel: 'Garage 11 kW',
    certificationHash: bytes32('certification of Garage 11 kW'),
    metrologyClass: 'energy',
    ...overrides,
  };
  const certificate = await StationCertificate.sign(networkId, value, provider.key);
  return {
    key,
    meterKey,
    meterPublicKey,
    certificate,
    certificateId: StationCertificate.id(networkId, value),
  };
}

/** 0.39 €/kWh and 19 % VAT; standing there without charging costs 1.20 €/h by day. */
export const testTariff: Tariff = {
  countryCode: 'DE',
  partyId: 'BBB',
  id: 'garage-day-and-night',
  currency: 'EUR',
  elements: [
    { priceComponents: [{ type: 'ENERGY', priceMicro: 390_000, vatBp: 1900, stepSize: 1 }] },
    {
      priceComponents: [{ type: 'PARKING_TIME', priceMicro: 1_200_000, vatBp: 1900, stepSize: 60 }],
      restrictions: { startMinute: 480, endMinute: 1320 },
    },
  ],
  lastUpdatedAt: dawn - 30 * day,
};

/** 0.39 €/kWh and nothing else: what a small garage asks. */
export const plainTariff: Tariff = {
  countryCode: 'DE',
  partyId: 'BBB',
  id: 'garage',
  currency: 'EUR',
  elements: [{ priceComponents: [{ type: 'ENERGY', priceMicro: 390_000, vatBp: 1900, stepSize: 1 }] }],
  lastUpdatedAt: dawn - 30 * day,
};

/** Dynamic prices of a day from {@link dawn} on, each quarter-hour another, all below {@link plainTariff}'s. */
export const testPrices: OfferedPrices = {
  signalId: bytes32('signal of the day'),
  firstAt: dawn,
  pricesMicro: Array.from({ length: 96 }, (_, quarter) => 120_000 + ((quarter * 37) % 96) * 2_500),
  otherwiseMicro: 389_999,
};

/** Readings at the start, each quarter-hour and the end; the power is steady, registers start at the odd. */
export function steadyReadings(
  startedAt: number,
  durationS: number,
  importedWh: number,
  exportedWh = 0,
): readonly Reading[] {
  const [importWh, exportWh] = [1_234_567, 89_012];
  const endedAt = startedAt + durationS;
  const times = [startedAt];
  for (let at = startedAt - (startedAt % 900) + 900; at < endedAt; at += 900) times.push(at);
  times.push(endedAt);
  return times.map((at) => ({
    at,
    importWh: importWh + Math.floor((importedWh * (at - startedAt)) / durationS),
    exportWh: exportWh + Math.floor((exportedWh * (at - startedAt)) / durationS),
    state: 'charging',
  }));
}

/** What may be changed in {@link buildEvidence}: all that is signed later follows from it. */
export interface EvidenceOverrides {
  readonly driverProvider?: TestProvider;
  readonly stationProvider?: TestProvider;
  readonly driver?: TestDriver;
  readonly station?: TestStation;
  readonly tariff?: Tariff;
  /** What the offer names and the evidence holds; without them the point is not dynamic. */
  readonly prices?: OfferedPrices;
  readonly offer?: Partial<Offer>;
  readonly authorization?: Partial<Authorization>;
  readonly readings?: readonly Reading[];
  readonly cdr?: Partial<ChargeDetailRecord>;
  readonly meterRecord?: string;
  readonly meterEndType?: MeterEndType;
  readonly meterTimeStatus?: MeterTimeStatus;
  /** Distinguishes sessions that are else alike. */
  readonly nonce?: string;
}

/**
 * Complete, valid evidence of one charge, unless the overrides spoil it: Anna of DEAAA charges
 * 11 kWh in an hour at the garage of DEBBB's operator.
 */
export async function buildEvidence(overrides: EvidenceOverrides = {}): Promise<Evidence> {
  const driverProvider = overrides.driverProvider ?? makeProvider('DEAAA');
  const stationProvider = overrides.stationProvider ?? makeProvider('DEBBB');
  const driver = overrides.driver ?? (await makeDriver(driverProvider));
  const station = overrides.station ?? (await makeStation(stationProvider));
  const { prices, tariff = plainTariff } = overrides;
  const nonce = overrides.nonce ?? 'first charge';
  const readings = overrides.readings ?? steadyReadings(dawn + 61, 3_600, 11_000);
  const first = readings[0] as Reading;
  const last = readings.at(-1) as Reading;

  const offerValue: Offer = {
    stationCertificateId: station.certificateId,
    tariffId: tariffId(networkId, tariff),
    pricesId: pricesId(networkId, overrides.prices),
    currency: tariff.currency,
    timeZone: 'Europe/Berlin',
    maxPowerW: 11_000,
    feedInMicroPerKwh: 120_000,
    issuedAt: first.at - 61,
    expiresAt: first.at + 239,
    nonce: bytes32(`offer nonce of ${nonce}`),
    ...overrides.offer,
  };
  const offer = await Offer.sign(networkId, offerValue, station.key);
  const authorizationValue: Authorization = {
    driverCertificateId: driver.certificateId,
    stationCertificateId: station.certificateId,
    offerId: Offer.id(networkId, offerValue),
    signedAt: first.at - 31,
    nonce: bytes32(`authorization nonce of ${nonce}`),
    maxEnergyWh: 60_000,
    maxAmountMicro: 40_000_000,
    ...withoutWishes,
    mayDischarge: last.exportWh > first.exportWh,
    ...overrides.authorization,
  };
  const authorization = await Authorization.sign(networkId, authorizationValue, driver.key);
  const authorizationId = Authorization.id(networkId, authorizationValue);
  const registers = ({ at, importWh, exportWh }: Reading) => ({ atMs: at * 1000, importWh, exportWh });
  const meterRecord =
    overrides.meterRecord ??
    (await signMeterRecord(
      meterRecordPayload({
        pagination: 7,
        meterSerial: '1EMH0012345678',
        authorizationId,
        begin: registers(first),
        end: registers(last),
        endType: overrides.meterEndType ?? 'E',
        timeStatus: overrides.meterTimeStatus ?? 'S',
      }),
      (bytes) => station.meterKey.sign(bytes),
    ));
  const exportedWh = last.exportWh - first.exportWh;
  const owedMicro = () =>
    price(tariff, { timeZone: offerValue.timeZone, readings, ...(prices && { prices }) }).inclVatMicro;
  const cdrValue: ChargeDetailRecord = {
    authorizationId,
    stationCertificateId: station.certificateId,
    startedAt: first.at,
    endedAt: last.at,
    importedWh: last.importWh - first.importWh,
    exportedWh,
    readingsHash: readingsHash(readings),
    meterRecordHash: sha256(utf8ToBytes(meterRecord)),
    chargeMicro: overrides.cdr?.chargeMicro ?? Math.min(owedMicro(), authorizationValue.maxAmountMicro),
    creditMicro: Number(creditOf(exportedWh, offerValue.feedInMicroPerKwh)),
    endReason: 'driver-stopped',
    journalNumber: 42,
    journalPreviousHash: bytes32(`journal before ${nonce}`),
    ...overrides.cdr,
  };
  return {
    networkId,
    driverCertificate: driver.certificate,
    stationCertificate: station.certificate,
    offer,
    tariff,
    ...(prices && { prices }),
    authorization,
    cdr: await ChargeDetailRecord.sign(networkId, cdrValue, station.key),
    readings,
    meterRecord,
    meterPublicKey: station.meterPublicKey,
  };
}

/** The providers of {@link buildEvidence}, trusted. */
export const testTrust: EvidenceTrust = trustIn(makeProvider('DEAAA'), makeProvider('DEBBB'));
