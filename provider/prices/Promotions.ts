import { applyPromotions, type Discount, type PromotionUse } from '@p2p-power/tariff/applyPromotions';
import { type Promotion, parsePromotions } from '@p2p-power/tariff/Promotion';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { taxDiscounts } from '@p2p-power/tariff/taxDiscounts';
import type { TaxedPrice, TaxPart } from '@p2p-power/tariff/taxParts';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';

/** A promotion with what it has cost; times in epoch seconds, amounts in micro-units. */
export interface PromotionStatus {
  readonly promotion: Promotion;
  readonly spentMicro: number;
  readonly charges: number;
  readonly customers: number;
  readonly enteredAt: number;
  /** Taken back then; null: it holds as long as it says. */
  readonly endedAt: number | null;
}

/** A charge of a driver of ours that promotions may bear a part of; amounts after tax, micro-units. */
export interface PromotableCharge {
  readonly cdrId: string;
  readonly driverId: string;
  readonly startedAt: number;
  /** Of a peer's point the peer's party id. */
  readonly operatorId: string;
  readonly evseId: string;
  readonly currency: string;
  readonly chargeMicro: number;
  readonly energyWh: number;
  /** What of the charge the energy alone cost. */
  readonly energyMicro: number;
  /** As it was charged; the tax in what promotions bear follows from it. */
  readonly price: TaxedPrice;
}

/** What a promotion bears of a charge, and at which rates of tax. */
interface Use {
  readonly charge: PromotableCharge;
  readonly discount: Discount;
  readonly taxes: readonly TaxPart[];
}

