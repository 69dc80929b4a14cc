import type { Hex } from '@p2p-power/protocol/Hex';
import { expect, test } from 'vitest';
import { type Standing, standingTeller } from './standingTeller.ts';
import { makeStationWorld } from './testing/stationWorld.ts';

const silent = { info() {}, warn() {}, error() {} };

test('tells at once that a charge begins or ends, and again every five minutes', async () => {
  const world = await makeStationWorld();
  const said: boolean[] = [];
  const turn = standingTeller(
    { clock: world.clock, log: silent, tell: async ({ occupied }) => void said.push(occupied) },
    world.station,
  );
  await turn();
  await turn();
  expect(said).toEqual([false]);
  const id = await world.start();
  await turn();
  await world.run(299);
  await turn();
  expect(said).toEqual([false, true]);
  await world.run(1);
  await turn();
  expect(said).toEqual([false, true, true]);
  await world.stop(id);
  await turn();
  expect(said).toEqual([false, true, true, false]);
});

test('without a way it tries again after ten seconds, and fails nobody', async () => {
  const world = await makeStationWorld();
  let tries = 0;
  const turn = standingTeller(
    {
      clock: world.clock,
      log: silent,
      tell: async () => {
        tries += 1;
        if (tries < 3) throw new Error('no way');
      },
    },
    world.station,
  );
  for (let seconds = 0; seconds < 60; seconds += 1) {
    await turn();
    world.clock.advanceMs(1_000);
  }
  expect(tries).toBe(3);
});

test('tells at once that it offers by another tariff', async () => {
  const world = await makeStationWorld();
  const said: Standing[] = [];
  let tariffId: Hex = world.station().status().tariffId;
  const station = () => {
    const open = world.station();
    return { ...open, status: () => ({ ...open.status(), tariffId }) };
  };
  const tell = async (standing: Standing) => void said.push(standing);
  const turn = standingTeller({ clock: world.clock, log: silent, tell }, station);
  await turn();
  await turn();
  const conditions = await world.ask({ type: 'hello', version: 1 });
  if (conditions.type !== 'conditions') throw new Error('no conditions');
  expect(said).toEqual([{ occupied: false, tariffId: conditions.offer.value.tariffId }]);
  tariffId = `0x${'77'.repeat(32)}`;
  await turn();
  await turn();
  expect(said.map((standing) => standing.tariffId)).toEqual([said[0]?.tariffId, tariffId]);
});
