import { expect, test } from 'vitest';
import { measureAudit } from './audit.ts';

test('measures an audit of genuine books that finds nothing', async () => {
  const figures = await measureAudit({ charges: 120, chargesPerBatch: 50 });
  expect(figures).toMatchObject({ charges: 120, batches: 3 });
  expect(figures.chargesPerS).toBeGreaterThan(0);
}, 120_000);
