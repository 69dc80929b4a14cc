import { type Signal, SignalHead } from '@p2p-power/protocol/Signal';
import { dawn, networkId } from '@p2p-power/protocol/testing/world';
import { expect, test } from 'vitest';
import { signalRefresh } from './signalRefresh.ts';
import { hourlyIndex, makeStationWorld, signTestSignal, testTerms } from './testing/stationWorld.ts';

const silent = { info() {}, warn() {}, error() {} };
const idOf = ({ head }: Signal) => SignalHead.id(networkId, head.value);

/** A station that asks a provider which answers with one signal each time, and what it told the provider that it holds. */
async function asking() {
  const world = await makeStationWorld({ provision: { dynamic: testTerms } });
  const told: (string | undefined)[] = [];
  let answer: () => readonly unknown[] = () => [];
  const fetchSignals = async (holds: string | undefined) => {
    told.push(holds);
    return answer();
  };
  const backend = {
    fetchSignals,
    handIn: () => Promise.reject(new Error('not asked')),
    fetchTrustList: () => Promise.reject(new Error('not asked')),
  };
  const refresh = signalRefresh({ log: silent, backend }, world.station);
  const priced = (cents: number, issuedAt: number) =>
    signTestSignal(world.ownProvider, hourlyIndex(dawn, cents), issuedAt);
  const answerWith = (given: () => readonly unknown[]) => {
    answer = given;
  };
  return { world, told, refresh, priced, answerWith };
}

test('a station tells which price signal it holds, at once when that changes', async () => {
  const { told, refresh, priced, answerWith } = await asking();
  const [first, second] = [await priced(10, dawn - 60), await priced(20, dawn - 30)];
  answerWith(() => [first]);
  await refresh();
  await refresh();
  expect(told.splice(0)).toEqual([undefined, idOf(first), idOf(first)]);
  answerWith(() => [second]);
  await refresh();
  expect(told).toEqual([idOf(first), idOf(second)]);
});

test('it never says that it holds what did not come, or what it did not believe', async () => {
  const { world, told, refresh, priced, answerWith } = await asking();
  const first = await priced(10, dawn - 60);
  answerWith(() => [first]);
  await refresh();
  told.length = 0;
  answerWith(() => {
    throw new Error('the line went dead');
  });
  await refresh();
  const later = await priced(20, dawn - 30);
  const forged = { ...later, contentJson: later.contentJson.replace('200000', '100000') };
  answerWith(() => [forged]);
  await refresh();
  await refresh();
  expect(told).toEqual([idOf(first), idOf(first), idOf(first)]);
  expect(world.station().status().priceSignalId).toBe(idOf(first));
});
