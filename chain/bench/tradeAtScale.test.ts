import { expect, test } from 'vitest';
import { tradeAtScale } from './tradeAtScale.ts';

test('batches cost the same however many charges they hold', async () => {
  const trade = { providers: 3, peersEach: 2, operatorsEach: 5 };
  const few = await tradeAtScale({ ...trade, charges: 60 });
  const many = await tradeAtScale({ ...trade, charges: 600 });
  expect(few.batches).toBe(6);
  expect(many.batches).toBe(6);
  const ratio = Number(many.settleGas) / Number(few.settleGas);
  expect(ratio).toBeGreaterThan(0.99);
  expect(ratio).toBeLessThan(1.01);
});
