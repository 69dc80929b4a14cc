import { isRecord } from '@p2p-power/protocol/SignedObject';
import { type DynamicTerms, parseDynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { type PriceFrame, parseFrames } from '@p2p-power/tariff/PriceFrame';
import { TARGET_GROUPS, type TargetGroup } from '@p2p-power/tariff/TargetGroup';
import { parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';

/** A point of the operator's, as far as its prices ask. */
export interface PricedPoint {
  readonly evseId: string;
  readonly name: string;
  readonly powerW: number;
  /** Whether the law on price display may hold here, as far as the target group says. */
  readonly isPublic: boolean;
  readonly targetGroup?: TargetGroup;
  readonly tariff?: Tariff;
  readonly dynamic?: DynamicTerms;
  /** What the provider lets operators ask here; undefined where it lets them ask anything. */
  readonly frame?: PriceFrame;
}

/** The point of an EVSE-ID out of the operator's points, untrusted JSON; undefined where it is none of them. */
export function parsePricedPoint(json: unknown, evseId: string): PricedPoint | undefined {
  const rows: readonly unknown[] = isRecord(json) && Array.isArray(json.points) ? json.points : [];
  const row = rows.filter(isRecord).find((point) => point.evseId === evseId);
  if (row === undefined) return undefined;
  const targetGroup = TARGET_GROUPS.find((group) => group === row.targetGroup);
  const tariff = isRecord(row.ocpiTariff) ? parseTariff(row.ocpiTariff) : undefined;
  const dynamic = isRecord(row.dynamic) ? parseDynamicTerms(row.dynamic) : undefined;
  const frames = isRecord(row.frame) ? parseFrames([row.frame]) : undefined;
  const frame = frames?.ok === true ? frames.value[0] : undefined;
  return {
    evseId,
    name: typeof row.name === 'string' && row.name !== '' ? row.name : evseId,
    powerW: Number.isSafeInteger(row.maxPowerW) ? (row.maxPowerW as number) : 0,
    isPublic: targetGroup !== 'shared-home',
    ...(targetGroup !== undefined && { targetGroup }),
    ...(tariff?.ok === true && { tariff: tariff.value }),
    ...(dynamic?.ok === true && { dynamic: dynamic.value }),
    ...(frame !== undefined && { frame }),
  };
}
