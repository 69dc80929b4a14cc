import { expect, test } from 'vitest';
import { measureSettleGas } from './settleGas.ts';

test('settling costs less than 200,000 gas, however many charges, and claiming is cheap', async () => {
  const gas = await measureSettleGas([1, 2_000], 10);
  expect(gas.settle[2_000]).toBeLessThan(200_000n);
  // Only the numbers in the data differ.
  expect(gas.settle[2_000]! - gas.settle[1]!).toBeLessThan(500n);
  expect(gas.claimLater).toBeLessThan(70_000n);
  expect(gas.claimFirst).toBeLessThan(110_000n);
});
