import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authorization } from '@p2p-power/protocol/Authorization';
import { channelId } from '@p2p-power/protocol/Batch';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { settledChargeTree } from '@p2p-power/protocol/MerkleTree';
import { printEvidence } from '@p2p-power/protocol/parseEvidence';
import type { SettlementProof } from '@p2p-power/protocol/SettlementProof';
import { buildEvidence, bytes32, dawn, networkId } from '@p2p-power/protocol/testing/world';
import { batchesRoot, type WitnessFile, weekOf, witnessRecordId } from '@p2p-power/protocol/WitnessRecord';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInProcess } from '../testing/runInProcess.ts';

let folder: string;
let evidence: Evidence;
let proof: SettlementProof;
const week = weekOf(dawn);
const file = (name: string) => join(folder, name);
const write = (name: string, value: unknown) => {
  writeFileSync(file(name), typeof value === 'string' ? value : JSON.stringify(value));
  return file(name);
};

const run = runInProcess;

function recordOf(batches: WitnessFile['batches'], at: number, before?: WitnessFile): WitnessFile {
  return {
    networkId,
    record: {
      week: at,
      previousId: before === undefined ? `0x${'0'.repeat(64)}` : witnessRecordId(before),
      chainId: 20_160,
      clearing: `0x${'c1'.repeat(20)}`,
      blockNumber: 100 * at,
      blockHash: bytes32(`block of ${at}`),
      batchCount: batches.length,
      batchesRoot: batchesRoot(networkId, batches),
    },
    batches,
    witnesses: [],
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-witness-'));
  evidence = await buildEvidence();
  const charge = {
    authorizationId: Authorization.id(networkId, evidence.authorization.value),
    cdrId: ChargeDetailRecord.id(networkId, evidence.cdr.value),
    chargeMicro: evidence.cdr.value.chargeMicro,
  };
  const others = [1, 2, 3].map((index) => ({ ...charge, authorizationId: bytes32(`other ${index}`) }));
  const tree = settledChargeTree(networkId, [charge, ...others]);
  proof = {
    networkId,
    authorizationId: charge.authorizationId,
    cdrId: charge.cdrId,
    side: 'charge',
    amountMicro: charge.chargeMicro,
    debtor: 'DEAAA',
    creditor: 'DEBBB',
    channelId: channelId('DEAAA', 'DEBBB'),
    sequence: 7,
    batchHash: bytes32('the batch'),
    cdrRoot: tree.root,
    proof: tree.proof(0),
    feeMicro: null,
    payee: null,
    txHash: null,
    blockNumber: null,
  };
  write('receipt.json', printEvidence(evidence));
  write('proof.json', { settlements: [proof] });
  const { channelId: channel, sequence, batchHash, cdrRoot } = proof;
  const one = recordOf([{ channelId: channel, sequence, batchHash, cdrRoot }], week);
  write('one.json', one);
  write('two.json', recordOf([], week + 1, one));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a charge, up to what a witness has signed', () => {
  const check = (...more: readonly string[]) =>
    run('verify', '--receipt', file('receipt.json'), '--proof', file('proof.json'), ...more);
  let witnessKey: string;

  test('is signed with a key that the keys command makes', async () => {
    const made = await run('keys', '--witness', file('notary.pem'));
    witnessKey = JSON.parse(made.output).publicKey;
    const signed = await run(
      'witness',
      'sign',
      file('one.json'),
      '--key',
      file('notary.pem'),
      '--name',
      'Notary',
    );
    expect(signed.output).toContain('one.json is signed by Notary');
    const kept = JSON.parse(readFileSync(file('one.json'), 'utf8')) as WitnessFile;
    expect(kept.witnesses.map(({ publicKey }) => publicKey)).toEqual([witnessKey]);
  });

  test('is checked with no network: receipt, batch, week, signature, and the week after', async () => {
    const { code, output } = await check(
      '--witness',
      file('two.json'),
      file('one.json'),
      '--witness-key',
      witnessKey,
    );
    expect(output).toContain('✓ the charge is in batch 7 from DEAAA to DEBBB');
    expect(output).toContain(`✓ that batch is under the root of week ${week}`);
    expect(output).toContain('✓ the 2 records follow each other, week by week');
    expect(output).toMatch(/✓ Notary signed it at 20/);
    // The issuers' keys were not named.
    expect(code).toBe(3);
  });

  test('does not hold where a record was changed, does not have the batch, or was not signed by whom one knows', async () => {
    const one = JSON.parse(readFileSync(file('one.json'), 'utf8')) as WitnessFile;
    const changed = write('changed.json', { ...one, record: { ...one.record, blockNumber: 1 } });
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['--witness', changed], 'bad-witness-signature'],
      [['--witness', file('two.json')], 'no record that was named holds batch 7'],
      [['--witness', file('one.json'), '--witness-key', `0x${'1'.repeat(128)}`], 'has not signed it'],
      [['--witness', file('one.json'), write('other.json', recordOf([], week + 1))], 'witness-chain-broken'],
    ];
    for (const [args, words] of cases) {
      const { code, output } = await check(...args);
      expect(output).toContain(words);
      expect(code).toBe(1);
    }
    const json = await check('--json', '--witness', file('one.json'));
    expect(JSON.parse(json.output).witness.steps.every(({ holds }: { holds: boolean }) => holds)).toBe(true);
  });

  test('needs a proof, a key that is there and a record that is one', async () => {
    const noProof = await run('verify', file('receipt.json'), '--witness', file('one.json'));
    expect(noProof).toMatchObject({ code: 2, output: expect.stringContaining('no proof says in which one') });
    const noKey = await run('witness', 'sign', file('one.json'), '--key', file('none.pem'), '--name', 'N');
    expect(noKey).toMatchObject({ code: 2, output: expect.stringContaining('There is no key') });
    const bad = await run(
      'verify',
      file('receipt.json'),
      '--proof',
      file('proof.json'),
      '--witness',
      file('proof.json'),
    );
    expect(bad).toMatchObject({ code: 2, output: expect.stringContaining('is no witness record') });
  });
});
