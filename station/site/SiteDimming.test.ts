import { guaranteedPower } from '@p2p-power/planning/dimming';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  deliverAll,
  even,
  type GaragePoint,
  type GarageWorld,
  type Letter,
  makeGarage,
  mayDraw,
  offered,
} from '../testing/garageWorld.ts';

const threePhases = [1, 2, 3] as const;
const phasesOf = [threePhases, threePhases, [2]] as const;
/** Bears two cars of 11 kW and one at 3.6 kW. */
const fuseW = even(8_580);
const partW = even(2_860);
const guaranteeW = guaranteedPower(3);

let garage: GarageWorld;
let points: readonly [a: GaragePoint, b: GaragePoint, c: GaragePoint];
const each = () => deliverAll(garage);
const drawnW = () => mayDraw(garage)[3];
/** What all together may draw while all are dimmed. */
const mayTogether = () =>
  garage.points.reduce((sum, point) => sum + (dimmingAt(point)?.mayW ?? Number.POSITIVE_INFINITY), 0);
const dimmingAt = (point: GaragePoint) => point.site().status().dimming;

/** Cars at all points draw what the fuse bears: more than any order of these tests. */
async function open(dimmedBy: readonly string[]): Promise<void> {
  garage = await makeGarage(phasesOf, { fuseW, dimmedBy }, partW);
  points = garage.points as unknown as typeof points;
  await garage.run(70, each);
  for (const point of points) await point.begin();
  await garage.run(120, each);
  expect(drawnW()).toBeGreaterThan(18_000);
}

/** Seconds until all together draw no more. */
async function secondsUntil(isSo: () => boolean, after: () => Promise<void> | void): Promise<number> {
  for (let second = 1; second < 200; second += 1) {
    await garage.run(1, after);
    if (isSo()) return second;
  }
  throw new Error(`it did not come about: ${offered(garage)}`);
}

describe('an order to the whole site', () => {
  beforeEach(() => open(['a']));

  test('reaches all in seconds, is used in full, and is over in seconds', async () => {
    const [a, b, c] = points;
    a.setOrder(14_000);
    // A round to tell, a few seconds for the cars.
    expect(await secondsUntil(() => drawnW() <= 14_000, each)).toBeLessThanOrEqual(10);
    for (const point of points) expect(dimmingAt(point)).toMatchObject({ limitW: 14_000 });
    await garage.run(60, each);
    expect(drawnW()).toBeLessThanOrEqual(14_000);
    expect(drawnW()).toBeGreaterThan(13_990);
    expect(dimmingAt(b)?.readers).toMatchObject([{ id: 'a', order: 'dimmed', limitW: 14_000 }]);
    // Nobody is at home at c any more: what it owns goes to the others.
    await c.stop();
    await garage.run(70, each);
    expect(offered(garage)).toEqual([6_999, 6_999, 0]);
    a.setOrder(null);
    expect(await secondsUntil(() => drawnW() > 22_000, each)).toBeLessThanOrEqual(10);
    expect(dimmingAt(b)?.limitW).toBeUndefined();
  });

  test('stops no car that it leaves enough for', async () => {
    const [a, b, c] = points;
    await c.stop();
    await garage.run(70, each);
    // 3.5 kW each is less than a car on three phases takes: c has lent its part before it is needed.
    a.setOrder(guaranteeW);
    let leastW = Number.POSITIVE_INFINITY;
    await garage.run(120, async () => {
      await each();
      leastW = Math.min(leastW, ...offered(garage).slice(0, 2));
    });
    expect(leastW).toBeGreaterThan(5_000);
    expect(drawnW()).toBeLessThanOrEqual(guaranteeW);
    expect(
      b
        .site()
        .status()
        .borrowed.find(({ from }) => from === 'c')?.powerW[3],
    ).toBeGreaterThan(1_700);
  });

  test('holds within a lease where nobody hears of it, and everyone keeps to its part of the guarantee', async () => {
    const [a] = points;
    a.setOrder(11_000);
    const lost = () => void garage.letters.splice(0);
    // A word of 60 s is given up in time for clocks that are 5 s apart and a car that takes 10 s.
    await garage.run(46, lost);
    expect(mayTogether()).toBeLessThanOrEqual(11_000);
    await garage.run(13, lost);
    // What the other two own of the fuse is more.
    expect(drawnW()).toBeLessThanOrEqual(11_000);
    await garage.run(30, lost);
    // A third of the guarantee is too little for three phases, and more than the other owns on its one.
    expect(offered(garage)).toEqual([0, 0, 2_860]);
    expect(dimmingAt(points[1])).toMatchObject({ limitW: guaranteeW, readers: [{ order: 'unknown' }] });
    expect(dimmingAt(a)).toMatchObject({ limitW: 11_000, readers: [{ order: 'dimmed' }] });
  });

  test('goes no lower than the guarantee, which holds too while the control box is silent or fails', async () => {
    const [a, , c] = points;
    for (const order of [0, undefined, Number.NaN, -5]) {
      a.setOrder(order);
      await garage.run(15, each);
      expect(dimmingAt(c)).toMatchObject({ limitW: guaranteeW, guaranteedW: guaranteeW });
      await garage.run(140, each);
      expect(drawnW()).toBeGreaterThan(guaranteeW - 10);
      expect(drawnW()).toBeLessThanOrEqual(guaranteeW);
      a.setOrder(null);
      await garage.run(140, each);
      expect(drawnW()).toBeGreaterThan(18_000);
    }
  });

  test('holds over a restart of the one who reads it, and until its driver knows again', async () => {
    const [a] = points;
    a.setOrder(14_000);
    await garage.run(80, each);
    await a.restart(true);
    await garage.run(2, each);
    expect(a.order()).toBeUndefined();
    let mostW = 0;
    await garage.run(80, async () => {
      await each();
      mostW = Math.max(mostW, drawnW());
    });
    expect(mostW).toBeLessThanOrEqual(14_000);
    expect(a.order()).toBe(14_000);
  });

  test('is heard by way of another where two do not reach each other', async () => {
    const [a, b] = points;
    const isBetween = ({ to, message }: Letter) =>
      [to, message.head.value.memberId].toSorted().join('') === 'ab';
    const aroundAB = async () => {
      const kept = garage.letters.splice(0).filter((letter) => !isBetween(letter));
      for (const letter of kept) await garage.deliver(letter);
      garage.letters.splice(0);
    };
    await garage.run(80, aroundAB);
    expect(dimmingAt(b)?.limitW).toBeUndefined();
    a.setOrder(14_000);
    expect(await secondsUntil(() => drawnW() <= 14_000, aroundAB)).toBeLessThanOrEqual(13);
    expect(dimmingAt(b)?.limitW).toBe(14_000);
  });

  test('that has ended does not count while the clock of its reader was just set', async () => {
    const [a] = points;
    a.setClock(100);
    await garage.run(1, each);
    a.setClock(0);
    await garage.run(3, each);
    expect(dimmingAt(a)).toMatchObject({ limitW: guaranteeW, readers: [{ order: 'unknown' }] });
    await garage.run(65, each);
    expect(dimmingAt(a)?.limitW).toBeUndefined();
  });
});

