import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSupply } from './ChargeToken.ts';
import { settleBatch } from './Clearing.ts';
import { readPositions } from './readPositions.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

test('positions are those of one block, before and after a settlement, and come to the supply', async () => {
  const { client, members } = network;
  const [debtor, creditor] = members;
  const before = await readPositions(client);
  expect(before).toMatchObject({
    supplyMicro: 0n,
    positions: members.map(({ memberId }) => ({ memberId, positionMicro: 0n })),
  });
  const charges = testCharges(3);
  const totalMicro = charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n);
  const { signed } = await makeBatch(
    network.deployment,
    { debtor, creditor },
    {
      sequence: 1n,
      agreementId: network.agreementId,
      charges,
      payouts: [{ account: testAccount('Bert').address, cumulativeMicro: totalMicro }],
    },
  );
  const settled = await settleBatch(client, creditor.signer, signed);
  if (!settled.ok) throw new Error(settled.detail);
  const after = await readPositions(client, settled.value.blockNumber);
  expect(after).toMatchObject({ blockNumber: settled.value.blockNumber, supplyMicro: totalMicro });
  expect(after?.positions.map(({ partyId, positionMicro }) => [partyId, positionMicro])).toEqual([
    ['DEAAA', totalMicro],
    ['DEBBB', 0n],
    ['DECCC', 0n],
  ]);
  expect(await readSupply(client)).toBe(totalMicro);
  // The block before still says what it said.
  expect(await readPositions(client, before?.blockNumber)).toEqual(before);
  expect(await readPositions(client, settled.value.blockNumber + 100_000)).toBeNull();
});
