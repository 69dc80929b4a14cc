import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Discount } from '@p2p-power/tariff/applyPromotions';
import { energyCostMicro } from '@p2p-power/tariff/energyCost';
import type { Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { PlacedCharge } from '../intake/insertCharges.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { type ChargedPrice, chargedPrice } from '../statements/chargedPrice.ts';
import { operatorsOf } from './commissionCharges.ts';
import { hasPromotions, usePromotions } from './Promotions.ts';
import { splitCharges } from './splitCharges.ts';

/**
 * What is to be done once for each charge that a driver of ours is billed: promotions bear their part, which is answered
 * by CDR id, and the charge is split for the bill. In the transaction that books the charges.
 */
export async function billDrivers(
  trx: Transaction<Database>,
  { config }: Pick<ProviderContext, 'config'>,
  charges: readonly PlacedCharge[],
  now: number,
): Promise<ReadonlyMap<string, readonly Discount[]>> {
  if (charges.length === 0) return new Map();
  const starts = charges.map(({ startedAt }) => startedAt);
  const isPromoted = await hasPromotions(trx, { from: Math.min(...starts), to: Math.max(...starts) });
  if (!isPromoted && config.billing === undefined) return new Map();
  const prices = new Map<string, ChargedPrice>();
  const readings = new Map<string, Evidence['readings']>();
  for (const charge of charges) {
    const evidence = JSON.parse(charge.evidence) as Evidence;
    prices.set(charge.cdrId, chargedPrice(evidence));
    readings.set(charge.cdrId, evidence.readings);
  }
  if (config.billing !== undefined)
    await splitCharges(
      trx,
      config.billing,
      charges.map((charge) => ({
        ...charge,
        price: prices.get(charge.cdrId) as ChargedPrice,
        readings: readings.get(charge.cdrId) ?? [],
      })),
    );
  if (!isPromoted) return new Map();
  const operators = await operatorsOf(trx, charges);
  return usePromotions(
    trx,
    charges.map((charge) => ({
      ...charge,
      driverId: charge.driverId as string,
      operatorId:
        (charge.operatorProvider === config.providerId ? operators.get(charge.operatorAccount) : undefined) ??
        charge.operatorProvider,
      energyWh: charge.importedWh,
      energyMicro: energyCostMicro(prices.get(charge.cdrId) as ChargedPrice),
      price: prices.get(charge.cdrId) as ChargedPrice,
    })),
    now,
  );
}
