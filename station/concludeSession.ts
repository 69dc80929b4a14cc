import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { MeterEndType } from '@p2p-power/protocol/MeterRecord';
import type { Reading } from '@p2p-power/protocol/Readings';
import { readingsHash } from '@p2p-power/protocol/Readings';
import type { Signer } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { sha256 } from '@p2p-power/protocol/sha256';
import { creditOf } from '@p2p-power/protocol/verifyEvidence';
import type { JournalHead } from './Journal.ts';
import type { Meter } from './Ports.ts';
import type { EndReason, Session } from './Session.ts';
import { sessionAmountMicro } from './sessionAmount.ts';

/** OCMF's word for each end (OCMF 1.4, TX). */
const endTypes: Readonly<Record<EndReason, MeterEndType>> = {
  'driver-stopped': 'R',
  'cable-removed': 'L',
  'energy-reached': 'E',
  'amount-reached': 'E',
  'leave-time': 'E',
  'power-cut': 'P',
  fault: 'A',
};

/**
 * Ends the measurement and signs the CDR of a session in phase `ending`. Done again after a kill it
 * gives the same record and readings, for the meter answers the same again. `head` is where the CDR
 * will stand in the journal.
 */
export async function concludeSession(
  session: Session,
  parts: { readonly meter: Meter; readonly signer: Signer },
  networkId: Hex,
  head: JournalHead,
): Promise<Evidence> {
  const { agreement, ending, authorizationId } = session;
  const first = session.readings[0];
  const before = session.readings.at(-1);
  if (ending === undefined || first === undefined || before === undefined)
    throw new Error('the session is not ending');
  const measured = await parts.meter.end(authorizationId, ending.at, endTypes[ending.endReason]);
  const last: Reading = {
    at: measured.at,
    importWh: measured.importWh,
    exportWh: measured.exportWh,
    state: before.state,
  };
  if (last.at <= before.at || last.importWh < before.importWh || last.exportWh < before.exportWh)
    throw new Error('the meter’s last reading lies before one that it gave earlier');
  const readings = [...session.readings, last];
  const { authorization, stationCertificate, offer } = agreement;
  const exportedWh = last.exportWh - first.exportWh;
  const amountMicro = sessionAmountMicro(agreement, readings);
  const cdr = await ChargeDetailRecord.sign(
    networkId,
    {
      authorizationId: Authorization.id(networkId, authorization.value),
      stationCertificateId: StationCertificate.id(networkId, stationCertificate.value),
      startedAt: first.at,
      endedAt: last.at,
      importedWh: last.importWh - first.importWh,
      exportedWh,
      readingsHash: readingsHash(readings),
      meterRecordHash: sha256(new TextEncoder().encode(measured.record)),
      chargeMicro: Math.min(amountMicro, authorization.value.maxAmountMicro),
      creditMicro: Number(creditOf(exportedWh, offer.value.feedInMicroPerKwh)),
      endReason: ending.endReason,
      journalNumber: head.nextNumber,
      journalPreviousHash: head.previousHash,
    },
    parts.signer,
  );
  return {
    networkId,
    ...agreement,
    cdr,
    readings,
    meterRecord: measured.record,
    meterPublicKey: parts.meter.publicKey,
  };
}
