import {
  type DynamicTerms,
  type DynamicTermsRefusal,
  parseDynamicTerms,
} from '@p2p-power/tariff/DynamicTerms';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { checkPrices, type PriceRefusal } from './checkPrices.ts';
import { readFrames } from './PriceFrames.ts';
import { lockPricedPoint } from './readPricedPoint.ts';

export type PutDynamicRefusal =
  | DynamicTermsRefusal
  | 'not-an-evse-id'
  | 'point-unknown'
  /** A dynamic price takes the place of a tariff's: there must be one. */
  | 'tariff-missing'
  | PriceRefusal
  /** The station never asked for signals itself, and without a price nobody can serve it as a courier. */
  | 'fallback-needed';

/**
 * Lets the energy price of a point follow an index from now on, an operator only at its own. The tariff in force stays,
 * and says the most that a kWh may cost. Stations offer by it when they next take their provision.
 */
export async function putDynamicTerms(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  evseIdText: string,
  json: unknown,
  operatorId?: string,
): Promise<Result<DynamicTerms, PutDynamicRefusal>> {
  const terms = parseDynamicTerms(json);
  if (!terms.ok) return terms;
  return context.db.transaction().execute(async (trx) => {
    const point = await lockPricedPoint(trx, context.config.providerId, evseIdText, operatorId);
    if (!point.ok) return point;
    const { evseId, tariff } = point.value;
    if (tariff === undefined) return refuse('tariff-missing', 'the point has no tariff yet');
    const checked = checkPrices(point.value, tariff, terms.value, await readFrames(trx));
    if (!checked.ok) return checked;
    if (
      terms.value.fallbackMicro === undefined &&
      !(await hasAskedForSignals(trx, context.config.providerId, evseId))
    )
      return refuse('fallback-needed', 'fallbackMicro: the point’s station never asked for signals itself');
    await trx
      .updateTable('evse')
      .set({ dynamic_terms: JSON.stringify(terms.value), updated_at: String(context.clock.nowS()) })
      .where('provider_id', '=', context.config.providerId)
      .where('uid', '=', evseId)
      .execute();
    return accept(terms.value);
  });
}

/** Of a point of ours, by its EVSE-ID, whether its station has ever had a way to us. */
async function hasAskedForSignals(
  db: Kysely<Database>,
  providerId: string,
  evseId: string,
): Promise<boolean> {
  const asked = await db
    .selectFrom('evse')
    .select('uid')
    .where('provider_id', '=', providerId)
    .where('uid', '=', evseId)
    .where('signals_taken_at', 'is not', null)
    .executeTakeFirst();
  return asked !== undefined;
}

/** Lets the tariff of a point alone hold again; answers whether there were dynamic terms. */
export async function deleteDynamicTerms(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  evseIdText: string,
  operatorId?: string,
): Promise<Result<{ readonly removed: boolean }, 'not-an-evse-id' | 'point-unknown'>> {
  return context.db.transaction().execute(async (trx) => {
    const point = await lockPricedPoint(trx, context.config.providerId, evseIdText, operatorId);
    if (!point.ok) return point;
    await trx
      .updateTable('evse')
      .set({ dynamic_terms: null, updated_at: String(context.clock.nowS()) })
      .where('provider_id', '=', context.config.providerId)
      .where('uid', '=', point.value.evseId)
      .execute();
    return accept({ removed: point.value.dynamic !== undefined });
  });
}
