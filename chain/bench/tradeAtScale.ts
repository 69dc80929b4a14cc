import { sha256, stringToHex } from 'viem';
import { startAnvil } from '../Anvil.ts';
import { type ChainClient, connectChain } from '../ChainClient.ts';
import { claimPayout, settleBatch } from '../Clearing.ts';
import { deployContracts } from '../Deployment.ts';
import {
  agree,
  type TestMember,
  testAccount,
  testMember,
  testNetworkId,
} from '../testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from '../testing/makeBatch.ts';
import { gasOf } from './gasOf.ts';

export type Trade = {
  readonly providers: number;
  /** With how many others each provider has an agreement. */
  readonly peersEach: number;
  /** Of each provider: all are paid in each of its channels. */
  readonly operatorsEach: number;
  /** All of a period, spread evenly over the channels. */
  readonly charges: number;
};

export type TradeFigures = Trade & {
  /** One-way channels, so batches and transactions of a period. */
  readonly batches: number;
  readonly settleGas: bigint;
  readonly settleGasPerCharge: number;
  /** One operator's claim, its proof as long as this number of operators makes it. */
  readonly claimGas: bigint;
  /** Trees built, batches signed by both, settled one after the other by each creditor. */
  readonly seconds: number;
};

type Pair = {
  readonly debtor: TestMember;
  readonly creditor: TestMember;
  readonly agreementId: `0x${string}`;
};

/**
 * A period of trade among many providers on a fresh chain, with real trees, signatures and transactions:
 * how cost grows with charges, operators and providers.
 */
export async function tradeAtScale(trade: Trade): Promise<TradeFigures> {
  const anvil = await startAnvil({ blockDelayMs: 5 });
  try {
    const members = Array.from({ length: trade.providers }, (_, index) => ({
      ...testMember(partyId(index)),
      // A hundred founders fit one transaction without it.
      url: '',
      keys: [],
    }));
    const deployment = await deployContracts({
      rpcUrl: anvil.rpcUrl,
      signer: testAccount('deployer'),
      networkId: testNetworkId,
      members,
    });
    const client = connectChain({ rpcUrl: anvil.rpcUrl, deployment, pollMs: 10, confirmTimeoutMs: 60_000 });
    const pairs = await agreeAround(client, members, trade.peersEach);
    const operators = Array.from({ length: trade.operatorsEach }, (_, index) => ({
      account: sha256(stringToHex(`operator ${index}`))
        .slice(0, 42)
        .toLowerCase() as `0x${string}`,
      cumulativeMicro: 1_000n,
    }));
    const began = performance.now();
    let settleGas = 0n;
    let claimGas = 0n;
    const each = Math.ceil(trade.charges / pairs.length);
    for (const [index, pair] of pairs.entries()) {
      const charges = testCharges(Math.min(each, trade.charges - index * each), `charge of ${index}`);
      if (charges.length === 0) continue;
      const made = await makeBatch(deployment, pair, {
        sequence: 1n,
        agreementId: pair.agreementId,
        charges,
        payouts: operators,
      });
      settleGas += gasOf(await settleBatch(client, pair.creditor.signer, made.signed));
      if (index > 0) continue;
      const claimed = await claimPayout(client, pair.creditor.signer, {
        debtor: pair.debtor.memberId,
        creditor: pair.creditor.memberId,
        ...(operators[0] as { account: `0x${string}`; cumulativeMicro: bigint }),
        proof: made.payoutProof(0),
      });
      claimGas = gasOf(claimed);
    }
    return {
      ...trade,
      batches: Math.min(pairs.length, trade.charges),
      settleGas,
      settleGasPerCharge: Number((settleGas * 100n) / BigInt(trade.charges)) / 100,
      claimGas,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await anvil.stop();
  }
}

/** The providers stand in a circle, each agrees with its next neighbours; charges go both ways. */
async function agreeAround(
  client: ChainClient,
  members: readonly TestMember[],
  peersEach: number,
): Promise<readonly Pair[]> {
  const reach = Math.min(Math.ceil(peersEach / 2), Math.floor(members.length / 2));
  const pairs: Pair[] = [];
  for (const [index, one] of members.entries()) {
    for (let step = 1; step <= reach; step += 1) {
      const other = members[(index + step) % members.length] as TestMember;
      if (pairs.some(({ debtor, creditor }) => debtor === other && creditor === one)) continue;
      const agreementId = await agree(client, one, other);
      pairs.push(
        { debtor: one, creditor: other, agreementId },
        { debtor: other, creditor: one, agreementId },
      );
    }
  }
  return pairs;
}

/** DE000 … DEZZZ. */
function partyId(index: number): string {
  return `DE${index.toString(36).toUpperCase().padStart(3, '0')}`;
}
