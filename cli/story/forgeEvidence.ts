import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Signer } from '@p2p-power/protocol/Signer';
import { sha256 } from '@p2p-power/protocol/sha256';

/**
 * What an operator might try who has taken the key out of their own station: every forgery below is
 * signed by that key, so that only the rest of the evidence can give it away.
 */
async function signAgain(
  evidence: Evidence,
  changes: Partial<ChargeDetailRecord>,
  stationSigner: Signer,
): Promise<Evidence> {
  const value = { ...evidence.cdr.value, ...changes };
  return { ...evidence, cdr: await ChargeDetailRecord.sign(evidence.networkId, value, stationSigner) };
}

/** The meter's record with its last register raised by 10 kWh; the meter's own signature is left as it was. */
export async function forgeMeterRecord(evidence: Evidence, stationSigner: Signer): Promise<Evidence> {
  const [header, payload = '', signature] = evidence.meterRecord.split('|');
  const json = JSON.parse(payload) as { RD: { RV: number | string }[] };
  const last = json.RD.at(-1);
  if (last === undefined) throw new Error('the meter record has no readings');
  last.RV = Number(last.RV) + 10;
  const meterRecord = [header, JSON.stringify(json), signature].join('|');
  const meterRecordHash = sha256(new TextEncoder().encode(meterRecord));
  return signAgain({ ...evidence, meterRecord }, { meterRecordHash }, stationSigner);
}

/** The same charge once more, as another entry of the journal. */
export function replayAuthorization(evidence: Evidence, stationSigner: Signer): Promise<Evidence> {
  return signAgain(evidence, { journalNumber: evidence.cdr.value.journalNumber + 1 }, stationSigner);
}

/** One micro-unit more than the driver agreed to pay at most. */
export function chargeOverCap(evidence: Evidence, stationSigner: Signer): Promise<Evidence> {
  const chargeMicro = evidence.authorization.value.maxAmountMicro + 1;
  return signAgain(evidence, { chargeMicro }, stationSigner);
}
