import { guaranteedPower } from '@p2p-power/planning/dimming';
import type { Fairness, PhasePower } from '@p2p-power/planning/SitePlan';
import { type Claim, shareFuse } from '@p2p-power/planning/shareFuse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  deliverAll,
  type GaragePoint,
  type GarageWorld,
  makeGarage,
  mayDraw,
  offered,
} from '../testing/garageWorld.ts';

const fuseW: PhasePower = [5_000, 8_000, 4_800];
const wholeW = 5_000 + 8_000 + 4_800;
const ownW: PhasePower = [1_666, 2_666, 1_600];
const phasesOf = [[1, 2, 3], [1, 2, 3], [2]] as const;
const names = ['a', 'b', 'c'];
const leaseS = 42;

const who = fc.nat(2);
const limit = fc.constantFrom(0, 4_200, 11_000, 12_000, 15_000, 30_000);
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('run' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 20, max: 70 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('begin' as const), who }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('stop' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('restart' as const),
      who,
      forgets: fc.boolean(),
      begins: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('clock' as const),
      who,
      seconds: fc.integer({ min: -2, max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('set' as const),
      who,
      seconds: fc.integer({ min: -90, max: 90 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('meter' as const), who, isBroken: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('cut' as const), who: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('order' as const),
      who,
      dimmedToW: fc.oneof(
        { weight: 3, arbitrary: limit },
        { weight: 2, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
    }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer One> ? One : never;

// What becomes of each letter: lost, delivered, delivered and kept to be delivered again, kept for later.
const fates = fc.array(fc.constantFrom('lost', 'now', 'now', 'now', 'twice', 'later'), {
  minLength: 1,
  maxLength: 12,
});

interface Garage {
  readonly world: GarageWorld;
  readonly fairness: Fairness;
  readonly dimmedBy: readonly string[];
  /** Holds that no phase carries more than the fuse, and all together no more than the grid operator allows. */
  check(): void;
}

async function openGarage(fairness: Fairness, dimmedBy: readonly string[]): Promise<Garage> {
  const world = await makeGarage(phasesOf, { fuseW, fairness, leaseS, dimmedBy }, ownW);
  const readers = world.points.filter(({ id }) => dimmedBy.includes(id));
  const history = readers.map(() => [] as { readonly at: number; readonly allowedW: number }[]);
  return {
    world,
    fairness,
    dimmedBy,
    check() {
      const at = world.nowS();
      // What was last allowed is over within a lease, reader by reader.
      const allowedW = readers.map((point, index) => {
        const before = history[index] ?? [];
        before.push({ at, allowedW: allowed(point.order()) });
        return Math.max(...before.filter((one) => one.at >= at - leaseS).map((one) => one.allowedW));
      });
      const mostW = Math.min(wholeW, Math.max(guaranteedPower(3), Math.min(wholeW, ...allowedW)));
      const drawnW = mayDraw(world);
      for (const phase of [0, 1, 2] as const) expect(drawnW[phase]).toBeLessThanOrEqual(fuseW[phase]);
      expect(drawnW[3]).toBeLessThanOrEqual(mostW);
      // What all may draw is bounded, too, whatever their cars want.
      const mayW = world.points.reduce(
        (sum, point) => sum + (point.site().status().dimming?.mayW ?? wholeW),
        0,
      );
      if (mostW < wholeW) expect(mayW).toBeLessThanOrEqual(mostW);
    },
  };
}

const allowed = (order: number | null | undefined): number =>
  order === null ? Number.POSITIVE_INFINITY : (order ?? 0);

async function play(garage: Garage, events: readonly Event[], becomes: readonly string[]): Promise<void> {
  const { world, check } = garage;
  const { letters, points } = world;
  let isCut = 3;
  let count = 0;
  const each = async () => {
    check();
    const here = letters.splice(0);
    // Out of order: the newest first.
    for (const letter of count % 2 === 0 ? here : here.reverse()) {
      count += 1;
      const fate = becomes[count % becomes.length];
      const ends = [letter.to, letter.message.head.value.memberId];
      if (fate === 'lost' || ends.includes(points[isCut]?.id ?? '')) continue;
      if (fate !== 'later') await world.deliver(letter);
      if (fate === 'twice' || fate === 'later') letters.push(letter);
    }
    letters.splice(0, Math.max(0, letters.length - 20));
  };
  await world.run(50, each);
  for (const one of events) {
    if (one.what === 'cut') isCut = one.who;
    if (one.what === 'run') await world.run(one.seconds, each);
    if (one.what === 'run' || one.what === 'cut') continue;
    const point = points[one.who] as GaragePoint;
    if (one.what === 'begin') await point.begin();
    if (one.what === 'stop') await point.stop();
    if (one.what === 'restart') await point.restart(one.forgets);
    if (one.what === 'restart' && one.begins) await point.begin();
    if (one.what === 'clock') point.setClock(one.seconds);
    if (one.what === 'set') {
      point.setClock(one.seconds);
      await world.run(1, each);
      point.setClock(0);
    }
    if (one.what === 'meter') point.breakMeter(one.isBroken);
    if (one.what === 'order') point.setOrder(one.dimmedToW);
    await each();
  }
}

/** Everything works again, and a car charges at each point: there is to be no trace of what was. */
async function heal({ world, check }: Garage): Promise<void> {
  const { points } = world;
  const each = async () => {
    check();
    await deliverAll(world);
  };
  world.letters.splice(0);
  for (const point of points) {
    point.setClock(0);
    point.breakMeter(false);
    point.setOrder(null);
  }
  await world.run(5, each);
  for (const point of points) await point.begin();
  await world.run(260, each);
}

/** What the garage's fairness gives cars that came in one order or another; all want all they can take. */
function fairShares(fairness: Fairness, allW: number): readonly (readonly number[])[] {
  const ownedW = ownW.map((one) => one * 3) as unknown as PhasePower;
  const orders = [0, 1, 2].flatMap((first) => [1, 2].map((step) => [first, (first + step) % 3]));
  return orders.map(([first, second]) => {
    const claims = phasesOf.map(
      (phases, index): Claim => ({
        id: names[index] ?? '',
        wantedW: 3_680 * phases.length,
        leastW: 1_380 * phases.length,
        phases,
        priority: 0,
        arrivedAt: index === first ? 0 : index === second ? 1 : 2,
      }),
    );
    return shareFuse(ownedW, claims, fairness, allW);
  });
}

function expectFair({ world, fairness }: Garage, allW: number): void {
  const got = offered(world);
  const fair = fairShares(fairness, allW);
  // Parts are whole watts, three of them make a share.
  const isFair = fair.some((shares) =>
    shares.every((share, index) => Math.abs(share - (got[index] ?? 0)) <= 6),
  );
  if (!isFair) expect({ got, allW, fairness }).toEqual({ got: fair, allW, fairness });
}

test('what all offer never passes the fuse, nor what the grid operator allows; and when all is well, all of it is used', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 8, maxLength: 20 }),
      fates,
      fc.constantFrom<Fairness>('equal', 'first-come', 'proportional'),
      fc.constantFrom([], ['a'], ['a'], ['c', 'a']),
      async (events, becomes, fairness, dimmedBy) => {
        const garage = await openGarage(fairness, dimmedBy);
        const { world, check } = garage;
        await play(garage, events, becomes);
        await heal(garage);
        expectFair(garage, Number.POSITIVE_INFINITY);
        if (dimmedBy.length === 0) return;
        world.points[0]?.setOrder(12_000);
        // A car that has to wait rests for two minutes.
        await world.run(190, async () => {
          check();
          await deliverAll(world);
        });
        expectFair(garage, 12_000);
        world.points[0]?.setOrder(null);
        await world.run(100, async () => {
          check();
          await deliverAll(world);
        });
        expectFair(garage, Number.POSITIVE_INFINITY);
      },
    ),
    // A story takes seconds: the first that fails is told as it is.
    { numRuns: 8, endOnFailure: true },
  );
});
