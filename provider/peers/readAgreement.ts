import type { Kysely } from 'kysely';
import type { ClearingChain, ClearingTerms } from '../clearing/ClearingChain.ts';
import type { Database } from '../database/Database.ts';

/** What an agreement says about handing in and about liability; without a chain these values hold. */
export const defaultTerms = { handInDeadlineS: 30 * 86_400, graceS: 86_400 } as const;

export type LiabilityTerms = Pick<ClearingTerms, 'handInDeadlineS' | 'graceS'>;

/** Seconds for which an agreement that was read is not read again. */
const freshForS = 300;

const parse = (text: string): ClearingTerms => {
  const terms = JSON.parse(text);
  return {
    ...terms,
    feeMicroPerKwh: BigInt(terms.feeMicroPerKwh),
    creditLimitMicro: BigInt(terms.creditLimitMicro),
  };
};

const print = (terms: ClearingTerms): string =>
  JSON.stringify(terms, (_name, value) => (typeof value === 'bigint' ? value.toString() : value));

/**
 * The agreement with a peer that is in force now: read from the chain at most every {@link freshForS},
 * else what was read last. Null where the two have none, undefined where the chain cannot be asked and
 * never was, or there is no chain.
 */
export async function readAgreement(
  context: {
    readonly db: Kysely<Database>;
    readonly chain?: ClearingChain;
    readonly config: { readonly providerId: string };
  },
  peer: string,
  now: number,
): Promise<ClearingTerms | null | undefined> {
  const { db, chain } = context;
  if (chain === undefined) return undefined;
  const known = await db.selectFrom('peer_agreement').selectAll().where('peer', '=', peer).executeTakeFirst();
  if (known && Math.abs(now - Number(known.read_at)) < freshForS && known.terms !== null)
    return parse(known.terms);
  let read: ClearingTerms | null;
  try {
    read = await chain.agreementBetween(context.config.providerId, peer, now);
  } catch {
    if (known === undefined) return undefined;
    return known.terms === null ? null : parse(known.terms);
  }
  const terms = read && print(read);
  await db
    .insertInto('peer_agreement')
    .values({ peer, terms, read_at: String(now) })
    .onConflict((conflict) => conflict.column('peer').doUpdateSet({ terms, read_at: String(now) }))
    .execute();
  return read;
}
