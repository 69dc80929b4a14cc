import { checkSession } from '@p2p-power/tariff/checkSession';
import { type Price, price } from '@p2p-power/tariff/price';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { Authorization } from './Authorization.ts';
import type { CertificateCache } from './CertificateCache.ts';
import { ChargeDetailRecord } from './ChargeDetailRecord.ts';
import { DriverCertificate } from './DriverCertificate.ts';
import { emaidProviderId, parseEmaid } from './Emaid.ts';
import type { Evidence } from './Evidence.ts';
import type { EvidenceRefusal } from './EvidenceRefusal.ts';
import { isSameEvse, parseEvseId } from './EvseId.ts';
import { type Hex, toBytes } from './Hex.ts';
import { Offer } from './Offer.ts';
import { checkOfferedPrices, type OfferedPrices } from './OfferedPrices.ts';
import { parseReadings, readingsHash } from './Readings.ts';
import type { Layout, Signed, SignedObject, ValueOf } from './SignedObject.ts';
import { type Verifier, verifyBytes } from './Signer.ts';
import { StationCertificate } from './StationCertificate.ts';
import { sha256, sha256Text } from './sha256.ts';
import { tariffId } from './tariffId.ts';
import { type MeterFacts, verifyMeterRecord } from './verifyMeterRecord.ts';

/** What the judge believes beforehand: the network, and providers' certificate keys. */
export interface EvidenceTrust {
  readonly networkId: Hex;
  /** The certificate key x‖y of that provider with that key id; undefined where it is not (or no longer) trusted. */
  certificateKey(providerId: string, issuerKeyId: Hex): Hex | undefined;
}

/** All that evidence establishes. Money in micro-units, energy in Wh, times in epoch seconds. */
export interface EvidenceFacts {
  readonly networkId: Hex;
  readonly cdrId: Hex;
  readonly authorizationId: Hex;
  readonly offerId: Hex;
  readonly tariffId: Hex;
  readonly driverCertificateId: Hex;
  readonly stationCertificateId: Hex;
  readonly driverProviderId: string;
  readonly stationProviderId: string;
  readonly emaid: string;
  readonly evseId: string;
  readonly operatorAccount: Hex;
  readonly hardwareModel: string;
  readonly authorizedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly importedWh: number;
  readonly exportedWh: number;
  readonly chargeMicro: number;
  readonly creditMicro: number;
  readonly currency: string;
  readonly timeZone: string;
  /** The prices that the offer promised, where the point's are dynamic. */
  readonly prices?: OfferedPrices;
  /** What tariff and prices ask; the charge is less where the authorization's bound is. */
  readonly price: Price;
  readonly endReason: ChargeDetailRecord['endReason'];
  readonly journalNumber: number;
  readonly journalPreviousHash: Hex;
  readonly meter: MeterFacts;
}

/** How far the clocks of phone, station and meter may lie apart, in seconds. */
export const clockToleranceS = 120;

/**
 * The one judge: whether a charge detail record and all that it names are genuine, belong together,
 * were allowed and add up. Needs nothing but keys, so it works offline and years later. Answers every
 * fact that it established, or the first refusal in the order of `evidenceRefusals`. Whether a
 * certificate was revoked and whether the CDR was seen before is for who keeps such lists.
 *
 * Takes what {@link parseEvidence} gave. With a `cache`, certificates seen before cost no signature
 * check, and four remain: offer, authorization, CDR and the meter's record.
 */
