import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { printTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import { isDeepEqual } from './isDeepEqual.ts';

/** The prices of a point: its tariff, and the terms by which its energy price follows an index, if it does. */
export interface PointPrices {
  readonly tariff?: Tariff;
  readonly dynamic?: DynamicTerms;
}

export interface PublishStep {
  readonly method: 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * The calls that take a point from the prices in force to new ones. A tariff must carry the dynamic terms in force at
 * every moment (its energy price not below their cap), so the order follows which of the two allows more.
 */
export function publishSteps(
  evseId: string,
  before: PointPrices,
  after: Required<Pick<PointPrices, 'tariff'>> & PointPrices,
): readonly PublishStep[] {
  const point = `/operator/points/${encodeURIComponent(evseId)}`;
  const isSameTariff =
    before.tariff !== undefined &&
    isDeepEqual({ ...before.tariff, lastUpdatedAt: 0 }, { ...after.tariff, lastUpdatedAt: 0 });
  const tariff: readonly PublishStep[] = isSameTariff
    ? []
    : [{ method: 'PUT', path: `${point}/tariff`, body: printTariff(after.tariff) }];
  if (after.dynamic === undefined)
    return before.dynamic === undefined
      ? tariff
      : [{ method: 'DELETE', path: `${point}/dynamic` }, ...tariff];
  const dynamic: readonly PublishStep[] = isDeepEqual(before.dynamic, after.dynamic)
    ? []
    : [{ method: 'PUT', path: `${point}/dynamic`, body: after.dynamic }];
  const isLowered = before.dynamic !== undefined && before.dynamic.capMicro > leastEnergyMicro(after.tariff);
  return isLowered ? [...dynamic, ...tariff] : [...tariff, ...dynamic];
}

/** The lowest energy price that a tariff prints. */
function leastEnergyMicro({ elements }: Tariff): number {
  const prices = elements
    .flatMap(({ priceComponents }) => priceComponents)
    .filter(({ type }) => type === 'ENERGY')
    .map(({ priceMicro }) => priceMicro);
  return Math.min(...prices);
}
