import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Anvil, startAnvil } from './Anvil.ts';
import { connectChain, createRpc, probeChain } from './ChainClient.ts';
import { readPosition } from './ChargeToken.ts';
import { readChannel, settleBatch } from './Clearing.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';

let folder: string;
let running: Anvil[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-anvil-'));
});
afterEach(async () => {
  await Promise.all(running.map((anvil) => anvil.stop()));
  running = [];
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Parameters<typeof startAnvil>[0] = {}): Promise<Anvil> {
  const anvil = await startAnvil({ folder, blockDelayMs: 5, ...options });
  running.push(anvil);
  return anvil;
}

async function found(): Promise<TestNetwork> {
  const network = await foundTestNetwork({ folder });
  running.push(network.anvil);
  return network;
}

async function readHead(rpcUrl: string) {
  const { number, hash, timestamp } = await createRpc(rpcUrl).getBlock();
  return { number, hash, timestamp };
}

async function settleOne(network: TestNetwork, sequence: bigint, client = network.client) {
  const [debtor, creditor] = network.members;
  const made = await makeBatch(
    network.deployment,
    { debtor, creditor },
    {
      sequence,
      agreementId: network.agreementId,
      charges: testCharges(2),
      payouts: [{ account: testAccount('Bert').address, cumulativeMicro: 1n }],
    },
  );
  return settleBatch(client, creditor.signer, made.signed);
}

async function untilReachable(network: TestNetwork): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await probeChain(network.client);
      return;
    } catch (error) {
      if (attempt > 400) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test('stopped and started again it is the same chain, block for block', async () => {
  const network = await found();
  await settleOne(network, 1n);
  const before = await readHead(network.anvil.rpcUrl);
  await network.anvil.stop();

  const again = await start();
  expect(await readHead(again.rpcUrl)).toEqual(before);
  const client = connectChain({ rpcUrl: again.rpcUrl, deployment: network.deployment, pollMs: 10 });
  expect(await settleOne(network, 1n, client)).toMatchObject({
    ok: true,
    value: { outcome: 'already-settled' },
  });
  expect(await settleOne(network, 2n, client)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
});

test('killed by -9 it comes back by itself at the same address', async () => {
  const network = await found();
  await settleOne(network, 1n);
  const before = await readHead(network.anvil.rpcUrl);
  const pid = network.anvil.pid();
  process.kill(pid, 'SIGKILL');
  await expect(probeChain(network.client)).rejects.toMatchObject({
    reason: 'rpc-unreachable',
    retryIsSafe: true,
  });

  await untilReachable(network);
  expect(network.anvil.pid()).not.toBe(pid);
  expect(await readHead(network.anvil.rpcUrl)).toEqual(before);
  expect(await settleOne(network, 2n)).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  const [a, b] = network.members;
  expect((await readChannel(network.client, a.memberId, b.memberId)).sequence).toBe(2n);
});

test('a transaction that reached the pool before the crash is in a block after it', async () => {
  const network = await found();
  await network.anvil.stop();
  const manual = await start({ blockDelayMs: null });
  const client = connectChain({
    rpcUrl: manual.rpcUrl,
    deployment: network.deployment,
    pollMs: 10,
    confirmTimeoutMs: 100,
  });
  await expect(settleOne(network, 1n, client)).rejects.toMatchObject({
    reason: 'tx-not-mined',
    retryIsSafe: true,
  });
  await manual.stop();

  const again = await start();
  const later = connectChain({ rpcUrl: again.rpcUrl, deployment: network.deployment, pollMs: 10 });
  expect(await settleOne(network, 1n, later)).toMatchObject({ ok: true });
  const [a, b] = network.members;
  expect((await readChannel(later, a.memberId, b.memberId)).sequence).toBe(1n);
});

test('a last line torn by a power cut is cut off, damage elsewhere is told', async () => {
  const network = await found();
  const before = await readHead(network.anvil.rpcUrl);
  await network.anvil.stop();
  const log = join(folder, 'chain.log');
  appendFileSync(log, '{"kind":"mine","a');
  const again = await start();
  expect(await readHead(again.rpcUrl)).toEqual(before);
  await again.stop();

  const lines = readFileSync(log, 'utf8').split('\n');
  writeFileSync(log, [lines[0], 'nonsense', ...lines.slice(2)].join('\n'));
  await expect(startAnvil({ folder })).rejects.toThrow('chain.log is damaged in line 2');
});

test('clients get what any chain would answer, and nothing that only this one would do', async () => {
  const { rpcUrl } = await start();
  const ask = async (method: string, params: unknown[] = []) => {
    const response = await fetch(rpcUrl, { method: 'POST', body: JSON.stringify({ id: 7, method, params }) });
    return (await response.json()) as { id: number; result?: unknown; error?: { code: number } };
  };
  expect(await ask('eth_chainId')).toMatchObject({ id: 7, result: '0x4ec0' });
  for (const method of [
    'anvil_setBalance',
    'evm_mine',
    'debug_traceCall',
    'eth_sendTransaction',
    'eth_sign',
  ]) {
    expect(await ask(method)).toMatchObject({ id: 7, error: { code: -32601 } });
  }
  expect(await ask('eth_sendRawTransaction', ['0xzz'])).toMatchObject({ error: { code: -32602 } });
  expect(await ask('eth_sendRawTransaction', ['0x1234'])).toHaveProperty('error');
  const body = (text: string) =>
    fetch(rpcUrl, { method: 'POST', body: text }).then((response) => response.status);
  expect(await body('nonsense')).toBe(400);
  expect(await body('7')).toBe(400);
  expect(await body(JSON.stringify([{ id: 1, method: 'eth_chainId' }]))).toBe(200);
});

test('a port in use and a journal of another chain are told', async () => {
  const first = await start({ chainId: 20_161 });
  await expect(startAnvil({ port: first.port })).rejects.toThrow(`cannot listen on port ${first.port}`);
  await first.stop();
  await expect(startAnvil({ folder, chainId: 20_162 })).rejects.toMatchObject({ reason: 'wrong-chain' });
});

test('killed again and again while batches are settled: each is settled once', async () => {
  const network = await found();
  const [a, b] = network.members;
  let settling = true;
  const killing = (async () => {
    for (let kills = 0; settling && kills < 6; kills++) {
      await new Promise((resolve) => setTimeout(resolve, 60 + 45 * kills));
      process.kill(network.anvil.pid(), 'SIGKILL');
      await untilReachable(network);
    }
  })();
  const batches = 20;
  let faults = 0;
  for (let sequence = 1n; sequence <= batches; ) {
    try {
      const settled = await settleOne(network, sequence);
      expect(settled).toMatchObject({ ok: true });
      sequence += 1n;
    } catch (error) {
      expect(error).toMatchObject({ name: 'ChainFault', retryIsSafe: true });
      faults += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  settling = false;
  await killing;
  expect(faults).toBeGreaterThan(0);
  expect((await readChannel(network.client, a.memberId, b.memberId)).sequence).toBe(BigInt(batches));
  const { issuedMicro } = await readPosition(network.client, a.memberId);
  expect(issuedMicro).toBe(
    BigInt(batches) * testCharges(2).reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n),
  );
});

test('anvil does not outlive the program that started it, even if that is killed', async () => {
  const program = `
    import { startAnvil } from ${JSON.stringify(new URL('./Anvil.ts', import.meta.url).href)};
    const anvil = await startAnvil();
    console.log(anvil.pid());
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
