import type { PhasePower } from '@p2p-power/planning/SitePlan';
import { describe, expect, test } from 'vitest';
import { deliverAll, even, type GarageWorld, makeGarage, mayDraw, offered } from '../testing/garageWorld.ts';

const threePhases = [1, 2, 3] as const;
/** Bears two cars of 11 kW and one at 3.6 kW. */
const fuseW = even(8_580);
const partW = even(2_860);

function expectBelow(garage: GarageWorld, mostW: PhasePower): void {
  const drawnW = mayDraw(garage);
  for (const phase of [0, 1, 2] as const) expect(drawnW[phase]).toBeLessThanOrEqual(mostW[phase]);
}

describe('three points on one fuse', () => {
  test('one car alone soon has all it can take, and three share equally', async () => {
    const garage = await makeGarage([threePhases, threePhases, threePhases], { fuseW }, partW);
    const [a, b, c] = garage.points;
    const each = async () => {
      await deliverAll(garage);
      expectBelow(garage, fuseW);
    };
    await garage.run(80, each);
    await a?.begin();
    await garage.run(15, each);
    expect(offered(garage)).toEqual([11_040, 0, 0]);
    await b?.begin();
    await c?.begin();
    await garage.run(150, each);
    for (const powerW of offered(garage)) expect(powerW).toBeGreaterThan(8_500);
    await b?.stop();
    await garage.run(120, each);
    expect(offered(garage)).toEqual([11_040, 0, 11_040]);
  });

  test('who hears from nobody falls back to its own part before the leases end', async () => {
    const garage = await makeGarage([threePhases, threePhases, threePhases], { fuseW }, partW);
    const [a] = garage.points;
    await garage.run(80, () => deliverAll(garage));
    await a?.begin();
    await garage.run(20, () => deliverAll(garage));
    expect(offered(garage)[0]).toBe(11_040);
    let heard = 0;
    await garage.run(61, () => {
      garage.letters.splice(0);
      heard += (offered(garage)[0] ?? 0) > 8_580 ? 1 : 0;
    });
    expect(offered(garage)[0]).toBe(8_580);
    expect(heard).toBeGreaterThan(3);
    expect(heard).toBeLessThanOrEqual(45);
  });

  test('the garage chooses: all the same, or who came first, down to nothing for whom the least does not fit', async () => {
    const small = even(6_000);
    const garage = await makeGarage([threePhases, threePhases, threePhases], { fuseW: small }, even(2_000));
    const [a, b, c] = garage.points;
    await garage.run(80, () => deliverAll(garage));
    for (const point of [a, b, c]) await point?.begin();
    await garage.run(30, () => deliverAll(garage));
    expect(offered(garage)).toEqual([6_000, 6_000, 6_000]);
    const first = await makeGarage(
      [threePhases, threePhases, threePhases],
      { fuseW: small, fairness: 'first-come' },
      even(2_000),
    );
    await first.run(80, () => deliverAll(first));
    for (const point of first.points.toReversed()) {
      await point.begin();
      await first.run(5, () => deliverAll(first));
    }
    await first.run(150, () => deliverAll(first));
    // c came first, then b; a waits, for what is left is less than a car can take.
    expect(offered(first)).toEqual([0, 6_960, 11_040]);
  });

  test('a start waits for the longest lease, a lost disk or not', async () => {
    const garage = await makeGarage([threePhases, threePhases, threePhases], { fuseW }, partW);
    const [a] = garage.points;
    await garage.run(80, () => deliverAll(garage));
    await a?.begin();
    await garage.run(20, () => deliverAll(garage));
    await a?.restart(true);
    await garage.run(40, () => {
      garage.letters.splice(0);
    });
    expect(offered(garage)[0]).toBe(0);
    expect(a?.site().status().waitsUntil).toBeDefined();
    await garage.run(160, () => deliverAll(garage));
    expect(a?.site().status().waitsUntil).toBeUndefined();
    expect(offered(garage)[0]).toBe(11_040);
  });

  test('what a building draws from a member’s part is not lent, and nothing is while its meter fails', async () => {
    const garage = await makeGarage([threePhases, threePhases], { fuseW: even(4_000) }, even(2_000));
    const [a, b] = garage.points;
    b?.setBuilding(even(800));
    await garage.run(80, () => deliverAll(garage));
    await a?.begin();
    await garage.run(20, () => deliverAll(garage));
    expect(offered(garage)).toEqual([9_600, 0]);
    b?.setBuilding(undefined);
    await garage.run(70, () => deliverAll(garage));
    expect(offered(garage)).toEqual([6_000, 0]);
    await b?.begin();
    await garage.run(5, () => deliverAll(garage));
    expect(b?.site().status().allowanceW).toEqual(even(0));
    b?.setBuilding(even(0));
    await garage.run(130, () => deliverAll(garage));
    expect(offered(garage)).toEqual([6_000, 6_000]);
  });

  test('a meter that fails gives back what was borrowed, and lends nothing it cannot measure', async () => {
    const garage = await makeGarage([threePhases, threePhases, threePhases], { fuseW }, partW);
    const [a, b] = garage.points;
    await garage.run(80, () => deliverAll(garage));
    await a?.begin();
    await garage.run(20, () => deliverAll(garage));
    b?.breakMeter(true);
    a?.breakMeter(true);
    await garage.run(3, () => deliverAll(garage));
    expect(offered(garage)[0]).toBe(0);
    await garage.run(80, () => deliverAll(garage));
    expect(a?.site().status().allowanceW).toEqual(partW);
    expect(b?.site().status().lent).toEqual([]);
    a?.breakMeter(false);
    await garage.run(200, () => deliverAll(garage));
    // What b owns stays with b.
    expect(offered(garage)[0]).toBe(11_040);
    expect(b?.site().status().lent).toEqual([]);
  });
});

