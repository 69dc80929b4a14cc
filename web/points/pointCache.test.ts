import { expect, test } from 'vitest';
import { memoryStore } from '../store/Store.ts';
import type { PointInFull } from './Point.ts';
import { keepPoint, keptPoint } from './pointCache.ts';

const point = { evseId: 'DE*BBB*E1', name: 'Hof 3' } as PointInFull;

test('a point is found again however its id is written, as it was told of last', async () => {
  const store = memoryStore();
  expect(await keptPoint(store, 'DEBBBE1')).toBeUndefined();
  await keepPoint(store, point, 5);
  await keepPoint(store, { ...point, name: 'Hof 4' }, 6);
  const kept = { point: { ...point, name: 'Hof 4' }, at: 6 };
  expect(await keptPoint(store, 'DEBBBE1')).toEqual(kept);
  expect(await keptPoint(store, 'DE*BBB*E1')).toEqual(kept);
  expect(await keptPoint(store, 'DEBBBE2')).toBeUndefined();
});
