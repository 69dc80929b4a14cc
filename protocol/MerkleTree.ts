import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { SimpleMerkleTree, StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { fromBytes, type Hex } from './Hex.ts';
import { typeWord, uint } from './Word.ts';

/** One charge of a batch, as its Merkle leaf names it. */
export interface SettledCharge {
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  readonly chargeMicro: number;
}

/** What an operator's account may have claimed from one channel since its beginning. */
export interface Payout {
  readonly account: Hex;
  readonly cumulativeMicro: number;
}

/**
 * A tree as contracts check it with OpenZeppelin's `MerkleProof`: Keccak-256, leaves hashed twice,
 * pairs sorted. `proof(index)` is of the leaf with that index in the list that it was made from.
 */
export interface Tree {
  readonly root: Hex;
  readonly size: number;
  proof(index: number): readonly Hex[];
}

/** The root of no leaves: contracts accept no proof for it. */
export const emptyRoot: Hex = `0x${'0'.repeat(64)}`;

const chargeTypes = ['bytes32', 'bytes32', 'bytes32', 'uint256'];
const payoutTypes = ['bytes32', 'address', 'uint256'];

/** Leaves (type word `SettledCharge`, authorization id, CDR id, charge), so that none passes for another kind. */
export function settledChargeTree(networkId: Hex, charges: readonly SettledCharge[]): Tree {
  const domain = typeWord('SettledCharge', networkId);
  return treeOf(
    charges.map(({ authorizationId, cdrId, chargeMicro }) =>
      leafHash(domain.slice(2) + authorizationId.slice(2) + cdrId.slice(2) + uint(chargeMicro)),
    ),
  );
}

/** Leaves (channel id, account, cumulative amount): a claim from one channel is none from another. */
export function payoutTree(channelId: Hex, payouts: readonly Payout[]): Tree {
  return treeOf(
    payouts.map(({ account, cumulativeMicro }) =>
      leafHash(channelId.slice(2) + account.slice(2).padStart(64, '0') + uint(cumulativeMicro)),
    ),
  );
}

/** Leaves (account, amount): what each account had in a token that was closed. */
export function carryOverTree(
  holdings: readonly { readonly account: Hex; readonly amountMicro: bigint }[],
): Tree {
  return treeOf(
    holdings.map(({ account, amountMicro }) =>
      leafHash(account.slice(2).padStart(64, '0') + amountMicro.toString(16).padStart(64, '0')),
    ),
  );
}

/** Leaves (type word `HandIn`, CDR id): what was handed in until the root was anchored. */
export function handInTree(networkId: Hex, cdrIds: readonly Hex[]): Tree {
  return namedTree('HandIn', networkId, cdrIds);
}

/** Leaves (type word `RevokedCertificate`, certificate id): what a provider had revoked when it anchored the root. */
export function revokedTree(networkId: Hex, certificateIds: readonly Hex[]): Tree {
  return namedTree('RevokedCertificate', networkId, certificateIds);
}

function namedTree(name: string, networkId: Hex, ids: readonly Hex[]): Tree {
  const domain = typeWord(name, networkId).slice(2);
  return treeOf(ids.map((id) => leafHash(domain + id.slice(2))));
}

/** Whether the proof leads from this charge to the root. */
export function verifySettledCharge(
  networkId: Hex,
  root: Hex,
  charge: SettledCharge,
  proof: readonly Hex[],
): boolean {
  const leaf = [
    typeWord('SettledCharge', networkId),
    charge.authorizationId,
    charge.cdrId,
    charge.chargeMicro,
  ];
  return StandardMerkleTree.verify(root, chargeTypes, leaf, [...proof]);
}

/** Whether the proof leads from this payout to the root. */
export function verifyPayout(channelId: Hex, root: Hex, payout: Payout, proof: readonly Hex[]): boolean {
  return StandardMerkleTree.verify(
    root,
    payoutTypes,
    [channelId, payout.account, payout.cumulativeMicro],
    [...proof],
  );
}

/** The standard leaf hash of static words, ABI-encoded: the library's own encoder is general and slow. */
function leafHash(words: string): Hex {
  return fromBytes(keccak_256(keccak_256(hexToBytes(words))));
}

function treeOf(leaves: readonly Hex[]): Tree {
  if (leaves.length === 0)
    return {
      root: emptyRoot,
      size: 0,
      proof: () => {
        throw new RangeError('an empty tree proves nothing');
      },
    };
  const tree = SimpleMerkleTree.of([...leaves]);
  return {
    root: tree.root as Hex,
    size: leaves.length,
    proof: (index) => tree.getProof(index) as Hex[],
  };
}
