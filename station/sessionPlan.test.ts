import { planSession } from '@p2p-power/planning/sessionWish';
import type { Authorization } from '@p2p-power/protocol/Authorization';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { SessionStatus } from '@p2p-power/protocol/LocalLink';
import type { SignalContent } from '@p2p-power/protocol/Signal';
import { dawn, plainTariff } from '@p2p-power/protocol/testing/world';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { describe, expect, test } from 'vitest';
import type { Agreement, SessionPlan } from './Session.ts';
import { termsOf } from './SessionPlanner.ts';
import { openStation } from './Station.ts';
import {
  hourlyIndex,
  makeStationWorld,
  type StationWorld,
  signTestSignal,
  testTerms,
  type WorldOptions,
} from './testing/stationWorld.ts';

const hourS = 3_600;

/** A dynamic point with prices by the hour, and what else the provider signs. */
async function planWorld(
  cents: readonly number[],
  signals: readonly SignalContent[] = [],
  options: WorldOptions = {},
): Promise<StationWorld> {
  const world = await makeStationWorld({
    ...options,
    provision: { dynamic: testTerms, ...options.provision },
  });
  await tell(world, hourlyIndex(dawn, ...cents), ...signals);
  return world;
}

async function tell(world: StationWorld, ...contents: readonly SignalContent[]): Promise<void> {
  for (const content of contents)
    await world
      .station()
      .takeSignals([await signTestSignal(world.ownProvider, content, world.clock.nowS() - 60)]);
}

const cheapest: Partial<Authorization> = { mode: 'cheapest', leaveAt: dawn + 6 * hourS, maxEnergyWh: 10_000 };

async function status(world: StationWorld, authorizationId: Hex): Promise<SessionStatus> {
  const answer = await world.ask({ type: 'status', authorizationId });
  if (answer.type !== 'session') throw new Error(JSON.stringify(answer));
  return answer;
}

/** Energy by the hour of a session, out of its readings, Wh. */
async function energyByHour(world: StationWorld, id: Hex): Promise<readonly number[]> {
  const { readings } = await world.receipt(id);
  const byHour: number[] = [];
  for (const [index, { at, importWh }] of readings.entries()) {
    const before = readings[index - 1];
    if (before === undefined) continue;
    const hour = Math.floor((before.at - dawn) / hourS);
    byHour[hour] = (byHour[hour] ?? 0) + importWh - before.importWh;
    expect(at).toBeGreaterThan(before.at);
  }
  return byHour;
}

const plans = (world: StationWorld): readonly SessionPlan[] =>
  world.store
    .read(1, 1_000)
    .filter(({ kind }) => kind === 'planned')
    .map(({ body }) => JSON.parse(body) as SessionPlan);

