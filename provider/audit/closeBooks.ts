import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { positionOf } from '@p2p-power/chain/model/LedgerModel';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { AuditFinding } from './AuditFinding.ts';
import type { AuditState } from './AuditState.ts';
import { type Books, checkRedemption } from './auditBooks.ts';

/**
 * What can be said only where books and chain stand at the same block: that the books have nothing which
 * the chain has not, that open redemptions are open in both, and that the ledger's position is the
 * token's. `db` is a snapshot of the books at the block that the state has reached.
 */
export async function closeBooks(
  books: Pick<Books, 'providerId'>,
  db: Kysely<Database>,
  state: AuditState,
  say: (finding: AuditFinding) => void,
): Promise<void> {
  const channels = [...state.ledger.channels];
  const ahead = await sql<Record<'channel_id' | 'sequence' | 'debtor' | 'creditor' | 'batch_hash', string>>`
    select batch.channel_id, batch.sequence, debtor, creditor, batch_hash from batch
    left join unnest(
      ${channels.map(([channelId]) => channelId.toLowerCase())}::text[],
      ${channels.map(([, { sequence }]) => String(sequence))}::bigint[]) as chain (channel_id, sequence)
      on chain.channel_id = batch.channel_id
    where batch.state = 'settled' and batch.sequence > coalesce(chain.sequence, 0)
    order by 1, 2`.execute(db);
  for (const row of ahead.rows)
    say({
      name: 'batch-ahead-of-chain',
      detail: 'settled in the books, and not on the chain',
      channelId: row.channel_id,
      debtor: row.debtor,
      creditor: row.creditor,
      sequence: row.sequence,
      found: row.batch_hash,
    });

  const orphans = await sql<Record<'debtor' | 'creditor' | 'sequence' | 'count', string>>`
    select debtor, creditor, held.sequence, held.count from (
      select driver_provider as debtor, operator_provider as creditor, charge_sequence as sequence, count(*)
        from charge where charge_sequence is not null group by 1, 2, 3
      union all
      select operator_provider, driver_provider, credit_sequence, count(*)
        from charge where credit_sequence is not null group by 1, 2, 3) as held
    where not exists (
      select from batch where batch.debtor = held.debtor and batch.creditor = held.creditor
        and batch.sequence = held.sequence)
    order by 1, 2, 3`.execute(db);
  for (const row of orphans.rows)
    say({
      name: 'charge-of-no-batch',
      detail: `${row.count} charges name a batch that is not in the books`,
      debtor: row.debtor,
      creditor: row.creditor,
      sequence: row.sequence,
    });

  const twice = await sql<Record<'claim_id' | 'cdr_id' | 'debtor' | 'creditor' | 'sequence', string>>`
    select claim_id, charge.cdr_id, forced_claim.debtor, forced_claim.creditor, batch.sequence from forced_claim
    join charge on charge.authorization_id = forced_claim.authorization_id
    join batch on batch.debtor = forced_claim.debtor and batch.creditor = forced_claim.creditor
      and batch.sequence = case direction when 'charge' then charge_sequence else credit_sequence end
    where forced_claim.state = 'paid' and batch.state = 'settled' order by claim_id`.execute(db);
  for (const row of twice.rows)
    say({
      name: 'charge-paid-twice',
      detail: 'paid by a forced claim, and in a batch',
      claimId: row.claim_id,
      cdrId: row.cdr_id,
      debtor: row.debtor,
      creditor: row.creditor,
      sequence: row.sequence,
    });

  const entries = await sql<{ kind: string; count: string }>`
    select kind, count(*) from ledger_entry
    where kind in ('settlement', 'claim', 'redemption', 'receipt', 'forced', 'dispute') group by kind order by kind`.execute(
    db,
  );
  for (const { kind, count } of entries.rows) {
    const expected = state.entries.get(kind) ?? 0;
    if (Number(count) > expected)
      say({
        name: 'entry-ahead-of-chain',
        detail: `the ledger has more entries of the kind ${kind} than the chain has causes`,
        expected: String(expected),
        found: count,
      });
  }

  for (const [redemptionId, redemption] of state.ledger.redemptions) {
    if (redemption.provider !== encodeMemberId(books.providerId)) continue;
    await checkRedemption(db, say, redemptionId, (row) => [
      ['state', 'open', row.state === 'paid' || row.state === 'cancelled' ? row.state : 'open'],
    ]);
  }

  const member = state.ledger.members.get(encodeMemberId(books.providerId));
  const expected = member === undefined ? 0n : -positionOf(member);
  const booked = await sql<{ balance: string | null }>`
    select sum(balance_micro) as balance from ledger_balance where kind = 'chain-position'`.execute(db);
  const found = BigInt(booked.rows[0]?.balance ?? 0);
  if (found !== expected)
    say({
      name: 'position-differs',
      detail: 'the ledger’s chain-position is not minus what was issued less what was redeemed',
      expected: String(expected),
      found: String(found),
    });
}
