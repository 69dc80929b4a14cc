import { createHash } from 'node:crypto';
import { connectChain } from '@p2p-power/chain/ChainClient';
import { foundTestNetwork, type TestNetwork } from '@p2p-power/chain/testing/foundTestNetwork';
import type { Hex } from '@p2p-power/protocol/Hex';
import { networkId } from '@p2p-power/protocol/testing/world';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { openClearingChain } from '../clearing/openClearingChain.ts';
import { type MoneyWorld, openMoneyWorld } from './moneyWorld.ts';

/** A money world on a real chain with the agreement of the chain room's tests: 1.5 % and 0.01 per kWh. */
export interface ChainWorld extends MoneyWorld {
  readonly network: TestNetwork;
  readonly chains: { readonly a: ClearingChain; readonly b: ClearingChain };
  /** A provider's port over another RPC address. */
  chainAt(rpcUrl: string, provider: 'DEAAA' | 'DEBBB'): ClearingChain;
}

/** As `testAccount` of the chain room has it. */
const accountKey = (providerId: string): Hex =>
  `0x${createHash('sha256').update(`test account ${providerId}`).digest('hex')}`;

export async function openChainWorld(
  options: Omit<NonNullable<Parameters<typeof openMoneyWorld>[0]>, 'chains'> = {},
): Promise<ChainWorld> {
  const network = await foundTestNetwork({ networkId });
  const chainAt = (rpcUrl: string, providerId: 'DEAAA' | 'DEBBB') =>
    openClearingChain(
      connectChain({
        rpcUrl,
        deployment: network.deployment,
        pollMs: 10,
        confirmTimeoutMs: 20_000,
      }),
      { providerId, accountKey: accountKey(providerId) },
    );
  const chains = { a: chainAt(network.anvil.rpcUrl, 'DEAAA'), b: chainAt(network.anvil.rpcUrl, 'DEBBB') };
  const world = await openMoneyWorld({ ...options, chains });
  const { close } = world;
  return Object.defineProperties(world, {
    network: { value: network },
    chains: { value: chains },
    chainAt: { value: chainAt },
    close: {
      value: async () => {
        await close();
        await network.anvil.stop();
      },
    },
  }) as ChainWorld;
}
