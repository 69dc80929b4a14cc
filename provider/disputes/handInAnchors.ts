import type { Hex } from '@p2p-power/protocol/Hex';
import { handInTree } from '@p2p-power/protocol/MerkleTree';
import { type Kysely, sql } from 'kysely';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { agreementAt } from '../peers/Agreements.ts';
import { readAgreements } from '../peers/readAgreements.ts';

/** CDR ids of one root. */
const maxLeaves = 100_000;

/** Seconds between two roots however near a deadline is. */
const leastEveryS = 600;

/**
 * Puts on the chain, by one root, that all charges a peer owes us and has not settled are handed in by
 * now, so that a peer that is silent cannot let the deadline run out: once in `disputes.anchorEveryS`, and
 * before the deadline of any. What is under a root stays in the books, and so can be proved. Answers
 * whether there was a root to anchor.
 */
export async function anchorHandIns(context: ProviderContext, chain: ClearingChain): Promise<boolean> {
  await sendHandInAnchors(context, chain);
  const now = context.clock.nowS();
  const last = await context.db
    .selectFrom('hand_in_anchor')
    .select('created_at')
    .orderBy('anchor', 'desc')
    .limit(1)
    .executeTakeFirst();
  const sinceS = last === undefined ? Number.POSITIVE_INFINITY : now - Number(last.created_at);
  if (sinceS < Math.min(leastEveryS, context.config.disputes.anchorEveryS)) return false;
  const open = await openHandIns(context);
  if (open.length === 0) return false;
  if (sinceS < context.config.disputes.anchorEveryS && !(await isUrgent(context, open))) return false;

  const cdrIds = open.map((row) => row.cdr_id);
  const { root } = handInTree(context.networkId, cdrIds);
  await context.db.transaction().execute(async (trx) => {
    const { anchor } = await trx
      .insertInto('hand_in_anchor')
      .values({ root, created_at: String(now), anchored_at: null })
      .returning('anchor')
      .executeTakeFirstOrThrow();
    await sql`insert into hand_in (cdr_id, anchor)
      select cdr_id, ${anchor}::bigint from unnest(${cdrIds}::text[]) as under (cdr_id)`.execute(trx);
  });
  await sendHandInAnchors(context, chain);
  return true;
}

interface OpenHandIn {
  readonly cdr_id: Hex;
  readonly peer: string;
  readonly authorized_at: string;
  readonly ended_at: string;
}

/** What peers owe us, on the way to them, refused, accepted or in a batch, that is neither settled nor under a root. */
async function openHandIns(context: ProviderContext): Promise<readonly OpenHandIn[]> {
  const me = context.config.providerId;
  const found = await sql<OpenHandIn>`
    select cdr_id, case when operator_provider = ${me} then driver_provider else operator_provider end as peer,
        authorized_at, ended_at
      from charge
      where driver_provider <> operator_provider
        and (operator_provider = ${me} and charge_micro > 0 or driver_provider = ${me} and credit_micro > 0)
        and not exists (select from hand_in where hand_in.cdr_id = charge.cdr_id)
        and not exists (select from batch where batch.state = 'settled' and batch.creditor = ${me}
          and (batch.debtor = driver_provider and batch.sequence = charge_sequence
            or batch.debtor = operator_provider and batch.sequence = credit_sequence))
        and not exists (select from forced_claim where forced_claim.cdr_id = charge.cdr_id
          and forced_claim.creditor = ${me} and forced_claim.state in ('raised', 'paid', 'void'))
      order by ended_at, cdr_id limit ${maxLeaves}`.execute(context.db);
  return found.rows;
}

/** Whether a deadline comes before the next usual anchor, or soon after. */
async function isUrgent(context: ProviderContext, open: readonly OpenHandIn[]): Promise<boolean> {
  const now = context.clock.nowS();
  const reserveS = 2 * context.config.disputes.anchorEveryS;
  for (const { peer, authorized_at, ended_at } of open) {
    const agreements = (await readAgreements(context, peer, now, Number(authorized_at))) ?? [];
    const terms = agreementAt(agreements, Number(authorized_at));
    const deadline = Number(ended_at) + (terms?.handInDeadlineS ?? 0);
    if (terms !== undefined && now < deadline && deadline - now < reserveS) return true;
  }
  return false;
}

/** Sends the roots that the chain does not have yet. */
async function sendHandInAnchors(context: ProviderContext, chain: ClearingChain): Promise<void> {
  const unsent = await context.db
    .selectFrom('hand_in_anchor')
    .select(['anchor', 'root'])
    .where('anchored_at', 'is', null)
    .orderBy('anchor')
    .execute();
  for (const { anchor, root } of unsent) {
    const sent = await chain.disputes.anchorHandIn(root);
    if (!sent.ok) throw new Error(`the hand-ins cannot be anchored: ${sent.refusal}: ${sent.detail}`);
    const anchoredAt = await chain.disputes.handInAnchoredAt(root);
    if (anchoredAt !== null)
      await context.db
        .updateTable('hand_in_anchor')
        .set({ anchored_at: String(anchoredAt) })
        .where('anchor', '=', anchor)
        .execute();
  }
}

/** The proof that a CDR was handed in by the time of its anchor; undefined where it is under none that the chain has. */
export async function handInProof(
  context: { readonly db: Kysely<Database>; readonly networkId: Hex },
  cdrId: Hex,
): Promise<{ readonly root: Hex; readonly proof: readonly Hex[]; readonly anchoredAt: number } | undefined> {
  const under = await context.db
    .selectFrom('hand_in')
    .innerJoin('hand_in_anchor', 'hand_in_anchor.anchor', 'hand_in.anchor')
    .select(['hand_in.anchor', 'root', 'anchored_at'])
    .where('cdr_id', '=', cdrId)
    .executeTakeFirst();
  if (under === undefined || under.anchored_at === null) return undefined;
  const leaves = await context.db
    .selectFrom('hand_in')
    .select('cdr_id')
    .where('anchor', '=', under.anchor)
    .orderBy('cdr_id')
    .execute();
  const cdrIds = leaves.map((row) => row.cdr_id);
  const tree = handInTree(context.networkId, cdrIds);
  if (tree.root !== under.root) throw new Error(`the hand-ins under ${under.root} are not all in the books`);
  return { root: tree.root, proof: tree.proof(cdrIds.indexOf(cdrId)), anchoredAt: Number(under.anchored_at) };
}
