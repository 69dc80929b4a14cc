import { displayPrice } from '@p2p-power/tariff/displayPrice';
import { frameOf } from '@p2p-power/tariff/PriceFrame';
import type { TargetGroup } from '@p2p-power/tariff/TargetGroup';
import type { OcpiTariffJson } from '@p2p-power/tariff/Tariff';
import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import { commissionAt, readCommissions } from '../prices/Commissions.ts';
import { readFrames } from '../prices/PriceFrames.ts';
import type { OwnPoint } from './PointSchemas.ts';
import { readValidTariff } from './printPoint.ts';
import { readDynamicTerms } from './readDynamicTerms.ts';

interface OwnPointRow {
  readonly evse_id: string;
  readonly operator_id: string;
  readonly name: string;
  readonly address: string;
  readonly city: string;
  readonly max_power_w: number;
  readonly target_group: TargetGroup | null;
  readonly dynamic_terms: unknown;
  readonly live: boolean;
  readonly link_url: string | null;
  readonly last_seen_at: string | null;
  readonly tariff: unknown;
  readonly tariff_id: string | null;
  readonly certificate_id: string | null;
  readonly not_after: string | null;
}

/** The points of our operators, of one or of all, by EVSE-ID. */
export async function readOwnPoints(
  { db, config, clock }: Pick<ProviderContext, 'db' | 'config' | 'clock'>,
  which: { readonly operatorId?: string; readonly evseId?: string } = {},
): Promise<readonly OwnPoint[]> {
  const found = await sql<OwnPointRow>`
    select e.evse_id, l.operator_id, l.name, l.address, l.city, e.max_power_w, e.target_group, e.dynamic_terms, e.live, e.link_url,
      e.last_seen_at, e.tariff, t.tariff_id, c.certificate_id, c.not_after
    from evse e
      join location l using (provider_id, location_id)
      left join tariff t on t.uid = e.uid and t.valid_until is null
      left join lateral (
        select certificate_id, not_after from station_certificate c
        where c.uid = e.uid and c.revoked_at is null order by issued_at desc limit 1) c on true
    where l.source = 'own' and e.provider_id = ${config.providerId} and e.removed_at is null
      and (${which.operatorId ?? null}::text is null or l.operator_id = ${which.operatorId ?? null})
      and (${which.evseId ?? null}::text is null or e.evse_id = ${which.evseId ?? null})
    order by e.evse_id`.execute(db);
  const now = clock.nowS();
  const [frames, commissions] = await Promise.all([readFrames(db), readCommissions(db)]);
  return found.rows.map((row) => {
    const tariff = readValidTariff(row.tariff, now);
    const { evse_id: evseId, operator_id: operatorId, target_group: targetGroup } = row;
    const { currency } = config;
    const frame = frameOf(frames, {
      powerW: row.max_power_w,
      ...(targetGroup !== null && { targetGroup }),
      currency,
    });
    return {
      evseId: row.evse_id,
      operatorId: row.operator_id,
      name: row.name,
      address: row.address,
      city: row.city,
      maxPowerW: row.max_power_w,
      targetGroup: row.target_group,
      ocpiTariff: row.tariff as OcpiTariffJson | null,
      dynamic: readDynamicTerms(row.dynamic_terms) ?? null,
      frame: frame ?? null,
      commission: commissionAt(commissions, { evseId, operatorId, targetGroup }, now) ?? null,
      live: row.live,
      linkUrl: row.link_url,
      lastSeenAt: row.last_seen_at === null ? null : Number(row.last_seen_at),
      tariffId: row.tariff_id,
      tariffLines: tariff === undefined ? [] : displayPrice(tariff, 'en').map(({ text }) => ({ text })),
      certificateId: row.certificate_id,
      certificateNotAfter: row.not_after === null ? null : Number(row.not_after),
    };
  });
}
