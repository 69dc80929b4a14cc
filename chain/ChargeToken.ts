import { accept, type Result } from '@p2p-power/tariff/Result';
import { type Address, encodeAbiParameters, type Hex, hexToString, keccak256 } from 'viem';
import { type ChainClient, type ChainSigner, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import type { ChainRefusal } from './ChainRefusal.ts';
import { memberOf } from './Consortium.ts';
import { chargeTokenAbi } from './generated/ChargeToken.ts';
import { redemptionRequestForm } from './PayoutSigning.ts';
import { alreadyDone, submitOnce, submitTransaction, type TxOutcome } from './submitTransaction.ts';

export type Position = {
  readonly issuedMicro: bigint;
  readonly redeemedMicro: bigint;
  /** Issued less redeemed: positive is what the member owes, negative what it is owed. */
  readonly positionMicro: bigint;
  readonly limitMicro: bigint;
};

/** `overdue`: asked for ten days ago, neither paid nor being paid; the holder may cancel it and ask another provider. */
export type RedemptionStatus = 'open' | 'paying' | 'paid' | 'cancelled' | 'overdue';

export type Redemption = {
  readonly redemptionId: Hex;
  readonly holder: Address;
  /** The provider's member id. */
  readonly provider: Hex;
  readonly amountMicro: bigint;
  /** Epoch seconds. */
  readonly requestedAt: number;
  readonly status: RedemptionStatus;
  /** Until when a payment that was begun keeps the holder from cancelling. */
  readonly payBy: number | null;
  readonly bankReference: Hex | null;
};

const statuses = [null, 'open', 'paying', 'paid', 'cancelled', 'overdue'] as const;

const tokenOf = (client: ChainClient) => contractAt(client.deployment.chargeToken, chargeTokenAbi);

export async function readBalance(client: ChainClient, account: Address): Promise<bigint> {
  return withChainFaults(() =>
    client.rpc.readContract({ ...tokenOf(client), functionName: 'balanceOf', args: [account] }),
  );
}

export async function readSupply(client: ChainClient): Promise<bigint> {
  return withChainFaults(() => client.rpc.readContract({ ...tokenOf(client), functionName: 'totalSupply' }));
}

/** ISO 4217. */
export async function readCurrency(client: ChainClient): Promise<string> {
  const word = await withChainFaults(() =>
    client.rpc.readContract({ ...tokenOf(client), functionName: 'currency' }),
  );
  return hexToString(word);
}

export async function readPosition(client: ChainClient, memberId: Hex): Promise<Position> {
  const { issuedMicro, redeemedMicro, limitMicro } = await withChainFaults(() =>
    client.rpc.readContract({ ...tokenOf(client), functionName: 'accountState', args: [memberId] }),
  );
  return { issuedMicro, redeemedMicro, limitMicro, positionMicro: issuedMicro - redeemedMicro };
}

/** The id of the redemption that a holder asks for with a reference of its own choice. */
export function redemptionIdOf(client: ChainClient, holder: Address, reference: Hex): Hex {
  const { chainId, chargeToken } = client.deployment;
  return keccak256(
    encodeAbiParameters(
      [{ type: 'uint256' }, { type: 'address' }, { type: 'address' }, { type: 'bytes32' }],
      [BigInt(chainId), chargeToken, holder, reference],
    ),
  );
}

export async function readRedemption(client: ChainClient, redemptionId: Hex): Promise<Redemption | null> {
  const found = await withChainFaults(() =>
    client.rpc.readContract({ ...tokenOf(client), functionName: 'redemption', args: [redemptionId] }),
  );
  const status = statuses[found.status] ?? null;
  if (status === null) return null;
  return {
    redemptionId,
    holder: found.holder,
    provider: found.provider,
    amountMicro: found.amountMicro,
    requestedAt: Number(found.requestedAt),
    status,
    payBy: found.payBy === 0n ? null : Number(found.payBy),
    bankReference: status === 'paid' ? found.bankReference : null,
  };
}

/**
 * Asks a provider for money in exchange for the signer's tokens, which are locked meanwhile.
 *
 * @param request.reference 32 bytes of the holder's choice, a new one for each request: it names the request, so that
 * asking again after a fault does not ask twice
 */
export async function requestRedemption(
  client: ChainClient,
  signer: ChainSigner,
  request: { readonly provider: Hex; readonly amountMicro: bigint; readonly reference: Hex },
): Promise<Result<TxOutcome & { readonly redemptionId: Hex }, ChainRefusal>> {
  const redemptionId = redemptionIdOf(client, signer.address, request.reference);
  const isDone = async () => {
    const found = await readRedemption(client, redemptionId);
    return found !== null && found.amountMicro === request.amountMicro && found.provider === request.provider;
  };
  const sent = await submitOnce(
    client,
    signer,
    {
      ...tokenOf(client),
      functionName: 'requestRedemption',
      args: [request.provider, request.amountMicro, request.reference],
    },
    isDone,
  );
  return sent.ok ? accept({ ...sent.value, redemptionId }) : sent;
}

/** A request that its holder has signed, for somebody else to bring. */
export type SignedRedemptionRequest = {
  readonly holder: Address;
  readonly provider: Hex;
  readonly amountMicro: bigint;
  readonly reference: Hex;
  /** Epoch seconds: the last in which it may be brought. */
  readonly deadline: number;
  readonly signature: Hex;
};

/** Signs a request for money (EIP-712): the holder pays for no transaction and needs no connection to the chain. */
export async function signRedemptionRequest(
  deployment: { readonly chainId: number; readonly chargeToken: Address },
  holder: ChainSigner,
  request: {
    readonly provider: Hex;
    readonly amountMicro: bigint;
    readonly reference: Hex;
    readonly deadline: number;
  },
): Promise<SignedRedemptionRequest> {
  const signature = await holder.signTypedData({
    ...redemptionRequestForm(deployment),
    message: { ...request, holder: holder.address, deadline: BigInt(request.deadline) },
  });
  return { ...request, holder: holder.address, signature };
}

/** Brings a request that its holder signed. The signer of the transaction gets no rights by it. */
export async function requestRedemptionFor(
  client: ChainClient,
  signer: ChainSigner,
  request: SignedRedemptionRequest,
): Promise<Result<TxOutcome & { readonly redemptionId: Hex }, ChainRefusal>> {
  const { holder, provider, amountMicro, reference, deadline, signature } = request;
  const redemptionId = redemptionIdOf(client, holder, reference);
  const sent = await submitOnce(
    client,
    signer,
    {
      ...tokenOf(client),
      functionName: 'requestRedemptionFor',
      args: [holder, provider, amountMicro, reference, BigInt(deadline), signature],
    },
    async () => {
      const found = await readRedemption(client, redemptionId);
      return found !== null && found.amountMicro === amountMicro && found.provider === provider;
    },
  );
  return sent.ok ? accept({ ...sent.value, redemptionId }) : sent;
}

/** The provider says that it is sending the money; from then on the holder cannot cancel until `payBy`. */
export function beginPayment(
  client: ChainClient,
  signer: ChainSigner,
  redemptionId: Hex,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...tokenOf(client), functionName: 'beginPayment', args: [redemptionId] },
    async () => (await readRedemption(client, redemptionId))?.status === 'paying',
  );
}

