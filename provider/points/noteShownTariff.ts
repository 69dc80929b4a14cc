import type { Hex } from '@p2p-power/protocol/Hex';
import { isHex } from '@p2p-power/protocol/Hex';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import { type HeldTariff, withShown } from './heldTariffs.ts';

interface HeldRow {
  readonly provider_id: string;
  readonly uid: string;
  readonly held_tariffs: readonly HeldTariff[] | null;
}

/**
 * Notes that a point's own station says now (epoch s) by which tariff it offers. One that we did not think it held,
 * from an older message that came late, counts again.
 */
export async function noteStandingTariff(
  db: Kysely<Database>,
  point: { readonly providerId: string; readonly uid: string },
  shown: Hex,
  now: number,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const found = await sql<HeldRow>`
      select provider_id, uid, held_tariffs from evse
      where provider_id = ${point.providerId} and uid = ${point.uid} for no key update`.execute(trx);
    const [row] = found.rows;
    if (row === undefined) return;
    const held = row.held_tariffs ?? [];
    if (held.some(({ tariffId }) => tariffId === shown)) {
      await keep(trx, row, withShown(held, shown, now), now);
      return;
    }
    const known = await sql<{ tariff: unknown; until: string }>`
      select tariff, (select max(not_after) from station_certificate where uid = ${point.uid}) as until
      from tariff where uid = ${point.uid} and tariff_id = ${shown} order by valid_from desc limit 1`.execute(
      trx,
    );
    const [tariff] = known.rows;
    if (tariff === undefined) return;
    const until = Number(tariff.until);
    await keep(trx, row, [{ tariffId: shown, tariff: tariff.tariff, givenAt: now, until }, ...held], now);
  });
}

/**
 * Notes by which tariffs stations made the offers of charges that came in: what an offline station holds shows by nothing
 * else. Only stations that may hold several are looked at.
 */
export async function noteOfferedTariffs(
  trx: Kysely<Database>,
  charges: readonly { readonly stationCertificateId: Hex; readonly evidence: string }[],
  now: number,
): Promise<void> {
  if (charges.length === 0) return;
  const found = await sql<HeldRow & { certificate_id: Hex }>`
    select evse.provider_id, evse.uid, held_tariffs, certificate_id
    from evse join station_certificate using (uid)
    where certificate_id = any(${[...new Set(charges.map((one) => one.stationCertificateId))]}::text[])
      and jsonb_array_length(held_tariffs) > 1
      and provider_id in (select provider_id from location where source = 'own')
    order by evse.uid for no key update of evse`.execute(trx);
  for (const uid of new Set(found.rows.map((row) => row.uid))) {
    const rows = found.rows.filter((row) => row.uid === uid);
    const [row] = rows;
    if (row === undefined) continue;
    const ids = new Set(rows.map(({ certificate_id }) => certificate_id));
    const before = row.held_tariffs ?? [];
    const after = charges
      .filter(({ stationCertificateId }) => ids.has(stationCertificateId))
      .map(({ evidence }) => offeredBy(evidence))
      .reduce((held, offer) => (offer ? withShown(held, offer.tariffId, offer.issuedAt) : held), before);
    await keep(trx, row, after, now);
  }
}

/** Of evidence that was checked, by which tariff the station made its offer, and when. */
function offeredBy(evidence: string): { readonly tariffId: Hex; readonly issuedAt: number } | undefined {
  const json: unknown = JSON.parse(evidence);
  const offer = isRecord(json) && isRecord(json.offer) && isRecord(json.offer.value) ? json.offer.value : {};
  const { tariffId, issuedAt } = offer;
  return isHex(tariffId, 32) && typeof issuedAt === 'number' ? { tariffId, issuedAt } : undefined;
}

async function keep(
  trx: Kysely<Database>,
  { provider_id, uid, held_tariffs }: HeldRow,
  held: readonly HeldTariff[],
  now: number,
): Promise<void> {
  if (held.length === held_tariffs?.length && held[0]?.tariffId === held_tariffs[0]?.tariffId) return;
  await trx
    .updateTable('evse')
    .set({ held_tariffs: JSON.stringify(held), updated_at: String(now) })
    .where('provider_id', '=', provider_id)
    .where('uid', '=', uid)
    .execute();
}
