import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printEvidence } from '@p2p-power/protocol/parseEvidence';
import { buildEvidence, makeProvider, networkId } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from './buildProgram.ts';

const launcher = join(import.meta.dirname, 'launch.js');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], options: { node?: string; input?: string } = {}) {
  const { status, stdout, stderr } = spawnSync(options.node ?? process.execPath, [launcher, ...args], {
    cwd: folder,
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

describe('help', () => {
  test('lists every command', () => {
    const { status, stdout } = run(['--help']);
    expect(status).toBe(0);
    for (const { name } of buildProgram().commands.map((command) => ({ name: command.name() })))
      expect(stdout).toContain(`\n  ${name}`);
  });

  test('of each command says what it does and gives an example', () => {
    for (const command of buildProgram().commands) {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) });
      command.outputHelp();
      expect(text, command.name()).toContain(`Usage: p2p-power ${command.name()}`);
      expect(text, command.name()).toContain('Examples:');
      expect(command.summary(), command.name()).not.toBe('');
    }
  });
});

describe('arguments that are wrong', () => {
  test.each([
    [['dance'], "unknown command 'dance'"],
    [['verify'], 'There is no receipt to check.'],
    [['keys'], 'There is no folder to make keys in.'],
    [['witness', 'sign', 'week.json'], "required option '--key <file>' not specified"],
    [['audit', '--rpc'], "option '--rpc <url...>' argument missing"],
    [['verify', 'missing.json'], 'The receipt missing.json cannot be read.'],
    [['verify', '--keys'], "option '--keys <file>' argument missing"],
    [['provider'], "required option '--config <file>' not specified"],
    [['provider', '--config', 'missing.json'], 'missing.json'],
    [['station', '--config', 'missing.json'], 'missing.json cannot be read.'],
    [['up', '--port-base', '80'], 'It is a whole number from 1024 to 65000.'],
    [['up', '--speed', 'fast'], 'It is a whole number from 1 to 10000.'],
    [['chain', '--port', 'high'], 'It is a whole number from 0 to 65535.'],
    [['chain', '--port', '70000'], 'It is a whole number from 0 to 65535.'],
  ])('p2p-power %s', (args, message) => {
    const { status, stderr } = run(args);
    expect(stderr).toContain(message);
    expect(status).not.toBe(0);
  });
});

describe('a configuration that is wrong', () => {
  test.each([
    ['station', '{"evseId":"nonsense"', 'is not JSON'],
    ['station', '{"evseId":"nonsense","listen":{"port":0},"dataDir":"x","simulated":{}}', 'not-an-evse-id'],
    [
      'station',
      '{"evseId":"DEBBBE1","listen":{"port":0},"dataDir":"x","simulatd":{}}',
      'simulatd is not known',
    ],
    ['provider', '{"providerId":"DEAAA"}', 'config-malformed'],
  ])('of a %s is refused with the entry: %s', (part, text, message) => {
    const file = join(folder, 'config.json');
    writeFileSync(file, text);
    const { status, stderr } = run([part, '--config', file]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test('is overridden by the environment', () => {
    const file = join(folder, 'config.json');
    writeFileSync(file, '{"evseId":"nonsense","listen":{"port":0},"dataDir":"x","simulated":{}}');
    const { stderr } = spawnSync(process.execPath, [launcher, 'station', '--config', file], {
      encoding: 'utf8',
      env: { ...process.env, P2P_POWER_STATION_EVSE_ID: 'DEBBBE1', P2P_POWER_STATION_PORT: 'high' },
    });
    expect(stderr).not.toContain('not-an-evse-id');
    expect(stderr).toContain('port');
  });
});

describe('verify', () => {
  const keysFile = () => join(folder, 'keys.json');
  beforeAll(async () => {
    writeFileSync(join(folder, 'receipt.json'), printEvidence(await buildEvidence()));
    const members = [makeProvider('DEAAA'), makeProvider('DEBBB')].map(({ providerId, key }) => ({
      providerId,
      name: providerId,
      keys: [{ publicKey: key.publicKey, addedAt: 1, retiredAt: 0 }],
    }));
    writeFileSync(keysFile(), JSON.stringify({ networkId, members }));
  });

  test('ends with 0 for a genuine receipt, 3 without keys, 1 for a spoiled one, 2 for none', async () => {
    const genuine = run(['verify', 'receipt.json', '--keys', 'keys.json']);
    expect(genuine).toMatchObject({ status: 0, stderr: '' });
    expect(genuine.stdout).toContain('This receipt is genuine, by the keys of keys.json.');
    const alone = run(['verify', 'receipt.json']);
    expect(alone.status).toBe(3);
    expect(alone.stdout).toContain("that DEAAA issued the driver's certificate");
    const evidence = await buildEvidence();
    const spoiled = printEvidence({ ...evidence, meterRecord: evidence.meterRecord.replace('OCMF', 'OCMG') });
    const refused = run(['verify', '-', '--keys', 'keys.json', '--json'], { input: spoiled });
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      verdict: 'refused',
      refusal: 'meter-record-hash-mismatch',
    });
    expect(run(['verify', 'receipt.json', '--keys', 'none.json']).status).toBe(2);
  });

  test('as JSON gives every fact', () => {
    const { status, stdout } = run(['verify', 'receipt.json', '--keys', 'keys.json', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'verified',
      keysFrom: 'keys.json',
      facts: { importedWh: 11_000, chargeMicro: 5_105_100, currency: 'EUR' },
    });
  });
});

test('keys are made once, for their owner only, and only public parts are printed', () => {
  const first = run(['keys', 'provider']);
  expect(first.status).toBe(0);
  expect(run(['keys', 'provider']).stdout).toBe(first.stdout);
  const keys = join(folder, 'provider', 'keys');
  expect(readdirSync(keys)).toEqual(['account.hex', 'certificate.pem', 'courier.pem']);
  for (const name of readdirSync(keys)) expect(statSync(join(keys, name)).mode & 0o077).toBe(0);
  expect(first.stdout).not.toContain('PRIVATE');
});

test('a chain of its own answers, ends when asked, and complains of a taken port', async () => {
  const chain = spawn(process.execPath, [launcher, 'chain', '--port', '0', '--data', join(folder, 'chain')]);
  const line = String((await once(chain.stdout, 'data'))[0]);
  const rpcUrl = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[0] ?? '';
  const answer = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
  });
  expect(await answer.json()).toMatchObject({ result: '0x4ec0' });
  const second = run(['chain', '--port', new URL(rpcUrl).port]);
  expect(second.status).toBe(2);
  expect(second.stderr).toContain('Choose another port: --port PORT');
  chain.kill('SIGTERM');
  expect(await once(chain, 'exit')).toEqual([0, null]);
});

const older = ['/usr/local/bin/node', '/usr/bin/node'].find((node) => {
  const major = existsSync(node)
    ? spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
    : undefined;
  return major !== undefined && Number(major.stdout.split('.')[0]) < 26;
});

test('output that nobody reads to its end is no fault', () => {
  const command = `"${process.execPath}" "${launcher}" --help | true`;
  const { stderr } = spawnSync('sh', ['-c', `${command}; ${command}; ${command}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
});

test('an older Node hands over to the one that npm brought', () => {
  // Where there is no older Node on this machine, the newer one stands in: the door must open either way.
  const { status, stdout } = run(['--version'], { node: older ?? process.execPath });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0.1.0\n' });
});
