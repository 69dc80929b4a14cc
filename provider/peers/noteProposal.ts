import type { Hex } from '@p2p-power/protocol/Hex';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';

/** Notes that a proposal was seen, ours or a peer's: the chain lists none that is not accepted. */
export async function noteProposal(db: Kysely<Database>, agreementId: Hex, peer: string): Promise<void> {
  await db
    .insertInto('agreement_proposal')
    .values({ agreement_id: agreementId, peer })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
