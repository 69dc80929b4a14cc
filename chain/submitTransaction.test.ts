import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAnvil } from './Anvil.ts';
import { type ChainClient, connectChain } from './ChainClient.ts';
import { readSettledRoot, settleBatch } from './Clearing.ts';
import { setUrl } from './Consortium.ts';
import { foundTestNetwork, type TestNetwork, testAccount } from './testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from './testing/makeBatch.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await foundTestNetwork();
});
afterAll(() => network?.anvil.stop());

/** A client that tells the hash of what it sends, and can lose the answer to it. */
function watch(client: ChainClient, options: { loseAnswer?: boolean } = {}) {
  const sent: { hash: `0x${string}` }[] = [];
  const rpc = {
    ...client.rpc,
    sendRawTransaction: async (parameters: Parameters<typeof client.rpc.sendRawTransaction>[0]) => {
      const hash = await client.rpc.sendRawTransaction(parameters);
      sent.push({ hash });
      if (options.loseAnswer) throw new Error('the connection broke');
      return hash;
    },
  };
  return { client: { ...client, rpc }, sent };
}

async function makeNext(sequence: bigint) {
  const [debtor, creditor] = network.members;
  return makeBatch(
    network.deployment,
    { debtor, creditor },
    {
      sequence,
      agreementId: network.agreementId,
      charges: testCharges(1, `charge ${sequence}`),
      payouts: [{ account: testAccount('Bert').address, cumulativeMicro: 1n }],
    },
  );
}

test('an answer that is lost after sending: the retry finds what was done', async () => {
  const made = await makeNext(1n);
  const broken = watch(network.client, { loseAnswer: true });
  const signer = network.members[0].signer;
  await expect(settleBatch(broken.client, signer, made.signed)).rejects.toMatchObject({ retryIsSafe: true });
  const retried = await settleBatch(network.client, signer, made.signed);
  expect(retried).toMatchObject({ ok: true, value: { txHash: expect.any(String) } });
  expect(await readSettledRoot(network.client, made.channel, 1n)).toBe(made.signed.batch.cdrRoot);
});

test('many writes of one account at once all come through, in turn', async () => {
  const { client, members } = network;
  const urls = Array.from({ length: 8 }, (_, index) => `https://provider-${index}.example`);
  const outcomes = await Promise.all(urls.map((url) => setUrl(client, members[2].signer, url)));
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
});

test('a number that another process took in between is replaced by the next', async () => {
  const { client, members } = network;
  const [{ signer }] = members;
  let staleAnswers = 2;
  const getTransactionCount = async (parameters: Parameters<typeof client.rpc.getTransactionCount>[0]) => {
    const next = await client.rpc.getTransactionCount(parameters);
    return staleAnswers-- > 0 ? next - 1 : next;
  };
  const raced = { ...client, rpc: { ...client.rpc, getTransactionCount } };
  expect(await setUrl(raced, signer, 'https://raced.example')).toMatchObject({ ok: true });
  staleAnswers = 100;
  await expect(setUrl(raced, signer, 'https://never.example')).rejects.toMatchObject({
    reason: 'rpc-error',
    retryIsSafe: true,
  });
});

test('a transaction that the node lost once is brought again and settles', async () => {
  await withSlowNetwork(async (slow, settleNext) => {
    expect(await settleNext(dropping(slow, 1))).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  });
});

test('one that the node loses each time is a fault, and the retry settles once', async () => {
  await withSlowNetwork(async (slow, settleNext) => {
    await expect(settleNext(dropping(slow, Number.POSITIVE_INFINITY))).rejects.toMatchObject({
      reason: 'tx-dropped',
      retryIsSafe: true,
    });
    expect(await settleNext(dropping(slow, 0))).toMatchObject({ ok: true, value: { outcome: 'settled' } });
    expect(await settleNext(slow)).toMatchObject({ ok: true, value: { outcome: 'already-settled' } });
  });
});

type SlowClient = {
  readonly client: ChainClient;
  dropTransaction(txHash: Hex): Promise<void>;
  mine(): Promise<unknown>;
};

/** A chain that makes a block only when it is told to, so that a transaction can be taken out of the pool before. */
async function withSlowNetwork(
  play: (slow: SlowClient, settleNext: (slow: SlowClient) => ReturnType<typeof settleBatch>) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-slow-'));
  const slow = await foundTestNetwork({ folder });
  await slow.anvil.stop();
  const anvil = await startAnvil({ folder, blockDelayMs: null });
  try {
    const [debtor, creditor] = slow.members;
    const made = await makeBatch(
      slow.deployment,
      { debtor, creditor },
      {
        sequence: 1n,
        agreementId: slow.agreementId,
        charges: testCharges(1),
        payouts: [{ account: testAccount('Bert').address, cumulativeMicro: 1n }],
      },
    );
    // Without endpoints, so that everything that is sent goes through `rpc`.
    const { endpoints: _, ...client } = connectChain({
      rpcUrl: anvil.rpcUrl,
      deployment: slow.deployment,
      pollMs: 10,
    });
    const { dropTransaction, mine } = anvil;
    await play({ client, dropTransaction, mine }, ({ client: through }) =>
      settleBatch(through, creditor.signer, made.signed),
    );
  } finally {
    await anvil.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function dropping(slow: SlowClient, times: number): SlowClient {
  let dropped = 0;
  const sendRawTransaction = async (parameters: Parameters<typeof slow.client.rpc.sendRawTransaction>[0]) => {
    const hash = await slow.client.rpc.sendRawTransaction(parameters);
    if (dropped++ < times) await slow.dropTransaction(hash);
    else await slow.mine();
    return hash;
  };
  return { ...slow, client: { ...slow.client, rpc: { ...slow.client.rpc, sendRawTransaction } } };
}
