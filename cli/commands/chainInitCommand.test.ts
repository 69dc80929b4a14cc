import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Anvil, startAnvil } from '@p2p-power/chain/Anvil';
import { connectChain } from '@p2p-power/chain/ChainClient';
import { readMembers } from '@p2p-power/chain/Consortium';
import { parseDeployment } from '@p2p-power/chain/Deployment';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildProgram } from '../buildProgram.ts';
import { printFailure } from '../Complaint.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-chain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...path: readonly string[]) => join(folder, ...path);
const read = (...path: readonly string[]) => readFileSync(at(...path), 'utf8');

/** Runs the command in this process; answers what it printed, or its complaint. */
async function run(...args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    const program = buildProgram()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    await program.parseAsync(['chain', ...args], { from: 'user' });
    return lines.join('\n');
  } catch (error) {
    return printFailure(error);
  } finally {
    console.log = log;
  }
}

const four = 'DEAAA=192.0.2.1,DEBBB=192.0.2.2:30304,DECCC=[2001:db8::3],DEDDD=192.0.2.4';

test('four providers named on the command line: folders, keys for their owners only', async () => {
  const said = await run('init', '--providers', four, '--chain-id', '7400', '--out', at('net'));
  expect(said).toContain('chain 7400, 4 validators, 1 of which may be down');
  expect(said).toContain('private keys were made here for DEAAA, DEBBB, DECCC, DEDDD');
  for (const providerId of ['DEAAA', 'DEBBB', 'DECCC', 'DEDDD']) {
    expect(statSync(at('net', providerId, 'key')).mode & 0o777).toBe(0o600);
    expect(read('net', providerId, 'genesis.json')).toBe(read('net', 'genesis.json'));
  }
  const network = JSON.parse(read('net', 'network.json'));
  expect(network.providers.map((p: { p2pHost: string; p2pPort: number }) => [p.p2pHost, p.p2pPort])).toEqual([
    ['192.0.2.1', 30_303],
    ['192.0.2.2', 30_304],
    ['2001:db8::3', 30_303],
    ['192.0.2.4', 30_303],
  ]);

  // Another provider makes the same from the public list, and sees nobody's key.
  const compared = await run('init', '--providers', at('net', 'network.json'), '--out', at('mine'));
  const fingerprint = /genesis 0x[0-9a-f]{64}/;
  expect(compared.match(fingerprint)?.[0]).toBe(said.match(fingerprint)?.[0]);
  expect(compared).not.toContain('private keys');
  expect(read('mine', 'genesis.json')).toBe(read('net', 'genesis.json'));
  expect(() => read('mine', 'DEAAA', 'key')).toThrow();
  expect(await run('init', '--providers', four, '--out', at('net'))).toContain('is not empty');
});

test('a key that never leaves its owner, and a fifth provider that joins', async () => {
  const key = JSON.parse(await run('key', at('key')));
  expect(statSync(at('key')).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await run('key', at('key')))).toEqual(key);
  expect(JSON.stringify(key)).not.toContain(read('key').trim().slice(2));

  await run('init', '--providers', four, '--chain-id', '7400', '--out', at('net'));
  const network = JSON.parse(read('net', 'network.json'));
  network.providers.push({ providerId: 'DEEEE', p2pHost: '192.0.2.5', publicKey: key.publicKey });
  writeFileSync(at('five.json'), JSON.stringify(network));
  const genesis = at('net', 'genesis.json');
  await run('init', '--providers', at('five.json'), '--genesis', genesis, '--out', at('five'));
  expect(read('five', 'DEEEE', 'genesis.json')).toBe(read('net', 'genesis.json'));
  expect(read('five', 'DEAAA', 'static-nodes.json')).toContain(key.publicKey.slice(2));
  expect(
    await run(
      'init',
      '--providers',
      at('five.json'),
      '--chain-id',
      '7',
      '--genesis',
      genesis,
      '--out',
      at('x'),
    ),
  ).toContain('is not the genesis of chain 7');
  chmodSync(at('key'), 0o600);
  writeFileSync(at('key'), 'nonsense');
  expect(await run('key', at('key'))).toContain('holds no private key');
});

test('complaints say what is wrong and how to mend it', async () => {
  const three = 'DEAAA=192.0.2.1,DEBBB=192.0.2.2,DECCC=192.0.2.3';
  expect(await run('init', '--providers', three, '--out', at('a'))).toBe(
    'The providers: 3 of at least 4.\nName 4 or more; for a trial with fewer: --few-validators',
  );
  expect(await run('init', '--providers', three, '--few-validators', '--out', at('b'))).toContain(
    '3 validators bear no failure: for trials only',
  );
  expect(await run('init', '--providers', 'DEAAA=node.example', '--out', at('c'))).toContain(
    'providers[0].p2pHost: an IP address',
  );
  expect(await run('init', '--providers', at('none.json'), '--out', at('d'))).toContain('cannot be read');
});

test('the contracts are founded with the members of a file, once', async () => {
  const anvil: Anvil = await startAnvil({ blockDelayMs: 5 });
  try {
    const members = ['DEAAA', 'DEBBB'].map((providerId) => {
      const shown = spawnSync(
        process.execPath,
        [join(import.meta.dirname, '../launch.js'), 'keys', at(providerId)],
        {
          encoding: 'utf8',
        },
      );
      const { account, certificateKey } = JSON.parse(shown.stdout);
      const url = `https://${providerId.toLowerCase()}.example`;
      const limits = { issuanceLimitMicro: 5_000_000_000_000 };
      return { providerId, account, url, certificateKey: certificateKey.publicKey, ...limits };
    });
    writeFileSync(at('members.json'), JSON.stringify(members));
    const found = (out: string) => {
      const files = ['--members', at('members.json'), '--account-key', at('DEAAA', 'keys', 'account.hex')];
      return run('found', '--rpc', anvil.rpcUrl, ...files, '--out', at(out));
    };
    expect(await found('deployment.json')).toContain('the consortium of 2 members on chain 20160');
    const deployment = parseDeployment(JSON.parse(read('deployment.json')));
    if (!deployment.ok) throw new Error(deployment.detail);
    const client = connectChain({ rpcUrl: anvil.rpcUrl, deployment: deployment.value });
    expect((await readMembers(client)).map(({ partyId }) => partyId)).toEqual(['DEAAA', 'DEBBB']);
    expect(await found('deployment.json')).toContain('is there already');
    writeFileSync(at('members.json'), '[{"providerId":"DEAAA"}]');
    expect(await found('other.json')).toContain('The members: 0.account.');
  } finally {
    await anvil.stop();
  }
  const dead = ['--rpc', anvil.rpcUrl, '--members', at('members.json'), '--out', at('x.json')];
  writeFileSync(at('members.json'), '[]');
  expect(await run('found', ...dead, '--account-key', at('none'))).toContain('not a list of members');
});
