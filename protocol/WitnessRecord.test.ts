import * as nodeCrypto from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBytes, type Hex } from './Hex.ts';
import { emptyRoot } from './MerkleTree.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { bytes32, dawn, networkId, testKey } from './testing/world.ts';
import {
  batchesRoot,
  checkWitnessChain,
  isWitnessed,
  parseWitnessFile,
  signWitnessRecord,
  verifyWitnessFile,
  type WitnessedBatch,
  type WitnessFile,
  weekBegins,
  weekOf,
  weekS,
  witnessRecordId,
} from './WitnessRecord.ts';

const verifier = nodeCryptoVerifier(nodeCrypto);
const hex32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => fromBytes(bytes));
const batchArbitrary: fc.Arbitrary<WitnessedBatch> = fc.record({
  channelId: hex32,
  sequence: fc.integer({ min: 1, max: 2 ** 40 }),
  batchHash: hex32,
  cdrRoot: hex32,
});

const batchOf = (name: string, sequence = 1): WitnessedBatch => ({
  channelId: bytes32(`channel ${name}`),
  sequence,
  batchHash: bytes32(`batch ${name}`),
  cdrRoot: bytes32(`root ${name}`),
});

function recordOf(batches: readonly WitnessedBatch[], before?: WitnessFile): WitnessFile {
  return {
    networkId,
    record: {
      week: before === undefined ? 2_900 : before.record.week + 1,
      previousId: before === undefined ? `0x${'0'.repeat(64)}` : witnessRecordId(before),
      chainId: 20_160,
      clearing: `0x${'c1'.repeat(20)}`,
      blockNumber: before === undefined ? 100 : before.record.blockNumber + 50,
      blockHash: bytes32('block'),
      batchCount: batches.length,
      batchesRoot: batchesRoot(networkId, batches),
    },
    batches,
    witnesses: [],
  };
}

/** As it comes back from a file. */
const reread = (file: WitnessFile) => parseWitnessFile(JSON.parse(JSON.stringify(file)));

test('weeks begin on Mondays at midnight UTC', () => {
  expect(new Date(weekBegins(weekOf(dawn)) * 1000).toUTCString()).toBe('Mon, 01 Jun 2026 00:00:00 GMT');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (at) => {
      const week = weekOf(at);
      expect(weekBegins(week)).toBeLessThanOrEqual(at);
      expect(weekBegins(week + 1)).toBe(weekBegins(week) + weekS);
      expect(at).toBeLessThan(weekBegins(week + 1));
    }),
  );
});

