import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { type Hex, toBytes } from '@p2p-power/protocol/Hex';
import { Offer } from '@p2p-power/protocol/Offer';
import { readingsHash } from '@p2p-power/protocol/Readings';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { sha256, sha256Text } from '@p2p-power/protocol/sha256';
import { tariffId } from '@p2p-power/protocol/tariffId';
import type { AuditFinding } from './AuditFinding.ts';

/** A charge as the books have it; numbers as PostgreSQL's text. */
export interface StoredCharge {
  readonly cdr_id: string;
  readonly authorization_id: string;
  readonly driver_provider: string;
  readonly operator_provider: string;
  readonly driver_certificate_id: string;
  readonly station_certificate_id: string;
  readonly emaid: string;
  readonly evse_id: string;
  readonly operator_account: string;
  readonly authorized_at: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly imported_wh: string;
  readonly exported_wh: string;
  readonly charge_micro: string;
  readonly credit_micro: string;
  readonly fee_micro: string | null;
  readonly operator_micro: string | null;
  readonly evidence: string;
}

/** What the evidence of a charge comes to, whatever its row says. */
export interface EvidencedCharge {
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  readonly chargeMicro: number;
  readonly creditMicro: number;
  readonly importedWh: number;
  readonly operatorAccount: Hex;
  /** As parsed from the row; its form is only as sound as its hashes. */
  readonly evidence: Evidence;
}

/**
 * Computes a stored charge anew from the words of its evidence: every id that one part names of another,
 * and every column. No signature is checked: an id that a batch's root holds is that of the signed bytes.
 * Says all that does not agree; null where nothing can be read.
 */
export function checkStoredCharge(
  networkId: Hex,
  row: StoredCharge,
  say: (finding: Pick<AuditFinding, 'name' | 'detail' | 'expected' | 'found'>) => void,
): EvidencedCharge | null {
  let evidence: Evidence;
  let ids: ReturnType<typeof idsOf>;
  try {
    evidence = JSON.parse(row.evidence) as Evidence;
    ids = idsOf(networkId, evidence);
  } catch (error) {
    say({ name: 'evidence-unreadable', detail: (error as Error).message });
    return null;
  }
  const cdr = evidence.cdr.value;
  const authorization = evidence.authorization.value;
  const driver = evidence.driverCertificate.value;
  const station = evidence.stationCertificate.value;
  if (ids.cdr !== row.cdr_id) {
    say({
      name: 'evidence-swapped',
      detail: 'the words of the CDR have another id',
      expected: row.cdr_id,
      found: ids.cdr,
    });
  }
  const named: readonly (readonly [string, unknown, unknown])[] = [
    ['network', networkId, evidence.networkId],
    ['authorization', cdr.authorizationId, ids.authorization],
    ['driver certificate', authorization.driverCertificateId, ids.driverCertificate],
    ['station certificate', cdr.stationCertificateId, ids.stationCertificate],
    ['offer', authorization.offerId, ids.offer],
    ['tariff', evidence.offer.value.tariffId, ids.tariff],
    ['readings', cdr.readingsHash, ids.readings],
    ['meter record', cdr.meterRecordHash, ids.meterRecord],
    ['meter key', station.meterKeyHash, ids.meterKey],
  ];
  for (const [part, expected, found] of named)
    if (expected !== found)
      say({
        name: 'evidence-altered',
        detail: `the ${part} is not the one that was signed for`,
        expected: String(expected),
        found: String(found),
      });
  const columns: readonly (readonly [keyof StoredCharge, unknown])[] = [
    ['authorization_id', ids.authorization],
    ['driver_provider', driver.providerId],
    ['operator_provider', station.providerId],
    ['driver_certificate_id', ids.driverCertificate],
    ['station_certificate_id', ids.stationCertificate],
    ['emaid', driver.emaid.text],
    ['evse_id', station.evseId.text],
    ['operator_account', station.operatorAccount],
    ['authorized_at', authorization.signedAt],
    ['started_at', cdr.startedAt],
    ['ended_at', cdr.endedAt],
    ['imported_wh', cdr.importedWh],
    ['exported_wh', cdr.exportedWh],
    ['charge_micro', cdr.chargeMicro],
    ['credit_micro', cdr.creditMicro],
  ];
  for (const [column, value] of columns)
    if (String(value) !== row[column])
      say({
        name: 'charge-altered',
        detail: `${column} is not what the evidence says`,
        expected: String(value),
        found: String(row[column]),
      });
  return {
    authorizationId: ids.authorization,
    cdrId: ids.cdr,
    chargeMicro: cdr.chargeMicro,
    creditMicro: cdr.creditMicro,
    importedWh: cdr.importedWh,
    operatorAccount: station.operatorAccount,
    evidence,
  };
}

function idsOf(networkId: Hex, evidence: Evidence) {
  return {
    cdr: ChargeDetailRecord.id(networkId, evidence.cdr.value),
    authorization: Authorization.id(networkId, evidence.authorization.value),
    driverCertificate: DriverCertificate.id(networkId, evidence.driverCertificate.value),
    stationCertificate: StationCertificate.id(networkId, evidence.stationCertificate.value),
    offer: Offer.id(networkId, evidence.offer.value),
    tariff: tariffId(networkId, evidence.tariff),
    readings: readingsHash(evidence.readings),
    meterRecord: sha256Text(evidence.meterRecord),
    meterKey: sha256(toBytes(evidence.meterPublicKey)),
  };
}
