import { QUARTER_HOUR_S } from '@p2p-power/tariff/EnergyPrices';
import type { Price } from '@p2p-power/tariff/price';
import { quarterHours } from '@p2p-power/tariff/quarterHours';
import type { SupplyRates } from '@p2p-power/tariff/splitPrice';
import { splitPrice } from '@p2p-power/tariff/splitPrice';
import type { SessionReading } from '@p2p-power/tariff/Tariff';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderConfig } from '../ProviderConfig.ts';

type Billing = NonNullable<ProviderConfig['billing']>;

interface ChargeToSplit {
  readonly cdrId: string;
  readonly currency: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** As it was charged. */
  readonly price: Pick<Price, 'exclVatMicro' | 'vatMicro' | 'inclVatMicro'>;
  readonly readings: readonly SessionReading[];
}

/** Keeps of each charge what of it is for energy, infrastructure, grid, levies and VAT, at the rates of now. */
export async function splitCharges(
  trx: Transaction<Database>,
  billing: Billing,
  charges: readonly ChargeToSplit[],
): Promise<void> {
  if (charges.length === 0) return;
  const index = await readIndex(trx, billing.area, charges);
  const rows = charges.map((charge) => {
    const rates = ratesOf(billing, charge, index);
    const split = splitPrice(charge.price, quarterHours(charge.readings), rates);
    return {
      cdr_id: charge.cdrId,
      energy_micro: String(split.energyMicro),
      infrastructure_micro: String(split.infrastructureMicro),
      grid_micro: String(split.gridMicro),
      levies_micro: String(split.leviesMicro),
      vat_micro: String(split.vatMicro),
    };
  });
  await trx
    .insertInto('charge_split')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function ratesOf(
  { area, energyMicroPerKwh, gridMicroPerKwh, leviesMicroPerKwh }: Billing,
  { startedAt, endedAt, currency }: ChargeToSplit,
  index: ReadonlyMap<string, number>,
): SupplyRates {
  const fees = { gridMicroPerKwh, leviesMicroPerKwh };
  if (area === undefined) return { energyMicroPerKwh, ...fees };
  const firstAt = startedAt - (startedAt % QUARTER_HOUR_S);
  const pricesMicro: (number | null)[] = [];
  for (let at = firstAt; at <= endedAt; at += QUARTER_HOUR_S)
    pricesMicro.push(index.get(`${currency} ${at}`) ?? null);
  return { energyMicroPerKwh: { firstAt, pricesMicro, otherwiseMicro: energyMicroPerKwh }, ...fees };
}

async function readIndex(
  trx: Transaction<Database>,
  area: string | undefined,
  charges: readonly ChargeToSplit[],
): Promise<ReadonlyMap<string, number>> {
  if (area === undefined) return new Map();
  const from = Math.min(...charges.map(({ startedAt }) => startedAt)) - QUARTER_HOUR_S;
  const to = Math.max(...charges.map(({ endedAt }) => endedAt));
  const found = await sql<{ starts_at: string; currency: string; index_micro: string }>`
    select starts_at, currency, index_micro from price_index
    where area = ${area} and starts_at > ${from}::bigint and starts_at <= ${to}::bigint`.execute(trx);
  return new Map(found.rows.map((row) => [`${row.currency} ${row.starts_at}`, Number(row.index_micro)]));
}
