import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelId } from './Batch.ts';
import type { Hex } from './Hex.ts';
import { settledChargeTree } from './MerkleTree.ts';
import { parseSettlementProof, type SettlementProof } from './SettlementProof.ts';
import { bytes32, networkId } from './testing/world.ts';

function proofOf(count: number, index: number): SettlementProof {
  const charges = Array.from({ length: count }, (_, at) => ({
    authorizationId: bytes32(`authorization ${at}`),
    cdrId: bytes32(`cdr ${at}`),
    chargeMicro: 1_000_000 + at,
  }));
  const tree = settledChargeTree(networkId, charges);
  const { authorizationId, cdrId, chargeMicro } = charges[index] as (typeof charges)[number];
  return {
    networkId,
    authorizationId,
    cdrId,
    side: 'charge',
    amountMicro: chargeMicro,
    debtor: 'DEAAA',
    creditor: 'DEBBB',
    channelId: channelId('DEAAA', 'DEBBB'),
    sequence: 3,
    batchHash: bytes32('batch'),
    cdrRoot: tree.root,
    proof: tree.proof(index),
    feeMicro: 15_000,
    payee: `0x${'be'.repeat(20)}`,
    txHash: null,
    blockNumber: null,
  };
}

test('a proof of any charge of any batch is read and holds', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 30 })
        .chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 0, max: count - 1 }))),
      ([count, index]) => {
        const proof = proofOf(count, index);
        expect(parseSettlementProof(JSON.parse(JSON.stringify(proof)))).toEqual({ ok: true, value: proof });
      },
    ),
    { numRuns: 60 },
  );
});

test('one that was changed, or is of another charge, is refused by name', () => {
  const proof = proofOf(9, 4);
  const flip = (hex: Hex): Hex => `${hex.slice(0, -1)}${hex.endsWith('1') ? '2' : '1'}` as Hex;
  for (const change of [
    { amountMicro: proof.amountMicro + 1 },
    { cdrId: flip(proof.cdrId) },
    { authorizationId: flip(proof.authorizationId) },
    { cdrRoot: flip(proof.cdrRoot) },
    { networkId: flip(proof.networkId) },
    { proof: proof.proof.slice(1) },
    { proof: [...proof.proof, flip(proof.cdrRoot)] },
    { proof: proof.proof.map((node, at) => (at === 1 ? flip(node) : node)) },
  ])
    expect(parseSettlementProof({ ...proof, ...change })).toMatchObject({
      refusal: 'settlement-proof-invalid',
    });
  expect(parseSettlementProof({ ...proof, creditor: 'DECCC' })).toMatchObject({
    refusal: 'settlement-channel-mismatch',
  });
  for (const change of [{ side: 'both' }, { sequence: 0 }, { proof: 'x' }, { feeMicro: -1 }, { more: 1 }])
    expect(parseSettlementProof({ ...proof, ...change })).toMatchObject({ refusal: 'bad-settlement-proof' });
  expect(parseSettlementProof(null)).toMatchObject({ refusal: 'not-a-settlement-proof' });
});