describe('a record', () => {
  test('that witnesses signed is read back and holds, whatever batches are in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batchArbitrary, { maxLength: 12 }), async (batches) => {
        const signed = await signWitnessRecord(recordOf(batches), {
          signer: testKey('notary'),
          name: 'Notary',
          signedAt: dawn,
        });
        const read = reread(signed);
        if (!read.ok) throw new Error(read.detail);
        expect(read.value).toEqual(signed);
        expect(await verifyWitnessFile(read.value, verifier)).toMatchObject({
          ok: true,
          value: { recordId: witnessRecordId(signed) },
        });
        for (const batch of batches) expect(isWitnessed(read.value, batch)).toBe(true);
      }),
      { numRuns: 25 },
    );
    expect(recordOf([]).record.batchesRoot).toBe(emptyRoot);
  });

  test('in which anything was changed afterwards does not hold', async () => {
    const signed = await signWitnessRecord(recordOf([batchOf('one'), batchOf('two', 2)]), {
      signer: testKey('notary'),
      name: 'Notary',
      signedAt: dawn,
    });
    const flip = (hex: Hex): Hex => `${hex.slice(0, -1)}${hex.endsWith('1') ? '2' : '1'}` as Hex;
    const [first, second] = signed.batches as [WitnessedBatch, WitnessedBatch];
    const witness = signed.witnesses[0] as WitnessFile['witnesses'][number];
    const { statement } = witness;
    const record = (change: Partial<WitnessFile['record']>) => ({
      ...signed,
      record: { ...signed.record, ...change },
    });
    const changed: readonly (readonly [WitnessFile, string])[] = [
      [{ ...signed, batches: [first] }, 'witness-count-mismatch'],
      [
        { ...signed, batches: [first, { ...second, cdrRoot: flip(second.cdrRoot) }] },
        'witness-root-mismatch',
      ],
      [{ ...signed, batches: [first, { ...second, sequence: 3 }] }, 'witness-root-mismatch'],
      [{ ...signed, batches: [first, first] }, 'witness-root-mismatch'],
      [record({ blockHash: flip(signed.record.blockHash) }), 'bad-witness-signature'],
      [record({ week: 2_901 }), 'bad-witness-signature'],
      [record({ previousId: bytes32('another') }), 'bad-witness-signature'],
      [record({ batchesRoot: bytes32('another') }), 'witness-root-mismatch'],
      [{ ...signed, networkId: bytes32('another') }, 'witness-root-mismatch'],
      [
        { ...signed, witnesses: [{ ...witness, publicKey: testKey('other').publicKey }] },
        'bad-witness-signature',
      ],
      [
        {
          ...signed,
          witnesses: [
            { ...witness, statement: { ...statement, value: { ...statement.value, signedAt: dawn - 1 } } },
          ],
        },
        'bad-witness-signature',
      ],
    ];
    for (const [file, refusal] of changed) {
      const read = reread(file);
      if (!read.ok) throw new Error(read.detail);
      expect(await verifyWitnessFile(read.value, verifier)).toMatchObject({ ok: false, refusal });
    }
  });

  test('that is none is refused by name', () => {
    const file = recordOf([batchOf('one')]);
    expect(parseWitnessFile([])).toMatchObject({ refusal: 'not-an-object' });
    expect(parseWitnessFile({ ...file, networkId: '0x12' })).toMatchObject({ refusal: 'bad-field' });
    expect(parseWitnessFile({ ...file, record: {} })).toMatchObject({ refusal: 'missing-field' });
    for (const batches of [undefined, [{}], [{ ...batchOf('one'), sequence: 0 }]])
      expect(parseWitnessFile({ ...file, batches })).toMatchObject({ refusal: 'bad-witnessed-batch' });
    for (const witnesses of [undefined, [{}], [{ publicKey: bytes32('no key') }]])
      expect(parseWitnessFile({ ...file, witnesses })).toMatchObject({ refusal: 'bad-witness' });
  });

  test('signed again by the same key is signed once, and by two by both', async () => {
    const sign = (file: WitnessFile, name: string, signedAt: number) =>
      signWitnessRecord(file, { signer: testKey(name), name, signedAt });
    let file = await sign(recordOf([batchOf('one')]), 'Notary', dawn);
    file = await sign(file, 'University', dawn + 1);
    file = await sign(file, 'Notary', dawn + 2);
    expect(file.witnesses.map(({ statement }) => statement.value.name)).toEqual(['University', 'Notary']);
    expect((await verifyWitnessFile(file, verifier)).ok).toBe(true);
  });
});

describe('consecutive records', () => {
  test('chain, however many', () => {
    fc.assert(
      fc.property(fc.array(fc.array(batchArbitrary, { maxLength: 3 }), { maxLength: 6 }), (weeks) => {
        const files: WitnessFile[] = [];
        for (const batches of weeks) files.push(recordOf(batches, files.at(-1)));
        expect(checkWitnessChain(files)).toMatchObject({ ok: true });
      }),
      { numRuns: 25 },
    );
  });

  test('do not where a week was left out, rewritten, or is of another chain', () => {
    const one = recordOf([batchOf('one')]);
    const two = recordOf([batchOf('two')], one);
    const three = recordOf([batchOf('three')], two);
    const rewritten = recordOf([batchOf('never settled')], one);
    expect(checkWitnessChain([one, two, three]).ok).toBe(true);
    expect(checkWitnessChain([one, three])).toMatchObject({ refusal: 'witness-week-missing' });
    expect(checkWitnessChain([one, rewritten, three])).toMatchObject({ refusal: 'witness-chain-broken' });
    expect(
      checkWitnessChain([one, { ...two, record: { ...two.record, clearing: `0x${'c2'.repeat(20)}` } }]),
    ).toMatchObject({ refusal: 'witness-other-network' });
    expect(checkWitnessChain([one, { ...two, record: { ...two.record, blockNumber: 1 } }])).toMatchObject({
      refusal: 'witness-block-not-later',
    });
  });
});
