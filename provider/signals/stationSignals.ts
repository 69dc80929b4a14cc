import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signal } from '@p2p-power/protocol/Signal';
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
 * The signals for the station of a point, and notes that it took them: from then on the map reckons with them. Who asks
 * has been proven to be the station.
 */
export async function takeSignals(
  context: SignalContext,
  point: SignalledPoint & { readonly uid: string },
): Promise<readonly Signal[]> {
  const { db, config, clock } = context;
  const now = String(clock.nowS());
  const { signals, priceSignalId } = await signalsForPoint(context, point);
  await db
    .updateTable('evse')
    .set({ signals_taken_at: now, taken_signal_id: priceSignalId, last_seen_at: now })
    .where('provider_id', '=', config.providerId)
    .where('uid', '=', point.uid)
    .execute();
  return signals;
}

/** Notes which price signal was given to a courier for a point's station. */
export async function noteCarried(
  { db, config }: Pick<ProviderContext, 'db' | 'config'>,
  uid: string,
  priceSignalId: Hex | null,
): Promise<void> {
  await db
    .updateTable('evse')
    .set({ carried_signal_id: priceSignalId })
    .where('provider_id', '=', config.providerId)
    .where('uid', '=', uid)
    .execute();
}

/** Notes that a point's station itself took what was last laid ready for it. */
export async function noteTaken(
  { db, config, clock }: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  uid: string,
): Promise<void> {
  await db
    .updateTable('evse')
    .set((where) => ({
      signals_taken_at: String(clock.nowS()),
      taken_signal_id: where.ref('carried_signal_id'),
    }))
    .where('provider_id', '=', config.providerId)
    .where('uid', '=', uid)
    .execute();
}
