import { keccak_256 } from '@noble/hashes/sha3.js';
import { fromBytes, type Hex } from './Hex.ts';
import { emptyRoot, type Payout, type SettledCharge } from './MerkleTree.ts';
import { typeWordBytes, wordBytes, writeHex, writeUint } from './Word.ts';

/**
 * The hashed leaves of a tree, packed: 32 bytes a leaf and no more. For who must know a root and keeps no
 * proofs, such as an audit of a million charges; {@link LeafList.root} is that of `MerkleTree.ts`.
 */
export interface LeafList {
  readonly size: number;
  add(leaf: Uint8Array): void;
  /** The root over the leaves added so far, in whatever order; {@link emptyRoot} of none. */
  root(): Hex;
  /** Hashes the tree over the leaves added so far, at least one, in steps between which others may work. */
  grow(): Generator<undefined, PackedTree, undefined>;
}

/** A tree's nodes, 64 bytes a leaf. */
export interface PackedTree {
  readonly root: Hex;
  /** The path from a leaf to the root; undefined where the tree has no such leaf. */
  proof(leaf: Uint8Array): readonly Hex[] | undefined;
}

export function openLeafList(): LeafList {
  let packed = new Uint8Array(1_024 * wordBytes);
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(leaf) {
      if (leaf.length !== wordBytes) throw new RangeError('a leaf has 32 bytes');
      if ((size + 1) * wordBytes > packed.length) {
        const wider = new Uint8Array(packed.length * 2);
        wider.set(packed);
        packed = wider;
      }
      packed.set(leaf, size * wordBytes);
      size += 1;
    },
    root() {
      if (size === 0) return emptyRoot;
      const steps = growTree(packed, size);
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value.root;
      }
    },
    grow: () => growTree(packed, size),
  };
}

/** The leaf of a charge in a batch's `cdrRoot`. */
export function settledChargeLeaf(networkId: Hex, charge: SettledCharge): Uint8Array {
  const words = new Uint8Array(4 * wordBytes);
  words.set(typeWordBytes('SettledCharge', networkId));
  writeHex(words, 2 * wordBytes, charge.authorizationId);
  writeHex(words, 3 * wordBytes, charge.cdrId);
  writeUint(words, 3 * wordBytes, charge.chargeMicro);
  return keccak_256(keccak_256(words));
}

/** The leaf of an account in a batch's `payoutsRoot`. */
export function payoutLeaf(channelId: Hex, payout: Payout): Uint8Array {
  const words = new Uint8Array(3 * wordBytes);
  writeHex(words, wordBytes, channelId);
  writeHex(words, 2 * wordBytes, payout.account);
  writeUint(words, 2 * wordBytes, payout.cumulativeMicro);
  return keccak_256(keccak_256(words));
}

/** Nodes hashed between two steps: some tens of milliseconds. */
const nodesOfAStep = 2_048;

/**
 * OpenZeppelin's standard tree: the sorted leaves are the end of a heap, last one first; each node above
 * hashes its two children, the smaller first.
 */
function* growTree(packed: Uint8Array, size: number): Generator<undefined, PackedTree, undefined> {
  if (size === 0) throw new RangeError('a tree has leaves');
  const leaves = Array.from({ length: size }, (_, index) =>
    packed.subarray(index * wordBytes, (index + 1) * wordBytes),
  ).sort(compare);
  const nodes = new Uint8Array((2 * size - 1) * wordBytes);
  const last = 2 * size - 2;
  for (const [index, leaf] of leaves.entries()) nodes.set(leaf, (last - index) * wordBytes);
  const node = (index: number) => nodes.subarray(index * wordBytes, (index + 1) * wordBytes);
  const pair = new Uint8Array(2 * wordBytes);
  for (let index = size - 2; index >= 0; index -= 1) {
    const [left, right] = [node(2 * index + 1), node(2 * index + 2)];
    const leftFirst = compare(left, right) <= 0;
    pair.set(leftFirst ? left : right, 0);
    pair.set(leftFirst ? right : left, wordBytes);
    nodes.set(keccak_256(pair), index * wordBytes);
    if (index % nodesOfAStep === 0) yield undefined;
  }
  return {
    root: fromBytes(node(0)),
    proof(leaf) {
      // Leaves fall from the heap's first leaf to its end.
      let [from, to] = [size - 1, last];
      while (from < to) {
        const middle = (from + to) >> 1;
        if (compare(node(middle), leaf) > 0) from = middle + 1;
        else to = middle;
      }
      if (compare(node(from), leaf) !== 0) return undefined;
      const path: Hex[] = [];
      for (let at = from; at > 0; at = (at - 1) >> 1)
        path.push(fromBytes(node(at % 2 === 1 ? at + 1 : at - 1)));
      return path;
    },
  };
}

function compare(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < wordBytes; at += 1) {
    const difference = (one[at] as number) - (other[at] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