export async function verifyEvidence(
  evidence: Evidence,
  trust: EvidenceTrust,
  verifier: Verifier,
  cache?: CertificateCache,
): Promise<Result<EvidenceFacts, EvidenceRefusal>> {
  const { networkId } = trust;
  if (evidence.networkId !== networkId) return refuse('wrong-network', 'made for another network');

  const driver = evidence.driverCertificate.value;
  const station = evidence.stationCertificate.value;
  const driverIssuer = trust.certificateKey(driver.providerId, driver.issuerKeyId);
  if (driverIssuer === undefined)
    return refuse('unknown-driver-provider', `${driver.providerId} or its key is not trusted`);
  const stationIssuer = trust.certificateKey(station.providerId, station.issuerKeyId);
  if (stationIssuer === undefined)
    return refuse('unknown-station-provider', `${station.providerId} or its key is not trusted`);
  const encoded = <Fields extends Layout>(type: SignedObject<Fields>, signed: Signed<ValueOf<Fields>>) => {
    const bytes = type.encode(networkId, signed.value);
    return { bytes, id: sha256(bytes), signature: signed.signature };
  };
  const isSigned = (object: { bytes: Uint8Array; signature: Hex }, publicKey: Hex) =>
    verifyBytes(verifier, publicKey, object.bytes, object.signature);
  let driverCertificateId = cache?.knownId(networkId, evidence.driverCertificate, driverIssuer);
  if (driverCertificateId === undefined) {
    const certificate = encoded(DriverCertificate, evidence.driverCertificate);
    if (!(await isSigned(certificate, driverIssuer)))
      return refuse('bad-driver-certificate-signature', `not signed by ${driver.providerId}`);
    driverCertificateId = certificate.id;
    cache?.remember(networkId, evidence.driverCertificate, driverIssuer, driverCertificateId);
  }
  let stationCertificateId = cache?.knownId(networkId, evidence.stationCertificate, stationIssuer);
  if (stationCertificateId === undefined) {
    const certificate = encoded(StationCertificate, evidence.stationCertificate);
    if (!(await isSigned(certificate, stationIssuer)))
      return refuse('bad-station-certificate-signature', `not signed by ${station.providerId}`);
    stationCertificateId = certificate.id;
    cache?.remember(networkId, evidence.stationCertificate, stationIssuer, stationCertificateId);
  }
  const emaid = parseEmaid(driver.emaid.text);
  if (!emaid.ok || emaidProviderId(emaid.value) !== driver.providerId)
    return refuse('emaid-not-of-provider', `the contract id is not one of ${driver.providerId}`);
  if (!parseEvseId(station.evseId.text).ok) return refuse('bad-evse-id', 'the point has no EVSE-ID');

  const offered = evidence.offer.value;
  if (offered.stationCertificateId !== stationCertificateId)
    return refuse('offer-not-of-station', 'the offer names another station certificate');
  const offer = encoded(Offer, evidence.offer);
  if (!(await isSigned(offer, station.publicKey)))
    return refuse('bad-offer-signature', 'the offer is not signed by the station');
  if (tariffId(networkId, evidence.tariff) !== offered.tariffId)
    return refuse('tariff-mismatch', 'the tariff is not the one offered');
  if (evidence.tariff.currency !== offered.currency)
    return refuse(
      'currency-mismatch',
      `offered in ${offered.currency}, priced in ${evidence.tariff.currency}`,
    );
  const prices = checkOfferedPrices(networkId, offered, evidence.tariff, evidence.prices);
  if (!prices.ok) return prices;

  const authorized = evidence.authorization.value;
  if (authorized.driverCertificateId !== driverCertificateId)
    return refuse('authorization-not-of-driver-certificate', 'it names another driver certificate');
  if (authorized.stationCertificateId !== stationCertificateId)
    return refuse('authorization-not-of-station', 'it names another station certificate');
  if (authorized.offerId !== offer.id) return refuse('authorization-not-of-offer', 'it names another offer');
  const authorization = encoded(Authorization, evidence.authorization);
  if (!(await isSigned(authorization, driver.publicKey)))
    return refuse('bad-authorization-signature', 'the authorization is not signed by the driver');

  const cdr = evidence.cdr.value;
  if (cdr.authorizationId !== authorization.id)
    return refuse('cdr-not-of-authorization', 'the CDR names another authorization');
  if (cdr.stationCertificateId !== stationCertificateId)
    return refuse('cdr-not-of-station', 'the CDR names another station certificate');
  const record = encoded(ChargeDetailRecord, evidence.cdr);
  if (!(await isSigned(record, station.publicKey)))
    return refuse('bad-cdr-signature', 'the CDR is not signed by the station');

  const notAllowed = checkAllowed(evidence);
  if (notAllowed !== undefined) return notAllowed;
  const wrongReadings = checkReadings(evidence);
  if (wrongReadings !== undefined) return wrongReadings;

  if (meterKeyHash(evidence.meterPublicKey) !== station.meterKeyHash)
    return refuse('meter-key-mismatch', 'the meter key is not the one certified');
  if (sha256Text(evidence.meterRecord) !== cdr.meterRecordHash)
    return refuse('meter-record-hash-mismatch', 'the meter record is not the one of the CDR');
  const meter = await verifyMeterRecord(evidence.meterRecord, evidence.meterPublicKey, verifier);
  if (!meter.ok) return meter;
  const wrongMeter = checkMeter(evidence, authorization.id, meter.value);
  if (wrongMeter !== undefined) return wrongMeter;

  const priced = checkCharge(evidence, meter.value);
  if (!priced.ok) return priced;
  return accept({
    networkId,
    cdrId: record.id,
    authorizationId: authorization.id,
    offerId: offer.id,
    tariffId: offered.tariffId,
    driverCertificateId,
    stationCertificateId,
    driverProviderId: driver.providerId,
    stationProviderId: station.providerId,
    emaid: driver.emaid.text,
    evseId: station.evseId.text,
    operatorAccount: station.operatorAccount,
    hardwareModel: station.hardwareModel,
    authorizedAt: authorized.signedAt,
    startedAt: cdr.startedAt,
    endedAt: cdr.endedAt,
    importedWh: cdr.importedWh,
    exportedWh: cdr.exportedWh,
    chargeMicro: cdr.chargeMicro,
    creditMicro: cdr.creditMicro,
    currency: offered.currency,
    timeZone: offered.timeZone,
    ...(prices.value && { prices: prices.value }),
    price: priced.value,
    endReason: cdr.endReason,
    journalNumber: cdr.journalNumber,
    journalPreviousHash: cdr.journalPreviousHash,
    meter: meter.value,
  });
}