describe('the plan of a session', () => {
  test('is the one that the phone works out from the conditions, is shown, and runs', async () => {
    const world = await planWorld([30, 20, 39, 5, 10, 39]);
    const conditions = await world.hello();
    const request = await world.authorization(cheapest, undefined, conditions);
    const { tariff, prices, offer } = conditions;
    const { timeZone, maxPowerW, feedInMicroPerKwh } = offer.value;
    const terms = { tariff, timeZone, maxPowerW, feedInMicroPerKwh, ...(prices && { prices }) };
    const wanted = planSession(terms, request.authorization.value, {}, dawn, 0);
    const started = await world.ask(request);
    if (started.type !== 'started') throw new Error(JSON.stringify(started));
    const id = started.authorizationId;
    expect(await status(world, id)).toMatchObject({
      state: 'paused',
      plan: wanted.slots,
      planReason: wanted.reason,
    });
    expect(wanted.slots).toHaveLength(1);
    await world.run(4.5 * hourS, 5_000);
    expect(plans(world).map(({ plan }) => plan.slots)[0]).toEqual(wanted.slots);
    const byHour = await energyByHour(world, id);
    expect(byHour[3]).toBeGreaterThan(9_950);
    expect(byHour.slice(0, 3)).toEqual([0, 0, 0]);
  });

  test('stays as it was shown minute by minute, and is journalled once', async () => {
    const world = await planWorld([30, 20, 39, 5, 10, 39]);
    await world.start({ ...cheapest, maxEnergyWh: 15_000 });
    await world.run(3 * hourS, 30_000);
    expect(plans(world)).toHaveLength(1);
  });

  test('is the same after a power cut, from the journal', async () => {
    const world = await planWorld([30, 20, 39, 5, 10, 39]);
    const id = await world.start(cheapest);
    await world.run(hourS, 30_000);
    const before = await status(world, id);
    await world.crash(120);
    const [after] = [await status(world, id)];
    expect(after.plan).toEqual(before.plan);
    expect(after.planReason).toBe(before.planReason);
    expect(plans(world)).toHaveLength(1);
    await world.run(4 * hourS, 5_000);
    expect((await energyByHour(world, id))[3]).toBeGreaterThan(9_950);
  });

  test('makes up for a cut in the time that was planned', async () => {
    const world = await planWorld([30, 20, 39, 5, 10, 39]);
    const id = await world.start(cheapest);
    await world.run(3.2 * hourS, 5_000);
    await world.crash(0.4 * hourS);
    await world.run(2 * hourS, 5_000);
    const byHour = await energyByHour(world, id);
    expect(byHour[4]).toBeGreaterThan(2_000);
    expect(byHour.reduce((sum, wh) => sum + wh, 0)).toBeGreaterThan(9_900);
  });

  test('takes the cleanest times in mode greenest, where CO2 is known', async () => {
    const carbon: SignalContent = {
      kind: 'carbon',
      firstAt: dawn,
      gramsPerKwh: Array.from({ length: 24 }, (_, index) => (index >= 8 && index < 12 ? 50 : 400)),
    };
    const world = await planWorld([5, 5, 39, 5, 5, 5], [carbon]);
    const id = await world.start({ ...cheapest, mode: 'greenest' });
    expect((await status(world, id)).planReason).toContain('greenest');
    await world.run(3.5 * hourS, 5_000);
    expect((await energyByHour(world, id))[2]).toBeGreaterThan(9_900);
  });

  test('up to an amount buys the cheapest energy for it, and never asks more', async () => {
    const world = await planWorld([30, 20, 39, 5, 10, 39]);
    const id = await world.start({ ...cheapest, maxEnergyWh: 60_000, maxAmountMicro: 800_000 });
    await world.run(6.1 * hourS, 5_000);
    const { cdr } = await world.receipt(id);
    // 11 kWh at 5 cents and the rest at 10, with tax.
    expect(cdr.value.importedWh).toBeGreaterThan(11_000);
    expect(cdr.value.chargeMicro).toBeLessThanOrEqual(800_000);
    expect(cdr.value.chargeMicro).toBeGreaterThan(780_000);
  });

  test('is not written down again and again while a full car stands there', async () => {
    const world = await makeStationWorld({ car: { socWh: 59_000, taperFromPercent: 100 } });
    const id = await world.start({ ...cheapest, maxEnergyWh: 1_100, leaveAt: dawn + 10 * hourS });
    await world.run(8 * hourS, 10_000);
    expect(await status(world, id)).toMatchObject({ state: 'parking', energyWh: 1_000 });
    expect(plans(world).length).toBeLessThan(8 * 4 + 5);
    // It wants some more, and gets it within a quarter-hour.
    world.point.setCar({ socWh: 59_500 });
    await world.run(1_000, 10_000);
    expect((await status(world, id)).state).toBe('ended');
  });

  test('of a car that is a little behind goes on a little longer, and is not made anew', async () => {
    const world = await planWorld([39, 5, 39, 39], [], { car: { rampWPerS: 100 } });
    const id = await world.start({ ...cheapest, leaveAt: dawn + 4 * hourS });
    await world.run(3 * hourS, 1_000);
    expect((await world.receipt(id)).cdr.value.importedWh).toBeGreaterThan(9_900);
    expect(plans(world)).toHaveLength(1);
  });

  test('knows what waiting costs, from the first reading on', async () => {
    const parking = { type: 'PARKING_TIME', priceMicro: 10_000_000, stepSize: 1 } as const;
    const tariff: Tariff = {
      ...plainTariff,
      elements: [
        { priceComponents: [parking], restrictions: { minDurationS: 2 * hourS } },
        ...plainTariff.elements,
      ],
    };
    const open = { ...cheapest, leaveAt: 0 };
    const shownBy = async (options: WorldOptions) => {
      const world = await planWorld([30, 20, 39, 5, 10, 39], [], options);
      const id = await world.start(open);
      const { plan } = await status(world, id);
      await world.run(1.5 * hourS, 30_000);
      expect(plans(world)).toHaveLength(1);
      return plan?.[0]?.from;
    };
    // Without a time to leave the driver goes when the car is ready.
    expect(await shownBy({})).toBe(dawn + 3 * hourS);
    expect(await shownBy({ tariff })).toBe(dawn + hourS);
  });

  test('with the amount used up ends by it', async () => {
    const world = await planWorld([5, 5, 5]);
    const id = await world.start({ ...cheapest, maxEnergyWh: 60_000, maxAmountMicro: 100_000 });
    await world.run(hourS, 5_000);
    expect((await world.receipt(id)).cdr.value.endReason).toBe('amount-reached');
  });
});

