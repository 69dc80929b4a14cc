import { expect, test } from 'vitest';
import { measureDisputeGas } from './disputeGas.ts';

test('a charge is claimed by its evidence for less than 200,000 gas', async () => {
  const gas = await measureDisputeGas();
  expect(gas.raise).toBeLessThan(200_000n);
  expect(gas.pay).toBeLessThan(150_000n);
  expect(gas.objectSettled).toBeLessThan(170_000n);
  expect(gas.objectRevoked).toBeLessThan(150_000n);
  expect(gas.vote).toBeGreaterThan(21_000n);
});
