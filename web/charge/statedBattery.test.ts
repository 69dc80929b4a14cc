import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assumedLoss, batterySlots, statedBattery } from './statedBattery.ts';

const point = { maxPowerW: 11_000 };

test('a battery is planned with once the driver said both how large it is and how full', () => {
  expect(statedBattery({ batteryWh: 58_000, levelPerMille: 635 }, point)).toEqual({
    levelWh: 36_830,
    capacityWh: 58_000,
    maxChargeW: 11_000,
    maxDischargeW: 11_000,
    ...assumedLoss,
  });
  expect(statedBattery({ batteryWh: 58_000, levelPerMille: 0 }, point)?.levelWh).toBe(0);
  for (const unsaid of [
    {},
    { batteryWh: 58_000 },
    { levelPerMille: 500 },
    { batteryWh: 0, levelPerMille: 500 },
    { batteryWh: 58_000, levelPerMille: 1_001 },
    { batteryWh: 58_000, levelPerMille: -1 },
  ])
    expect(statedBattery(unsaid, point)).toBeUndefined();
});

test('what is in the battery rises less than is drawn and falls more than is given', () => {
  const battery = statedBattery({ batteryWh: 50_000, levelPerMille: 500 }, point);
  if (battery === undefined) throw new Error('no battery');
  const at = 1_795_381_200;
  const slots = [
    { from: at, to: at + 1_800, powerW: -9_300 },
    { from: at + 3_600, to: at + 7_200, powerW: 10_000 },
  ];
  const rows = batterySlots(slots, battery, { from: at, to: at + 7_200 });
  expect(rows.map(({ value }) => value)).toEqual([45, 40, 40, 40, 45, 49, 54, 59]);
  expect(rows.at(-1)?.to).toBe(at + 7_200);
});

test('never shows more than full or less than empty, and leaves no gap, whatever the slots', () => {
  const battery = statedBattery({ batteryWh: 20_000, levelPerMille: 300 }, point);
  if (battery === undefined) throw new Error('no battery');
  const slot = fc.record({
    from: fc.nat(20_000),
    lasts: fc.nat(20_000),
    powerW: fc.integer({ min: -11_000, max: 11_000 }),
  });
  fc.assert(
    fc.property(
      fc.array(slot, { maxLength: 5 }),
      fc.nat(5_000),
      fc.integer({ min: 1, max: 40_000 }),
      (made, from, lasts) => {
        const slots = made.map((one) => ({ from: one.from, to: one.from + one.lasts, powerW: one.powerW }));
        const rows = batterySlots(slots, battery, { from, to: from + lasts });
        let reached = from;
        for (const row of rows) {
          expect(row.from).toBe(reached);
          expect(row.value).toBeGreaterThanOrEqual(0);
          expect(row.value).toBeLessThanOrEqual(100);
          reached = row.to;
        }
        expect(reached).toBe(from + lasts);
      },
    ),
  );
});
