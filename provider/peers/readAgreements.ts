import type { Kysely } from 'kysely';
import type { ClearingChain, ClearingTerms } from '../clearing/ClearingChain.ts';
import type { Database } from '../database/Database.ts';
import { agreementAt } from './Agreements.ts';

/** What an agreement says about handing in and about liability; without a chain these values hold. */
export const defaultTerms = { handInDeadlineS: 30 * 86_400, graceS: 86_400 } as const;

export type LiabilityTerms = Pick<ClearingTerms, 'handInDeadlineS' | 'graceS'>;

/** Seconds for which agreements that were read are not read again. */
const freshForS = 60;

/** Seconds by which the chain's clock may lie behind ours. */
const behindS = 300;

const parse = (text: string): readonly ClearingTerms[] =>
  (JSON.parse(text) as ClearingTerms[]).map((terms) => ({
    ...terms,
    feeMicroPerKwh: BigInt(terms.feeMicroPerKwh),
    creditLimitMicro: BigInt(terms.creditLimitMicro),
    disputeFeeMicro: BigInt(terms.disputeFeeMicro),
  }));

const print = (agreements: readonly ClearingTerms[]): string =>
  JSON.stringify(agreements, (_name, value) => (typeof value === 'bigint' ? value.toString() : value));

export interface AgreementsContext {
  readonly db: Kysely<Database>;
  readonly chain?: ClearingChain;
  readonly config: { readonly providerId: string };
}

/**
 * All agreements with a peer, accepted by both, for the question which was in force at `at` (epoch
 * seconds). What was read of the chain serves for every time before that: a later version begins, and a
 * notice takes effect, only after it stands on the chain. Else they are read at most every
 * {@link freshForS}; a chain that cannot be reached leaves what was read last. Undefined where it never
 * was, or there is no chain.
 */
export async function readAgreements(
  context: AgreementsContext,
  peer: string,
  now: number,
  at = now,
): Promise<readonly ClearingTerms[] | undefined> {
  const { db, chain } = context;
  if (chain === undefined) return undefined;
  const known = await db.selectFrom('peer_agreement').selectAll().where('peer', '=', peer).executeTakeFirst();
  const agreements = known && parse(known.agreements);
  if (known !== undefined && agreements !== undefined && agreements.length > 0) {
    const readAt = Number(known.read_at);
    if (at < readAt - behindS || Math.abs(now - readAt) < freshForS) return agreements;
  }
  try {
    return await refreshAgreements({ ...context, chain }, peer, now);
  } catch {
    return agreements;
  }
}

/** The same as the chain has them now; throws where it cannot be reached. */
export async function refreshAgreements(
  context: AgreementsContext & { readonly chain: ClearingChain },
  peer: string,
  now: number,
): Promise<readonly ClearingTerms[]> {
  const agreements = await context.chain.agreementsBetween(context.config.providerId, peer);
  const row = { agreements: print(agreements), read_at: String(now) };
  await context.db
    .insertInto('peer_agreement')
    .values({ peer, ...row })
    .onConflict((conflict) => conflict.column('peer').doUpdateSet(row))
    .execute();
  return agreements;
}

/**
 * The agreement with a peer in force at a time. Null where the two had none, undefined where the chain
 * cannot be asked and never was, or there is no chain.
 */
export async function readAgreement(
  context: AgreementsContext,
  peer: string,
  now: number,
  at = now,
): Promise<ClearingTerms | null | undefined> {
  const agreements = await readAgreements(context, peer, now, at);
  return agreements && (agreementAt(agreements, at) ?? null);
}