/** The provider says that the money was sent, with the bank's reference (a hash of it): burns the tokens. */
export function markPaid(
  client: ChainClient,
  signer: ChainSigner,
  payment: { readonly redemptionId: Hex; readonly bankReference: Hex },
): Promise<Result<TxOutcome, ChainRefusal>> {
  const { redemptionId, bankReference } = payment;
  return submitOnce(
    client,
    signer,
    { ...tokenOf(client), functionName: 'markPaid', args: [redemptionId, bankReference] },
    async () => (await readRedemption(client, redemptionId))?.bankReference === bankReference,
  );
}

/** The holder takes the request back, and the tokens. */
export function cancelRedemption(
  client: ChainClient,
  signer: ChainSigner,
  redemptionId: Hex,
): Promise<Result<TxOutcome, ChainRefusal>> {
  return submitOnce(
    client,
    signer,
    { ...tokenOf(client), functionName: 'cancelRedemption', args: [redemptionId] },
    async () => (await readRedemption(client, redemptionId))?.status === 'cancelled',
  );
}

/** The receiver of a bank transfer between two providers confirms it: both positions move towards zero. */
export async function confirmReceipt(
  client: ChainClient,
  signer: ChainSigner,
  receipt: { readonly payer: Hex; readonly amountMicro: bigint; readonly bankReference: Hex },
): Promise<Result<TxOutcome, ChainRefusal>> {
  const { payer, amountMicro, bankReference } = receipt;
  const sent = await submitTransaction(client, signer, {
    ...tokenOf(client),
    functionName: 'confirmReceipt',
    args: [payer, amountMicro, bankReference],
  });
  if (sent.ok) return accept({ outcome: 'done', ...sent.value });
  // The bank reference can be used once, so what an earlier attempt did stands in an event.
  const events = await withChainFaults(async () =>
    client.rpc.getContractEvents({
      ...tokenOf(client),
      eventName: 'ReceiptConfirmed',
      args: { receiver: await memberOf(client, signer.address), payer },
      fromBlock: BigInt(client.deployment.block),
      strict: true,
    }),
  );
  const done = events.some(
    ({ args }) => args.bankReference === bankReference && args.amountMicro === amountMicro,
  );
  return done ? accept(alreadyDone) : sent;
}
