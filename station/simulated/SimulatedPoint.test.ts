import { bytes32, makeProvider, makeStation, type TestStation } from '@p2p-power/protocol/testing/world';
import { verifyMeterRecord } from '@p2p-power/protocol/verifyMeterRecord';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifier, virtualClock } from '../testing/stationWorld.ts';
import { acceptedPowerW, type CarModel, typicalCar } from './SimulatedCar.ts';
import { volatileMeterMemory } from './SimulatedMeter.ts';
import { simulatedActions, simulatedPoint } from './SimulatedPoint.ts';

let station: TestStation;
beforeAll(async () => {
  station = await makeStation(makeProvider('DEBBB'));
});

function makePoint(car: Partial<CarModel> = {}, speed = 1) {
  const clock = virtualClock();
  const meterMemory = volatileMeterMemory();
  const keys = { meterSigner: station.meterKey, meterPublicKey: station.meterPublicKey };
  const reopen = () => simulatedPoint({ clock, meterMemory, ...keys }, { car, speed, isPlugged: true });
  return { clock, reopen, point: reopen() };
}

/** Wh that flow in `seconds` at 11 kW on offer. */
async function chargeFor(seconds: number, car: Partial<CarModel>, speed = 1): Promise<number> {
  const { point, clock } = makePoint(car, speed);
  await point.pilot.advertise(11_000);
  await point.contactor.close();
  const before = (await point.meter.readRegisters()).importWh;
  clock.advanceMs(seconds * 1000);
  return (await point.meter.readRegisters()).importWh - before;
}

describe('the pilot', () => {
  test('follows IEC 61851-1', async () => {
    const { point } = makePoint();
    const { pilot } = point;
    expect(pilot.state()).toBe('B');
    await pilot.advertise(11_000);
    expect(pilot.state()).toBe('C');
    point.act('unplug');
    expect(pilot.state()).toBe('A');
    point.act('plug');
    point.act('fault');
    expect(pilot.state()).toBe('F');
    point.act('repair');
    expect(pilot.state()).toBe('C');
    point.act('power-cut');
    expect(pilot.state()).toBe('E');
    point.act('power-return');
    expect(pilot.state()).toBe('B');
  });

  test('a full car asks for nothing', async () => {
    const { point } = makePoint({ socWh: 60_000 });
    await point.pilot.advertise(11_000);
    expect(point.pilot.state()).toBe('B');
  });
});

describe('the car', () => {
  test('ramps up, holds, and stops when full', async () => {
    expect(await chargeFor(3_600, { rampWPerS: 100_000 })).toBe(11_000);
    // 1,100 s at half the power until 11 kW are reached.
    expect(await chargeFor(3_600, { rampWPerS: 10 })).toBe(9_320);
    expect(await chargeFor(36_000, { socWh: 59_000, taperFromPercent: 100 })).toBe(1_000);
  });

  test('takes less and less towards the end', () => {
    const powers = [0, 79, 80, 90, 99, 100].map((percent) => acceptedPowerW(typicalCar, percent * 600));
    expect(powers.map(Math.round)).toEqual([11_000, 11_000, 11_000, 6_250, 1_975, 0]);
  });

  test('speed multiplies the energy and leaves the time alone', async () => {
    const atOnce = { rampWPerS: 1_000_000 };
    expect(await chargeFor(60, atOnce, 100)).toBe(100 * (await chargeFor(60, atOnce)) + 33);
  });
});

describe('the meter', () => {
  test("tells the car's own power at any speed, both ways", async () => {
    const { point, clock } = makePoint({ maxDischargeW: 7_000 }, 60);
    expect(await point.meter.readRegisters()).toEqual({ importWh: 1_000, exportWh: 0, powerW: 0 });
    await point.pilot.advertise(11_000);
    await point.contactor.close();
    clock.advanceMs(60_000);
    expect(await point.meter.readRegisters()).toMatchObject({ powerW: 11_000 });
    await point.pilot.advertise(0);
    await point.battery.draw(5_000);
    clock.advanceMs(1_000);
    expect(await point.meter.readRegisters()).toMatchObject({ powerW: -5_000 });
    await point.contactor.open();
    expect(await point.meter.readRegisters()).toMatchObject({ powerW: 0 });
  });

  const reference = bytes32('authorization');

  test('signs one record from begin to end, and the same again after a power cut', async () => {
    const { point, clock, reopen } = makePoint();
    const begun = await point.meter.begin({ reference, evseId: 'DEBBBE1' }, 1_780_272_000);
    await point.pilot.advertise(11_000);
    await point.contactor.close();
    clock.advanceMs(600_000);
    point.act('power-cut');
    const again = reopen().meter;
    expect(await again.begin({ reference, evseId: 'DEBBBE1' }, 1_780_272_900)).toEqual(begun);
    const ended = await again.end(reference, 1_780_272_600, 'P');
    expect(await reopen().meter.end(reference, 1_780_279_999, 'E')).toEqual(ended);
    const facts = await verifyMeterRecord(ended.record, station.meterPublicKey, verifier);
    expect(facts).toMatchObject({
      ok: true,
      value: { importBeginWh: begun.importWh, importEndWh: ended.importWh, pagination: 'T1', endType: 'P' },
    });
    await expect(again.end(bytes32('another'), 1, 'E')).rejects.toThrow('no such measurement');
  });

  test('counts its records without a gap', async () => {
    const { point } = makePoint();
    for (const number of [1, 2, 3]) {
      const session = bytes32(`session ${number}`);
      await point.meter.begin({ reference: session, evseId: 'DEBBBE1' }, 1_780_272_000 + number);
      const { record } = await point.meter.end(session, 1_780_272_000 + number, 'E');
      expect(record).toContain(`"PG":"T${number}"`);
    }
  });

  test('never counts back, nor anything with the contactor open, whatever is done to the point', async () => {
    const step = fc.record({
      action: fc.constantFrom(...simulatedActions, 'close' as const, 'open' as const, 'offer' as const),
      seconds: fc.integer({ min: 0, max: 2_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { point, clock } = makePoint();
        let before = (await point.meter.readRegisters()).importWh;
        for (const { action, seconds } of steps) {
          if (action === 'close') await point.contactor.close();
          else if (action === 'open') await point.contactor.open();
          else if (action === 'offer') await point.pilot.advertise(7_400);
          else point.act(action);
          const mayFlow = point.contactor.isClosed() && point.pilot.state() === 'C';
          clock.advanceMs(seconds * 1000);
          const { importWh } = await point.meter.readRegisters();
          expect(importWh).toBeGreaterThanOrEqual(before);
          expect(importWh - before).toBeLessThanOrEqual(mayFlow ? (7_400 * seconds) / 3_600 + 1 : 0);
          before = importWh;
        }
      }),
      { numRuns: 100 },
    );
  });
});
