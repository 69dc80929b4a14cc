import type { Hex } from '@p2p-power/protocol/Hex';
import { sql } from 'kysely';
import { safeMicro } from '../ledger/safeMicro.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { NettingRoundAnswer, NettingTransferAnswer } from './NettingSchemas.ts';
import type { RoundState } from './NettingTables.ts';
import { parsePositions } from './openRound.ts';

/** Rounds with their transfers, newest block first. */
export async function readRounds(
  context: Pick<ProviderContext, 'db' | 'config'>,
  query: { readonly roundId?: Hex; readonly state?: RoundState; readonly limit: number },
): Promise<readonly NettingRoundAnswer[]> {
  let select = context.db
    .selectFrom('netting_round')
    .selectAll()
    .orderBy(sql`block_number`, 'desc')
    .limit(query.limit);
  if (query.roundId !== undefined) select = select.where('round_id', '=', query.roundId);
  if (query.state !== undefined) select = select.where('state', '=', query.state);
  const rounds = await select.execute();
  if (rounds.length === 0) return [];
  const transfers = await readTransfers(
    context,
    rounds.map((round) => round.round_id),
  );
  return rounds.map((round) => ({
    roundId: round.round_id,
    blockNumber: Number(round.block_number),
    blockHash: round.block_hash,
    blockTime: Number(round.block_time),
    supplyMicro: safeMicro(round.supply_micro),
    positions: parsePositions(round.positions).map(({ providerId, positionMicro }) => ({
      providerId,
      positionMicro: safeMicro(positionMicro),
    })),
    state: round.state,
    openedBy: round.opened_by,
    openedAt: Number(round.opened_at),
    closedAt: round.closed_at === null ? null : Number(round.closed_at),
    announcedTo: round.announced,
    transfers: transfers
      .filter(({ roundId }) => roundId === round.round_id)
      .map(({ roundId: _, ...one }) => one),
  }));
}

async function readTransfers(
  context: Pick<ProviderContext, 'db' | 'config'>,
  roundIds: readonly Hex[],
): Promise<readonly (NettingTransferAnswer & { readonly roundId: Hex })[]> {
  const me = context.config.providerId;
  const rows = await context.db
    .selectFrom('netting_transfer as transfer')
    .leftJoin('payment', 'payment.end_to_end_id', 'transfer.end_to_end_id')
    .leftJoin('chain_receipt as receipt', (join) =>
      join
        .onRef('receipt.receiver', '=', 'transfer.receiver')
        .onRef('receipt.bank_reference', '=', 'transfer.bank_reference'),
    )
    .selectAll('transfer')
    .select(['payment.message_id', 'payment.debited_at', 'receipt.tx_hash'])
    .where('round_id', 'in', roundIds)
    .orderBy('leg')
    .execute();
  return rows.map((row) => ({
    roundId: row.round_id,
    leg: row.leg,
    endToEndId: row.end_to_end_id,
    payer: row.payer,
    receiver: row.receiver,
    amountMicro: safeMicro(row.amount_micro),
    ours: row.payer === me ? 'to-pay' : row.receiver === me ? 'to-receive' : null,
    progress:
      row.tx_hash !== null
        ? 'confirmed'
        : row.debited_at !== null
          ? 'debited'
          : row.message_id !== null
            ? 'in-file'
            : 'due',
    messageId: row.message_id,
    txHash: row.tx_hash,
  }));
}
