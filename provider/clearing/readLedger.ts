import { sql } from 'kysely';
import { safeMicro } from '../ledger/safeMicro.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import type { LedgerAnswer } from './ClearingSchemas.ts';

/** Balances of all accounts, their sum (0 as long as nothing is broken), and our position on the chain. */
export async function readLedger(
  context: Pick<ProviderContext, 'db' | 'chain' | 'config'>,
): Promise<LedgerAnswer> {
  const { db, chain, config } = context;
  const [balances, entries, positionMicro] = await Promise.all([
    sql<{ kind: string; owner: string; balance_micro: string }>`
      select kind, owner, balance_micro from ledger_balance order by kind, owner`.execute(db),
    sql<{ entries: string }>`select count(*) as entries from ledger_entry`.execute(db),
    chain?.positionMicro(config.providerId).catch(() => null) ?? null,
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
    positionMicro: positionMicro === null ? null : safeMicro(positionMicro),
  };
}
