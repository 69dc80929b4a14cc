import type { Store } from '../store/Store.ts';
import type { PointInFull } from './Point.ts';

/** A point as the provider last told of it, and when (epoch seconds): for standing there without internet. */
export interface KeptPoint {
  readonly point: PointInFull;
  readonly at: number;
}

const keyOf = (evseId: string) => `point/${evseId.replaceAll('*', '')}`;

export async function keepPoint(store: Store, point: PointInFull, now: number): Promise<void> {
  await store.put(keyOf(point.evseId), { point, at: now });
}

export async function keptPoint(store: Store, evseId: string): Promise<KeptPoint | undefined> {
  return (await store.get(keyOf(evseId))) as KeptPoint | undefined;
}
