import type { Evidence } from '@p2p-power/protocol/Evidence';
import { sealSegment } from '@p2p-power/protocol/Segment';
import { openStationKeys } from '@p2p-power/station/StationKeys';
import { insist } from '../insist.ts';
import { chargeOverCap, forgeMeterRecord, replayAuthorization } from './forgeEvidence.ts';
import type { Receipt } from './Phone.ts';
import { type Stage, staffOf } from './Stage.ts';

/**
 * Chapter 6: somebody with the station's own key tries three forgeries, and the station an old
 * authorization. Answers how many entries the two ledgers had before.
 */
export async function refuseForgeries(stage: Stage, receipt: Receipt): Promise<readonly number[]> {
  const { page, anna, cem, garage } = stage;
  const entriesBefore = await Promise.all(
    [anna, cem].map(
      async ({ network }) =>
        insist(await staffOf(stage, network.providerId).ledger(), 'GET /admin/ledger').entries,
    ),
  );
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
  return entriesBefore;
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
