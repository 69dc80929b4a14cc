import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fromBytes, type Hex, toBytes } from '@p2p-power/protocol/Hex';
import { netPositions, type Position } from '@p2p-power/protocol/netPositions';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql, type Transaction } from 'kysely';
import { bankReferenceHash } from '../bank/bankReference.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { PositionsAt } from '../clearing/MoneyChain.ts';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';

/** Why a round is not opened, in order of precedence. */
export type RoundRefusal =
  /** The chain has no such block yet, or another one in its place. */
  | 'block-unknown'
  /** A round of a later block was opened already. */
  | 'round-outdated'
  /** All positions are parts of a cent, or nobody owes anything. */
  | 'nothing-to-net'
  /** A transfer of the open round is on its way, another round would have it paid twice; or a peer announces too soon. */
  | 'round-open';

/** For so long a peer's announcement replaces no round, so that nobody can have the others net without end. */
const standsS = 3_600;

/** The round of one block has one name at every provider. */
export function roundIdOf(networkId: Hex, blockHash: Hex): Hex {
  const hash = createHash('sha256').update('p2p-power/1/netting-round');
  return fromBytes(new Uint8Array(hash.update(toBytes(networkId)).update(toBytes(blockHash)).digest()));
}

/** What a transfer is called from bank to bank: 80 bits of the round and the leg, at most 35 characters. */
export const endToEndIdOf = (roundId: Hex, leg: number): string =>
  `N-${roundId.slice(2, 22).toUpperCase()}-${leg}`;

/**
 * Opens the round of a block, null: the newest. Opened again it is the same round. An open round of
 * another block is replaced, unless we have sent or announced to the bank one of its transfers.
 */
export async function openRound(
  context: Pick<ProviderContext, 'db' | 'clock' | 'config' | 'networkId'>,
  chain: ClearingChain,
  block: { readonly blockNumber: number | null; readonly blockHash?: Hex },
  openedBy: string,
): Promise<Result<{ readonly roundId: Hex }, RoundRefusal>> {
  const at = await chain.positionsAt(block.blockNumber);
  if (at === null || (block.blockHash !== undefined && block.blockHash !== at.blockHash))
    return refuse('block-unknown', `this chain has no such block ${block.blockNumber ?? ''}`.trimEnd());
  const sumMicro = at.positions.reduce((sum, { positionMicro }) => sum + positionMicro, 0n);
  assert.equal(sumMicro, at.supplyMicro, 'the positions do not come to the supply');
  const roundId = roundIdOf(context.networkId, at.blockHash);
  const transfers = netPositions(at.positions);
  return context.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('p2p-power netting round'))`.execute(trx);
    const known = await trx
      .selectFrom('netting_round')
      .select('round_id')
      .where('round_id', '=', roundId)
      .executeTakeFirst();
    if (known !== undefined) return accept({ roundId });
    const later = await trx
      .selectFrom('netting_round')
      .select('round_id')
      .where('block_number', '>=', String(at.blockNumber))
      .executeTakeFirst();
    if (later !== undefined) return refuse('round-outdated', 'the round of a later block was opened already');
    if (transfers.length === 0) return refuse('nothing-to-net', 'no bank transfer would clear anything');
    const open = await trx
      .selectFrom('netting_round')
      .select(['round_id', 'opened_at'])
      .where('state', '=', 'open')
      .executeTakeFirst();
    if (open !== undefined && (await isUnderWay(trx, open.round_id)))
      return refuse('round-open', `a transfer of round ${open.round_id} is on its way`);
    const isYoung = open !== undefined && context.clock.nowS() - Number(open.opened_at) < standsS;
    if (isYoung && openedBy !== 'staff')
      return refuse('round-open', 'a round was opened less than an hour ago; ours stands');
    const now = String(context.clock.nowS());
    if (open !== undefined)
      await trx
        .updateTable('netting_round')
        .set({ state: 'replaced', closed_at: now })
        .where('round_id', '=', open.round_id)
        .execute();
    await trx
      .insertInto('netting_round')
      .values({
        round_id: roundId,
        block_number: String(at.blockNumber),
        block_hash: at.blockHash,
        block_time: String(at.blockTime),
        supply_micro: String(at.supplyMicro),
        positions: printPositions(at),
        opened_by: openedBy,
        opened_at: now,
        announced: [],
        state: 'open',
        closed_at: null,
      })
      .execute();
    await trx
      .insertInto('netting_transfer')
      .values(
        transfers.map(({ payer, receiver, amountMicro }, index) => {
          const endToEndId = endToEndIdOf(roundId, index + 1);
          return {
            end_to_end_id: endToEndId,
            bank_reference: bankReferenceHash(endToEndId),
            round_id: roundId,
            leg: index + 1,
            payer,
            receiver,
            amount_micro: String(amountMicro),
          };
        }),
      )
      .execute();
    return accept({ roundId });
  });
}

/** Whether one of our transfers is in a file for the bank and its receiver has not confirmed it. */
export async function isUnderWay(trx: Transaction<Database>, roundId: Hex): Promise<boolean> {
  const found = await trx
    .selectFrom('netting_transfer as transfer')
    .innerJoin('payment', 'payment.end_to_end_id', 'transfer.end_to_end_id')
    .leftJoin('chain_receipt as receipt', (join) =>
      join
        .onRef('receipt.receiver', '=', 'transfer.receiver')
        .onRef('receipt.bank_reference', '=', 'transfer.bank_reference'),
    )
    .select('leg')
    .where('round_id', '=', roundId)
    .where('receipt.receiver', 'is', null)
    .executeTakeFirst();
  return found !== undefined;
}

const printPositions = ({ positions }: PositionsAt): string =>
  JSON.stringify(
    positions.map(({ providerId, positionMicro }) => ({ providerId, positionMicro: String(positionMicro) })),
  );

export function parsePositions(text: string): readonly Position[] {
  const rows = JSON.parse(text) as readonly { providerId: string; positionMicro: string }[];
  return rows.map(({ providerId, positionMicro }) => ({ providerId, positionMicro: BigInt(positionMicro) }));
}
