import { Authorization } from '../Authorization.ts';
import type { Evidence } from '../Evidence.ts';
import type { EvidenceRefusal } from '../EvidenceRefusal.ts';
import { type Hex, toBytes, zeroHash } from '../Hex.ts';
import { meterRecordPayload, signMeterRecord } from '../MeterRecord.ts';
import type { Reading } from '../Readings.ts';
import { sha256 } from '../sha256.ts';
import {
  buildEvidence,
  bytes32,
  dawn,
  day,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  spkiOf,
  steadyReadings,
  testKey,
  testPrices,
  testTariff,
} from './world.ts';

/** Evidence that is wrong in one thing only, with the refusal that names it. */
export interface RefusedEvidence {
  readonly refusal: EvidenceRefusal;
  readonly why: string;
  readonly evidence: Evidence;
}

/** One or more for each refusal, in their order of precedence; all that is signed is signed anew but what is named. */
export async function refusedEvidence(): Promise<readonly RefusedEvidence[]> {
  const genuine = await buildEvidence();
  const dynamic = await buildEvidence({ prices: testPrices });
  const tomorrow = { ...testPrices, firstAt: testPrices.firstAt + day };
  const driverProvider = makeProvider('DEAAA');
  const stationProvider = makeProvider('DEBBB');
  const stranger = makeProvider('DECCC');
  const driverWith = (overrides: Parameters<typeof makeDriver>[2]) =>
    makeDriver(driverProvider, 'Anna', overrides);
  const stationWith = (overrides: Parameters<typeof makeStation>[2]) =>
    makeStation(stationProvider, 'Garage', overrides);
  const exporting = steadyReadings(dawn + 61, 3_600, 2_000, 5_000);
  const evseId = genuine.stationCertificate.value.evseId;
  const station = await stationWith({});
  const oddKey: Hex = '0x3003020100';

  const cases: readonly (readonly [EvidenceRefusal, string, Promise<Evidence> | Evidence])[] = [
    ['wrong-network', 'says another network', { ...genuine, networkId: bytes32('another network') }],
    [
      'unknown-driver-provider',
      'driver of a provider that is not trusted',
      buildEvidence({ driver: await makeDriver(stranger) }),
    ],
    [
      'unknown-driver-provider',
      'driver certificate of a key that is not trusted',
      buildEvidence({ driver: await driverWith({ issuerKeyId: bytes32('old key') }) }),
    ],
    [
      'unknown-station-provider',
      'station of a provider that is not trusted',
      buildEvidence({ station: await makeStation(stranger) }),
    ],
    [
      'bad-driver-certificate-signature',
      'driver raised own bound',
      {
        ...genuine,
        driverCertificate: {
          ...genuine.driverCertificate,
          value: { ...genuine.driverCertificate.value, maxAmountMicro: 900_000_000 },
        },
      },
    ],
    [
      'bad-station-certificate-signature',
      'operator changed the account',
      {
        ...genuine,
        stationCertificate: {
          ...genuine.stationCertificate,
          value: { ...genuine.stationCertificate.value, operatorAccount: `0x${'ab'.repeat(20)}` },
        },
      },
    ],
    [
      'emaid-not-of-provider',
      'contract id of another provider',
      buildEvidence({
        driver: await driverWith({ emaid: { salt: bytes32('salt'), text: 'DE8AA0012345670' } }),
      }),
    ],
    [
      'emaid-not-of-provider',
      'contract id with a wrong check digit',
      buildEvidence({
        driver: await driverWith({ emaid: { salt: bytes32('salt'), text: 'DEAAAC00000000Y' } }),
      }),
    ],
    [
      'bad-evse-id',
      'a station id, not a charging point',
      buildEvidence({ station: await stationWith({ evseId: { ...evseId, text: 'DEBBBS1' } }) }),
    ],
    [
      'offer-not-of-station',
      'offer of another station',
      buildEvidence({ offer: { stationCertificateId: bytes32('other') } }),
    ],
    [
      'bad-offer-signature',
      'offer changed after it was signed',
      {
        ...genuine,
        offer: { ...genuine.offer, value: { ...genuine.offer.value, maxPowerW: 22_000 } },
      },
    ],
    ['tariff-mismatch', 'another tariff put beside the offer', { ...genuine, tariff: testTariff }],
    ['currency-mismatch', 'offered in francs', buildEvidence({ offer: { currency: 'CHF' } })],
    ['unknown-prices', 'offer names prices', buildEvidence({ offer: { pricesId: bytes32('prices') } })],
    [
      'prices-mismatch',
      'prices though the offer names none',
      buildEvidence({ prices: testPrices, offer: { pricesId: zeroHash } }),
    ],
    [
      'prices-mismatch',
      'a quarter-hour is dearer than offered',
      {
        ...dynamic,
        prices: { ...testPrices, pricesMicro: testPrices.pricesMicro.with(3, 389_000) },
      },
    ],
    ['prices-mismatch', 'the prices of another offer', { ...dynamic, prices: tomorrow }],
    [
      'prices-over-tariff',
      'a price above what the tariff says is the most',
      buildEvidence({ prices: { ...testPrices, otherwiseMicro: 390_001 } }),
    ],
    [
      'authorization-not-of-driver-certificate',
      'authorization of another certificate',
      buildEvidence({ authorization: { driverCertificateId: bytes32('other') } }),
    ],
    [
      'authorization-not-of-station',
      'authorization for another station',
      buildEvidence({ authorization: { stationCertificateId: bytes32('other') } }),
    ],
    [
      'authorization-not-of-offer',
      'authorization of another offer',
      buildEvidence({ authorization: { offerId: bytes32('other') } }),
    ],
    [
      'bad-authorization-signature',
      'station raised the bound',
      {
        ...genuine,
        authorization: {
          ...genuine.authorization,
          value: { ...genuine.authorization.value, maxAmountMicro: 79_000_000 },
        },
      },
    ],
    [
      'cdr-not-of-authorization',
      'authorization used again under another CDR',
      buildEvidence({ cdr: { authorizationId: bytes32('other') } }),
    ],
    [
      'cdr-not-of-station',
      'CDR of another station',
      buildEvidence({ cdr: { stationCertificateId: bytes32('other') } }),
    ],
    [
      'bad-cdr-signature',
      'CDR changed after it was signed',
      {
        ...genuine,
        cdr: { ...genuine.cdr, value: { ...genuine.cdr.value, importedWh: 12_000 } },
      },
    ],
    [
      'driver-certificate-not-yet-valid',
      'driver certificate of tomorrow',
      buildEvidence({ driver: await driverWith({ notBefore: dawn + day }) }),
    ],
    [
      'driver-certificate-expired',
      'driver certificate ends in the second of signing',
      buildEvidence({ driver: await driverWith({ notAfter: dawn + 30 }) }),
    ],
    [
      'station-certificate-not-yet-valid',
      'station certificate of tomorrow',
      buildEvidence({ station: await stationWith({ notBefore: dawn + day }) }),
    ],
    [
      'station-certificate-expired',
      'station certificate of yesterday',
      buildEvidence({ station: await stationWith({ notAfter: dawn - day }) }),
    ],
    [
      'authorized-before-offer',
      'signed 121 s before the offer was made',
      buildEvidence({ authorization: { signedAt: dawn - 121 } }),
    ],
    [
      'offer-expired',
      'signed in the second in which the offer ends',
      buildEvidence({ authorization: { signedAt: dawn + 300 } }),
    ],
    [
      'started-before-authorized',
      'started 121 s before it was signed',
      buildEvidence({ authorization: { signedAt: dawn + 182 } }),
    ],
    [
      'energy-bound-over-certificate',
      'authorized for more energy than certified',
      buildEvidence({ authorization: { maxEnergyWh: 100_001 } }),
    ],
    [
      'amount-bound-over-certificate',
      'authorized for more money than certified',
      buildEvidence({ authorization: { maxAmountMicro: 80_000_001 } }),
    ],
    [
      'discharge-not-certified',
      'authorized discharge that is not certified',
      buildEvidence({
        driver: await driverWith({ mayDischarge: false }),
        authorization: { mayDischarge: true },
      }),
    ],
    [
      'invalid-readings',
      'readings run backwards',
      {
        ...genuine,
        readings: [...genuine.readings].reverse(),
      },
    ],
    [
      'readings-hash-mismatch',
      'a reading is left out',
      {
        ...genuine,
        readings: genuine.readings.filter((_, index) => index !== 1),
      },
    ],
    [
      'readings-do-not-add-up',
      'more energy than the readings say',
      buildEvidence({ cdr: { importedWh: 11_001 } }),
    ],
    [
      'readings-do-not-add-up',
      'ends later than the readings',
      buildEvidence({ cdr: { endedAt: dawn + day } }),
    ],
    [
      'energy-over-bound',
      'more energy than authorized',
      buildEvidence({ authorization: { maxEnergyWh: 10_999 } }),
    ],
    [
      'discharge-not-authorized',
      'discharge that was not authorized',
      buildEvidence({ readings: exporting, authorization: { mayDischarge: false } }),
    ],
    [
      'meter-key-mismatch',
      'key of another meter',
      {
        ...genuine,
        meterPublicKey: spkiOf(testKey('another meter').publicKey),
      },
    ],
    [
      'meter-record-hash-mismatch',
      'meter record changed',
      {
        ...genuine,
        meterRecord: genuine.meterRecord.replace('12345678', '12345679'),
      },
    ],
    ['not-ocmf', 'meter record without signature', buildEvidence({ meterRecord: 'OCMF|{}' })],
    [
      'unknown-meter-key',
      'certified meter key that is none',
      buildEvidence({
        station: {
          ...(await stationWith({ meterKeyHash: sha256(toBytes(oddKey)) })),
          meterPublicKey: oddKey,
        },
      }),
    ],
    [
      'malformed-meter-signature',
      'meter signature that is no DER',
      buildEvidence({ meterRecord: 'OCMF|{}|{"SD":"3006020101"}' }),
    ],
    [
      'bad-meter-signature',
      'meter record signed by another meter',
      meterCase(genuine, (payload) => payload, 'another meter'),
    ],
    ['malformed-meter-record', 'reading without time', meterCase(genuine, edit(/"TM":"[^"]*",/, ''))],
    [
      'meter-status-not-good',
      'meter says it is out of order',
      meterCase(genuine, edit('"ST":"G"', '"ST":"O"')),
    ],
    ['meter-error-flags', 'energy is flagged unusable', meterCase(genuine, edit('"EF":""', '"EF":"E"'))],
    ['meter-record-incomplete', 'record without end', meterCase(genuine, edit('"TX":"E"', '"TX":"C"'))],
    [
      'meter-register-missing',
      'record of the exported energy only',
      meterCase(genuine, (payload) => payload.replaceAll('B2.08', 'C2.08')),
    ],
    ['meter-register-falls', 'register runs back', meterCase(genuine, edit('1234.567', '9234.567'))],
    [
      'meter-record-of-another-session',
      'record made for another authorization',
      meterCase(genuine, edit(/"ID":"[^"]*"/, `"ID":"${bytes32('other').slice(2)}"`)),
    ],
    [
      'meter-record-of-another-point',
      'record made at another point',
      meterCase(genuine, edit('"RD":', '"CT":"EVSEID","CI":"DE*BBB*E999","RD":')),
    ],
    ['meter-registers-differ', 'begins 1 Wh higher', meterCase(genuine, edit('1234.567', '1234.568'))],
    ['meter-registers-differ', 'ends 1 Wh lower', meterCase(genuine, edit('1245.567', '1245.566'))],
    [
      'meter-times-differ',
      'begins 121 s earlier',
      meterCase(genuine, edit('2026-06-01T00:01:01', '2026-05-31T23:59:00')),
    ],
    [
      'session-not-priceable',
      'time zone that there is not',
      buildEvidence({ offer: { timeZone: 'Mars/Olympus' }, cdr: { chargeMicro: 5_105_100 } }),
    ],
    [
      'charge-over-bound',
      'more money than authorized',
      buildEvidence({ authorization: { maxAmountMicro: 5_000_000 }, cdr: { chargeMicro: 5_000_001 } }),
    ],
    [
      'charge-mismatch',
      'one micro-unit more than the tariff asks',
      buildEvidence({ cdr: { chargeMicro: genuine.cdr.value.chargeMicro + 1 } }),
    ],
    [
      'charge-mismatch',
      'the tariff asks it, the prices offered do not',
      buildEvidence({ prices: testPrices, cdr: { chargeMicro: genuine.cdr.value.chargeMicro } }),
    ],
    [
      'charge-mismatch',
      'one micro-unit less than the tariff asks',
      buildEvidence({ cdr: { chargeMicro: genuine.cdr.value.chargeMicro - 1 } }),
    ],
    [
      'meter-not-billable',
      'energy billed by a meter for time only',
      buildEvidence({ station: await stationWith({ metrologyClass: 'time-only' }) }),
    ],
    [
      'meter-not-billable',
      'energy billed by a meter for nothing',
      buildEvidence({ station: await stationWith({ metrologyClass: 'none' }) }),
    ],
    [
      'meter-clock-not-billable',
      'time billed by an informative clock',
      buildEvidence({ tariff: testTariff, readings: parkedReadings(), meterTimeStatus: 'I' }),
    ],
    [
      'credit-mismatch',
      'one micro-unit less paid for what was given back',
      buildEvidence({ readings: exporting, cdr: { creditMicro: 599_999 } }),
    ],
    ['credit-mismatch', 'paid for nothing given back', buildEvidence({ cdr: { creditMicro: 1 } })],
  ];
  return Promise.all(
    cases.map(async ([refusal, why, evidence]) => ({ refusal, why, evidence: await evidence })),
  );

  async function meterCase(
    { authorization, readings }: Evidence,
    change: (payload: string) => string,
    signedBy?: string,
  ): Promise<Evidence> {
    const registers = ({ at, importWh, exportWh }: Reading) => ({ atMs: at * 1000, importWh, exportWh });
    const payload = change(
      meterRecordPayload({
        pagination: 7,
        meterSerial: '1EMH0012345678',
        authorizationId: Authorization.id(networkId, authorization.value),
        begin: registers(readings[0] as Reading),
        end: registers(readings.at(-1) as Reading),
        endType: 'E',
        timeStatus: 'S',
      }),
    );
    const key = signedBy === undefined ? station.meterKey : testKey(signedBy);
    return buildEvidence({ meterRecord: await signMeterRecord(payload, (bytes) => key.sign(bytes)) });
  }
}

/** Charged in an hour of the morning in Berlin, then stood for another. */
export function parkedReadings(): readonly Reading[] {
  const charging = steadyReadings(dawn + 8 * 3_600, 3_600, 11_000);
  const last = charging.at(-1) as Reading;
  const parked: Reading = { ...last, state: 'parking' };
  return [...charging.slice(0, -1), parked, { ...parked, at: parked.at + 3_600 }];
}

/** A payload with one place changed; throws where the place is not there, so that a case stays what it says. */
function edit(place: string | RegExp, by: string): (payload: string) => string {
  return (payload) => {
    const changed = payload.replace(place, by);
    if (changed === payload) throw new Error(`nothing to change: ${place}`);
    return changed;
  };
}
