import type { Signer } from '@p2p-power/protocol/Signer';
import { type SignedStopRequest, StopRequest } from '@p2p-power/protocol/StopRequest';
import { accept, type Result } from '@p2p-power/tariff/Result';
import { type ChargeRecord, withStatus } from './ChargeRecord.ts';
import type { Link } from './Link.ts';

/** What one look at a charge gave: the record as it is now, and whether the station could be reached. */
export interface Look {
  readonly record: ChargeRecord;
  readonly isReached: boolean;
}

/** Refusals of the link itself: nothing is known of the charge, ask again later. */
const unreached: readonly string[] = ['no-connection', 'no-answer', 'malformed-answer', 'too-many-requests'];

/**
 * Looks once how an open charge stands: asks again to start what the station may never have heard
 * (it answers a repeated authorization as before), then its status, and at its end the receipt.
 */
export async function lookAtCharge(link: Link, record: ChargeRecord): Promise<Look> {
  if (record.state === 'asked') return askToStart(link, record);
  const status = await link.ask({ type: 'status', authorizationId: record.authorizationId }, 'session');
  if (!status.ok) return failed(record, status);
  const looked = withStatus(record, status.value);
  if (looked.state !== 'ended') return { record: looked, isReached: true };
  return fetchReceipt(link, looked);
}

/** Hands the signed yes to the station. */
export async function askToStart(link: Link, record: ChargeRecord): Promise<Look> {
  const { driverCertificate, authorization } = record;
  const started = await link.ask({ type: 'authorize', driverCertificate, authorization }, 'started');
  if (started.ok) return { record: { ...record, state: 'running' }, isReached: true };
  // The charge of this authorization may be over already: then it has a status.
  if (started.refusal === 'authorization-replayed')
    return { record: { ...record, state: 'running' }, isReached: true };
  return failed(record, started);
}

async function fetchReceipt(link: Link, record: ChargeRecord): Promise<Look> {
  const receipt = await link.ask({ type: 'receipt', authorizationId: record.authorizationId }, 'receipt');
  if (receipt.ok) return { record: { ...record, evidence: receipt.value.evidence }, isReached: true };
  if (receipt.refusal === 'session-not-ended') return { record, isReached: true };
  return failed(record, receipt);
}

function failed(
  record: ChargeRecord,
  { refusal, detail }: { readonly refusal: string; readonly detail: string },
): Look {
  if (unreached.includes(refusal)) return { record, isReached: false };
  const state = record.state === 'asked' ? 'refused' : 'ended';
  return { record: { ...record, state, refusal: { refusal, detail } }, isReached: true };
}

/** Asks the station to end the charge, signed by the key that began it. */
export async function stopCharge(
  link: Link,
  record: ChargeRecord,
  signer: Signer,
  now: number,
): Promise<Result<ChargeRecord, string>> {
  const request: SignedStopRequest = await StopRequest.sign(
    record.networkId,
    { authorizationId: record.authorizationId, signedAt: now },
    signer,
  );
  const answer = await link.ask({ type: 'stop', request }, 'session');
  return answer.ok ? accept(withStatus(record, answer.value)) : answer;
}
