import type { Hex } from '@p2p-power/protocol/Hex';
import { openLeafList, type PackedTree, settledChargeLeaf } from '@p2p-power/protocol/LeafList';
import type { SettlementProof } from '@p2p-power/protocol/SettlementProof';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import { type BatchRow, batchOf, chargesOfBatch } from './BatchBook.ts';

/** Batches whose trees are kept: each holds at most 50,000 charges, 3 MB. */
const keptTrees = 8;

/** Trees of settled batches by their hash, those used last; a promise, so that who asks at once waits for one. */
export type ProofTrees = Map<Hex, Promise<PackedTree>>;

type Context = Pick<ProviderContext, 'db' | 'networkId'>;

interface Side {
  readonly side: SettlementProof['side'];
  readonly cdr_id: Hex;
  readonly debtor: string;
  readonly creditor: string;
  readonly sequence: string;
  readonly amount_micro: string;
  readonly fee_micro: string | null;
  readonly payee: Hex | null;
}

/**
 * Where the charge of an authorization, and its credit, were settled on the chain, with their proofs;
 * nothing while no batch that holds them is settled.
 */
export async function settlementProofs(
  context: Context,
  authorizationId: Hex,
  trees: ProofTrees,
): Promise<readonly SettlementProof[]> {
  const { rows } = await sql<Side>`
    select 'charge' as side, cdr_id, driver_provider as debtor, operator_provider as creditor,
        charge_sequence as sequence, charge_micro as amount_micro, fee_micro, operator_account as payee
      from charge where authorization_id = ${authorizationId} and charge_sequence is not null
    union all
    select 'credit', cdr_id, operator_provider, driver_provider, credit_sequence, credit_micro, null,
        (select account from member where provider_id = driver_provider)
      from charge where authorization_id = ${authorizationId} and credit_sequence is not null
    order by side`.execute(context.db);
  const proofs: SettlementProof[] = [];
  for (const row of rows) {
    const batch = await context.db
      .selectFrom('batch')
      .selectAll()
      .where('debtor', '=', row.debtor)
      .where('creditor', '=', row.creditor)
      .where('sequence', '=', row.sequence)
      .where('state', '=', 'settled')
      .executeTakeFirst();
    if (batch === undefined) continue;
    const tree = await treeOf(context, batch, trees);
    const { networkId } = context;
    const amountMicro = Number(row.amount_micro);
    const charge = { authorizationId, cdrId: row.cdr_id, chargeMicro: amountMicro };
    const proof = tree.proof(settledChargeLeaf(networkId, charge));
    if (proof === undefined) throw new Error(`${row.cdr_id} is not in the batch that its row names`);
    proofs.push({
      networkId,
      authorizationId,
      cdrId: row.cdr_id,
      side: row.side,
      amountMicro,
      debtor: row.debtor,
      creditor: row.creditor,
      channelId: batch.channel_id,
      sequence: Number(batch.sequence),
      batchHash: batch.batch_hash,
      cdrRoot: batchOf(batch).cdrRoot,
      proof: [...proof],
      feeMicro: row.fee_micro === null ? null : Number(row.fee_micro),
      payee: row.payee?.toLowerCase() as Hex | null,
      txHash: batch.tx_hash,
      blockNumber: batch.block_number === null ? null : Number(batch.block_number),
    });
  }
  return proofs;
}

/** The tree of a batch's charges; built once while it is asked for, in steps, so that others are answered meanwhile. */
function treeOf(context: Context, batch: BatchRow, trees: ProofTrees): Promise<PackedTree> {
  const known = trees.get(batch.batch_hash);
  const tree = known ?? buildTree(context, batch);
  trees.delete(batch.batch_hash);
  trees.set(batch.batch_hash, tree);
  for (const oldest of trees.keys()) {
    if (trees.size <= keptTrees) break;
    trees.delete(oldest);
  }
  tree.catch(() => trees.delete(batch.batch_hash));
  return tree;
}

async function buildTree({ db, networkId }: Context, batch: BatchRow): Promise<PackedTree> {
  const leaves = openLeafList();
  for (const [index, charge] of (await chargesOfBatch(db, batch)).entries()) {
    leaves.add(settledChargeLeaf(networkId, charge));
    if (index % 1_000 === 999) await breathe();
  }
  for (const steps = leaves.grow(); ; await breathe()) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
