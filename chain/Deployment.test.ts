import fc from 'fast-check';
import { type Hex, zeroAddress } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectChain, probeChain } from './ChainClient.ts';
import { deployContracts, parseDeployment } from './Deployment.ts';
import { chargeTokenAbi } from './generated/ChargeToken.ts';
import { clearingAbi } from './generated/Clearing.ts';
import {
  foundTestNetwork,
  type TestNetwork,
  testAccount,
  testMember,
  testNetworkId,
} from './testing/foundTestNetwork.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

test('the contracts know each other', async () => {
  const { client, deployment } = network;
  expect(await probeChain(client)).toEqual({ blockNumber: expect.any(Number) });
  const read = (address: Hex, abi: typeof clearingAbi | typeof chargeTokenAbi, functionName: 'consortium') =>
    client.rpc.readContract({ address, abi, functionName });
  expect(await read(deployment.clearing, clearingAbi, 'consortium')).toBe(deployment.consortium);
  expect(await read(deployment.chargeToken, chargeTokenAbi, 'consortium')).toBe(deployment.consortium);
  expect(
    await client.rpc.readContract({
      address: deployment.chargeToken,
      abi: chargeTokenAbi,
      functionName: 'clearing',
    }),
  ).toBe(deployment.clearing);
});

test('the wrong chain and missing contracts are told', async () => {
  const { anvil, deployment } = network;
  const probe = (change: object) =>
    probeChain(connectChain({ rpcUrl: anvil.rpcUrl, deployment: { ...deployment, ...change } }));
  await expect(probe({ chainId: 1 })).rejects.toMatchObject({ reason: 'wrong-chain', retryIsSafe: false });
  await expect(probe({ clearing: zeroAddress })).rejects.toMatchObject({ reason: 'wrong-chain' });
});

test('a consortium with two of the same id is not founded', async () => {
  const members = [testMember('DEAAA'), { ...testMember('DEAAA'), account: testAccount('another').address }];
  await expect(
    deployContracts({
      rpcUrl: network.anvil.rpcUrl,
      signer: testAccount('another deployer'),
      networkId: testNetworkId,
      members,
    }),
  ).rejects.toMatchObject({ name: 'ChainFault' });
});

test('a deployment file is read back as it was written', () => {
  expect(parseDeployment(JSON.parse(JSON.stringify(network.deployment)))).toEqual({
    ok: true,
    value: network.deployment,
  });
});

test('a spoiled deployment file is refused with the field, and nothing makes the parser throw', () => {
  const fields = [
    'chainId',
    'networkId',
    'block',
    'consortium',
    'chargeToken',
    'peering',
    'clearing',
  ] as const;
  for (const field of fields) {
    for (const bad of [undefined, null, -1, 1.5, '', '0x12', zeroAddress, {}]) {
      expect(parseDeployment({ ...network.deployment, [field]: bad })).toEqual({
        ok: false,
        refusal: 'deployment-malformed',
        detail: field,
      });
    }
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseDeployment(value).ok).toBe(false);
    }),
  );
});