test('what was lent under an order is over with it, though lender and borrower still hear each other', async () => {
  garage = await makeGarage([[2], threePhases, threePhases], { fuseW, dimmedBy: ['a'] }, partW);
  const [a, b, c] = garage.points;
  a?.setOrder(14_000);
  await garage.run(70, each);
  await a?.begin();
  await b?.begin();
  await garage.run(140, each);
  expect(offered(garage)).toEqual([3_680, 10_318, 0]);
  expect(
    c
      ?.site()
      .status()
      .lent.find(({ to }) => to === 'b')?.powerW[3],
  ).toBeGreaterThan(guaranteeW / 3);
  a?.setOrder(0);
  const withoutA = async () => {
    const kept = garage.letters
      .splice(0)
      .filter(({ to, message }) => to !== 'a' && message.head.value.memberId !== 'a');
    for (const letter of kept) await garage.deliver(letter);
    garage.letters.splice(0);
  };
  await garage.run(60, withoutA);
  await garage.run(60, async () => {
    expect(drawnW()).toBeLessThanOrEqual(guaranteeW);
    expect(mayTogether()).toBeLessThanOrEqual(guaranteeW);
    await withoutA();
  });
});

test('of two orders the lower holds, and both must be over', async () => {
  await open(['a', 'c']);
  const [a, b, c] = points;
  a.setOrder(14_000);
  c.setOrder(16_000);
  await garage.run(20, each);
  expect(dimmingAt(b)?.limitW).toBe(14_000);
  a.setOrder(null);
  await garage.run(20, each);
  expect(dimmingAt(b)?.limitW).toBe(16_000);
  expect(drawnW()).toBeLessThanOrEqual(16_000);
  c.setOrder(null);
  await garage.run(20, each);
  expect(dimmingAt(b)?.limitW).toBeUndefined();
  await garage.run(60, each);
  expect(drawnW()).toBeGreaterThan(18_000);
});

test('a point alone is dimmed as a site of one, and to 4.2 kW at least', async () => {
  const alone = await makeGarage([threePhases], { fuseW: even(4_000), dimmedBy: ['a'] }, even(4_000));
  const [a] = alone.points;
  await alone.run(70);
  await a?.begin();
  await alone.run(5);
  expect(offered(alone)).toEqual([11_040]);
  a?.setOrder(1_000);
  await alone.run(1);
  expect(offered(alone)).toEqual([4_200]);
  a?.setOrder(null);
  await alone.run(1);
  expect(offered(alone)).toEqual([11_040]);
});

test('a site that nobody dims has no such thing', async () => {
  const quiet = await makeGarage(phasesOf, { fuseW }, partW);
  await quiet.run(3);
  expect(quiet.points[0]?.site().status().dimming).toBeUndefined();
});
