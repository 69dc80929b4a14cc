import type { Hex } from '@p2p-power/protocol/Hex';
import { tariffId } from '@p2p-power/protocol/tariffId';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { parseTariff, printTariff, type TariffRefusal } from '@p2p-power/tariff/Tariff';
import type { ProviderContext } from '../ProviderContext.ts';
import { checkPrices, type PriceRefusal } from '../prices/checkPrices.ts';
import { readFrames } from '../prices/PriceFrames.ts';
import { lockPricedPoint } from '../prices/readPricedPoint.ts';

export type PutTariffRefusal =
  | 'not-an-evse-id'
  | 'point-unknown'
  | TariffRefusal
  | 'tariff-of-another-provider'
  | 'wrong-currency'
  /** Its validity has ended already. */
  | 'tariff-over'
  | PriceRefusal;

/**
 * Puts a tariff (OCPI 2.2.1 JSON) in force at a point from now on; the ones before are kept; an operator only at its own
 * (`operatorId`). It must keep to the provider's price frame and to the law of price display; the operator may ask
 * for parking what it wants. Stations sign it into their offers when they next ask for it. Before its `start_date_time` and from its
 * `end_date_time` on the point has no price and is not available.
 */
export async function putTariff(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock' | 'networkId'>,
  evseIdText: string,
  ocpiJson: unknown,
  operatorId?: string,
): Promise<Result<{ readonly tariffId: Hex; readonly validFrom: number }, PutTariffRefusal>> {
  const { db, config, clock, networkId } = context;
  const tariff = parseTariff(ocpiJson);
  if (!tariff.ok) return tariff;
  if (tariff.value.countryCode + tariff.value.partyId !== config.providerId)
    return refuse('tariff-of-another-provider', `country_code and party_id are not ${config.providerId}`);
  if (tariff.value.currency !== config.currency)
    return refuse('wrong-currency', `points here are priced in ${config.currency}`);
  const { endsAt } = tariff.value;
  if (endsAt !== undefined && endsAt <= clock.nowS())
    return refuse('tariff-over', `its validity ended at ${endsAt}`);
  const id = tariffId(networkId, tariff.value);
  const json = JSON.stringify(printTariff(tariff.value));
  return db.transaction().execute(async (tx) => {
    const now = clock.nowS();
    const found = await lockPricedPoint(tx, config.providerId, evseIdText, operatorId);
    if (!found.ok) return found;
    const point = found.value;
    const checked = checkPrices(point, tariff.value, point.dynamic, await readFrames(tx));
    if (!checked.ok) return checked;
    const uid = point.evseId;
    const inForce = await tx
      .selectFrom('tariff')
      .select(['tariff_id', 'valid_from'])
      .where('uid', '=', uid)
      .where('valid_until', 'is', null)
      .executeTakeFirst();
    if (inForce?.tariff_id === id) return accept({ tariffId: id, validFrom: Number(inForce.valid_from) });
    // A tariff has at least its second, so that the history has one row a beginning.
    const validFrom = inForce === undefined ? now : Math.max(now, Number(inForce.valid_from) + 1);
    await tx
      .updateTable('tariff')
      .set({ valid_until: String(validFrom) })
      .where('uid', '=', uid)
      .where('valid_until', 'is', null)
      .execute();
    await tx
      .insertInto('tariff')
      .values({ uid, tariff_id: id, tariff: json, valid_from: String(validFrom), valid_until: null })
      .execute();
    await tx
      .updateTable('evse')
      .set({ tariff: json, updated_at: String(now) })
      .where('provider_id', '=', config.providerId)
      .where('uid', '=', uid)
      .execute();
    return accept({ tariffId: id, validFrom });
  });
}
