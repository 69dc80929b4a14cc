import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  carryOverTree,
  emptyRoot,
  handInTree,
  payoutTree,
  revokedTree,
  type SettledCharge,
  settledChargeTree,
  verifyPayout,
  verifySettledCharge,
} from './MerkleTree.ts';
import { bytes32, networkId } from './testing/world.ts';
import { typeWord } from './Word.ts';

const charges = (count: number): readonly SettledCharge[] =>
  Array.from({ length: count }, (_, index) => ({
    authorizationId: bytes32(`authorization ${index}`),
    cdrId: bytes32(`cdr ${index}`),
    chargeMicro: index * 1_000_003,
  }));
const account = (index: number) => `0x${bytes32(`account ${index}`).slice(2, 42)}` as const;
const channel = bytes32('channel');

test('the trees are those of the library, whose own encoder is slower', () => {
  for (const count of [1, 2, 3, 50]) {
    const rows = charges(count).map(({ authorizationId, cdrId, chargeMicro }) => [
      typeWord('SettledCharge', networkId),
      authorizationId,
      cdrId,
      chargeMicro,
    ]);
    const standard = StandardMerkleTree.of(rows, ['bytes32', 'bytes32', 'bytes32', 'uint256']);
    const tree = settledChargeTree(networkId, charges(count));
    expect(tree.root).toBe(standard.root);
    expect(tree.proof(count - 1)).toEqual(standard.getProof(count - 1));
    const payouts = Array.from({ length: count }, (_, index) => ({
      account: account(index),
      cumulativeMicro: index,
    }));
    const standardPayouts = StandardMerkleTree.of(
      payouts.map((payout) => [channel, payout.account, payout.cumulativeMicro]),
      ['bytes32', 'address', 'uint256'],
    );
    expect(payoutTree(channel, payouts).root).toBe(standardPayouts.root);
  }
});

test('every leaf is proven, and no other charge, amount, network or proof', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (count, one, other) => {
      const list = charges(count);
      const tree = settledChargeTree(networkId, list);
      const [index, another] = [one % count, other % count];
      const charge = list[index] as SettledCharge;
      const proof = tree.proof(index);
      expect(verifySettledCharge(networkId, tree.root, charge, proof)).toBe(true);
      expect(verifySettledCharge(bytes32('other'), tree.root, charge, proof)).toBe(false);
      expect(
        verifySettledCharge(networkId, tree.root, { ...charge, chargeMicro: charge.chargeMicro + 1 }, proof),
      ).toBe(false);
      if (index !== another)
        expect(verifySettledCharge(networkId, tree.root, list[another] as SettledCharge, proof)).toBe(false);
    }),
    { numRuns: 40 },
  );
});

test('an inner node passes for no leaf: a proof cut short proves nothing', () => {
  const list = charges(8);
  const tree = settledChargeTree(networkId, list);
  for (const [index, charge] of list.entries())
    for (const from of [1, 2, 3])
      expect(verifySettledCharge(networkId, tree.root, charge, tree.proof(index).slice(from))).toBe(false);
});

test('an empty tree has the zero root and proves nothing', () => {
  const tree = settledChargeTree(networkId, []);
  expect([tree.root, tree.size]).toEqual([emptyRoot, 0]);
  expect(() => tree.proof(0)).toThrow(RangeError);
  expect(verifyPayout(channel, emptyRoot, { account: account(0), cumulativeMicro: 0 }, [])).toBe(false);
});

test('ten thousand charges make a tree within a few seconds', () => {
  const list = charges(10_000);
  const from = performance.now();
  const tree = settledChargeTree(networkId, list);
  expect(performance.now() - from).toBeLessThan(60_000);
  const proof = tree.proof(9_999);
  expect(proof.length).toBeLessThanOrEqual(14);
  expect(verifySettledCharge(networkId, tree.root, list[9_999] as SettledCharge, proof)).toBe(true);
});

test('what accounts carry over is the library’s tree of account and amount, past 2^53 too', () => {
  const holdings = Array.from({ length: 9 }, (_, index) => ({
    account: account(index),
    amountMicro: 2n ** BigInt(14 * index + 1) - 1n,
  }));
  const tree = carryOverTree(holdings);
  const rows = holdings.map((holding) => [holding.account, holding.amountMicro]);
  expect(tree.root).toBe(StandardMerkleTree.of(rows, ['address', 'uint256']).root);
  for (const [index, row] of rows.entries())
    expect(StandardMerkleTree.verify(tree.root, ['address', 'uint256'], row, [...tree.proof(index)])).toBe(
      true,
    );
  expect(carryOverTree([]).root).toBe(emptyRoot);
});

test('hand-ins and revocations are the library’s trees of type word and id, and neither passes for the other', () => {
  const ids = Array.from({ length: 5 }, (_, index) => bytes32(`id ${index}`));
  for (const [name, tree] of [
    ['HandIn', handInTree(networkId, ids)],
    ['RevokedCertificate', revokedTree(networkId, ids)],
  ] as const)
    for (const [index, id] of ids.entries()) {
      const leaf = [typeWord(name, networkId), id];
      expect(StandardMerkleTree.verify(tree.root, ['bytes32', 'bytes32'], leaf, [...tree.proof(index)])).toBe(
        true,
      );
    }
  expect(handInTree(networkId, ids).root).not.toBe(revokedTree(networkId, ids).root);
  expect(handInTree(networkId, ids).root).not.toBe(handInTree(bytes32('another network'), ids).root);
  expect(revokedTree(networkId, []).root).toBe(emptyRoot);
});
