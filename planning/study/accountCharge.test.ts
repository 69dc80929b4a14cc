import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountCharge, quarterParts } from './accountCharge.ts';

const stretches = fc
  .array(
    fc.record({
      gapS: fc.nat(2_000),
      lengthS: fc.integer({ min: 1, max: 8_000 }),
      powerW: fc.integer({ min: -11_000, max: 22_000 }).filter((powerW) => powerW !== 0),
      lessWs: fc.nat(900),
    }),
    { maxLength: 8 },
  )
  .map((parts) => {
    let at = 0;
    return parts.map(({ gapS, lengthS, powerW, lessWs }) => {
      const from = at + gapS;
      at = from + lengthS;
      const full = lengthS * powerW;
      return { from, to: at, powerW, ws: Math.sign(full) * Math.max(0, Math.abs(full) - lessWs) };
    });
  });

test('parts hold all the energy, none of them over a quarter-hour', () => {
  fc.assert(
    fc.property(stretches, (done) => {
      const parts = quarterParts(done);
      const sum = (of: readonly { ws: number }[]) => of.reduce((all, { ws }) => all + ws, 0);
      expect(sum(parts)).toBe(sum(done));
      for (const { ws } of parts) expect(Math.abs(ws)).toBeLessThanOrEqual(900 * 22_000);
    }),
  );
});

test('money, CO2 and starts of a charge that pauses and gives back', () => {
  const prices = { firstAt: 0, values: [100_000, 200_000, -50_000, 300_000] };
  const carbon = { series: { firstAt: 900_000, values: [100, 200, 300, 400] }, movedS: 900_000 };
  const hour = 3_600_000;
  const account = accountCharge(
    [
      { from: 0, to: 1_800, powerW: 4_000, ws: 2 * hour },
      { from: 1_800, to: 2_700, powerW: 8_000, ws: 2 * hour },
      { from: 2_700, to: 3_600, powerW: -4_000, ws: -hour },
    ],
    prices,
    carbon,
  );
  // 1 kWh at 0.10, 1 kWh at 0.20, 2 kWh at −0.05; 1 kWh given for 0.30.
  expect(account).toEqual({
    costMicro: 100_000 + 200_000 - 100_000 - 300_000,
    carbonMg: (100 + 200 + 600 - 400) * 1_000,
    drawnWs: 4 * hour,
    givenWs: hour,
    starts: 1,
  });
});

test('a start is where the car begins to draw', () => {
  const drawing = (from: number, powerW: number) => ({ from, to: from + 100, powerW, ws: powerW * 100 });
  const startsOf = (...done: ReturnType<typeof drawing>[]) =>
    accountCharge(done, { firstAt: 0, values: [0, 0] }, 0).starts;
  expect(startsOf(drawing(0, 1), drawing(100, 2))).toBe(1);
  expect(startsOf(drawing(0, 1), drawing(101, 2))).toBe(2);
  expect(startsOf(drawing(0, -1), drawing(100, 2))).toBe(1);
  expect(startsOf(drawing(0, 1), drawing(100, -2))).toBe(1);
});
