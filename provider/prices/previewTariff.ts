import type { Evidence } from '@p2p-power/protocol/Evidence';
import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import { type Commission, operatorShare } from '@p2p-power/tariff/Commission';
import { checkSession } from '@p2p-power/tariff/checkSession';
import { type DynamicTerms, dynamicPriceMicro, parseDynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { ENERGY_PRICES_BOUNDS, type EnergyPrices, QUARTER_HOUR_S } from '@p2p-power/tariff/EnergyPrices';
import { price } from '@p2p-power/tariff/price';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { chargedOf } from '../statements/chargedPrice.ts';
import { commissionAt, readCommissions } from './Commissions.ts';
import { checkPrices } from './checkPrices.ts';
import { readFrames } from './PriceFrames.ts';
import type { newPreviewSchema, PreviewCharge, TariffPreview } from './PriceSchemas.ts';
import { readPricedPoints } from './readPricedPoint.ts';

const usualDays = 90;

interface PastCharge {
  readonly cdr_id: string;
  readonly evse_id: string;
  readonly operator_id: string;
  readonly target_group: string | null;
  readonly authorized_at: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly imported_wh: string;
  readonly charge_micro: string;
  readonly commission_micro: string | null;
  readonly evidence: string;
}

/**
 * What a tariff, with dynamic terms or without, would have earned an operator on its own past charges beside what they
 * did: each charge priced anew on the readings in its evidence. The operator's commission is the one that held then.
 * Whether the tariff could be published is answered for each point; it need not be, to be previewed.
 */
export async function previewTariff(
  context: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  operatorId: string,
  asked: z.output<typeof newPreviewSchema>,
): Promise<Result<TariffPreview, string>> {
  const { db, config, clock } = context;
  const tariff = parseTariff(asked.tariff);
  if (!tariff.ok) return refuse(tariff.refusal, `tariff: ${tariff.detail}`);
  const dynamic = asked.dynamic === undefined ? undefined : parseDynamicTerms(asked.dynamic);
  if (dynamic !== undefined && !dynamic.ok) return refuse(dynamic.refusal, `dynamic: ${dynamic.detail}`);
  if (tariff.value.currency !== config.currency)
    return refuse('wrong-currency', `tariff.currency: points here are priced in ${config.currency}`);
  const evseId = asked.evseId === undefined ? undefined : parseEvseId(asked.evseId);
  if (evseId !== undefined && !evseId.ok) return refuse(evseId.refusal, `evseId: ${evseId.detail}`);
  const points = await readPricedPoints(db, config.providerId, {
    operatorId,
    ...(evseId && { evseId: formatEvseId(evseId.value) }),
  });
  if (evseId !== undefined && points.length === 0)
    return refuse('point-unknown', 'evseId: none of your points has this EVSE-ID');
  const to = asked.to ?? clock.nowS();
  const period = { from: asked.from ?? Math.max(0, to - usualDays * 86_400), to };
  const { rows, more } = await readPastCharges(
    context,
    operatorId,
    evseId && formatEvseId(evseId.value),
    period,
    asked.limit,
  );
  const terms = dynamic?.value;
  const index =
    terms === undefined ? new Map<number, number>() : await readIndex(db, terms.area, config.currency, rows);
  const versions = await readCommissions(db);
  const charges = rows.flatMap((row): PreviewCharge[] => {
    const point = { evseId: row.evse_id, operatorId: row.operator_id, targetGroup: row.target_group };
    const commission = commissionAt(versions, point, Number(row.authorized_at));
    const previewed = previewCharge(row, tariff.value, terms, index, commission);
    return previewed === undefined ? [] : [previewed];
  });
  const frames = await readFrames(db);
  return accept({
    currency: config.currency,
    ...period,
    sum: sumOf(charges),
    onFallback: sumOf(charges.filter(({ basis }) => basis.endsWith('fallback'))),
    more,
    unpriceable: rows.length - charges.length,
    charges,
    publishable: points.map((point) => {
      const checked = checkPrices(point, tariff.value, terms, frames);
      return checked.ok
        ? { evseId: point.evseId, refusal: null, detail: null }
        : { evseId: point.evseId, refusal: checked.refusal, detail: checked.detail };
    }),
  });
}

/** The operator's newest charges of a period that were not refused, with their evidence. */
async function readPastCharges(
  { db, config }: Pick<ProviderContext, 'db' | 'config'>,
  operatorId: string,
  evseId: string | undefined,
  period: { readonly from: number; readonly to: number },
  limit: number,
): Promise<{ readonly rows: readonly PastCharge[]; readonly more: boolean }> {
  const found = await sql<PastCharge>`
    select cdr_id, charge.evse_id, ${operatorId}::text as operator_id, evse.target_group, authorized_at, started_at,
      ended_at, imported_wh, charge_micro, commission_micro, evidence
    from charge left join evse on evse.provider_id = ${config.providerId} and evse.uid = charge.evse_id
    where operator_provider = ${config.providerId} and state <> 'refused'
      and operator_account in (select account from operator_account where operator_id = ${operatorId})
      and ended_at >= ${period.from}::bigint and ended_at < ${period.to}::bigint
      and (${evseId ?? null}::text is null or charge.evse_id = ${evseId ?? null})
    order by ended_at desc, cdr_id limit ${limit + 1}`.execute(db);
  return { rows: found.rows.slice(0, limit), more: found.rows.length > limit };
}

/** The index of an area by quarter-hour over the charges' time, as it is recorded. */
async function readIndex(
  db: Kysely<Database>,
  area: string,
  currency: string,
  rows: readonly PastCharge[],
): Promise<ReadonlyMap<number, number>> {
  if (rows.length === 0) return new Map();
  const from = Math.min(...rows.map((row) => Number(row.started_at))) - QUARTER_HOUR_S;
  const to = Math.max(...rows.map((row) => Number(row.ended_at)));
  const found = await db
    .selectFrom('price_index')
    .select(['starts_at', 'index_micro'])
    .where('area', '=', area)
    .where('currency', '=', currency)
    .where('starts_at', '>', String(from))
    .where('starts_at', '<=', String(to))
    .execute();
  return new Map(found.map((row) => [Number(row.starts_at), Number(row.index_micro)]));
}

function previewCharge(
  row: PastCharge,
  tariff: Tariff,
  terms: DynamicTerms | undefined,
  index: ReadonlyMap<number, number>,
  commission: Commission | undefined,
): PreviewCharge | undefined {
  const evidence = JSON.parse(row.evidence) as Evidence;
  const { readings, authorization, offer } = evidence;
  const [startedAt, endedAt, energyWh] = [row.started_at, row.ended_at, row.imported_wh].map(Number) as [
    number,
    number,
    number,
  ];
  const known = terms === undefined ? undefined : knownPrices(terms, index, startedAt, endedAt);
  const session = {
    timeZone: offer.value.timeZone,
    readings,
    ...(known && { prices: known.prices }),
  };
  if (!checkSession(session).ok) return undefined;
  const priced = price(tariff, session);
  const wouldMicro = Math.min(priced.inclVatMicro, authorization.value.maxAmountMicro);
  const { exclVatMicro } = chargedOf(priced, wouldMicro);
  const facts = { energyWh, durationS: endedAt - startedAt, exclVatMicro };
  return {
    cdrId: row.cdr_id,
    evseId: row.evse_id,
    startedAt,
    endedAt,
    importedWh: energyWh,
    didMicro: Number(row.charge_micro),
    wouldMicro,
    didEarnMicro: Number(row.commission_micro ?? row.charge_micro),
    wouldEarnMicro: commission === undefined ? wouldMicro : operatorShare(commission, facts),
    basis: known?.basis ?? 'tariff',
  };
}

/** The prices that terms would have made of the recorded index; where none is recorded, the fallback, or the cap. */
function knownPrices(
  terms: DynamicTerms,
  index: ReadonlyMap<number, number>,
  startedAt: number,
  endedAt: number,
): { readonly prices: EnergyPrices; readonly basis: PreviewCharge['basis'] } {
  const firstAt = startedAt - (startedAt % QUARTER_HOUR_S);
  const otherwiseMicro = terms.fallbackMicro ?? terms.capMicro;
  const pricesMicro: number[] = [];
  let unknown = 0;
  const lastAt = Math.max(endedAt, firstAt + 1);
  for (let at = firstAt; at < lastAt; at += QUARTER_HOUR_S) {
    const value = pricesMicro.length < ENERGY_PRICES_BOUNDS.quarterHours ? index.get(at) : undefined;
    if (value === undefined) unknown += 1;
    if (pricesMicro.length < ENERGY_PRICES_BOUNDS.quarterHours)
      pricesMicro.push(value === undefined ? otherwiseMicro : dynamicPriceMicro(terms, value));
  }
  const isUnknown = unknown * QUARTER_HOUR_S >= lastAt - firstAt;
  return {
    prices: { firstAt, pricesMicro, otherwiseMicro },
    basis: unknown === 0 ? 'signals' : isUnknown ? 'fallback' : 'partly-fallback',
  };
}

function sumOf(charges: readonly PreviewCharge[]): TariffPreview['sum'] {
  const sum = (amount: (charge: PreviewCharge) => number) =>
    charges.reduce((total, charge) => total + amount(charge), 0);
  return {
    count: charges.length,
    energyWh: sum((charge) => charge.importedWh),
    didMicro: sum((charge) => charge.didMicro),
    wouldMicro: sum((charge) => charge.wouldMicro),
    didEarnMicro: sum((charge) => charge.didEarnMicro),
    wouldEarnMicro: sum((charge) => charge.wouldEarnMicro),
  };
}
