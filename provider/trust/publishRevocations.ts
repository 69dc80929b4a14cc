import type { Hex } from '@p2p-power/protocol/Hex';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';

/**
 * Publishes certificates of ours as taken back, from now on in every trust list. `expiresAt` is when
 * each would have run out anyhow. Taken back once, the first time stands.
 */
export async function publishRevocations(
  db: Kysely<Database>,
  providerId: string,
  certificates: readonly { readonly certificateId: Hex; readonly expiresAt: number }[],
  now: number,
): Promise<void> {
  if (certificates.length === 0) return;
  await sql`
    insert into revocation (provider_id, certificate_id, revoked_at, expires_at)
    select ${providerId}, certificate_id, ${now}, expires_at
      from unnest(
        ${certificates.map((one) => one.certificateId)}::text[],
        ${certificates.map((one) => one.expiresAt)}::bigint[]) as t (certificate_id, expires_at)
      order by certificate_id
    on conflict do nothing`.execute(db);
}
