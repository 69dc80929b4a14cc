import { carryOverTree, type Tree } from '@p2p-power/protocol/MerkleTree';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Address, Hex } from 'viem';
import { type Ledger, positionOf } from './model/LedgerModel.ts';

/** What an account carries over from a closed token, micro-units; accounts in lower case. */
export type Holding = { readonly account: Address; readonly amountMicro: bigint };

/** The last state of a closed token, as its successor is founded with it. */
export type TokenSnapshot = {
  /** Each account once, in the order of the addresses; no amount is zero. They add up to the supply. */
  readonly holdings: readonly Holding[];
  /** Of members and former members, in the order of their ids; none is zero. They add up to the supply. */
  readonly positions: readonly { readonly memberId: Hex; readonly positionMicro: bigint }[];
  readonly supplyMicro: bigint;
  /** Over the holdings, in their order. */
  readonly tree: Tree;
};

/**
 * - `carry-over-unfinished`: tokens wait for accounts that did not carry over from the token before, and it is not said
 *   whose they are
 * - `ledger-unsound`: the sums of the ledger contradict each other
 */
export type SnapshotRefusal = 'carry-over-unfinished' | 'ledger-unsound';

/**
 * Whose the tokens of a closed token are. The rules need nothing but what the chain says, so whoever reads it computes
 * the same:
 *
 * - what an account holds is its own, and so are its open redemptions, begun or not;
 * - what operators left unclaimed in a channel's pot goes to the account of the channel's creditor, their own provider,
 *   which knows what it owes to whom (only the two providers know the leaves of the payouts' root);
 * - the bond of a forced claim that was not decided goes back to its maker;
 * - what was not carried over from the token before belongs to those to whom it belonged then (`pending`);
 * - what somebody sent to one of the contracts by mistake is lost, and stays so: it goes to the closed token itself.
 */
export function snapshotLedger(
  ledger: Ledger,
  pending: readonly Holding[] = [],
): Result<TokenSnapshot, SnapshotRefusal> {
  const contracts = [ledger.clearing, ledger.chargeToken, ledger.forcedClaims];
  const owed = new Map<Address, bigint>();
  const add = (account: Address, amountMicro: bigint) => {
    owed.set(account, (owed.get(account) ?? 0n) + amountMicro);
  };
  for (const [account, amountMicro] of ledger.balances)
    if (!contracts.includes(account)) add(account, amountMicro);
  for (const { holder, amountMicro } of ledger.redemptions.values()) add(holder, amountMicro);
  for (const { creditor, potMicro } of ledger.channels.values()) {
    const account = ledger.members.get(creditor)?.account;
    if (account === undefined) return refuse('ledger-unsound', `creditor ${creditor} is no member`);
    add(account, potMicro);
  }
  for (const { maker, bondMicro } of ledger.claims.values()) add(maker, bondMicro);

  const pendingMicro = pending.reduce((sum, { amountMicro }) => sum + amountMicro, 0n);
  if (pendingMicro !== ledger.carriedMicro)
    return refuse('carry-over-unfinished', `${ledger.carriedMicro} wait, ${pendingMicro} are explained`);
  for (const { account, amountMicro } of pending) add(account, amountMicro);

  const { supplyMicro } = ledger;
  const explainedMicro = [...owed.values()].reduce((sum, amountMicro) => sum + amountMicro, 0n);
  if (explainedMicro > supplyMicro)
    return refuse('ledger-unsound', `${explainedMicro} are owed of a supply of ${supplyMicro}`);
  add(ledger.chargeToken, supplyMicro - explainedMicro);

  const positions = [...ledger.members]
    .map(([memberId, member]) => ({ memberId, positionMicro: positionOf(member) }))
    .filter(({ positionMicro }) => positionMicro !== 0n)
    .sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
  const positionsMicro = positions.reduce((sum, { positionMicro }) => sum + positionMicro, 0n);
  if (positionsMicro !== supplyMicro)
    return refuse('ledger-unsound', `positions come to ${positionsMicro} of a supply of ${supplyMicro}`);

  const holdings = [...owed]
    .map(([account, amountMicro]) => ({ account, amountMicro }))
    .filter(({ amountMicro }) => amountMicro !== 0n)
    .sort((one, other) => (one.account < other.account ? -1 : 1));
  return accept({ holdings, positions, supplyMicro, tree: carryOverTree(holdings) });
}
