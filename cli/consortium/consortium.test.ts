import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundTestNetwork, type TestNetwork } from '@p2p-power/chain/testing/foundTestNetwork';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInProcess } from '../testing/runInProcess.ts';

const dayS = 86_400;
let nowS = 1_790_000_000;
let network: TestNetwork;
let folder: string;
const inFolder = (name: string) => join(folder, name);

beforeAll(async () => {
  network = await foundTestNetwork({ now: () => nowS });
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-consortium-'));
  writeFileSync(inFolder('deployment.json'), JSON.stringify(network.deployment));
  // The accounts of the chain room's test members follow from their names.
  for (const name of ['DEAAA', 'DEBBB', 'DECCC', 'nobody']) {
    const key = createHash('sha256').update(`test account ${name}`).digest('hex');
    writeFileSync(inFolder(`${name}.hex`), `0x${key}`, { mode: 0o600 });
  }
});
afterAll(async () => {
  await network?.anvil.stop();
  rmSync(folder, { recursive: true, force: true });
});

const consortium = (...args: string[]) =>
  runInProcess(
    'consortium',
    ...args,
    ...['--deployment', inFolder('deployment.json'), '--rpc', network.anvil.rpcUrl],
  );
const by = (name: string) => ['--key', inFolder(`${name}.hex`)];

/** A proposes, B votes, anybody carries out. */
async function decide(...action: string[]) {
  const proposed = await consortium('propose', ...action, ...by('DEAAA'));
  const proposalId = /0x[0-9a-f]{64}/.exec(proposed.output)?.[0] as string;
  expect(proposed).toMatchObject({ code: 0 });
  expect(await consortium('vote', proposalId, ...by('DEBBB'))).toMatchObject({ code: 0 });
  return consortium('execute', proposalId, ...by('nobody'));
}

test('what is put to the vote is shown in words, and carried out by more than half', async () => {
  const proposed = await consortium('propose', 'suspend', 'DECCC', ...by('DEAAA'));
  const proposalId = /0x[0-9a-f]{64}/.exec(proposed.output)?.[0] as string;
  const shown = await consortium('show');
  expect(shown.code).toBe(0);
  for (const words of ['3 may vote', 'suspend DECCC', 'DEAAA', proposalId, '1000000.00 EUR'])
    expect(shown.output).toContain(words);
  expect(await consortium('execute', proposalId, ...by('nobody'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('refused: quorum-missing'),
  });
  expect(await consortium('vote', proposalId, ...by('nobody'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('refused: not-a-member'),
  });
  expect(await consortium('vote', proposalId, ...by('DEBBB'))).toMatchObject({ code: 0 });
  expect(await consortium('execute', proposalId, ...by('nobody'))).toMatchObject({ code: 0 });
  const after = await consortium('show');
  expect(after.output).toContain('2 may vote');
  expect(after.output).toContain('suspended 2026-09-2');
  expect(after.output).toContain('Nothing is put to the vote');
});

test('every action is read, and shown as what it does', async () => {
  writeFileSync(
    inFolder('member.json'),
    JSON.stringify({
      providerId: 'ATDDD',
      account: `0x${'11'.repeat(20)}`,
      url: 'https://atddd.example',
      certificateKey: `0x${'22'.repeat(64)}`,
      issuanceLimitMicro: 1,
    }),
  );
  const actions: readonly (readonly [readonly string[], string])[] = [
    [['admit', inFolder('member.json')], 'admit ATDDD'],
    [['remove', 'DECCC'], 'remove DECCC'],
    [['reinstate', 'DECCC'], 'reinstate DECCC'],
    [['rotate-account', 'DEBBB', `0x${'33'.repeat(20)}`], 'give DEBBB the account 0x3333'],
    [['set-issuance-limit', 'DEBBB', '7000000'], 'let DEBBB owe 7.00 EUR'],
    [['set-time-zone', 'America/Sao_Paulo', '0', '-10800', 'none'], 'set the clocks of America/Sao_Paulo'],
    [['close-token'], 'close the token in a week'],
    [['name-successor', inFolder('deployment.json')], 'as the token'],
  ];
  for (const [action] of actions)
    expect(await consortium('propose', ...action, ...by('DEBBB'))).toMatchObject({ code: 0 });
  const { output } = await consortium('show');
  for (const [, words] of actions) expect(output).toContain(words);
});

test('what is not understood is complained of, and nothing is sent', async () => {
  for (const action of [
    ['abolish', 'DEAAA'],
    ['suspend', 'Berlin'],
    ['set-issuance-limit', 'DEAAA', '-1'],
    ['rotate-account', 'DEAAA', '0x12'],
    ['set-time-zone', 'Europe/Berlin', '0', '3600', 'sometimes'],
    ['admit'],
    ['name-successor', inFolder('member.json')],
  ])
    expect(await consortium('propose', ...action, ...by('DEAAA')), action.join(' ')).toMatchObject({
      code: 2,
    });
  expect(await consortium('vote', '0x12', ...by('DEAAA'))).toMatchObject({ code: 2 });
  expect(await consortium('vote', `0x${'12'.repeat(32)}`, '--key', inFolder('none'))).toMatchObject({
    code: 2,
  });
});

test('the end of a token and its successor, by commands alone', async () => {
  expect(await consortium('snapshot')).toMatchObject({
    code: 1,
    output: expect.stringContaining('refused: token-open'),
  });
  expect(await decide('close-token')).toMatchObject({ code: 0 });
  nowS += 8 * dayS;
  await network.anvil.mine();
  expect((await consortium('show')).output).toContain('closed 2026-');
  const members = network.members.map(({ account, url, keys: [key], issuanceLimitMicro }, index) => ({
    providerId: ['DEAAA', 'DEBBB', 'DECCC'][index],
    account,
    url,
    certificateKey: `0x${key?.x.slice(2)}${key?.y.slice(2)}`,
    issuanceLimitMicro: Number(issuanceLimitMicro),
  }));
  writeFileSync(inFolder('members.json'), JSON.stringify(members));
  const foundArgs = ['--rpc', network.anvil.rpcUrl, '--members', inFolder('members.json')];
  const account = ['--account-key', inFolder('nobody.hex')];
  const founded = await runInProcess(
    ...['chain', 'found', ...foundArgs, ...account],
    ...['--follow', inFolder('deployment.json'), '--out', inFolder('next.json')],
  );
  expect(founded.code).toBe(0);
  const next = JSON.parse(readFileSync(inFolder('next.json'), 'utf8'));
  expect(next.networkId).toBe(network.deployment.networkId);

  expect(await consortium('snapshot', '--next', inFolder('next.json'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('not-named'),
  });
  const carry = ['carry-over', '--next', inFolder('next.json'), ...by('nobody')];
  expect(await consortium(...carry)).toMatchObject({
    code: 1,
    output: expect.stringContaining('refused: not-named'),
  });
  expect(await decide('name-successor', inFolder('next.json'))).toMatchObject({ code: 0 });
  expect(await consortium('snapshot', '--next', inFolder('next.json'))).toMatchObject({ code: 0 });
  expect(await consortium(...carry)).toMatchObject({ code: 0 });
  expect((await consortium('show')).output).toContain(next.chargeToken);
});