describe('the grid', () => {
  const grid = (...slots: Extract<SignalContent, { kind: 'grid' }>['slots']): SignalContent => ({
    kind: 'grid',
    slots,
  });

  test('limits every mode at once, and lets go again', async () => {
    const world = await makeStationWorld({ car: { rampWPerS: 1_000_000 } });
    const id = await world.start();
    await world.run(60);
    const drawn = async () => world.point.car().powerW;
    expect(await drawn()).toBe(11_000);
    const now = world.clock.nowS();
    await tell(world, grid({ from: now, to: now + 120, state: 'red', limitW: 4_200 }));
    await world.run(2);
    expect(await drawn()).toBe(4_200);
    expect(world.station().status().limitW).toBe(4_200);
    await world.run(120);
    expect(await drawn()).toBe(11_000);
    expect(world.station().status().limitW).toBeUndefined();
    await world.stop(id);
    await world.receipt(id);
  });

  test('that leaves less than a car can draw pauses it, and says so', async () => {
    const world = await makeStationWorld();
    await tell(world, grid({ from: dawn, to: dawn + 600, state: 'red', limitW: 2_000 }));
    const id = await world.start();
    await world.run(60);
    expect(world.point.contactor.isClosed()).toBe(false);
    expect(await status(world, id)).toMatchObject({
      state: 'paused',
      energyWh: 0,
      plan: [{ from: dawn + 600 }],
    });
    await world.run(700);
    expect(await status(world, id)).toMatchObject({ state: 'charging' });
  });

  test('in red is left to others where there is time, and used where there is none', async () => {
    const red = grid({ from: dawn, to: dawn + 2 * hourS, state: 'red' });
    const world = await planWorld([5, 5, 30, 30], [red]);
    const id = await world.start({ ...cheapest, leaveAt: dawn + 4 * hourS });
    expect((await status(world, id)).plan).toMatchObject([{ from: dawn + 2 * hourS }]);
    const tight = await planWorld([5, 5, 30, 30], [red]);
    const other = await tight.start({ ...cheapest, leaveAt: dawn + hourS });
    expect((await status(tight, other)).plan?.[0]?.from).toBeLessThan(dawn + 400);
  });

  test('whose limit trembles turns the car on and off every two minutes at most', async () => {
    const { parts, provision, store, ...rest } = await makeStationWorld();
    let [count, allowedW] = [0, 11_000];
    const limitW = () => allowedW;
    const station = await openStation({ ...parts, site: { limitW } }, provision);
    const conditions = await station.answer({ type: 'hello', version: 1 });
    if (conditions.type !== 'conditions') throw new Error('no conditions');
    await station.answer(await rest.authorization({}, undefined, conditions));
    for (; count < 3_600; count += 1) {
      allowedW = count % 2 === 0 ? 0 : 11_000;
      rest.clock.advanceMs(1_000);
      await station.tick();
      if (allowedW === 0) expect(rest.point.contactor.isClosed()).toBe(false);
    }
    const readings = store.read(1, 1_000).filter(({ kind }) => kind === 'reading');
    expect(readings.length).toBeGreaterThan(20);
    expect(readings.length).toBeLessThanOrEqual(70);
  });

  test('is shared with a site: the lowest limit holds', async () => {
    let allowedW = 11_000;
    const { parts, provision, ...rest } = await makeStationWorld({ car: { rampWPerS: 1_000_000 } });
    const station = await openStation({ ...parts, site: { limitW: () => allowedW } }, provision);
    const conditions = await station.answer({ type: 'hello', version: 1 });
    if (conditions.type !== 'conditions') throw new Error('no conditions');
    await station.answer(await rest.authorization({}, undefined, conditions));
    const run = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        rest.clock.advanceMs(1_000);
        await station.tick();
      }
      return rest.point.car().powerW;
    };
    expect(await run(10)).toBe(11_000);
    allowedW = 5_000;
    expect(await run(2)).toBe(5_000);
    // Less than a car can draw on three phases is nothing: it is not offered to trickle.
    allowedW = 4_139;
    await run(2);
    expect(rest.point.contactor.isClosed()).toBe(false);
    allowedW = 20_000;
    expect(await run(5)).toBe(0);
    expect(await run(120)).toBe(11_000);
  });
});

test('the terms of an agreement are those that were offered', () => {
  const offer = { value: { timeZone: 'UTC', maxPowerW: 1, feedInMicroPerKwh: 2 } };
  const tariff = {};
  expect(termsOf({ offer, tariff } as unknown as Agreement)).toEqual({
    tariff,
    timeZone: 'UTC',
    maxPowerW: 1,
    feedInMicroPerKwh: 2,
  });
});
