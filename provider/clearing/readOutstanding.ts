import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import { safeMicro } from '../ledger/safeMicro.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { agreementAt } from '../peers/Agreements.ts';
import { readAgreements } from '../peers/readAgreements.ts';
import type { ClearingTerms } from './ClearingChain.ts';

/** What a peer owes us and has not settled; micro-units. */
export interface Outstanding {
  readonly peer: string;
  /** Accepted and not settled on the chain, whether a batch holds it or not. */
  readonly outstandingMicro: number;
  /** When the oldest of it that no batch holds ended, epoch seconds; null where batches hold all. */
  readonly oldestEndedAt: number | null;
}

/** Of a row of `charge`: what was collected by a forced claim is owed no longer. */
const notPaid = (direction: 'charge' | 'credit') => sql`not exists (select from forced_claim
  where forced_claim.authorization_id = charge.authorization_id and forced_claim.direction = ${direction}
    and forced_claim.state = 'paid')`;

/** What each peer owes `creditor`, as this provider's books say, by peer; those that owe nothing are left out. */
export async function readOutstanding(
  db: Kysely<Database>,
  creditor: string,
): Promise<readonly Outstanding[]> {
  const found = await sql<{ peer: string; outstanding: string; oldest: string | null }>`
    select peer, sum(micro) as outstanding, min(ended_at) as oldest from (
      select driver_provider as peer, charge_micro as micro, ended_at from charge
        where operator_provider = ${creditor} and driver_provider <> ${creditor}
          and state = 'accepted' and charge_sequence is null and charge_micro > 0 and ${notPaid('charge')}
      union all
      select operator_provider, credit_micro, ended_at from charge
        where driver_provider = ${creditor} and operator_provider <> ${creditor}
          and state = 'accepted' and credit_sequence is null and credit_micro > 0 and ${notPaid('credit')}
      union all
      select debtor, total_micro, null from batch where creditor = ${creditor} and state <> 'settled'
    ) as owed group by peer order by peer`.execute(db);
  return found.rows.map((row) => ({
    peer: row.peer,
    outstandingMicro: safeMicro(row.outstanding),
    oldestEndedAt: row.oldest === null ? null : Number(row.oldest),
  }));
}

/** What may be owed by the agreement in force; after its end by the last one, whose charges remain to be settled. */
export function creditLimitOf(agreements: readonly ClearingTerms[], now: number): bigint {
  return (agreementAt(agreements, now) ?? agreements.at(-1))?.creditLimitMicro ?? 0n;
}

/** The same with the limit of the agreement in force; null where none is known, e.g. without a chain. */
export async function readCredit(
  context: Pick<ProviderContext, 'db' | 'chain' | 'config' | 'clock'>,
): Promise<
  readonly (Outstanding & { readonly creditLimitMicro: number | null; readonly isOverLimit: boolean })[]
> {
  const all = await readOutstanding(context.db, context.config.providerId);
  return Promise.all(
    all.map(async (one) => {
      const now = context.clock.nowS();
      const agreements = (await readAgreements(context, one.peer, now)) ?? [];
      const limit = agreements.length === 0 ? null : creditLimitOf(agreements, now);
      return {
        ...one,
        // No sum of ours comes near to 2^53, so a limit beyond it says no more than that.
        creditLimitMicro: limit === null ? null : Math.min(Number(limit), Number.MAX_SAFE_INTEGER),
        isOverLimit: limit !== null && BigInt(one.outstandingMicro) > limit,
      };
    }),
  );
}
