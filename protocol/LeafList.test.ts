import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBytes, type Hex } from './Hex.ts';
import { openLeafList, payoutLeaf, settledChargeLeaf } from './LeafList.ts';
import { emptyRoot, payoutTree, settledChargeTree, verifySettledCharge } from './MerkleTree.ts';
import { networkId } from './testing/world.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => fromBytes(value));
const micro = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test('the root of packed leaves is that of the tree of charges, in whatever order they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ authorizationId: hex(32), cdrId: hex(32), chargeMicro: micro }), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.infiniteStream(fc.nat()),
      (charges, order) => {
        const list = openLeafList();
        const keyed = charges.map((charge) => [order.next().value, charge] as const);
        for (const [, charge] of keyed.toSorted(([one], [other]) => one - other))
          list.add(settledChargeLeaf(networkId, charge));
        expect(list.root()).toBe(settledChargeTree(networkId, charges).root);
      },
    ),
    { numRuns: 60 },
  );
});

test('and that of the tree of payouts', () => {
  fc.assert(
    fc.property(
      hex(32),
      fc.uniqueArray(fc.record({ account: hex(20), cumulativeMicro: micro }), {
        minLength: 1,
        maxLength: 20,
        selector: ({ account }) => account,
      }),
      (channelId, payouts) => {
        const list = openLeafList();
        for (const payout of payouts) list.add(payoutLeaf(channelId, payout));
        expect(list.root()).toBe(payoutTree(channelId, payouts).root);
      },
    ),
    { numRuns: 40 },
  );
});

test('a grown tree proves each of its leaves, as the tree of charges does, and no other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ authorizationId: hex(32), cdrId: hex(32), chargeMicro: micro }), {
        minLength: 1,
        maxLength: 40,
      }),
      (charges) => {
        const list = openLeafList();
        for (const charge of charges) list.add(settledChargeLeaf(networkId, charge));
        const steps = list.grow();
        let step = steps.next();
        while (!step.done) step = steps.next();
        const tree = step.value;
        for (const charge of charges) {
          const proof = tree.proof(settledChargeLeaf(networkId, charge));
          expect(verifySettledCharge(networkId, tree.root, charge, proof ?? [])).toBe(true);
        }
        expect(tree.proof(new Uint8Array(32).fill(7))).toBeUndefined();
      },
    ),
    { numRuns: 40 },
  );
  expect(() => openLeafList().grow().next()).toThrow('a tree has leaves');
});

test('a list grows past its first room, may be asked in between, and is empty at first', () => {
  const list = openLeafList();
  expect(list.root()).toBe(emptyRoot);
  const charges = Array.from({ length: 1_500 }, (_, index) => ({
    authorizationId: `0x${index.toString(16).padStart(64, '0')}` as Hex,
    cdrId: `0x${(index * 7).toString(16).padStart(64, '1')}` as Hex,
    chargeMicro: index,
  }));
  for (const charge of charges) {
    list.add(settledChargeLeaf(networkId, charge));
    if (list.size === 700) expect(list.root()).toBe(settledChargeTree(networkId, charges.slice(0, 700)).root);
  }
  expect(list.size).toBe(1_500);
  expect(list.root()).toBe(settledChargeTree(networkId, charges).root);
  expect(() => list.add(new Uint8Array(31))).toThrow('32 bytes');
});
