import { bytes32, dawn, networkId } from '@p2p-power/protocol/testing/world';
import {
  checkWitnessChain,
  isWitnessed,
  type WitnessFile,
  weekBegins,
  weekOf,
  weekS,
} from '@p2p-power/protocol/WitnessRecord';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettledRoot, settleBatch } from '../Clearing.ts';
import { readCurrentAgreement } from '../Peering.ts';
import { testAccount, testMember, testTerms } from '../testing/foundTestNetwork.ts';
import { makeBatch, testCharges } from '../testing/makeBatch.ts';
import { openScriptedChain, type ScriptedChain } from '../testing/openScriptedChain.ts';
import { buildWitnessRecords } from './buildWitnessRecords.ts';
import { readSettlement } from './readSettlement.ts';

let chain: ScriptedChain;
const [a, b] = [testMember('DEAAA'), testMember('DEBBB')];
/** Where the story begins: the world's first Monday. */
const firstWeek = weekOf(dawn);

beforeAll(async () => {
  chain = await openScriptedChain({ networkId, members: [a, b], terms: testTerms, genesisAt: dawn + 3_600 });
});
afterAll(() => chain.stop());

/** Settles a batch from one to the other at a time. */
async function settle(sequence: bigint, at: number) {
  const client = chain.connect();
  chain.setTime(at);
  const agreement = await readCurrentAgreement(client, a.memberId, b.memberId, at);
  if (agreement === null) throw new Error('there is no agreement');
  const charges = testCharges(3, `week ${sequence}`);
  const { signed, channel } = await makeBatch(
    client.deployment,
    { debtor: a, creditor: b },
    {
      sequence,
      agreementId: agreement.agreementId,
      charges,
      payouts: [
        {
          account: testAccount('operator').address,
          cumulativeMicro: charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0n),
        },
      ],
    },
  );
  const settled = await settleBatch(client, a.signer, signed);
  if (!settled.ok) throw new Error(settled.detail);
  return {
    channelId: channel,
    sequence: Number(sequence),
    batchHash: settled.value.batchHash,
    cdrRoot: signed.batch.cdrRoot,
  };
}

async function build(toWeek: number, previous: WitnessFile | null = null): Promise<readonly WitnessFile[]> {
  const built = await buildWitnessRecords(chain.connect(), toWeek, previous);
  if (!built.ok) throw new Error(built.refusal);
  return built.value;
}

test('each week holds what was settled in it, quiet weeks nothing, and all are one chain', async () => {
  const one = await settle(1n, dawn + 86_400);
  const two = await settle(2n, weekBegins(firstWeek + 1) - 1);
  const three = await settle(3n, weekBegins(firstWeek + 1));
  await chain.passTo(weekBegins(firstWeek + 3) + 60);

  const weeks = await build(firstWeek + 2);
  expect(weeks.map(({ record }) => [record.week - firstWeek, record.batchCount])).toEqual([
    [0, 2],
    [1, 1],
    [2, 0],
  ]);
  expect(checkWitnessChain(weeks).ok).toBe(true);
  const [first, second] = weeks as [WitnessFile, WitnessFile];
  for (const batch of [one, two]) expect(isWitnessed(first, batch)).toBe(true);
  expect(isWitnessed(first, three)).toBe(false);
  expect(isWitnessed(second, three)).toBe(true);

  // Whoever goes on from an earlier record comes to the same, and so does who asks later.
  expect(await build(firstWeek + 2, first)).toEqual(weeks.slice(1));
  await chain.passTo(weekBegins(firstWeek + 4) + 60);
  expect((await build(firstWeek + 3)).slice(0, 3)).toEqual(weeks);
});

test('a week that is not over, or before the contracts, has no record', async () => {
  const client = chain.connect();
  const late = firstWeek + 4;
  expect(await buildWitnessRecords(client, late, null)).toMatchObject({ refusal: 'week-not-over' });
  expect(await buildWitnessRecords(client, firstWeek - 1, null)).toMatchObject({
    refusal: 'week-before-deployment',
  });
  expect(weekS).toBe(604_800);
});

test('a settlement is found by channel and number, with its block and time', async () => {
  const client = chain.connect();
  const four = await settle(4n, weekBegins(firstWeek + 5) + 5);
  expect(await readSettlement(client, four.channelId, 4n)).toMatchObject({
    batchHash: four.batchHash,
    cdrRoot: await readSettledRoot(client, four.channelId, 4n),
    settledAt: weekBegins(firstWeek + 5) + 5,
  });
  expect(await readSettlement(client, four.channelId, 5n)).toBeNull();
  expect(await readSettlement(client, bytes32('another channel'), 1n)).toBeNull();
});
