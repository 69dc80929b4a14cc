import { expect, test } from 'vitest';
import { measureUnlock } from './unlock.ts';

test('unlocking is quick beside the disk’s own sync', async () => {
  const figures = await measureUnlock({ rounds: 60 });
  expect(figures.rounds).toBe(60);
  expect(figures.disk_sync_ms_p50).toBeGreaterThan(0);
  // Generous: the machine may be busy. The bench gives the true figure.
  expect(figures.unlock_ms_p50).toBeLessThan(figures.disk_sync_ms_p50 + 100);
});