/** All promotions, those that were taken back too, the newest first. */
export async function readPromotions(db: Kysely<Database>): Promise<readonly PromotionStatus[]> {
  const found = await sql<Record<string, string> & { rule: Promotion }>`
    select promotion.*, count(use.cdr_id) as charges, count(distinct driver_id) as customers
    from promotion left join promotion_use as use using (promotion_id)
    group by promotion.promotion_id order by entered_at desc, promotion.promotion_id`.execute(db);
  return found.rows.map((row) => ({
    promotion: row.rule,
    spentMicro: Number(row.spent_micro),
    charges: Number(row.charges),
    customers: Number(row.customers),
    enteredAt: Number(row.entered_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
  }));
}

/**
 * Enters a promotion. It counts for charges that are billed from now on; one that was entered is never changed, and the
 * same entered again is answered as before.
 */
export async function addPromotion(
  { db, clock, config }: Pick<ProviderContext, 'db' | 'clock' | 'config'>,
  json: unknown,
): Promise<Result<Promotion, string>> {
  const parsed = parsePromotions([json]);
  if (!parsed.ok) return parsed;
  const promotion = parsed.value[0] as Promotion;
  if (promotion.currency !== config.currency)
    return refuse('wrong-currency', `currency: points here are priced in ${config.currency}`);
  const rule = JSON.stringify(promotion);
  const added = await db
    .insertInto('promotion')
    .values({
      promotion_id: promotion.id,
      rule,
      spent_micro: '0',
      entered_at: String(clock.nowS()),
      ended_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 1n) return accept(promotion);
  const same = await sql`select from promotion
    where promotion_id = ${promotion.id} and rule = ${rule}::jsonb and ended_at is null`.execute(db);
  return same.rows.length === 1
    ? accept(promotion)
    : refuse('promotion-known', `id: another promotion is, or was, called ${promotion.id}`);
}

/** Takes a promotion back: what is billed from now on it does not bear. */
export async function endPromotion(
  { db, clock }: Pick<ProviderContext, 'db' | 'clock'>,
  promotionId: string,
): Promise<Result<{ readonly endedAt: number }, 'promotion-unknown'>> {
  const ended = await sql<{ ended_at: string }>`
    update promotion set ended_at = coalesce(ended_at, ${clock.nowS()}::bigint)
    where promotion_id = ${promotionId} returning ended_at`.execute(db);
  const row = ended.rows[0];
  return row === undefined
    ? refuse('promotion-unknown', 'there is no promotion of this id')
    : accept({ endedAt: Number(row.ended_at) });
}

/** Whether any promotion could bear a part of a charge that started in a span; asked before anything is priced for it. */
export async function hasPromotions(
  db: Kysely<Database>,
  span: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const found = await sql`select from promotion
    where ended_at is null and (rule ->> 'startsAt')::bigint <= ${span.to}::bigint
      and (rule ->> 'endsAt')::bigint > ${span.from}::bigint limit 1`.execute(db);
  return found.rows.length > 0;
}

/**
 * What promotions bear of charges that are billed for the first time, by CDR id; booked with the promotions in the same
 * transaction. Who bills with a promotion locks it until the transaction ends, so that budgets and customers' limits hold
 * however many processes bill at once; a transaction that fails has used up nothing.
 */
export async function usePromotions(
  trx: Transaction<Database>,
  charges: readonly PromotableCharge[],
  now: number,
): Promise<ReadonlyMap<string, readonly Discount[]>> {
  const given = new Map<string, readonly Discount[]>();
  if (charges.length === 0) return given;
  const starts = charges.map(({ startedAt }) => startedAt);
  const locked = await sql<{ rule: Promotion; spent_micro: string }>`
    select rule, spent_micro from promotion
    where ended_at is null and (rule ->> 'startsAt')::bigint <= ${Math.max(...starts)}::bigint
      and (rule ->> 'endsAt')::bigint > ${Math.min(...starts)}::bigint
    order by promotion_id for update`.execute(trx);
  if (locked.rows.length === 0) return given;
  const promotions = locked.rows.map(({ rule }) => rule);
  const spent = new Map(locked.rows.map((row) => [row.rule.id, Number(row.spent_micro)]));
  const customers = await readCustomers(
    trx,
    promotions,
    charges.map(({ driverId }) => driverId),
  );
  const uses: Use[] = [];
  for (const charge of charges) {
    const usedBefore = Object.fromEntries(
      promotions.map(({ id }): [string, PromotionUse] => {
        const own = customers.get(`${id} ${charge.driverId}`);
        return [
          id,
          {
            spentMicro: spent.get(id) ?? 0,
            customerSpentMicro: own?.spentMicro ?? 0,
            customerFreeWh: own?.freeWh ?? 0,
          },
        ];
      }),
    );
    const { discounts } = applyPromotions(
      promotions,
      { ...charge, inclVatMicro: charge.chargeMicro },
      usedBefore,
    );
    if (discounts.length === 0) continue;
    given.set(charge.cdrId, discounts);
    const taxes = taxDiscounts(charge.price, discounts);
    for (const [at, discount] of discounts.entries()) {
      const { promotionId, amountMicro, energyWh } = discount;
      const key = `${promotionId} ${charge.driverId}`;
      const own = customers.get(key) ?? { spentMicro: 0, freeWh: 0 };
      customers.set(key, { spentMicro: own.spentMicro + amountMicro, freeWh: own.freeWh + energyWh });
      spent.set(promotionId, (spent.get(promotionId) ?? 0) + amountMicro);
      uses.push({ charge, discount, taxes: taxes[at] ?? [] });
    }
  }
  await writeUses(trx, uses, spent, now);
  return given;
}

async function readCustomers(
  trx: Transaction<Database>,
  promotions: readonly Promotion[],
  driverIds: readonly string[],
): Promise<Map<string, { readonly spentMicro: number; readonly freeWh: number }>> {
  const found = await sql<Record<string, string>>`
    select promotion_id, driver_id, sum(amount_micro) as spent, sum(energy_wh) as free from promotion_use
    where promotion_id = any(${promotions.map(({ id }) => id)}::text[]) and driver_id = any(${[...driverIds]}::text[])
    group by 1, 2`.execute(trx);
  return new Map(
    found.rows.map((row) => [
      `${row.promotion_id} ${row.driver_id}`,
      { spentMicro: Number(row.spent), freeWh: Number(row.free) },
    ]),
  );
}

async function writeUses(
  trx: Transaction<Database>,
  uses: readonly Use[],
  spent: ReadonlyMap<string, number>,
  now: number,
): Promise<void> {
  if (uses.length === 0) return;
  await sql`
    insert into promotion_use (cdr_id, promotion_id, driver_id, amount_micro, energy_wh, used_at)
    select *, ${now}::bigint from unnest(
      ${uses.map(({ charge }) => charge.cdrId)}::text[],
      ${uses.map(({ discount }) => discount.promotionId)}::text[],
      ${uses.map(({ charge }) => charge.driverId)}::text[],
      ${uses.map(({ discount }) => discount.amountMicro)}::bigint[],
      ${uses.map(({ discount }) => discount.energyWh)}::bigint[])`.execute(trx);
  const parts = uses.flatMap(({ charge, discount, taxes }) =>
    taxes.map((part) => ({ ...part, cdrId: charge.cdrId, promotionId: discount.promotionId })),
  );
  await sql`
    insert into promotion_tax (cdr_id, promotion_id, vat_bp, excl_vat_micro, vat_micro)
    select * from unnest(
      ${parts.map(({ cdrId }) => cdrId)}::text[],
      ${parts.map(({ promotionId }) => promotionId)}::text[],
      ${parts.map(({ vatBp }) => vatBp)}::integer[],
      ${parts.map(({ exclVatMicro }) => exclVatMicro)}::bigint[],
      ${parts.map(({ vatMicro }) => vatMicro)}::bigint[])`.execute(trx);
  await sql`
    update promotion set spent_micro = now_spent.micro
    from unnest(${[...spent.keys()]}::text[], ${[...spent.values()]}::bigint[]) as now_spent (id, micro)
    where promotion_id = id`.execute(trx);
  await sql`
    update charge set promotion_micro = borne.micro
    from (select cdr_id, sum(amount_micro) as micro from promotion_use
      where cdr_id = any(${uses.map(({ charge }) => charge.cdrId)}::text[]) group by cdr_id) as borne
    where charge.cdr_id = borne.cdr_id`.execute(trx);
}
