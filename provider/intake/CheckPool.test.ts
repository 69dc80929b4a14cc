import { fromBytes } from '@p2p-power/protocol/Hex';
import { networkId } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import { type CheckPool, openCheckPool } from './CheckPool.ts';
import type { CheckTrust } from './checkEvidence.ts';

let world: MoneyWorld;
let pool: CheckPool;
let trust: CheckTrust;
beforeAll(async () => {
  world = await openMoneyWorld();
  trust = {
    networkId,
    providerId: 'DEBBB',
    keys: [world.providerA, world.providerB].map(({ providerId, key }) => ({
      providerId,
      publicKey: key.publicKey,
    })),
  };
  pool = openCheckPool({ trust, courierKeys: courierKeys() }, 2);
});
afterAll(async () => {
  await pool.close();
  await world.close();
});

const courierKeys = () => {
  const { publicKey, privateKey } = world.b.context.courierKey;
  return [{ publicKey, privateKey: fromBytes(privateKey) }];
};

test('threads and the calling thread judge alike', async () => {
  const evidence = await world.charge('threads');
  const inline = openCheckPool({ trust, courierKeys: courierKeys() }, 0);
  const segment = await world.seal([evidence, { ...evidence, readings: [] }]);
  for (const judge of [pool, inline]) {
    const checked = await judge.checkSegment(segment);
    expect(checked).toMatchObject({ ok: true, stationCertificateId: world.garage.certificateId });
    expect(checked.ok && checked.records.map((record) => record.ok)).toEqual([true, false]);
  }
  const list = [evidence, null, 'x'];
  expect(await pool.checkEvidence(list)).toEqual(await inline.checkEvidence(list));
});

test('many tasks are each answered with their own result', async () => {
  const evidence = await Promise.all(Array.from({ length: 12 }, (_, index) => world.charge(`task ${index}`)));
  const answers = await Promise.all(evidence.map((one) => pool.checkEvidence([one])));
  const authorizations = answers.map(([one]) => one?.ok && one.charge.evidence);
  expect(authorizations).toEqual(evidence.map((one) => JSON.stringify(one)));
});

test('a key that is taken back is believed no longer', async () => {
  const evidence = await world.charge('trust');
  pool.setTrust({ ...trust, keys: trust.keys.filter((key) => key.providerId !== 'DEAAA') });
  expect(await pool.checkEvidence([evidence])).toMatchObject([
    { ok: false, refusal: 'unknown-driver-provider' },
  ]);
  pool.setTrust(trust);
  expect(await pool.checkEvidence([evidence])).toMatchObject([{ ok: true }]);
});

test('a task that cannot even be sent fails alone', async () => {
  await expect(pool.checkEvidence([() => 1])).rejects.toThrow();
  expect(await pool.checkEvidence([await world.charge('after')])).toMatchObject([{ ok: true }]);
});

test('a closed pool takes nothing', async () => {
  const closed = openCheckPool({ trust, courierKeys: courierKeys() }, 1);
  await closed.close();
  await expect(closed.checkEvidence([])).rejects.toThrow('closed');
});
