import type { Address, Hex } from 'viem';
import { type ChainClient, contractAt } from '../ChainClient.ts';
import { ChainFault, withChainFaults } from '../ChainFault.ts';
import { chargeTokenAbi } from '../generated/ChargeToken.ts';
import { clearingAbi } from '../generated/Clearing.ts';
import { consortiumAbi } from '../generated/Consortium.ts';
import { forcedClaimsAbi } from '../generated/ForcedClaims.ts';
import type { Ledger } from '../model/LedgerModel.ts';

/** Something that a contract says otherwise than the events that led there. */
export type ContractDifference = {
  /** What of whom, such as `position of DEAAA`. */
  readonly what: string;
  /** By the events. */
  readonly expected: string;
  /** By the contract. */
  readonly found: string;
};

/** Questions asked at once: a node answers them side by side, and an audit holds no more than that. */
const questionsAtOnce = 50;

/**
 * Compares what the events came to with what the contracts hold at a block: supply, positions and limits, every
 * holder's tokens, every channel, all that was claimed, every open redemption and forced claim. The node must still have the state of that
 * block. Throws `ChainFault`; asking again is safe.
 */
export async function compareWithContracts(
  client: ChainClient,
  ledger: Ledger,
  block: number,
): Promise<readonly ContractDifference[]> {
  const { deployment, rpc } = client;
  const at = { blockNumber: BigInt(block) } as const;
  const token = contractAt(deployment.chargeToken, chargeTokenAbi);
  const clearing = contractAt(deployment.clearing, clearingAbi);
  const found: ContractDifference[] = [];
  const say = (what: string, expected: unknown, is: unknown) => {
    const [one, other] = [plain(expected), plain(is)];
    if (one !== other) found.push({ what, expected: one, found: other });
  };

  const questions: (() => Promise<void>)[] = [
    async () =>
      say(
        'supply',
        ledger.supplyMicro,
        await rpc.readContract({ ...token, ...at, functionName: 'totalSupply' }),
      ),
  ];
  for (const [memberId, member] of ledger.members) {
    questions.push(async () => {
      const state = await rpc.readContract({
        ...token,
        ...at,
        functionName: 'accountState',
        args: [memberId],
      });
      say(`issued by ${memberId}`, member.issuedMicro, state.issuedMicro);
      say(`redeemed by ${memberId}`, member.redeemedMicro, state.redeemedMicro);
      say(`limit of ${memberId}`, member.limitMicro, state.limitMicro);
    });
  }
  for (const [account, microOf] of ledger.balances) {
    questions.push(async () =>
      say(
        `balance of ${account}`,
        microOf,
        await rpc.readContract({ ...token, ...at, functionName: 'balanceOf', args: [account] }),
      ),
    );
  }
  for (const [channelId, channel] of ledger.channels) {
    questions.push(async () => {
      const state = await rpc.readContract({
        ...clearing,
        ...at,
        functionName: 'channel',
        args: [channelId],
      });
      say(`sequence of channel ${channelId}`, channel.sequence, state.sequence);
      say(`pot of channel ${channelId}`, channel.potMicro, state.potMicro);
      say(`payouts’ root of channel ${channelId}`, channel.payoutsRoot, state.payoutsRoot);
    });
  }
  for (const [key, claimedMicro] of ledger.claimed) {
    const [channelId, account] = key.split(' ') as [Hex, Address];
    questions.push(async () =>
      say(
        `claimed by ${account} in channel ${channelId}`,
        claimedMicro,
        await rpc.readContract({
          ...clearing,
          ...at,
          functionName: 'claimedMicro',
          args: [channelId, account],
        }),
      ),
    );
  }
  for (const [redemptionId, redemption] of ledger.redemptions) {
    questions.push(async () => {
      const state = await rpc.readContract({
        ...token,
        ...at,
        functionName: 'redemption',
        args: [redemptionId],
      });
      say(`amount of redemption ${redemptionId}`, redemption.amountMicro, state.amountMicro);
      say(`holder of redemption ${redemptionId}`, redemption.holder, state.holder);
      say(`provider of redemption ${redemptionId}`, redemption.provider, state.provider);
      say(`payment begun of redemption ${redemptionId}`, redemption.isPaying, state.status === 2);
    });
  }
  for (const claimId of ledger.claims.keys()) {
    questions.push(async () => {
      const forcedClaims = contractAt(deployment.forcedClaims, forcedClaimsAbi);
      const status = await rpc.readContract({
        ...forcedClaims,
        ...at,
        functionName: 'statusOf',
        args: [claimId],
      });
      say(`status of forced claim ${claimId}`, 1, status);
    });
  }
  await withChainFaults(async () => {
    for (let from = 0; from < questions.length; from += questionsAtOnce)
      await Promise.all(questions.slice(from, from + questionsAtOnce).map((ask) => ask()));
  });
  return found;
}

/**
 * Whether the deployment is what it says: the contracts know each other and the network's id, and were there from the
 * named block on. Throws `ChainFault` where the chain is another one or cannot be reached.
 */
export async function checkDeployment(client: ChainClient): Promise<readonly ContractDifference[]> {
  const { deployment, rpc } = client;
  return withChainFaults(async () => {
    const chainId = await rpc.getChainId();
    if (chainId !== deployment.chainId)
      throw new ChainFault('wrong-chain', `${chainId} instead of ${deployment.chainId}`, {
        retryIsSafe: false,
      });
    for (const name of ['consortium', 'chargeToken', 'peering', 'clearing', 'forcedClaims'] as const)
      if ((await rpc.getCode({ address: deployment[name] })) === undefined)
        throw new ChainFault('wrong-chain', `there is no contract at ${deployment[name]} (${name})`, {
          retryIsSafe: false,
        });
    const clearing = contractAt(deployment.clearing, clearingAbi);
    const said = {
      chargeToken: await rpc.readContract({ ...clearing, functionName: 'chargeToken' }),
      consortium: await rpc.readContract({ ...clearing, functionName: 'consortium' }),
      peering: await rpc.readContract({ ...clearing, functionName: 'peering' }),
      forcedClaims: await rpc.readContract({ ...clearing, functionName: 'forcedClaims' }),
      networkId: await rpc.readContract({
        ...contractAt(deployment.consortium, consortiumAbi),
        functionName: 'networkId',
      }),
    };
    return Object.entries(said)
      .filter(([name, value]) => plain(value) !== plain(deployment[name as keyof typeof said]))
      .map(([name, value]) => ({
        what: `${name} of the deployment`,
        expected: plain(deployment[name as keyof typeof said]),
        found: plain(value),
      }));
  });
}

const plain = (value: unknown): string => String(value).toLowerCase();
