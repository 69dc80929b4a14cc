import { accept, type Result } from '@p2p-power/tariff/Result';
import { type Address, type Hex, zeroHash } from 'viem';
import { channelId as channelIdOf, hashBatch, type SignedBatch } from './BatchSigning.ts';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import { clearingAbi } from './generated/Clearing.ts';
import { type Mined, submitTransaction } from './submitTransaction.ts';

export type Channel = {
  readonly channelId: Hex;
  /** The last one settled; 0 before the first. */
  readonly sequence: bigint;
  /** Settled for operators and not claimed yet. */
  readonly potMicro: bigint;
  readonly payoutsRoot: Hex;
};

export type Settled = {
  readonly outcome: 'settled' | 'already-settled';
  readonly batchHash: Hex;
  readonly txHash: Hex;
  readonly blockNumber: number;
  readonly gasUsed: bigint;
};

export type Claim = {
  readonly debtor: Hex;
  readonly creditor: Hex;
  readonly account: Address;
  /** All that the account was ever owed in this channel, as in the payouts' tree. */
  readonly cumulativeMicro: bigint;
  readonly proof: readonly Hex[];
};

export type Claimed =
  | ({ readonly outcome: 'claimed'; readonly paidMicro: bigint } & Mined)
  | { readonly outcome: 'already-claimed'; readonly paidMicro: 0n };

const clearingOf = (client: ChainClient) => contractAt(client.deployment.clearing, clearingAbi);

/**
 * Settles a batch that both providers signed. Whoever calls, and however often: the batch is settled once, and every
 * later call returns the same transaction as `already-settled`.
 *
 * Refuses with the contract's reason; `sequence-not-next` says that the channel stands elsewhere, with another batch.
 * Throws `ChainFault`: calling again is safe.
 */
export async function settleBatch(
  client: ChainClient,
  signer: ChainSigner,
  signed: SignedBatch,
): Promise<Result<Settled, ChainRefusal>> {
  const batchHash = hashBatch(signed.batch);
  const before = await findSettled(client, signed, batchHash);
  if (before !== null) return accept(before);
  const sent = await submitTransaction(client, signer, {
    ...clearingOf(client),
    functionName: 'settle',
    args: [signed.batch, signed.debtorSignature, signed.creditorSignature],
  });
  if (sent.ok) return accept({ outcome: 'settled', batchHash, ...sent.value });
  const meanwhile = await findSettled(client, signed, batchHash);
  return meanwhile === null ? sent : accept(meanwhile);
}

/** The transaction that settled exactly this batch, if there is one. */
async function findSettled(
  client: ChainClient,
  signed: SignedBatch,
  batchHash: Hex,
): Promise<Settled | null> {
  const { debtor, creditor, sequence } = signed.batch;
  const channelId = channelIdOf(debtor, creditor);
  // Only if these charges were settled under this number it is worth looking for the event, which names the batch.
  if ((await readSettledRoot(client, channelId, sequence)) !== signed.batch.cdrRoot) return null;
  return withChainFaults(async () => {
    const [event] = await client.rpc.getContractEvents({
      ...clearingOf(client),
      eventName: 'BatchSettled',
      args: { channelId, sequence, batchHash },
      fromBlock: BigInt(client.deployment.block),
      strict: true,
    });
    if (event === undefined) return null;
    const receipt = await client.rpc.getTransactionReceipt({ hash: event.transactionHash });
    return {
      outcome: 'already-settled',
      batchHash,
      txHash: event.transactionHash,
      blockNumber: Number(event.blockNumber),
      gasUsed: receipt.gasUsed,
    };
  });
}

export async function readChannel(client: ChainClient, debtor: Hex, creditor: Hex): Promise<Channel> {
  const channelId = channelIdOf(debtor, creditor);
  return withChainFaults(async () => ({
    channelId,
    ...(await client.rpc.readContract({ ...clearingOf(client), functionName: 'channel', args: [channelId] })),
  }));
}

/** The root of the charges that were settled under a sequence number; null if none were yet. */
export async function readSettledRoot(
  client: ChainClient,
  channelId: Hex,
  sequence: bigint,
): Promise<Hex | null> {
  const cdrRoot = await withChainFaults(() =>
    client.rpc.readContract({
      ...clearingOf(client),
      functionName: 'settledRoot',
      args: [channelId, sequence],
    }),
  );
  return cdrRoot === zeroHash ? null : cdrRoot;
}

/** How much of a channel's money an operator's account was paid so far. */
export async function readClaimed(client: ChainClient, channelId: Hex, account: Address): Promise<bigint> {
  return withChainFaults(() =>
    client.rpc.readContract({
      ...clearingOf(client),
      functionName: 'claimedMicro',
      args: [channelId, account],
    }),
  );
}

/**
 * Pays an operator what the newest payouts' root says, less what it was paid before. Anyone may call for it; calling
 * twice pays once. Throws `ChainFault`: calling again is safe.
 */
export async function claimPayout(
  client: ChainClient,
  signer: ChainSigner,
  claim: Claim,
): Promise<Result<Claimed, ChainRefusal>> {
  const channelId = channelIdOf(claim.debtor, claim.creditor);
  const before = await readClaimed(client, channelId, claim.account);
  const done: Claimed = { outcome: 'already-claimed', paidMicro: 0n };
  if (before >= claim.cumulativeMicro) return accept(done);
  const sent = await submitTransaction(client, signer, {
    ...clearingOf(client),
    functionName: 'claim',
    args: [claim.debtor, claim.creditor, claim.account, claim.cumulativeMicro, claim.proof],
  });
  const after = await readClaimed(client, channelId, claim.account);
  if (sent.ok) return accept({ outcome: 'claimed', paidMicro: after - before, ...sent.value });
  return after >= claim.cumulativeMicro ? accept(done) : sent;
}

/** Whether a charge is in the batch that was settled under a sequence number. A malformed proof is just no proof. */
export async function isChargeSettled(
  client: ChainClient,
  charge: {
    readonly channelId: Hex;
    readonly sequence: bigint;
    readonly authorizationId: Hex;
    readonly cdrId: Hex;
    readonly chargeMicro: bigint;
    readonly proof: readonly Hex[];
  },
): Promise<boolean> {
  const { channelId, sequence, authorizationId, cdrId, chargeMicro, proof } = charge;
  return withChainFaults(() =>
    client.rpc.readContract({
      ...clearingOf(client),
      functionName: 'isSettled',
      args: [channelId, sequence, authorizationId, cdrId, chargeMicro, proof],
    }),
  );
}
