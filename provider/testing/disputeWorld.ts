import { createHash } from 'node:crypto';
import { type Anvil, startAnvil } from '@p2p-power/chain/Anvil';
import { type ChainClient, connectChain } from '@p2p-power/chain/ChainClient';
import { type ConsortiumAction, executeProposal, proposeAction, voteFor } from '@p2p-power/chain/Consortium';
import { type Deployment, deployContracts } from '@p2p-power/chain/Deployment';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import type { Terms } from '@p2p-power/chain/Peering';
import { pointOf } from '@p2p-power/chain/PublicKeyPoint';
import { testAccount, testTerms } from '@p2p-power/chain/testing/foundTestNetwork';
import type { Hex } from '@p2p-power/protocol/Hex';
import { bytes32, dawn, day, makeProvider, networkId } from '@p2p-power/protocol/testing/world';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { openClearingChain } from '../clearing/openClearingChain.ts';
import type { ProviderConfigInput } from '../ProviderConfig.ts';
import { type MoneyWorld, openMoneyWorld } from './moneyWorld.ts';
import { testClock } from './testProvider.ts';

/**
 * A money world on a real chain that keeps the world's own time and knows the providers' certificate keys,
 * so that its contracts can judge the world's evidence. Founded twenty days before dawn.
 */
export interface DisputeWorld extends MoneyWorld {
  readonly anvil: Anvil;
  readonly deployment: Deployment;
  readonly client: ChainClient;
  /** Lets the members vote for something, all of them, and carries it out. */
  decide(action: ConsortiumAction): Promise<void>;
  readonly chains: { readonly a: ClearingChain; readonly b: ClearingChain; readonly c: ClearingChain };
}

const partyIds = ['DEAAA', 'DEBBB', 'DECCC'] as const;

/** As `testAccount` of the chain room has it. */
export const accountKeyOf = (name: string): Hex =>
  `0x${createHash('sha256').update(`test account ${name}`).digest('hex')}`;

/** `terms` are A's and B's; null: they have no agreement yet. */
export async function openDisputeWorld(
  options: {
    readonly terms?: Partial<Terms> | null;
    readonly config?: Partial<ProviderConfigInput>;
    readonly operatorAccount?: Hex;
  } = {},
): Promise<DisputeWorld> {
  const clock = testClock(dawn - 20 * day);
  const anvil = await startAnvil({ blockDelayMs: 2, now: () => clock.nowS() });
  try {
    const deployment = await deployContracts({
      rpcUrl: anvil.rpcUrl,
      signer: testAccount('deployer'),
      networkId,
      members: partyIds.map((partyId) => {
        const { publicKey } = makeProvider(partyId).key;
        return {
          memberId: encodeMemberId(partyId),
          account: testAccount(partyId).address,
          url: `https://${partyId.slice(-1).toLowerCase()}.example`,
          keys: [pointOf(publicKey)],
          issuanceLimitMicro: 1_000_000_000_000n,
        };
      }),
    });
    const client = connectChain({
      rpcUrl: anvil.rpcUrl,
      deployment,
      pollMs: 5,
      confirmTimeoutMs: 20_000,
    });
    const open = (providerId: (typeof partyIds)[number]) =>
      openClearingChain(client, { providerId, accountKey: accountKeyOf(providerId) });
    const chains = { a: open('DEAAA'), b: open('DEBBB'), c: open('DECCC') };
    if (options.terms !== null) {
      const terms = { ...testTerms, ...options.terms } as Parameters<
        ClearingChain['proposeAgreement']
      >[0]['terms'];
      const proposed = await chains.a.proposeAgreement({ other: 'DEBBB', version: 1, terms });
      if (!proposed.ok) throw new Error(`${proposed.refusal}: ${proposed.detail}`);
      const accepted = await chains.b.acceptAgreement(proposed.value.agreementId);
      if (!accepted.ok) throw new Error(`${accepted.refusal}: ${accepted.detail}`);
    }
    clock.advance(20 * day + 7_200);
    const world = await openMoneyWorld({
      clock,
      chains,
      ...(options.config && { config: options.config }),
      ...(options.operatorAccount && { operatorAccount: options.operatorAccount }),
    });
    const { close } = world;
    return Object.defineProperties(world, {
      anvil: { value: anvil },
      deployment: { value: deployment },
      client: { value: client },
      decide: { value: (action: ConsortiumAction) => decide(client, action) },
      chains: { value: chains },
      close: {
        value: async () => {
          await close();
          await anvil.stop();
        },
      },
    }) as DisputeWorld;
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

async function decide(client: ChainClient, action: ConsortiumAction): Promise<void> {
  const [b, c] = [testAccount('DEBBB'), testAccount('DECCC')];
  const proposed = await proposeAction(client, b, action, bytes32(action.kind));
  if (!proposed.ok) throw new Error(`${proposed.refusal}: ${proposed.detail}`);
  const { proposalId } = proposed.value;
  for (const step of [await voteFor(client, c, proposalId), await executeProposal(client, c, proposalId)])
    if (!step.ok) throw new Error(`${step.refusal}: ${step.detail}`);
}