describe('messages that are not to be believed', () => {
  test('are refused by name', async () => {
    const garage = await makeGarage([threePhases, threePhases], { fuseW }, partW);
    const other = await makeGarage([threePhases, threePhases], { fuseW, leaseS: 50 }, partW);
    const [a] = garage.points;
    await garage.run(3);
    await other.run(3);
    const toA = garage.letters.find(({ to }) => to === 'a');
    const foreign = other.letters.find(({ to }) => to === 'a');
    if (a === undefined || toA === undefined || foreign === undefined) throw new Error('no letters');
    const refusal = async (json: unknown) => {
      const taken = await a.site().receive(json);
      return taken.ok ? 'taken' : taken.refusal;
    };
    expect(await refusal('hello')).toBe('not-an-object');
    expect(await refusal(foreign.message)).toBe('bad-signature');
    expect(await refusal({ ...toA.message, contentJson: `${toA.message.contentJson} ` })).toBe(
      'content-mismatch',
    );
    const value = { ...toA.message.head.value, memberId: 'z' };
    expect(await refusal({ ...toA.message, head: { ...toA.message.head, value } })).toBe('unknown-member');
    expect(await refusal(garage.letters.find(({ to }) => to === 'b')?.message)).toBe('unknown-member');
    expect(await refusal(toA.message)).toBe('taken');
    expect(await refusal(toA.message)).toBe('not-newer');
    await garage.run(30);
    expect(await refusal(toA.message)).toBe('message-too-old');
    a.setClock(-20);
    expect(
      await refusal(
        garage.letters.at(-1)?.to === 'a' ? garage.letters.at(-1)?.message : garage.letters.at(-2)?.message,
      ),
    ).toBe('message-from-future');
    expect(a.site().status().members[1]?.fault).toContain('s apart');
  });
});

