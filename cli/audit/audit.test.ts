import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authorization } from '@p2p-power/protocol/Authorization';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { printEvidence } from '@p2p-power/protocol/parseEvidence';
import { networkId } from '@p2p-power/protocol/testing/world';
import { followChain } from '@p2p-power/provider/clearing/followChain';
import { deliverEvidence } from '@p2p-power/provider/peers/deliverEvidence';
import { type ChainWorld, openChainWorld } from '@p2p-power/provider/testing/chainWorld';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../e2e/runCommand.ts';
import { runInProcess } from '../testing/runInProcess.ts';
import { printProgress } from './printAudit.ts';

let world: ChainWorld;
let folder: string;
let charges: Evidence[];
let providerDoor: Server;
const file = (name: string) => join(folder, name);
const write = (name: string, value: unknown) => {
  writeFileSync(file(name), typeof value === 'string' ? value : JSON.stringify(value));
  return file(name);
};

const run = (...args: readonly string[]) => runInProcess('audit', ...args);

beforeAll(async () => {
  world = await openChainWorld();
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-audit-'));
  charges = [await world.charge('one'), await world.charge('two')];
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(charges)] } });
  await deliverEvidence(world.b.context);
  const body = { periodEnd: world.clock.nowS() };
  await world.b.call('POST', '/admin/periods/close', { as: 'staff', body });
  for (const one of ['a', 'b'] as const) await followChain(world[one].context, world.chains[one]);
  const { deployment } = world.network;
  write('deployment.json', deployment);
  write('provider.json', {
    providerId: 'DEBBB',
    name: 'B',
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: 'https://b.example',
    dataDir: folder,
    databaseUrl: world.b.database.url,
    staffToken: 'staff-token-of-the-tests',
    chain: { rpcUrl: world.network.anvil.rpcUrl, deploymentFile: file('deployment.json') },
  });
  for (const [index, evidence] of charges.entries()) write(`receipt${index}.json`, printEvidence(evidence));
  write('unsettled.json', printEvidence(await world.charge('not handed in yet')));
  // The provider's interface on a port, as a driver's computer reaches it.
  providerDoor = createServer(async (request, response) => {
    const answer = await world.a.call('GET', request.url ?? '/');
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => providerDoor.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  providerDoor.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const providerUrl = () => `http://127.0.0.1:${(providerDoor.address() as AddressInfo).port}`;
const chainOptions = () => ['--deployment', file('deployment.json'), '--rpc', world.network.anvil.rpcUrl];

describe('an audit of books', () => {
  test('ends with 0 where they add up, by any node alone and with the books', async () => {
    const alone = runCommand(['audit', ...chainOptions()]);
    expect(await alone.ended(60_000)).toBe(0);
    expect(alone.output()).toContain('✓ Everything adds up.');
    const books = await run('--config', file('provider.json'));
    expect(books.output).toContain('The chain and the books of DEBBB');
    expect(books.output).toMatch(/charges checked +2/);
    expect(books.code).toBe(0);
    // And goes on from the state that it kept in the data folder.
    const again = await run('--config', file('provider.json'), '--privacy', '--json');
    expect(JSON.parse(again.output)).toMatchObject({ findingCount: 0, charges: 2 });
    expect(JSON.parse(again.output).resumedAt).toBeGreaterThan(0);
  });

  test('ends with 1 and the name of what does not', async () => {
    const { db } = world.b.database;
    await db.updateTable('charge').set({ emaid: 'DEAAACXXXXXXXXX' }).where('imported_wh', '>', '0').execute();
    const { code, output } = await run('--config', file('provider.json'), '--fresh');
    expect(output).toContain('✗ 2 things do not add up.');
    expect(output).toContain('charge-altered: emaid is not what the evidence says');
    expect(code).toBe(1);
  });

  test('ends with 2 where something cannot be read, and says what to do', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[], 'It is not known where the contracts are.'],
      [['--deployment', file('deployment.json')], 'It is not known which node to ask.'],
      [['--data', folder], 'is no folder of p2p-power up'],
      [['--deployment', file('receipt0.json'), '--rpc', 'http://127.0.0.1:1'], 'is no deployment file'],
      [['--deployment', file('deployment.json'), '--rpc', 'http://127.0.0.1:1'], 'The chain cannot be read'],
    ];
    for (const [args, complaint] of cases) {
      const { code, output } = await run(...args);
      expect(output).toContain(complaint);
      expect(code).toBe(2);
    }
  });
});

describe('an audit of a receipt', () => {
  const proofOf = async (evidence: Evidence) => {
    const id = Authorization.id(networkId, evidence.authorization.value);
    return (await world.a.call('GET', `/settlements/${id}`)).body;
  };

  test('shows where it was settled, by the provider’s answer, the books, or a proof in a file', async () => {
    const proof = write('proof0.json', await proofOf(charges[0] as Evidence));
    const ways = [
      ['--provider', providerUrl(), ...chainOptions()],
      ['--config', file('provider.json')],
      ['--proof', proof, ...chainOptions()],
    ];
    for (const way of ways) {
      const { code, output } = await run('--receipt', file('receipt0.json'), ...way);
      expect(output).toContain('✓ the chain keeps that root under this number, for good');
      expect(output).toMatch(/batch +1 of channel 0x/);
      expect(output).toMatch(/for the payee +\d/);
      expect(output).toContain('Nothing was collected by the evidence itself.');
      expect(code).toBe(0);
    }
  });

  test('refuses the proof of another charge, and one that leads to no batch of the chain', async () => {
    const other = write('proof1.json', await proofOf(charges[1] as Evidence));
    const wrong = await run('--receipt', file('receipt0.json'), '--proof', other, ...chainOptions());
    expect(wrong.output).toContain('✗ proof-of-another-charge');
    expect(wrong.code).toBe(1);
    const { settlements } = (await proofOf(charges[0] as Evidence)) as { settlements: object[] };
    const later = write('later.json', { ...settlements[0], sequence: 2 });
    const missing = await run('--receipt', file('receipt0.json'), '--proof', later, ...chainOptions());
    expect(missing.output).toContain('✗ batch-not-on-chain');
    expect(missing.code).toBe(1);
    const torn = write('torn.json', { ...settlements[0], amountMicro: 1 });
    const refused = await run('--receipt', file('receipt0.json'), '--proof', torn, ...chainOptions());
    expect(refused.output).toContain('settlement-proof-invalid');
    expect(refused.code).toBe(2);
  });

  test('of a charge that is not settled yet ends with 3', async () => {
    const { code, output } = await run(
      '--receipt',
      file('unsettled.json'),
      '--provider',
      providerUrl(),
      ...chainOptions(),
    );
    expect(output).toContain('! No settlement is known');
    expect(code).toBe(3);
  });
});

test('progress says how far it is, how fast, and how long it takes yet', () => {
  const progress = { block: 1_204, toBlock: 8_000, batches: 3, charges: 120_000, chargesInAll: 1_000_000 };
  expect(printProgress({ ...progress, findings: 0 }, 24)).toBe(
    'block 1,204 of 8,000, 120,000 of 1,000,000 charges, 5,000 /s, 2 min 56 s to go',
  );
  expect(printProgress({ ...progress, chargesInAll: 0, findings: 2 }, 24)).toBe(
    'block 1,204 of 8,000, 2 findings',
  );
});
