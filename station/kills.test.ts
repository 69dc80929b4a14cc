import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { testTariff } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryJournalStore } from './memoryJournalStore.ts';
import { openStation, type Station } from './Station.ts';
import { killSwitch } from './testing/killSwitch.ts';
import { expectGenuine, makeStationWorld } from './testing/stationWorld.ts';

type Command =
  | {
      readonly do: 'authorize';
      readonly maxEnergyWh: number;
      readonly maxAmountMicro: number;
      readonly startIn: number;
    }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'stop' }
  | { readonly do: 'act'; readonly action: 'plug' | 'unplug' | 'fault' | 'repair' }
  | { readonly do: 'arm'; readonly count: number }
  | { readonly do: 'crash'; readonly outageS: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('authorize' as const),
      maxEnergyWh: fc.integer({ min: 1, max: 4_000 }),
      maxAmountMicro: fc.integer({ min: 1, max: 2_000_000 }),
      startIn: fc.constantFrom(0, 0, 0, 40),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      action: fc.constantFrom(
        'plug' as const,
        'plug' as const,
        'unplug' as const,
        'fault' as const,
        'repair' as const,
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('arm' as const), count: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      outageS: fc.constantFrom(0, 3, 60, 1_000, 4_000),
    }),
  },
);

/** A station that dies when it is told to, and is opened again on what is left. */
async function mortal() {
  const store = memoryJournalStore();
  const world = await makeStationWorld({ tariff: testTariff, store });
  let device = killSwitch(world.parts);
  let station: Station | undefined;
  let breaches = 0;
  const open = async (): Promise<Station> => {
    const guarded = {
      ...device.parts,
      contactor: {
        ...device.parts.contactor,
        close: async () => {
          // No contactor closes without an authorization in the journal that still runs.
          const id = store.latest('authorized')?.subject ?? '';
          if (id === '' || store.find('ended', id) || store.find('ending', id) || !store.find('begun', id))
            breaches += 1;
          await device.parts.contactor.close();
        },
      },
    };
    return openStation(guarded, world.provision, { tickMs: 1_000, waitForCarS: 120, maxOutageS: 1_800 });
  };
  const revive = async (outageS: number): Promise<Station> => {
    for (let attempt = 0; ; attempt += 1) {
      world.point.act('power-cut');
      world.clock.advanceMs(outageS * 1000);
      world.point.act('power-return');
      device = killSwitch(world.parts);
      station = undefined;
      try {
        station = await open();
        return station;
      } catch (error) {
        if (attempt > 3) throw error;
      }
    }
  };
  /** Does something that may kill the station; what it throws then is its death. */
  const dare = async (task: (station: Station) => Promise<unknown>): Promise<void> => {
    const alive = station ?? (await revive(0));
    try {
      await task(alive);
    } catch (error) {
      if (!device.isDead()) throw error;
    }
    if (device.isDead()) await revive(2);
  };
  await dare(async () => undefined);
  return { world, store, dare, revive, arm: (count: number) => device.arm(count), breaches: () => breaches };
}

type Mortal = Awaited<ReturnType<typeof mortal>>;

async function run({ world, dare, revive, arm, store }: Mortal, step: Command): Promise<void> {
  switch (step.do) {
    case 'authorize': {
      const conditions = await hello(dare);
      if (conditions === undefined) return;
      const { maxEnergyWh, maxAmountMicro, startIn } = step;
      const startAt = startIn === 0 ? 0 : world.clock.nowS() + startIn;
      const request = await world.authorization(
        { maxEnergyWh, maxAmountMicro, startAt },
        undefined,
        conditions,
      );
      return dare((station) => station.answer(request));
    }
    case 'wait':
      for (let second = 0; second < step.seconds; second += 1) {
        world.clock.advanceMs(1_000);
        await dare((station) => station.tick());
      }
      return;
    case 'stop': {
      const id = store.latest('authorized')?.subject as Hex | undefined;
      if (id === undefined) return;
      const request = await world.stopRequest(id);
      return dare((station) => station.answer(request));
    }
    case 'act':
      return world.point.act(step.action);
    case 'arm':
      return arm(step.count);
    case 'crash':
      await revive(step.outageS);
  }
}

async function hello(dare: Mortal['dare']) {
  let answer: Awaited<ReturnType<Station['answer']>> | undefined;
  await dare(async (station) => {
    answer = await station.answer({ type: 'hello', version: 1 });
  });
  return answer?.type === 'conditions' ? answer : undefined;
}

async function checkPromises({ world, store, breaches }: Mortal, importedFromWh: number): Promise<void> {
  expect(breaches()).toBe(0);
  const authorized = store.entries.filter(({ kind }) => kind === 'authorized');
  const ended = store.entries.filter(({ kind }) => kind === 'ended');
  const cancelled = store.entries.filter(({ kind }) => kind === 'cancelled');
  // Each authorization has exactly one end.
  const ends = [...ended, ...cancelled].map(({ subject }) => subject);
  expect(new Set(ends).size).toBe(ends.length);
  expect(ends.toSorted()).toEqual(authorized.map(({ subject }) => subject).toSorted());
  let sumWh = 0;
  for (const entry of ended) {
    const evidence = JSON.parse(entry.body) as Evidence;
    await expectGenuine(evidence);
    expect(evidence.cdr.value.journalNumber).toBe(entry.number);
    expect(evidence.cdr.value.journalPreviousHash).toBe(entry.previousHash);
    sumWh += evidence.cdr.value.importedWh;
  }
  // Every Wh of the meter is in exactly one CDR.
  const { importWh } = await world.parts.meter.readRegisters();
  expect(sumWh).toBe(importWh - importedFromWh);
}

async function live(steps: readonly Command[]): Promise<Mortal> {
  const mortalStation = await mortal();
  const { world, dare } = mortalStation;
  const { importWh } = await world.parts.meter.readRegisters();
  for (const step of steps) await run(mortalStation, step);
  // All comes to an end: nothing kills any more, and the car drives away.
  mortalStation.arm(Number.POSITIVE_INFINITY);
  world.point.act('repair');
  world.point.act('unplug');
  await run(mortalStation, { do: 'wait', seconds: 130 });
  await dare(async (station) => station.verifyJournal());
  await checkPromises(mortalStation, importWh);
  return mortalStation;
}

describe('whatever happens and whenever the controller dies', () => {
  test('every Wh is in exactly one genuine CDR, and no contactor closes without authorization', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 8, maxLength: 30 }), async (steps) => {
        await live(steps);
      }),
      { numRuns: 80 },
    );
  });

  // Before and after each write and effect of a whole charge, one by one.
  test.each(Array.from({ length: 26 }, (_, index) => index + 1))(
    'killed at point %i of a charge',
    async (count) => {
      const { store } = await live([
        { do: 'arm', count },
        { do: 'authorize', maxEnergyWh: 4_000, maxAmountMicro: 2_000_000, startIn: 0 },
        { do: 'wait', seconds: 200 },
        { do: 'act', action: 'plug' },
        { do: 'wait', seconds: 200 },
        { do: 'stop' },
      ]);
      if (count > 4) expect(store.entries.some(({ kind }) => kind === 'ended')).toBe(true);
    },
  );
});