describe('a point that lent all it has', () => {
  /** b's car takes all there is, and a and c have lent it what is theirs. */
  const lendAll = async () => {
    const small = even(4_200);
    const garage = await makeGarage([threePhases, threePhases, threePhases], { fuseW: small }, even(1_400));
    const each = async () => {
      await deliverAll(garage);
      expectBelow(garage, small);
    };
    await garage.run(70, each);
    await garage.points[1]?.begin();
    // A limit of less than a car can take lets it rest for two minutes.
    await garage.run(140, each);
    expect(offered(garage)[1]).toBeGreaterThan(10_000);
    const [a] = garage.points;
    if (a === undefined) throw new Error('no points');
    return { garage, a, small, each };
  };
  const alone = (garage: GarageWorld, mostW: PhasePower) => () => {
    garage.letters.splice(0);
    expectBelow(garage, mostW);
  };

  test('does without it when it starts anew, even with an empty disk, and nobody hears of it', async () => {
    const { garage, a, small } = await lendAll();
    await a.restart(true);
    await a.begin();
    expect(a.site().status().allowanceW).toEqual(even(0));
    await garage.run(40, alone(garage, small));
    expect(a.site().status().allowanceW).toEqual(even(0));
    await garage.run(30, alone(garage, small));
    expect(a.site().status().allowanceW).toEqual(even(1_400));
  });

  test('does without it when it starts anew with what it wrote down', async () => {
    const { a } = await lendAll();
    const before = a.site().status().lent;
    await a.restart(false);
    expect(before.length).toBeGreaterThan(0);
    expect(a.site().status().lent).toEqual(before);
  });

  test('does without it when its clock is set ahead, and when it is set back', async () => {
    for (const seconds of [300, -300]) {
      const { garage, a, small } = await lendAll();
      a.setClock(seconds);
      await a.begin();
      expect(a.site().status().allowanceW).toEqual(even(0));
      await garage.run(50, alone(garage, small));
      expect(a.site().status().allowanceW).toEqual(even(0));
    }
  });

  test('who borrowed it gives it up when its clock is set back', async () => {
    const { garage, small } = await lendAll();
    const b = garage.points[1];
    b?.setClock(-300);
    await garage.run(1, alone(garage, small));
    expect(b?.site().status().borrowed).toEqual([]);
  });

  test('lends nothing that its car may still draw', async () => {
    const garage = await makeGarage([threePhases, threePhases], { fuseW: even(7_360) }, even(3_680));
    const [a, b] = garage.points;
    const each = async () => {
      await deliverAll(garage);
      expectBelow(garage, even(7_360));
    };
    await garage.run(70, each);
    await a?.begin();
    await b?.begin();
    await garage.run(20, each);
    expect(offered(garage)).toEqual([11_040, 11_040]);
    await a?.stop();
    await garage.run(6, each);
    expect(b?.site().status().borrowed).toEqual([]);
    expect(a?.site().status().lent).toEqual([]);
    await garage.run(120, each);
  });

  test('who must give way to a higher priority lends only after its car has followed', async () => {
    const garage = await makeGarage([threePhases, threePhases], { fuseW: even(4_200) }, even(2_100), [0, 1]);
    const [a, b] = garage.points;
    const each = async () => {
      await deliverAll(garage);
      expectBelow(garage, even(4_200));
    };
    await garage.run(70, each);
    await a?.begin();
    await garage.run(20, each);
    expect(offered(garage)).toEqual([11_040, 0]);
    await b?.begin();
    await garage.run(130, each);
    expect(offered(garage)).toEqual([0, 11_040]);
  });

  test('has it back when the lease is over, and not before the car of one it cannot reach has stopped', async () => {
    const { garage, a, small } = await lendAll();
    const [, b, c] = garage.points;
    let isBack = false;
    await garage.run(90, () => {
      garage.letters.splice(0);
      const [own] = a.site().status().allowanceW;
      isBack ||= own === 1_400;
      const others = (b?.offeredWithinW(5)[0] ?? 0) + (c?.offeredWithinW(5)[0] ?? 0);
      expect(own + others).toBeLessThanOrEqual(small[0]);
    });
    expect(isBack).toBe(true);
  });

  test('opens the contactor of a controller that does not ask any more', async () => {
    const garage = await makeGarage([threePhases, threePhases], { fuseW }, partW);
    const [a] = garage.points;
    await garage.run(70, () => deliverAll(garage));
    await a?.begin();
    await garage.run(5, () => deliverAll(garage));
    expect(a?.site().isOverdue()).toBe(false);
    await garage.run(6, () => deliverAll(garage), { isHanging: 'a' });
    expect(a?.site().isOverdue()).toBe(true);
  });
});
