import fc from 'fast-check';
import type { Hex } from 'viem';
import { expect, test } from 'vitest';
import {
  type Batch,
  digestBatch,
  hashBatch,
  recoverBatchSigner,
  signBatch,
  verifyBatch,
} from './BatchSigning.ts';
import { clearingAbi } from './generated/Clearing.ts';
import { foundTestNetwork, testAccount } from './testing/foundTestNetwork.ts';

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const anyBatch: fc.Arbitrary<Batch> = fc.record({
  debtor: bytes32,
  creditor: bytes32,
  sequence: uint64,
  periodStart: uint64,
  periodEnd: uint64,
  agreementId: bytes32,
  count: uint64,
  energyWh: uint64,
  totalMicro: uint256,
  feeMicro: uint256,
  cdrRoot: bytes32,
  payoutsRoot: bytes32,
});
const domain = { chainId: 20_160, clearing: `0x${'c1'.repeat(20)}` } as const;
const signer = testAccount('signer');

test('the hash and the digest of a batch are the contract’s own', async () => {
  const network = await foundTestNetwork();
  try {
    await fc.assert(
      fc.asyncProperty(anyBatch, async (batch) => {
        const [batchHash, digest] = await network.client.rpc.readContract({
          address: network.deployment.clearing,
          abi: clearingAbi,
          functionName: 'hashBatch',
          args: [batch],
        });
        expect(hashBatch(batch)).toBe(batchHash);
        expect(digestBatch(network.deployment, batch)).toBe(digest);
      }),
      { numRuns: 30 },
    );
  } finally {
    await network.anvil.stop();
  }
});

test('a signature is the signer’s, and only for this batch, chain and contract', async () => {
  await fc.assert(
    fc.asyncProperty(anyBatch, fc.constantFrom(...spoiledFields), async (batch, field) => {
      const signature = await signBatch(domain, batch, signer);
      expect(await recoverBatchSigner(domain, batch, signature)).toBe(signer.address);
      expect(await verifyBatch(domain, batch, signature, signer.address)).toBe(true);
      expect(await verifyBatch(domain, batch, signature, testAccount('other').address)).toBe(false);
      expect(await verifyBatch({ ...domain, chainId: 1 }, batch, signature, signer.address)).toBe(false);
      const elsewhere = { ...domain, clearing: `0x${'c2'.repeat(20)}` } as const;
      expect(await verifyBatch(elsewhere, batch, signature, signer.address)).toBe(false);
      expect(await verifyBatch(domain, spoil(batch, field), signature, signer.address)).toBe(false);
    }),
    { numRuns: 40 },
  );
});

const spoiledFields = [
  ...(['debtor', 'creditor', 'sequence', 'periodStart', 'periodEnd', 'agreementId', 'count'] as const),
  ...(['energyWh', 'totalMicro', 'feeMicro', 'cdrRoot', 'payoutsRoot'] as const),
];

function spoil(batch: Batch, field: keyof Batch): Batch {
  const value = batch[field];
  if (typeof value === 'bigint') return { ...batch, [field]: value ^ 1n };
  return { ...batch, [field]: `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}` };
}

test('what is not a signature in the one form verifies as nobody’s', async () => {
  const batch = fc.sample(anyBatch, { numRuns: 1, seed: 1 })[0]!;
  const signature = await signBatch(domain, batch, signer);
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.slice(130) === '1b' ? '1c' : '1b';
  const malleated: Hex = `0x${signature.slice(2, 66)}${(order - s).toString(16).padStart(64, '0')}${v}`;
  const compactV: Hex = `0x${signature.slice(2, 130)}${signature.slice(130) === '1b' ? '00' : '01'}`;
  const zeros: Hex = `0x${'00'.repeat(64)}1b`;
  for (const bad of [malleated, compactV, zeros, '0x', `${signature}00`, 'nonsense'] as Hex[]) {
    expect(await recoverBatchSigner(domain, batch, bad)).toBeNull();
    expect(await verifyBatch(domain, batch, bad, signer.address)).toBe(false);
  }
});
