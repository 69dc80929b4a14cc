import type { Evidence } from '@p2p-power/protocol/Evidence';
import { sealSegment } from '@p2p-power/protocol/Segment';
import { openStationKeys } from '@p2p-power/station/StationKeys';
import { insist } from '../insist.ts';
import { chargeOverCap, forgeMeterRecord, replayAuthorization } from './forgeEvidence.ts';
import type { Receipt } from './Phone.ts';
import { type Stage, staffOf } from './Stage.ts';

/**
 * Chapter 6: somebody with the station's own key tries three forgeries, and the station an old
 * authorization. Answers what was booked before.
 */
export async function refuseForgeries(stage: Stage, receipt: Receipt): Promise<Booked> {
  const { page, anna, garage } = stage;
  const before = await readBooked(stage);
  page.section('6  Forgeries');
  page.line('Somebody takes the key out of the garage station and signs what it never measured:');
  const { signer } = openStationKeys(garage.folder).station;
  const genuine = receipt.evidence;
  const tries = [
    ['a meter record with 10 kWh more', await forgeMeterRecord(genuine, signer), 'bad-meter-signature'],
    [
      'the same authorization once more',
      await replayAuthorization(genuine, signer),
      'authorization-replayed',
    ],
    ['more than the driver’s cap', await chargeOverCap(genuine, signer), 'charge-over-bound'],
  ] as const;
  for (const [what, forged, refusal] of tries) {
    const said = await handIn(stage, forged);
    page.check(said === refusal, `${what}: refused as ${said}`);
  }
  const old = await anna.present(garage.linkUrl, genuine.authorization);
  page.check(
    !old.ok && old.refusal === 'authorization-replayed',
    `the old authorization shown to the station again: refused as ${old.ok ? 'nothing' : old.refusal}`,
  );
  return before;
}

/** What charges have been booked: to Anna, and for Bert. */
export interface Booked {
  readonly billedMicro: number;
  readonly billed: number;
  readonly credited: number;
}

export async function readBooked(stage: Stage): Promise<Booked> {
  const { anna, bert } = stage;
  const ledger = insist(await staffOf(stage, anna.network.providerId).ledger(), 'GET /admin/ledger');
  const drivers = ledger.accounts.filter(({ kind }) => kind === 'driver');
  return {
    billedMicro: drivers.reduce((sum, { balanceMicro }) => sum + balanceMicro, 0),
    billed: insist(await anna.provider.charges(), 'GET /me/charges').total,
    credited: insist(await bert.operatorCharges(), 'GET /operator/charges').total,
  };
}

/** What the operator's provider says to sealed evidence: its refusal, or the outcome that it should not have. */
async function handIn({ cem }: Stage, evidence: Evidence): Promise<string> {
  const info = insist(await cem.provider.provider(), 'GET /provider');
  const segment = await sealSegment([evidence], {
    networkId: info.networkId,
    providerId: info.providerId,
    recipientPublicKey: info.courierKey.publicKey,
  });
  const { results } = insist(await cem.provider.handIn([segment]), 'POST /hand-in');
  const [result] = results;
  const [outcome] = result?.outcomes ?? [];
  return result?.refusal ?? outcome?.refusal ?? outcome?.outcome ?? 'no answer';
}
