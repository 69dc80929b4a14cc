import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authorization } from '@p2p-power/protocol/Authorization';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { printEvidence } from '@p2p-power/protocol/parseEvidence';
import { day, networkId } from '@p2p-power/protocol/testing/world';
import type { WitnessFile } from '@p2p-power/protocol/WitnessRecord';
import { followChain } from '@p2p-power/provider/clearing/followChain';
import { deliverEvidence } from '@p2p-power/provider/peers/deliverEvidence';
import { type DisputeWorld, openDisputeWorld } from '@p2p-power/provider/testing/disputeWorld';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInProcess } from '../testing/runInProcess.ts';

let world: DisputeWorld;
let folder: string;
let evidence: Evidence;
let options: readonly string[];
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  world = await openDisputeWorld();
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-publish-'));
  writeFileSync(file('deployment.json'), JSON.stringify(world.deployment));
  options = ['--deployment', file('deployment.json'), '--rpc', world.anvil.rpcUrl];
  evidence = await world.charge('witnessed');
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([evidence])] } });
  await deliverEvidence(world.b.context);
  const body = { periodEnd: world.clock.nowS() };
  await world.b.call('POST', '/admin/periods/close', { as: 'staff', body });
  await followChain(world.b.context, world.chains.b);
  world.clock.advance(15 * day);
  await world.anvil.mine();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const weeks = () => readdirSync(file('weeks')).toSorted();
const publish = () => runInProcess('witness', 'publish', file('weeks'), ...options);

test('records of all weeks that are over are written once, and hold a charge up to its receipt', async () => {
  const first = await publish();
  expect(first.code).toBe(0);
  expect(weeks().length).toBeGreaterThanOrEqual(3);
  const again = await publish();
  expect(again).toMatchObject({ code: 0, output: expect.stringContaining('(was there)') });

  const id = Authorization.id(networkId, evidence.authorization.value);
  const { body } = await world.b.call('GET', `/settlements/${id}`);
  writeFileSync(file('proof.json'), JSON.stringify(body));
  writeFileSync(file('receipt.json'), printEvidence(evidence));
  const verified = await runInProcess(
    'verify',
    file('receipt.json'),
    '--proof',
    file('proof.json'),
    '--witness',
    ...weeks().map((name) => file(join('weeks', name))),
  );
  expect(verified.output).toMatch(/✓ that batch is under the root of week \d+/);
  expect(verified.output).toContain('records follow each other, week by week');
  expect(verified.output).not.toContain('✗');
});

test('a chain that says otherwise than what was published is found, and nothing is written', async () => {
  const name = file(join('weeks', weeks()[1] as string));
  const text = readFileSync(name, 'utf8');
  const published = JSON.parse(text) as WitnessFile;
  const other = { ...published, record: { ...published.record, blockHash: `0x${'7'.repeat(64)}` } };
  writeFileSync(name, JSON.stringify(other));
  rmSync(file(join('weeks', weeks().at(-1) as string)));
  const before = weeks();
  const contradicted = await publish();
  expect(contradicted.code).toBe(1);
  expect(contradicted.output).toContain(
    `✗ week ${published.record.week}: the chain says otherwise than the record that was published`,
  );
  expect(weeks()).toEqual(before);
  writeFileSync(name, text);
  expect(await publish()).toMatchObject({ code: 0 });
});

test('a week that is not over has no record', async () => {
  const early = await runInProcess('witness', 'publish', file('weeks'), ...options, '--week', '9999');
  expect(early).toMatchObject({ code: 2, output: expect.stringContaining('week-not-over') });
});