const meterKeyHashes = new Map<Hex, Hex>();

/** SHA-256 of a meter's key; those met before are remembered, since a meter signs many charges. */
function meterKeyHash(spki: Hex): Hex {
  const known = meterKeyHashes.get(spki);
  if (known !== undefined) return known;
  const hash = sha256(toBytes(spki));
  if (meterKeyHashes.size >= 5_000) meterKeyHashes.clear();
  meterKeyHashes.set(spki, hash);
  return hash;
}

type Refused = { readonly ok: false; readonly refusal: EvidenceRefusal; readonly detail: string } | undefined;

/** Whether certificates, offer and bounds allowed it when the driver signed. */
function checkAllowed({
  driverCertificate,
  stationCertificate,
  offer,
  authorization,
  cdr,
}: Evidence): Refused {
  const driver = driverCertificate.value;
  const station = stationCertificate.value;
  const { signedAt, maxEnergyWh, maxAmountMicro, mayDischarge } = authorization.value;
  if (signedAt < driver.notBefore)
    return refuse(
      'driver-certificate-not-yet-valid',
      `signed at ${signedAt}, valid from ${driver.notBefore}`,
    );
  if (signedAt >= driver.notAfter)
    return refuse('driver-certificate-expired', `signed at ${signedAt}, valid until ${driver.notAfter}`);
  if (signedAt < station.notBefore)
    return refuse(
      'station-certificate-not-yet-valid',
      `signed at ${signedAt}, valid from ${station.notBefore}`,
    );
  if (signedAt >= station.notAfter)
    return refuse('station-certificate-expired', `signed at ${signedAt}, valid until ${station.notAfter}`);
  const { issuedAt, expiresAt } = offer.value;
  if (signedAt < issuedAt - clockToleranceS)
    return refuse('authorized-before-offer', `signed at ${signedAt}, offered at ${issuedAt}`);
  if (signedAt >= expiresAt)
    return refuse('offer-expired', `signed at ${signedAt}, offered until ${expiresAt}`);
  if (cdr.value.startedAt < signedAt - clockToleranceS)
    return refuse('started-before-authorized', `started at ${cdr.value.startedAt}, signed at ${signedAt}`);
  if (maxEnergyWh > driver.maxEnergyWh)
    return refuse('energy-bound-over-certificate', `${maxEnergyWh} Wh of ${driver.maxEnergyWh} Wh`);
  if (maxAmountMicro > driver.maxAmountMicro)
    return refuse(
      'amount-bound-over-certificate',
      `${maxAmountMicro} of ${driver.maxAmountMicro} micro-units`,
    );
  if (mayDischarge && !driver.mayDischarge)
    return refuse('discharge-not-certified', 'the certificate does not allow to discharge');
  return undefined;
}

/** Whether the readings are those of the CDR and within the bounds that the driver signed. */
function checkReadings({ authorization, cdr, readings }: Evidence): Refused {
  const sound = parseReadings(readings);
  if (!sound.ok) return refuse('invalid-readings', `${sound.refusal}: ${sound.detail}`);
  const { readingsHash: hash, startedAt, endedAt, importedWh, exportedWh } = cdr.value;
  if (readingsHash(readings) !== hash)
    return refuse('readings-hash-mismatch', 'the readings are not those of the CDR');
  const [first, last] = [readings[0], readings.at(-1)];
  if (
    startedAt !== first?.at ||
    endedAt !== last?.at ||
    importedWh !== last.importWh - first.importWh ||
    exportedWh !== last.exportWh - first.exportWh
  )
    return refuse('readings-do-not-add-up', 'time or energy is not that of the first and the last reading');
  const { maxEnergyWh, mayDischarge } = authorization.value;
  if (importedWh > maxEnergyWh) return refuse('energy-over-bound', `${importedWh} Wh of ${maxEnergyWh} Wh`);
  if (exportedWh > 0 && !mayDischarge)
    return refuse('discharge-not-authorized', `${exportedWh} Wh were taken from the car`);
  return undefined;
}

