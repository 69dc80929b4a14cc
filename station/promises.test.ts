import type { Authorization } from '@p2p-power/protocol/Authorization';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Conditions } from '@p2p-power/protocol/LocalLink';
import type { SignalContent } from '@p2p-power/protocol/Signal';
import { dawn } from '@p2p-power/protocol/testing/world';
import { price } from '@p2p-power/tariff/price';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryJournalStore } from './memoryJournalStore.ts';
import { openStation, type Station } from './Station.ts';
import { killSwitch } from './testing/killSwitch.ts';
import { expectGenuine, makeStationWorld, signTestSignal, testTerms } from './testing/stationWorld.ts';

/** What may befall a charge at a dynamic point, besides its end. */
type Blow =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'prices'; readonly cents: readonly number[]; readonly ageS: number }
  | { readonly do: 'grid'; readonly state: 'green' | 'yellow' | 'red'; readonly limitW: number | null }
  | { readonly do: 'set-clock'; readonly backS: number }
  | { readonly do: 'cut'; readonly outageS: number }
  | { readonly do: 'kill'; readonly count: number }
  | { readonly do: 'act'; readonly action: 'plug' | 'unplug' | 'fault' | 'repair' };

const blow: fc.Arbitrary<Blow> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 1_500 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('prices' as const),
      cents: fc.array(fc.integer({ min: -10, max: 39 }), { minLength: 1, maxLength: 24 }),
      ageS: fc.constantFrom(0, 60, 20_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('grid' as const),
      state: fc.constantFrom('green' as const, 'yellow' as const, 'red' as const),
      limitW: fc.option(fc.constantFrom(0, 4_200, 20_000)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set-clock' as const),
      backS: fc.integer({ min: -7_200, max: 7_200 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('cut' as const), outageS: fc.constantFrom(0, 40, 1_000, 4_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('kill' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      action: fc.constantFrom('plug' as const, 'unplug' as const, 'fault' as const, 'repair' as const),
    }),
  },
);

const wishes = fc.record({
  mode: fc.constantFrom('immediate' as const, 'cheapest' as const, 'greenest' as const),
  maxEnergyWh: fc.integer({ min: 100, max: 20_000 }),
  maxAmountMicro: fc.integer({ min: 20_000, max: 4_000_000 }),
  stayS: fc.constantFrom(0, 3_600, 10_000),
  mayDischarge: fc.boolean(),
});
type Wish = typeof wishes extends fc.Arbitrary<infer Value> ? Value : never;

const car = { socWh: 30_000, maxDischargeW: 10_000, rampWPerS: 100_000 };
const provision = { dynamic: testTerms, feedInMicroPerKwh: 350_000 };
const quarters = (now: number, cents: readonly number[]): SignalContent => ({
  kind: 'price',
  currency: 'EUR',
  firstAt: now - (now % 900),
  indexMicro: cents.map((one) => one * 10_000),
});

/** A charge under blows; answers what was offered and what came of it. */
async function suffer(wish: Wish, blows: readonly Blow[]) {
  const store = memoryJournalStore();
  const world = await makeStationWorld({ store, car, takesEnergy: true, provision });
  const { clock, point } = world;
  let device = killSwitch(world.parts);
  const open = () => openStation(device.parts, world.provision, { tickMs: 1_000 });
  let station: Station = await open();
  const revive = async (outageS: number): Promise<void> => {
    point.act('power-cut');
    clock.advanceMs(outageS * 1_000);
    point.act('power-return');
    device = killSwitch(world.parts);
    station = await open();
  };
  const dare = async (task: () => Promise<unknown>): Promise<void> => {
    try {
      await task();
    } catch (error) {
      if (!device.isDead()) throw error;
    }
    if (device.isDead()) await revive(2);
  };
  const tell = async (content: SignalContent, ageS: number): Promise<void> => {
    const signal = await signTestSignal(world.ownProvider, content, clock.nowS() - ageS);
    await dare(() => station.takeSignals([signal]));
  };
  const run = async (seconds: number): Promise<void> => {
    for (let at = 0; at < seconds; at += 3) {
      clock.advanceMs(3_000);
      await dare(() => station.tick());
    }
  };
  await tell(quarters(dawn, [30, 10, 35, 5, 20, 39, 0, 15]), 60);
  const offered = (await station.answer({ type: 'hello', version: 1 })) as Conditions;
  const { stayS, ...changes } = wish;
  const signed: Partial<Authorization> = {
    ...changes,
    leaveAt: stayS === 0 ? 0 : dawn + stayS,
    reserveWh: 20_000,
    targetWh: 25_000,
  };
  const request = await world.authorization(signed, undefined, offered);
  await dare(() => station.answer(request));
  for (const step of blows) {
    if (step.do === 'wait') await run(step.seconds);
    if (step.do === 'prices') await tell(quarters(clock.nowS(), step.cents), step.ageS);
    if (step.do === 'grid') {
      const [from, to] = [clock.nowS(), clock.nowS() + 1_800];
      const { state, limitW } = step;
      await tell({ kind: 'grid', slots: [{ from, to, state, ...(limitW !== null && { limitW }) }] }, 0);
    }
    if (step.do === 'set-clock') clock.setBack(step.backS);
    if (step.do === 'cut') await revive(step.outageS);
    if (step.do === 'kill') device.arm(step.count);
    if (step.do === 'act') point.act(step.action);
  }
  device.arm(Number.POSITIVE_INFINITY);
  point.act('repair');
  point.act('unplug');
  await run(700);
  const ended = store.entries.find(({ kind }) => kind === 'ended');
  return { offered, authorization: request.authorization.value, store, ended };
}

/** A driver whose car gives back. */
const giver: Wish = {
  mode: 'cheapest',
  maxEnergyWh: 20_000,
  maxAmountMicro: 4_000_000,
  stayS: 10_000,
  mayDischarge: true,
};

test('a charge never costs more than the signed offer says, nor than the driver allows, whatever happens', async () => {
  let charges = 0;
  let given = 0;
  await fc.assert(
    fc.asyncProperty(wishes, fc.array(blow, { maxLength: 14 }), async (wish, blows) => {
      const { offered, authorization, ended, store } = await suffer(wish, blows);
      if (ended === undefined) {
        expect(store.entries.some(({ kind }) => kind === 'cancelled' || kind === 'ending')).toBe(
          store.entries.some(({ kind }) => kind === 'authorized'),
        );
        return;
      }
      const evidence = JSON.parse(ended.body) as Evidence;
      await expectGenuine(evidence);
      const { value } = evidence.cdr;
      expect(evidence.offer).toEqual(offered.offer);
      expect(evidence.prices).toEqual(offered.prices);
      const { tariff, prices, offer } = offered;
      const { timeZone } = offer.value;
      const owed = price(tariff, { timeZone, readings: evidence.readings, ...(prices && { prices }) });
      expect(value.chargeMicro).toBeLessThanOrEqual(owed.inclVatMicro);
      expect(value.chargeMicro).toBeLessThanOrEqual(authorization.maxAmountMicro);
      expect(value.importedWh).toBeLessThanOrEqual(authorization.maxEnergyWh);
      if (!authorization.mayDischarge) expect(value.exportedWh).toBe(0);
      expect(value.creditMicro).toBe(Math.floor((value.exportedWh * 350_000) / 1_000));
      charges += 1;
      if (value.exportedWh > 0) given += 1;
    }),
    { numRuns: 60, examples: [[giver, [{ do: 'wait', seconds: 9_000 }]]] },
  );
  expect(charges).toBeGreaterThan(10);
  expect(given).toBeGreaterThan(0);
}, 120_000);

test('the journal of a planned charge folds to the same plan at each point where the controller may die', async () => {
  for (let count = 1; count <= 18; count += 1) {
    const wish = { ...giver, maxEnergyWh: 3_000, mayDischarge: false };
    const { store, ended } = await suffer(wish, [
      { do: 'kill', count },
      { do: 'wait', seconds: 1_800 },
    ]);
    const planned = store.entries.filter(({ kind }) => kind === 'planned').map(({ body }) => body);
    const authorized = store.entries.filter(({ kind }) => kind === 'authorized');
    // A plan stands in the same commit as its authorization.
    expect(planned.length).toBeGreaterThanOrEqual(authorized.length);
    if (ended !== undefined) await expectGenuine(JSON.parse(ended.body) as Evidence);
    const id: Hex | undefined = authorized[0]?.subject as Hex | undefined;
    if (id !== undefined) expect(store.entries.filter(({ kind }) => kind === 'authorized')).toHaveLength(1);
  }
});
