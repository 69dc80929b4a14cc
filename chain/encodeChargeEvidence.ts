import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { encodeReadings } from '@p2p-power/protocol/Readings';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { sealedText } from '@p2p-power/protocol/Word';
import { encodeTariff } from '@p2p-power/tariff/encodeTariff';
import { bytesToBigInt, type Hex, stringToHex } from 'viem';
import { encodeMemberId } from './MemberId.ts';
import { pointOf } from './PublicKeyPoint.ts';

/** The certificate keys x‖y that signed the two certificates. */
export type EvidenceIssuers = { readonly driverIssuer: Hex; readonly stationIssuer: Hex };

/**
 * Evidence as ForcedClaims takes it: the words of its objects without those that the contract computes itself. Neither
 * contract id nor EVSE-ID are in it, only their salted commitments, and of the meter's record only the hash.
 */
export function encodeChargeEvidence(evidence: Evidence, { driverIssuer, stationIssuer }: EvidenceIssuers) {
  const driver = evidence.driverCertificate.value;
  const station = evidence.stationCertificate.value;
  const offer = evidence.offer.value;
  const authorization = evidence.authorization.value;
  const cdr = evidence.cdr.value;
  const signed = [
    evidence.driverCertificate,
    evidence.stationCertificate,
    evidence.offer,
    evidence.authorization,
    evidence.cdr,
  ] as const;
  const [ofDriver, ofStation, ofOffer, ofAuthorization, ofCdr] = signed.map(({ signature }) =>
    halves(signature),
  ) as [Signature, Signature, Signature, Signature, Signature];
  return {
    driverProvider: encodeMemberId(driver.providerId),
    driverIssuer: pointOf(driverIssuer),
    driver: {
      emaid: sealedText(driver.emaid.salt, driver.emaid.text),
      publicKey: pointOf(driver.publicKey),
      notBefore: BigInt(driver.notBefore),
      notAfter: BigInt(driver.notAfter),
      maxEnergyWh: BigInt(driver.maxEnergyWh),
      maxAmountMicro: BigInt(driver.maxAmountMicro),
      mayDischarge: driver.mayDischarge,
    },
    stationProvider: encodeMemberId(station.providerId),
    stationIssuer: pointOf(stationIssuer),
    station: {
      evseId: sealedText(station.evseId.salt, station.evseId.text),
      operatorAccount: station.operatorAccount,
      publicKey: pointOf(station.publicKey),
      meterKeyHash: station.meterKeyHash,
      notBefore: BigInt(station.notBefore),
      notAfter: BigInt(station.notAfter),
      hardwareModel: textWord(station.hardwareModel),
      certificationHash: station.certificationHash,
      metrologyClass: StationCertificate.layout.metrologyClass.indexOf(station.metrologyClass),
    },
    offer: {
      timeZone: textWord(offer.timeZone),
      maxPowerW: BigInt(offer.maxPowerW),
      feedInMicroPerKwh: BigInt(offer.feedInMicroPerKwh),
      issuedAt: BigInt(offer.issuedAt),
      expiresAt: BigInt(offer.expiresAt),
      nonce: offer.nonce,
    },
    authorization: {
      signedAt: BigInt(authorization.signedAt),
      nonce: authorization.nonce,
      maxEnergyWh: BigInt(authorization.maxEnergyWh),
      maxAmountMicro: BigInt(authorization.maxAmountMicro),
      mode: Authorization.layout.mode.indexOf(authorization.mode),
      startAt: BigInt(authorization.startAt),
      leaveAt: BigInt(authorization.leaveAt),
      maxPowerW: BigInt(authorization.maxPowerW),
      mayDischarge: authorization.mayDischarge,
      reserveWh: BigInt(authorization.reserveWh),
      targetWh: BigInt(authorization.targetWh),
    },
    cdr: {
      meterRecordHash: cdr.meterRecordHash,
      chargeMicro: BigInt(cdr.chargeMicro),
      creditMicro: BigInt(cdr.creditMicro),
      endReason: ChargeDetailRecord.layout.endReason.indexOf(cdr.endReason),
      journalNumber: BigInt(cdr.journalNumber),
      journalPreviousHash: cdr.journalPreviousHash,
    },
    signatures: [ofDriver, ofStation, ofOffer, ofAuthorization, ofCdr] as const,
    tariff: words(encodeTariff(evidence.tariff)),
    readings: words(encodeReadings(evidence.readings)),
  };
}

export type ChargeEvidence = ReturnType<typeof encodeChargeEvidence>;

type Signature = { readonly r: Hex; readonly s: Hex };

function halves(signature: Hex): Signature {
  return { r: `0x${signature.slice(2, 66)}`, s: `0x${signature.slice(66)}` };
}

function words(bytes: Uint8Array): readonly bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, index) =>
    bytesToBigInt(bytes.subarray(32 * index, 32 * (index + 1))),
  );
}

const textWord = (text: string): Hex => stringToHex(text, { size: 32 });
