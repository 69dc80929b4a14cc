import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import {
  buildEvidence,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  steadyReadings,
} from '@p2p-power/protocol/testing/world';
import type { Address } from 'viem';
import { encodeMemberId } from '../MemberId.ts';
import type { NetworkCharge, NetworkKey } from '../model/Network.ts';
import { pointOf } from '../PublicKeyPoint.ts';

export type ForcedCharge = { readonly charge: NetworkCharge; readonly evidence: Evidence };

/** The certificate key of a member in these tests: the one that its drivers and stations are certified with. */
export function certificateKey(partyId: string): NetworkKey {
  return pointOf(makeProvider(partyId).key.publicKey);
}

/**
 * Real evidence of charges between members over two weeks from {@link dawn}, some with energy given back, and two in
 * which the charge was changed: once after the station signed, once before.
 */
export async function makeForcedCharges(operators: readonly Address[]): Promise<readonly ForcedCharge[]> {
  const pairs = [
    ['DEAAA', 'DEBBB'],
    ['DEBBB', 'DEAAA'],
    ['DEAAA', 'DECCC'],
    ['DECCC', 'DEBBB'],
  ] as const;
  const days = [0.5, 1.2, 1.9, 2.1, 2.6, 3.3, 4.4, 5.5, 7, 8.5, 10, 12];
  const made = days.map(async (at, index) => {
    const [driverId, stationId] = pairs[index % pairs.length] as readonly [string, string];
    const [driverProvider, stationProvider] = [makeProvider(driverId), makeProvider(stationId)];
    const operatorAccount = operators[index % operators.length] as Address;
    const driver = await makeDriver(driverProvider, `Anna of ${driverId}`);
    const station = await makeStation(stationProvider, `Garage of ${stationId}`, { operatorAccount });
    const readings = steadyReadings(
      dawn + Math.floor(at * 86_400),
      3_600,
      index % 3 === 2 ? 2_000 : 11_000,
      index % 3 === 2 ? 6_000 : 0,
    );
    const parts = { driverProvider, stationProvider, driver, station, readings, nonce: `charge ${index}` };
    const genuine = await buildEvidence(parts);
    const dearer = genuine.cdr.value.chargeMicro + 1;
    if (index === 4) {
      const value = { ...genuine.cdr.value, chargeMicro: dearer };
      const spoilt = { ...genuine, cdr: { ...genuine.cdr, value } };
      return describe(spoilt, operatorAccount, 'bad-cdr-signature');
    }
    if (index === 5) {
      return describe(
        await buildEvidence({ ...parts, cdr: { chargeMicro: dearer } }),
        operatorAccount,
        'charge-mismatch',
      );
    }
    return describe(genuine, operatorAccount, null);
  });
  return Promise.all(made);
}

function describe(
  evidence: Evidence,
  operatorAccount: Address,
  spoilt: NetworkCharge['spoilt'],
): ForcedCharge {
  const { driverCertificate, stationCertificate, authorization, cdr } = evidence;
  const [driverId, stationId] = [driverCertificate.value.providerId, stationCertificate.value.providerId];
  return {
    evidence,
    charge: {
      networkId,
      authorizationId: Authorization.id(networkId, authorization.value),
      cdrId: ChargeDetailRecord.id(networkId, cdr.value),
      driverProvider: encodeMemberId(driverId),
      stationProvider: encodeMemberId(stationId),
      driverIssuer: certificateKey(driverId),
      stationIssuer: certificateKey(stationId),
      driverCertificateId: authorization.value.driverCertificateId,
      stationCertificateId: authorization.value.stationCertificateId,
      operatorAccount,
      signedAt: authorization.value.signedAt,
      endedAt: cdr.value.endedAt,
      importedWh: BigInt(cdr.value.importedWh),
      exportedWh: BigInt(cdr.value.exportedWh),
      chargeMicro: BigInt(cdr.value.chargeMicro),
      creditMicro: BigInt(cdr.value.creditMicro),
      spoilt,
    },
  };
}
