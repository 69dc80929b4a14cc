import { sql } from 'kysely';
import { safeMicro } from '../ledger/safeMicro.ts';
import { readIssuance } from '../netting/watchIssuance.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { LedgerAnswer } from './ClearingSchemas.ts';

/** Balances of all accounts, their sum (0 as long as nothing is broken), and our position on the chain. */
export async function readLedger(
  context: Pick<ProviderContext, 'db' | 'chain' | 'config'>,
): Promise<LedgerAnswer> {
  const { db, chain, config } = context;
  const [balances, entries, issuance] = await Promise.all([
    sql<{ kind: string; owner: string; balance_micro: string }>`
      select kind, owner, balance_micro from ledger_balance order by kind, owner`.execute(db),
    sql<{ entries: string }>`select count(*) as entries from ledger_entry`.execute(db),
    chain === undefined ? null : readIssuance({ db, config }, chain).catch(() => null),
  ]);
  const accounts = balances.rows.map((row) => ({
    kind: row.kind,
    owner: row.owner,
    balanceMicro: safeMicro(row.balance_micro),
  }));
  return {
    accounts,
    totalMicro: safeMicro(balances.rows.reduce((sum, row) => sum + BigInt(row.balance_micro), 0n)),
    entries: Number(entries.rows[0]?.entries ?? 0),
    positionMicro: issuance === null ? null : safeMicro(issuance.positionMicro),
    issuance: issuance && {
      // No sum of ours comes near to 2^53, so a limit beyond it says no more than that.
      limitMicro: Math.min(Number(issuance.limitMicro), Number.MAX_SAFE_INTEGER),
      headroomMicro: Math.min(Number(issuance.headroomMicro), Number.MAX_SAFE_INTEGER),
      awaitingMicro: safeMicro(issuance.awaitingMicro),
      warning: issuance.warning,
    },
  };
}
