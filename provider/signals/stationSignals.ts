import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signal } from '@p2p-power/protocol/Signal';
import { DYNAMIC_BOUNDS } from '@p2p-power/tariff/DynamicTerms';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { readDynamicTerms } from '../points/readDynamicTerms.ts';
import { type PublishedSignal, publishSignal, type SignalContext } from './publishSignal.ts';

/** What of a point decides which signals its station needs. */
export interface SignalledPoint {
  readonly dynamic_terms: unknown;
  readonly grid_area: string | null;
}

/**
 * The signals for the station of a point: the price of the area that its terms name, the carbon of the
 * provider's area, the grid of its own area or the provider's; each where there is one.
 */
export async function signalsForPoint(
  context: SignalContext,
  point: SignalledPoint,
): Promise<{ readonly signals: readonly Signal[]; readonly priceSignalId: Hex | null }> {
  const { carbonArea, gridArea } = context.config;
  const priceArea = readDynamicTerms(point.dynamic_terms)?.area;
  const of = async (kind: 'price' | 'carbon' | 'grid', area: string | null | undefined) =>
    area == null ? undefined : publishSignal(context, kind, area);
  const [price, carbon, grid] = await Promise.all([
    of('price', priceArea),
    of('carbon', carbonArea),
    of('grid', point.grid_area ?? gridArea),
  ]);
  const isThere = (one: PublishedSignal | undefined): one is PublishedSignal => one !== undefined;
  return {
    signals: [price, carbon, grid].filter(isThere).map(({ signal }) => signal),
    priceSignalId: price?.id ?? null,
  };
}

/** The point of the station of ours in force that has this certificate. */
export async function stationPoint(
  { db, config, clock }: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  stationCertificateId: Hex,
): Promise<(SignalledPoint & { readonly uid: string }) | undefined> {
  return db
    .selectFrom('station_certificate as s')
    .innerJoin('evse as e', 'e.uid', 's.uid')
    .select(['e.uid', 'e.dynamic_terms', 'e.grid_area'])
    .where('s.certificate_id', '=', stationCertificateId)
    .where('s.revoked_at', 'is', null)
    .where('s.not_after', '>', String(clock.nowS()))
    .where('e.provider_id', '=', config.providerId)
    .where('e.removed_at', 'is', null)
    .executeTakeFirst();
}

/**
 * The signals for the station of a point, which says which price signal it holds: that is what the map reckons with. What
 * it is given now may not come to it, as what couriers bring. Who asks has been proven to be the station.
 */
export async function takeSignals(
  context: SignalContext,
  point: SignalledPoint & { readonly uid: string },
  holds: Hex | undefined,
): Promise<readonly Signal[]> {
  const { db, config, clock } = context;
  const now = String(clock.nowS());
  const { signals, priceSignalId } = await signalsForPoint(context, point);
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('evse')
      .set({ signals_taken_at: now, taken_signal_id: holds ?? null, last_seen_at: now })
      .where('provider_id', '=', config.providerId)
      .where('uid', '=', point.uid)
      .execute();
    await noteGiven({ ...context, db: tx }, point.uid, priceSignalId);
  });
  return signals;
}

/** So many signals may be under way to one station; of more the newest count. */
export const MOST_GIVEN_SIGNALS = 64;

/**
 * Notes that a price signal was given to a point's station, or to a courier for it. Of those given before, the ones remain
 * that are later than what the station holds and not too old for any terms.
 */
export async function noteGiven(
  { db, config, clock }: Pick<ProviderContext, 'config' | 'clock'> & { readonly db: Kysely<Database> },
  uid: string,
  priceSignalId: Hex | null,
): Promise<void> {
  await sql`
    update evse as e set given_signal_ids = array(
      select s.signal_id from signal s
      where s.signal_id = any(array_append(e.given_signal_ids, ${priceSignalId}::text))
        and s.issued_at >= ${clock.nowS() - DYNAMIC_BOUNDS.maxAgeS}
        and s.issued_at > coalesce((select t.issued_at from signal t where t.signal_id = e.taken_signal_id), 0)
      order by s.issued_at desc limit ${MOST_GIVEN_SIGNALS})
    where e.provider_id = ${config.providerId} and e.uid = ${uid}`.execute(db);
}

/** Notes that a point's station has a way to us of its own. */
export async function noteAsked(
  { db, config, clock }: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  uid: string,
): Promise<void> {
  await db
    .updateTable('evse')
    .set({ signals_taken_at: String(clock.nowS()) })
    .where('provider_id', '=', config.providerId)
    .where('uid', '=', uid)
    .execute();
}
