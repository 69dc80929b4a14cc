import {
  type Address,
  getTypesForEIP712Domain,
  type Hex,
  isAddressEqual,
  recoverTypedDataAddress,
  serializeTypedData,
} from 'viem';
import type { ChainSigner } from './ChainClient.ts';
import { encodeMemberId } from './MemberId.ts';

/** What binds a signature to one token on one chain. A `Deployment` is one. */
export type PayoutDomain = { readonly chainId: number; readonly chargeToken: Address };

/** Where the money of a redemption shall go: signed by the holder of the tokens, read by the provider that pays. */
export type RedemptionAccount = {
  readonly redemptionId: Hex;
  /** Party id of the provider that was asked. */
  readonly provider: string;
  readonly name: string;
  readonly iban: string;
};

/** That an operator is paid at this account from now on: signed by the account's key, so that nobody mistypes it. */
export type PayoutAccount = {
  readonly operatorId: string;
  /** Party id of the operator's provider. */
  readonly provider: string;
  readonly account: Address;
};

function domainOf({ chainId, chargeToken }: PayoutDomain) {
  return { name: 'P2P-Power Payout', version: '1', chainId, verifyingContract: chargeToken } as const;
}

/** EIP-712, as a wallet's `eth_signTypedData_v4` takes it. */
export function redemptionAccountData(domain: PayoutDomain, account: RedemptionAccount) {
  return {
    domain: domainOf(domain),
    types: {
      RedemptionAccount: [
        { name: 'redemptionId', type: 'bytes32' },
        { name: 'provider', type: 'bytes32' },
        { name: 'name', type: 'string' },
        { name: 'iban', type: 'string' },
      ],
    },
    primaryType: 'RedemptionAccount',
    message: { ...account, provider: encodeMemberId(account.provider) },
  } as const;
}

/** EIP-712, as a wallet's `eth_signTypedData_v4` takes it. */
export function payoutAccountData(domain: PayoutDomain, payout: PayoutAccount) {
  return {
    domain: domainOf(domain),
    types: {
      PayoutAccount: [
        { name: 'operatorId', type: 'string' },
        { name: 'provider', type: 'bytes32' },
        { name: 'account', type: 'address' },
      ],
    },
    primaryType: 'PayoutAccount',
    message: { ...payout, provider: encodeMemberId(payout.provider) },
  } as const;
}

/** The token's own form of a request that its holder signs: all of the typed data but the message. */
export function redemptionRequestForm(domain: PayoutDomain) {
  return {
    domain: { ...domainOf(domain), name: 'P2P-Power Charge Token' },
    types: {
      RedemptionRequest: [
        { name: 'holder', type: 'address' },
        { name: 'provider', type: 'bytes32' },
        { name: 'amountMicro', type: 'uint256' },
        { name: 'reference', type: 'bytes32' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'RedemptionRequest',
  } as const;
}

/** What a holder signs to have a redemption asked for by somebody else; as `signRedemptionRequest` of ChargeToken. */
export function redemptionRequestData(
  domain: PayoutDomain,
  request: {
    readonly holder: Address;
    /** Party id. */
    readonly provider: string;
    readonly amountMicro: bigint;
    readonly reference: Hex;
    readonly deadline: number;
  },
) {
  return {
    ...redemptionRequestForm(domain),
    message: {
      holder: request.holder,
      provider: encodeMemberId(request.provider),
      amountMicro: request.amountMicro,
      reference: request.reference,
      deadline: BigInt(request.deadline),
    },
  } as const;
}

/** Typed data as JSON for `eth_signTypedData_v4`: integers as text, and the domain's own type named. */
export function printTypedData(
  data:
    | ReturnType<typeof redemptionRequestData>
    | ReturnType<typeof redemptionAccountData>
    | ReturnType<typeof payoutAccountData>,
): Readonly<Record<string, unknown>> {
  const types = { EIP712Domain: getTypesForEIP712Domain({ domain: data.domain }), ...data.types };
  return JSON.parse(serializeTypedData({ ...data, types } as never));
}

export function signRedemptionAccount(
  domain: PayoutDomain,
  account: RedemptionAccount,
  holder: ChainSigner,
): Promise<Hex> {
  return holder.signTypedData(redemptionAccountData(domain, account));
}

export function signPayoutAccount(
  domain: PayoutDomain,
  payout: PayoutAccount,
  signer: ChainSigner,
): Promise<Hex> {
  return signer.signTypedData(payoutAccountData(domain, payout));
}

/** Whether the holder said so. False also for what is no signature at all. */
export async function verifyRedemptionAccount(
  domain: PayoutDomain,
  account: RedemptionAccount,
  signature: Hex,
  holder: Address,
): Promise<boolean> {
  return isOf(holder, recoverTypedDataAddress({ ...redemptionAccountData(domain, account), signature }));
}

/** Whether the key of the account itself said so. False also for what is no signature at all. */
export async function verifyPayoutAccount(
  domain: PayoutDomain,
  payout: PayoutAccount,
  signature: Hex,
): Promise<boolean> {
  return isOf(payout.account, recoverTypedDataAddress({ ...payoutAccountData(domain, payout), signature }));
}

async function isOf(account: Address, recovered: Promise<Address>): Promise<boolean> {
  try {
    return isAddressEqual(await recovered, account);
  } catch {
    return false;
  }
}
