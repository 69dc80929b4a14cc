import { accept, type Result } from '@p2p-power/tariff/Result';
import {
  type Abi,
  type Address,
  ContractFunctionExecutionError,
  encodeDeployData,
  getContractAddress,
  type Hex,
  hexToString,
} from 'viem';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import { createContract } from './Deployment.ts';
import { dayAheadShareAbi, dayAheadShareBytecode } from './generated/DayAheadShare.ts';
import { volumeDiscountAbi, volumeDiscountBytecode } from './generated/VolumeDiscount.ts';
import { submitOnce, type TxOutcome } from './submitTransaction.ts';

/** The two terms contracts of this project, as they say of themselves what they are (contracts/src/terms). */
export type KnownTerms =
  | {
      readonly kind: 'volume-discount';
      readonly tiers: readonly { readonly fromWh: number; readonly feeShareBp: number }[];
    }
  | {
      readonly kind: 'day-ahead-share';
      readonly publisher: Address;
      readonly shareBp: number;
      readonly floorMicroPerKwh: number;
      readonly ceilingMicroPerKwh: number;
    };

/** Deploys a volume discount for a pair's agreement to name. Throws `ChainFault`; deploying again harms nobody. */
export function deployVolumeDiscount(
  client: ChainClient,
  signer: ChainSigner,
  tiers: readonly { readonly fromWh: number; readonly feeShareBp: number }[],
): Promise<Address> {
  const args = [tiers.map(({ fromWh, feeShareBp }) => ({ fromWh: BigInt(fromWh), feeShareBp }))];
  return deploy(client, signer, { abi: volumeDiscountAbi, bytecode: volumeDiscountBytecode, args });
}

/** Deploys a share of the day-ahead price; `publisher` is the account that will post each day's price. */
export function deployDayAheadShare(
  client: ChainClient,
  signer: ChainSigner,
  terms: Omit<Extract<KnownTerms, { kind: 'day-ahead-share' }>, 'kind'>,
): Promise<Address> {
  const { publisher, shareBp, floorMicroPerKwh, ceilingMicroPerKwh } = terms;
  const args = [publisher, shareBp, BigInt(floorMicroPerKwh), BigInt(ceilingMicroPerKwh)];
  return deploy(client, signer, { abi: dayAheadShareAbi, bytecode: dayAheadShareBytecode, args });
}

async function deploy(
  client: ChainClient,
  signer: ChainSigner,
  contract: { readonly abi: Abi; readonly bytecode: Hex; readonly args: readonly unknown[] },
): Promise<Address> {
  return withChainFaults(async () => {
    const { chainId } = client.deployment;
    const nonce = await client.rpc.getTransactionCount({ address: signer.address, blockTag: 'pending' });
    await createContract(client.rpc, signer, { chainId, nonce, data: encodeDeployData(contract) });
    return getContractAddress({ from: signer.address, nonce: BigInt(nonce) });
  });
}

/** What a terms contract says that it is; null of any other, whose fee only `readFeeBound` knows. */
export async function readKnownTerms(client: ChainClient, address: Address): Promise<KnownTerms | null> {
  const kind = await withChainFaults(() => readKind(client, address));
  if (kind === 'volume-discount') {
    const tiers = await withChainFaults(() =>
      client.rpc.readContract({ ...contractAt(address, volumeDiscountAbi), functionName: 'tiers' }),
    );
    return {
      kind,
      tiers: tiers.map(({ fromWh, feeShareBp }) => ({ fromWh: Number(fromWh), feeShareBp })),
    };
  }
  if (kind !== 'day-ahead-share') return null;
  const contract = contractAt(address, dayAheadShareAbi);
  const [publisher, shareBp, floor, ceiling] = await withChainFaults(() =>
    Promise.all([
      client.rpc.readContract({ ...contract, functionName: 'publisher' }),
      client.rpc.readContract({ ...contract, functionName: 'shareBp' }),
      client.rpc.readContract({ ...contract, functionName: 'floorMicroPerKwh' }),
      client.rpc.readContract({ ...contract, functionName: 'ceilingMicroPerKwh' }),
    ]),
  );
  return {
    kind,
    publisher,
    shareBp,
    floorMicroPerKwh: Number(floor),
    ceilingMicroPerKwh: Number(ceiling),
  };
}

async function readKind(client: ChainClient, address: Address): Promise<string | null> {
  try {
    const word = await client.rpc.readContract({
      ...contractAt(address, volumeDiscountAbi),
      functionName: 'kind',
    });
    return hexToString(word, { size: 32 });
  } catch (error) {
    // It has no such function, or nothing is there.
    if (error instanceof ContractFunctionExecutionError && !isUnreachable(error)) return null;
    throw error;
  }
}

function isUnreachable(error: ContractFunctionExecutionError): boolean {
  return error.walk((inner) => (inner as Error).name === 'HttpRequestError') !== null;
}

/** The prices that a `DayAheadShare` knows of some days, by day since 1970; those without one are left out. */
export async function readDayAheadPrices(
  client: ChainClient,
  address: Address,
  days: { readonly first: number; readonly count: number },
): Promise<Readonly<Record<number, number>>> {
  const all = Array.from({ length: days.count }, (_, index) => days.first + index);
  const prices = await withChainFaults(() =>
    Promise.all(
      all.map((day) =>
        client.rpc.readContract({
          ...contractAt(address, dayAheadShareAbi),
          functionName: 'price',
          args: [BigInt(day)],
        }),
      ),
    ),
  );
  return Object.fromEntries(
    all.flatMap((day, index) => {
      const [isPosted, price] = prices[index] ?? [false, 0];
      return isPosted ? [[day, price]] : [];
    }),
  );
}

/** Posts the mean prices of consecutive days, once and for good; signed by the publisher. */
export async function postDayAheadPrices(
  client: ChainClient,
  signer: ChainSigner,
  address: Address,
  prices: { readonly firstDay: number; readonly microPerKwh: readonly number[] },
): Promise<Result<TxOutcome, ChainRefusal>> {
  const { firstDay, microPerKwh } = prices;
  const sent = await submitOnce(
    client,
    signer,
    { ...contractAt(address, dayAheadShareAbi), functionName: 'post', args: [BigInt(firstDay), microPerKwh] },
    async () => {
      const known = await readDayAheadPrices(client, address, { first: firstDay, count: microPerKwh.length });
      return microPerKwh.every((price, index) => known[firstDay + index] === price);
    },
  );
  return sent.ok ? accept(sent.value) : sent;
}
