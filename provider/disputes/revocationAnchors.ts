import type { Hex } from '@p2p-power/protocol/Hex';
import { revokedTree } from '@p2p-power/protocol/MerkleTree';
import { type Kysely, sql } from 'kysely';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { readAgreements } from '../peers/readAgreements.ts';

/** Most seconds between a revocation and its root. */
const mostEveryS = 3_600;

/**
 * Puts on the chain the root of all certificates that we have taken back, where there are new ones: at
 * once after a quiet time, else as often as a quarter of the shortest grace of our agreements, at most
 * every hour. The grace of a revocation runs from its anchor: that is the time that a contract can know.
 * Answers whether there was a root to anchor.
 */
export async function anchorRevocations(context: ProviderContext, chain: ClearingChain): Promise<boolean> {
  await sendRevocationAnchors(context, chain);
  const me = context.config.providerId;
  const now = context.clock.nowS();
  const last = await lastAnchor(context.db);
  if (last !== undefined && now - Number(last.created_at) < (await everyS(context))) return false;
  const anchored = await context.db.transaction().execute(async (trx) => {
    const next = Number((await lastAnchor(trx))?.anchor ?? 0) + 1;
    const fresh = await trx
      .selectFrom('revocation')
      .select('certificate_id')
      .where('provider_id', '=', me)
      .where('anchor', 'is', null)
      .forUpdate()
      .execute();
    if (fresh.length === 0) return false;
    const before = await revokedUpTo(trx, me, next - 1);
    const certificateIds = [...before, ...fresh.map((row) => row.certificate_id)].sort();
    const { root } = revokedTree(context.networkId, certificateIds);
    await trx
      .insertInto('revocation_anchor')
      .values({
        anchor: String(next),
        root,
        count: String(certificateIds.length),
        created_at: String(now),
        anchored_at: null,
      })
      .execute();
    await sql`update revocation set anchor = ${next}::bigint
      where provider_id = ${me} and certificate_id = any(${fresh.map((row) => row.certificate_id)}::text[])`.execute(
      trx,
    );
    return true;
  });
  if (anchored) await sendRevocationAnchors(context, chain);
  return anchored;
}

async function everyS(context: ProviderContext): Promise<number> {
  const peers = await context.db
    .selectFrom('member')
    .select('provider_id')
    .where('provider_id', '<>', context.config.providerId)
    .execute();
  let shortestS = 4 * mostEveryS;
  for (const { provider_id } of peers)
    for (const { graceS } of (await readAgreements(context, provider_id, context.clock.nowS())) ?? [])
      shortestS = Math.min(shortestS, graceS);
  return shortestS / 4;
}

const lastAnchor = (db: Kysely<Database>) =>
  db.selectFrom('revocation_anchor').selectAll().orderBy('anchor', 'desc').limit(1).executeTakeFirst();

/** The certificates under an anchor, in the order of the tree. */
async function revokedUpTo(db: Kysely<Database>, me: string, anchor: number): Promise<Hex[]> {
  const rows = await db
    .selectFrom('revocation')
    .select('certificate_id')
    .where('provider_id', '=', me)
    .where('anchor', '<=', String(anchor))
    .execute();
  return rows.map((row) => row.certificate_id).sort();
}

/** Sends the roots that the chain does not have yet. */
async function sendRevocationAnchors(context: ProviderContext, chain: ClearingChain): Promise<void> {
  const unsent = await context.db
    .selectFrom('revocation_anchor')
    .select(['anchor', 'root'])
    .where('anchored_at', 'is', null)
    .orderBy('anchor')
    .execute();
  for (const { anchor, root } of unsent) {
    const sent = await chain.disputes.anchorRevocations(root);
    if (!sent.ok) throw new Error(`the revocations cannot be anchored: ${sent.refusal}: ${sent.detail}`);
    const anchoredAt = await chain.disputes.revocationsAnchoredAt(root);
    if (anchoredAt !== null)
      await context.db
        .updateTable('revocation_anchor')
        .set({ anchored_at: String(anchoredAt) })
        .where('anchor', '=', anchor)
        .execute();
  }
}

/**
 * The proof that we had taken a certificate back, under the first root that the chain has had it by
 * `latest` (epoch seconds); undefined where there is none.
 */
export async function revocationProof(
  context: Pick<ProviderContext, 'db' | 'config' | 'networkId'>,
  certificateId: Hex,
  latest: number,
): Promise<{ readonly root: Hex; readonly proof: readonly Hex[]; readonly anchoredAt: number } | undefined> {
  const me = context.config.providerId;
  const under = await context.db
    .selectFrom('revocation')
    .innerJoin('revocation_anchor', 'revocation_anchor.anchor', 'revocation.anchor')
    .select(['revocation_anchor.anchor', 'root', 'anchored_at'])
    .where('provider_id', '=', me)
    .where('certificate_id', '=', certificateId)
    .executeTakeFirst();
  if (under === undefined || under.anchored_at === null || Number(under.anchored_at) > latest)
    return undefined;
  const certificateIds = await revokedUpTo(context.db, me, Number(under.anchor));
  const tree = revokedTree(context.networkId, certificateIds);
  if (tree.root !== under.root)
    throw new Error(`the revocations under ${under.root} are not all in the books`);
  return {
    root: tree.root,
    proof: tree.proof(certificateIds.indexOf(certificateId)),
    anchoredAt: Number(under.anchored_at),
  };
}
