import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, concat, type Hex, numberToHex, sha256 } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnvilProcess, spawnAnvil } from '../AnvilProcess.ts';
import { createRpc } from '../ChainClient.ts';
import { readSettledRoot, settleBatch } from '../Clearing.ts';
import { openRpcDoor, type RpcDoor } from '../RpcDoor.ts';
import { applyEntry, forwardToAnvil } from '../replayJournal.ts';
import { foundTestConsortium, testAccount } from '../testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from '../testing/makeBatch.ts';
import { parseBesuNetwork } from './BesuNetwork.ts';
import { type BesuGenesis, blockGasLimit } from './makeGenesis.ts';
import { planFiles } from './planFiles.ts';
import { decodeQbftExtraData } from './QbftExtraData.ts';
import { testProviders, testValidatorKey } from './testing/testProviders.ts';

const rich = '0x00000000000000000000000000000000000000ff';
const parsed = parseBesuNetwork({
  chainId: 740_001,
  blockPeriodS: 2,
  balances: { [rich]: '1000000000000000000' },
  providers: testProviders(4, { withKeys: true }),
});
if (!parsed.ok) throw new Error(parsed.detail);
const genesisText = planFiles(parsed.value).genesis;
const genesis: BesuGenesis = JSON.parse(genesisText);

test('the genesis of four providers, whole', () => {
  expect(genesis).toEqual({
    config: {
      chainId: 740_001,
      homesteadBlock: 0,
      eip150Block: 0,
      eip158Block: 0,
      byzantiumBlock: 0,
      constantinopleBlock: 0,
      petersburgBlock: 0,
      istanbulBlock: 0,
      berlinBlock: 0,
      londonBlock: 0,
      shanghaiTime: 0,
      cancunTime: 0,
      pragueTime: 0,
      osakaTime: 0,
      contractSizeLimit: 24_576,
      zeroBaseFee: true,
      qbft: { blockperiodseconds: 2, epochlength: 30_000, requesttimeoutseconds: 4 },
    },
    nonce: '0x0',
    timestamp: '0x0',
    extraData: expect.stringMatching(/^0xf87aa0/),
    gasLimit: '0x5f5e100',
    difficulty: '0x1',
    mixHash: '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365',
    coinbase: '0x0000000000000000000000000000000000000000',
    baseFeePerGas: '0x0',
    alloc: { [rich]: { balance: '0xde0b6b3a7640000' } },
  });
  const extra = decodeQbftExtraData(genesis.extraData);
  expect(extra.ok && [...extra.value.validators].toSorted()).toEqual(
    [0, 1, 2, 3].map((index) => testValidatorKey(index).address).toSorted(),
  );
});

// Anvil has one validator and no QBFT: of the genesis it takes chain id, time and allocation. Milestones and gas limit it
// is told by flags. That Besu takes this file is not shown here.
let folder: string;
let anvil: AnvilProcess;
let door: RpcDoor;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-genesis-'));
  const genesisFile = join(folder, 'genesis.json');
  writeFileSync(genesisFile, genesisText);
  anvil = await spawnAnvil({ genesisFile });
  let at = 1_790_000_000;
  door = await openRpcDoor({
    port: 0,
    answer: (call) => forwardToAnvil(anvil, call),
    async send({ id }, raw) {
      const answered = (await applyEntry(anvil, { kind: 'tx', raw })) as object;
      await applyEntry(anvil, { kind: 'mine', at: at++ });
      return { ...answered, id };
    },
  });
});
afterAll(async () => {
  await door?.close();
  await anvil?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test('a chain begun with it has its id, its time and its allocation', async () => {
  const rpc = createRpc(door.url);
  expect(await rpc.getChainId()).toBe(740_001);
  const block = await rpc.getBlock({ blockNumber: 0n });
  expect(block).toMatchObject({
    timestamp: 0n,
    baseFeePerGas: 0n,
  });
  expect(await rpc.getBalance({ address: rich })).toBe(10n ** 18n);
  for (const index of [0, 1, 2, 3])
    expect(await rpc.getBalance({ address: testValidatorKey(index).address })).toBe(0n);
});

test('the contracts are founded on it and a batch is settled, by accounts that have nothing', async () => {
  const network = await foundTestConsortium(door.url);
  expect(network.deployment.chainId).toBe(740_001);
  const [debtor, creditor] = network.members;
  const made = await makeBatch(
    network.deployment,
    { debtor, creditor },
    {
      sequence: 1n,
      agreementId: network.agreementId,
      charges: testCharges(3),
      payouts: [{ account: testAccount('Bert').address, cumulativeMicro: 1n }],
    },
  );
  const settled = await settleBatch(network.client, creditor.signer, made.signed);
  expect(settled).toMatchObject({ ok: true, value: { outcome: 'settled' } });
  expect(await readSettledRoot(network.client, made.channel, 1n)).toBe(made.signed.batch.cdrRoot);
  const rpc = createRpc(door.url);
  expect(await rpc.getBalance({ address: creditor.account })).toBe(0n);
  const block = await rpc.getBlock();
  expect(block.baseFeePerGas).toBe(0n);
});

test('P256VERIFY is there: a signature of EIP-7951 is judged at 0x100', async () => {
  const rpc = createRpc(door.url);
  const { signature, publicKey, hash } = signedWithP256();
  const judge = async (data: Hex) => (await rpc.call({ to: `0x${'0'.repeat(37)}100`, data })).data;
  expect(await judge(concat([hash, signature, publicKey]))).toBe(numberToHex(1, { size: 32 }));
  expect(await judge(concat([sha256(hash), signature, publicKey]))).toBeUndefined();
});

test('the cap of EIP-7825 holds, so no transaction takes more than a sixth of a block', async () => {
  const signer = testAccount('wasteful');
  const rpc = createRpc(door.url);
  const send = async (gas: bigint) =>
    rpc.sendRawTransaction({
      serializedTransaction: await signer.signTransaction({
        type: 'eip1559',
        chainId: 740_001,
        nonce: 0,
        to: signer.address,
        data: numberToHex(1n) as Hex,
        gas,
        maxFeePerGas: 0n,
        maxPriorityFeePerGas: 0n,
      }),
    });
  await expect(send(2n ** 24n + 1n)).rejects.toThrow();
  expect(await send(2n ** 24n)).toMatch(/^0x/);
  expect(2 ** 24 * 5).toBeLessThan(blockGasLimit);
});

function signedWithP256() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const message = Buffer.from('a charge');
  const signature = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { signature: bytesToHex(signature), publicKey: bytesToHex(point), hash: sha256(message) };
}
