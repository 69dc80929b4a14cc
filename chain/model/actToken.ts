import { type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import type { ChainRefusal } from '../ChainRefusal.ts';
import { moneyOf } from './actConsortium.ts';
import type { CallOf, Network } from './Network.ts';
import { redemptionIdIn } from './networkIds.ts';

const paymentWindowS = 7 * 86_400;
const maxUint128 = 2n ** 128n - 1n;
const maxUint256 = 2n ** 256n - 1n;

type Outcome = ChainRefusal | null;

export function isClosed(network: Network, now: number): boolean {
  return network.closesAt !== 0 && now >= network.closesAt;
}

export function balanceOf(network: Network, account: Address): bigint {
  return network.balances.get(account) ?? 0n;
}

/** ERC-20's rules, and none of them once the token is closed. */
export function move(
  network: Network,
  from: Address,
  to: Address,
  amountMicro: bigint,
  now: number,
): Outcome {
  if (from === zeroAddress || to === zeroAddress) return 'account-invalid';
  if (isClosed(network, now)) return 'token-closed';
  if (balanceOf(network, from) < amountMicro) return 'balance-too-low';
  network.balances.set(from, balanceOf(network, from) - amountMicro);
  network.balances.set(to, balanceOf(network, to) + amountMicro);
  return null;
}

/** Tokens for `to` at the debtor's expense, within its limit. */
export function issueTokens(
  network: Network,
  debtor: Hex,
  to: Address,
  amountMicro: bigint,
  now: number,
): Outcome {
  const money = moneyOf(network, debtor);
  if (money.issuedMicro + amountMicro > maxUint128) return 'amount-too-large';
  money.issuedMicro += amountMicro;
  const positionMicro = money.issuedMicro - money.redeemedMicro;
  if (positionMicro > 0n && positionMicro > money.limitMicro) return 'issuance-limit-exceeded';
  if (isClosed(network, now)) return 'token-closed';
  network.balances.set(to, balanceOf(network, to) + amountMicro);
  return null;
}

export function transfer(network: Network, call: CallOf<'transfer'>, now: number): Outcome {
  return move(network, call.from, call.to, call.amountMicro, now);
}

export function approve(network: Network, call: CallOf<'approve'>): Outcome {
  if (call.to === zeroAddress) return 'account-invalid';
  network.allowances.set(`${call.from} ${call.to}`, call.amountMicro);
  return null;
}

export function transferFrom(network: Network, call: CallOf<'transferFrom'>, now: number): Outcome {
  const key = `${call.owner} ${call.from}`;
  const allowed = network.allowances.get(key) ?? 0n;
  if (allowed < call.amountMicro) return 'allowance-too-low';
  if (allowed !== maxUint256) network.allowances.set(key, allowed - call.amountMicro);
  return move(network, call.owner, call.to, call.amountMicro, now);
}

export function permit(network: Network, call: CallOf<'permit'>, now: number): Outcome {
  if (now > call.deadline) return 'permit-expired';
  const nonce = network.permitNonces.get(call.owner) ?? 0n;
  if (call.signer !== call.owner || call.nonce !== nonce) return 'permit-signer-invalid';
  network.permitNonces.set(call.owner, nonce + 1n);
  network.allowances.set(`${call.owner} ${call.spender}`, call.amountMicro);
  return null;
}

export function requestRedemption(network: Network, call: CallOf<'requestRedemption'>, now: number): Outcome {
  return request(network, call.from, call, now);
}

export function requestRedemptionFor(
  network: Network,
  call: CallOf<'requestRedemptionFor'>,
  now: number,
): Outcome {
  if (now > call.deadline) return 'request-expired';
  if (call.signer !== call.holder) return 'request-signature-invalid';
  return request(network, call.holder, call, now);
}

function request(
  network: Network,
  holder: Address,
  asked: { readonly provider: Hex; readonly amountMicro: bigint; readonly reference: Hex },
  now: number,
): Outcome {
  const { provider, amountMicro, reference } = asked;
  if (network.closesAt !== 0) return 'token-closing';
  if (!network.members.has(provider)) return 'not-a-member';
  if (amountMicro === 0n) return 'amount-missing';
  const redemptionId = redemptionIdIn(network, holder, reference);
  if (network.redemptions.has(redemptionId)) return 'redemption-exists';
  if (amountMicro > maxUint128) return 'amount-too-large';
  network.redemptions.set(redemptionId, {
    holder,
    provider,
    amountMicro,
    requestedAt: now,
    status: 'open',
    payBy: 0,
    bankReference: zeroHash,
  });
  return move(network, holder, network.addresses.chargeToken, amountMicro, now);
}

function whyNotPending(network: Network, redemptionId: Hex): Outcome {
  const redemption = network.redemptions.get(redemptionId);
  if (redemption === undefined) return 'redemption-unknown';
  const isPending = redemption.status === 'open' || redemption.status === 'paying';
  return isPending ? null : 'redemption-closed';
}

export function beginPayment(network: Network, call: CallOf<'beginPayment'>, now: number): Outcome {
  if (network.closesAt !== 0) return 'token-closing';
  const refused = whyNotPending(network, call.redemptionId);
  const redemption = network.redemptions.get(call.redemptionId);
  if (refused !== null || redemption === undefined) return refused;
  if (network.members.get(redemption.provider)?.account !== call.from) return 'not-the-provider';
  if (redemption.status === 'paying') return 'payment-under-way';
  redemption.status = 'paying';
  redemption.payBy = now + paymentWindowS;
  return null;
}

export function markPaid(network: Network, call: CallOf<'markPaid'>, now: number): Outcome {
  const refused = whyNotPending(network, call.redemptionId);
  const redemption = network.redemptions.get(call.redemptionId);
  if (refused !== null || redemption === undefined) return refused;
  const { provider, amountMicro } = redemption;
  if (network.members.get(provider)?.account !== call.from) return 'not-the-provider';
  const used = useBankReference(network, provider, call.bankReference);
  if (used !== null) return used;
  if (isClosed(network, now)) return 'token-closed';
  redemption.status = 'paid';
  redemption.bankReference = call.bankReference;
  moneyOf(network, provider).redeemedMicro += amountMicro;
  const { chargeToken } = network.addresses;
  network.balances.set(chargeToken, balanceOf(network, chargeToken) - amountMicro);
  return null;
}

export function cancelRedemption(network: Network, call: CallOf<'cancelRedemption'>, now: number): Outcome {
  const refused = whyNotPending(network, call.redemptionId);
  const redemption = network.redemptions.get(call.redemptionId);
  if (refused !== null || redemption === undefined) return refused;
  if (call.from !== redemption.holder) return 'not-the-holder';
  if (redemption.status === 'paying' && now <= redemption.payBy) return 'payment-under-way';
  redemption.status = 'cancelled';
  return move(network, network.addresses.chargeToken, call.from, redemption.amountMicro, now);
}

export function confirmReceipt(network: Network, call: CallOf<'confirmReceipt'>, now: number): Outcome {
  if (isClosed(network, now)) return 'token-closed';
  const receiver = network.holders.get(call.from);
  if (receiver === undefined) return 'not-a-member';
  const { payer, amountMicro } = call;
  if (amountMicro === 0n) return 'amount-missing';
  const used = useBankReference(network, receiver, call.bankReference);
  if (used !== null) return used;
  if (amountMicro >= 2n ** 255n) return 'amount-too-large';
  const receiving = moneyOf(network, receiver);
  const paying = moneyOf(network, payer);
  if (
    receiving.issuedMicro - receiving.redeemedMicro > -amountMicro ||
    paying.issuedMicro - paying.redeemedMicro < amountMicro
  ) {
    return 'not-owed';
  }
  paying.redeemedMicro += amountMicro;
  receiving.issuedMicro += amountMicro;
  return null;
}

function useBankReference(network: Network, memberId: Hex, bankReference: Hex): Outcome {
  if (bankReference === zeroHash) return 'bank-reference-missing';
  const key = `${memberId} ${bankReference}`;
  if (network.bankReferences.has(key)) return 'bank-reference-used';
  network.bankReferences.add(key);
  return null;
}
