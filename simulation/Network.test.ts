import { expect, test } from 'vitest';
import { LinkFault, openNetwork } from './Network.ts';
import { seededRandom } from './SeededRandom.ts';
import { virtualClock } from './VirtualClock.ts';

const open = (seed = 1) => {
  const clock = virtualClock(1_000_000);
  const lines: string[] = [];
  return { clock, lines, network: openNetwork(clock, seededRandom(seed), (line) => lines.push(line)) };
};

/** Sends numbered messages; answers what arrived, and what the sender heard. */
async function send(world: ReturnType<typeof open>, count: number) {
  const arrived: number[] = [];
  const heard: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const deliver = async () => {
      arrived.push(index);
      return index;
    };
    await world.network.carry('phone', 'station', deliver).then(
      (answer) => heard.push(answer),
      (error: unknown) => expect(error).toBeInstanceOf(LinkFault),
    );
  }
  return { arrived, heard };
}

test('messages are lost, unanswered, doubled and late; late ones overtake', async () => {
  const world = open();
  const { arrived, heard } = await send(world, 400);
  const times = (index: number) => arrived.filter((one) => one === index).length;
  const sent = Array.from({ length: 400 }, (_, index) => index);
  expect(sent.some((index) => times(index) === 2 && heard.includes(index))).toBe(true);
  expect(sent.some((index) => times(index) === 1 && !heard.includes(index))).toBe(true);
  const missing = sent.filter((index) => times(index) === 0);
  expect(missing.length).toBeGreaterThan(5);
  world.clock.advance(20_000);
  const before = arrived.length;
  expect(await world.network.deliverLate()).toBe(arrived.length - before);
  expect(arrived.length).toBeGreaterThan(before);
  expect(missing).toEqual(expect.arrayContaining(arrived.slice(before)));
  expect(await world.network.deliverLate()).toBe(0);
});

test('a link that is cut carries nothing until its time, either way as told', async () => {
  const world = open();
  world.network.cut('phone', 'station', 1_000_600);
  expect((await send(world, 50)).arrived).toEqual([]);
  expect(world.network.isUp('station', 'phone')).toBe(true);
  world.clock.advance(600);
  expect((await send(world, 50)).arrived.length).toBeGreaterThan(25);
  world.network.cut('*', 'station', 1_000_700);
  expect(world.network.isUp('cem', 'station')).toBe(false);
});

test('healed, it carries everything once', async () => {
  const world = open();
  await send(world, 100);
  world.network.cut('phone', 'station', 9_000_000);
  await world.network.heal();
  const { arrived, heard } = await send(world, 100);
  expect(arrived).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(heard).toEqual(arrived);
});

test('the same seed has the same mishaps', async () => {
  const [one, two, other] = [open(7), open(7), open(8)];
  await send(one, 200);
  await send(two, 200);
  await send(other, 200);
  expect(one.lines).toEqual(two.lines);
  expect(one.lines).not.toEqual(other.lines);
});
