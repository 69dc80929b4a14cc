import { openTrustList } from '@p2p-power/protocol/TrustList';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import type { Member } from './refreshMembers.ts';

type PollContext = Pick<ProviderContext, 'db' | 'clock' | 'networkId' | 'verifier' | 'fetch'>;

/**
 * Fetches a peer's trust list and takes over what the peer itself has revoked. The list must be signed
 * with a certificate key that the consortium knows as the peer's, and not be older than the last one.
 * Throws where the peer cannot be reached.
 */
export async function pollTrustList(
  context: PollContext,
  peer: Member,
): Promise<Result<{ readonly revocations: number }, string>> {
  const { db, clock } = context;
  const now = clock.nowS();
  const opened = await openTrustList(
    await getJson(context, `${peer.url}/trust-list`),
    {
      networkId: context.networkId,
      issuerId: peer.providerId,
      issuerKeys: peer.keys
        .filter((key) => key.retiredAt === 0 || now < key.retiredAt)
        .map((key) => key.publicKey),
    },
    context.verifier,
  );
  if (!opened.ok) return opened;
  const { head, content } = opened.value;
  const state = await db
    .selectFrom('peer_state')
    .select('trust_list_issued_at')
    .where('provider_id', '=', peer.providerId)
    .executeTakeFirst();
  if (head.issuedAt < Number(state?.trust_list_issued_at ?? 0))
    return refuse('older-than-known', `issued at ${head.issuedAt}, which is before the last one`);
  const revoked = content.revocations.filter((one) => one.providerId === peer.providerId);
  const ids = revoked.map((one) => one.certificateId);
  await db.transaction().execute(async (tx) => {
    await sql`
      insert into revocation (provider_id, certificate_id, revoked_at, expires_at)
      select ${peer.providerId}, certificate_id, revoked_at, null
        from unnest(${ids}::text[], ${revoked.map((one) => one.revokedAt)}::bigint[]) as t (certificate_id, revoked_at)
        order by certificate_id
      on conflict (certificate_id, provider_id) do update set expires_at = null`.execute(tx);
    // What the peer publishes no more has run out.
    await sql`
      update revocation set expires_at = ${now}
        where provider_id = ${peer.providerId} and expires_at is null and certificate_id <> all(${ids}::text[])`.execute(
      tx,
    );
    await tx
      .insertInto('peer_state')
      .values({
        provider_id: peer.providerId,
        trust_list_issued_at: String(head.issuedAt),
        locations_date_from: null,
        last_error: null,
      })
      .onConflict((conflict) =>
        conflict
          .column('provider_id')
          .doUpdateSet({ trust_list_issued_at: String(head.issuedAt), last_error: null }),
      )
      .execute();
  });
  return accept({ revocations: revoked.length });
}

/** Takes over the name under which a peer presents itself. */
export async function pollName(context: PollContext, peer: Member): Promise<void> {
  const info = (await getJson(context, `${peer.url}/provider`)) as { providerId?: unknown; name?: unknown };
  if (info.providerId !== peer.providerId || typeof info.name !== 'string' || info.name === '') return;
  if (info.name === peer.name || info.name.length > 100) return;
  await context.db
    .updateTable('member')
    .set({ name: info.name })
    .where('provider_id', '=', peer.providerId)
    .execute();
}

async function getJson(context: PollContext, url: string): Promise<unknown> {
  const request = new Request(url, { headers: { accept: 'application/json' } });
  const response = await context.fetch(request, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.json();
}