/** Whether the meter's own record says the same of the same session. */
function checkMeter(evidence: Evidence, authorizationId: Hex, meter: MeterFacts): Refused {
  if (meter.identification.toLowerCase() !== authorizationId.slice(2))
    return refuse('meter-record-of-another-session', 'its ID is not the authorization');
  const evseId = evidence.stationCertificate.value.evseId.text;
  if (meter.evseId !== '' && meter.evseId !== evseId && !isSameEvse(meter.evseId, evseId))
    return refuse('meter-record-of-another-point', `the record is of ${JSON.stringify(meter.evseId)}`);
  const [first, last] = [evidence.readings[0], evidence.readings.at(-1)];
  // A record without export register says that nothing was exported, not where the register stands.
  const exportedWh = evidence.cdr.value.exportedWh;
  const sameExport =
    meter.exportEndWh === 0 && meter.exportBeginWh === 0
      ? exportedWh === 0
      : meter.exportBeginWh === first?.exportWh && meter.exportEndWh === last?.exportWh;
  if (meter.importBeginWh !== first?.importWh || meter.importEndWh !== last?.importWh || !sameExport)
    return refuse('meter-registers-differ', 'the registers are not those of the first and the last reading');
  const apartMs = Math.max(
    Math.abs(meter.beganAtMs - first.at * 1000),
    Math.abs(meter.endedAtMs - last.at * 1000),
  );
  if (apartMs > clockToleranceS * 1000)
    return refuse('meter-times-differ', `the meter's times lie ${Math.round(apartMs / 1000)} s apart`);
  return undefined;
}

/** Whether the charge is what the tariff asks for this session, within the bound, and may be billed so. */
function checkCharge(evidence: Evidence, meter: MeterFacts): Result<Price, EvidenceRefusal> {
  const { offer, tariff, prices, readings, cdr, authorization, stationCertificate } = evidence;
  const session = { timeZone: offer.value.timeZone, readings, ...(prices && { prices }) };
  const priceable = checkSession(session);
  if (!priceable.ok) return refuse('session-not-priceable', `${priceable.refusal}: ${priceable.detail}`);
  const owed = price(tariff, session);
  const { chargeMicro, creditMicro, exportedWh } = cdr.value;
  const { maxAmountMicro } = authorization.value;
  if (chargeMicro > maxAmountMicro)
    return refuse('charge-over-bound', `${chargeMicro} of ${maxAmountMicro} micro-units`);
  const dueMicro = Math.min(owed.inclVatMicro, maxAmountMicro);
  if (chargeMicro !== dueMicro)
    return refuse('charge-mismatch', `${chargeMicro} is not ${dueMicro} micro-units`);
  const { metrologyClass } = stationCertificate.value;
  const billed = (isOfKind: (component: string) => boolean) =>
    owed.lines.some(({ component, amountMicro }) => amountMicro > 0 && isOfKind(component));
  const byTime = billed((component) => component.endsWith('TIME'));
  if (
    (metrologyClass !== 'energy' && billed((component) => component === 'ENERGY')) ||
    (metrologyClass === 'none' && byTime)
  )
    return refuse('meter-not-billable', `the meter's class is ${metrologyClass}`);
  if (byTime && meter.timeStatus !== 'S' && meter.timeStatus !== 'R')
    return refuse('meter-clock-not-billable', `time is billed and the meter's clock is ${meter.timeStatus}`);
  const dueCredit = creditOf(exportedWh, offer.value.feedInMicroPerKwh);
  if (BigInt(creditMicro) !== dueCredit)
    return refuse('credit-mismatch', `${creditMicro} is not ${dueCredit} micro-units`);
  return accept(owed);
}

/** What the driver is owed for energy given back: whole micro-units, rounded down. */
export function creditOf(exportedWh: number, feedInMicroPerKwh: number): bigint {
  return (BigInt(exportedWh) * BigInt(feedInMicroPerKwh)) / 1000n;
}
