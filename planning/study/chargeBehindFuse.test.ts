import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountCharge } from './accountCharge.ts';
import { chargeBehindFuse } from './chargeBehindFuse.ts';
import { chargeByPlan } from './chargeRules.ts';
import type { Stretch, StudyCharge } from './StudySession.ts';
import { charge, chargeOf, MONDAY, OSLO, prices } from './testing/arbitraries.ts';

function highestW(done: readonly (readonly Stretch[])[], charges: readonly StudyCharge[]): number {
  const changes = done
    .flatMap((stretches, index) => {
      const { movedS } = charges[index]!;
      return stretches.flatMap(({ from, to, powerW }) => [
        { at: from - movedS, powerW },
        { at: to - movedS, powerW: -powerW },
      ]);
    })
    .toSorted((a, b) => a.at - b.at || a.powerW - b.powerW);
  let [sum, highest] = [0, 0];
  for (const { powerW } of changes) {
    sum += powerW;
    highest = Math.max(highest, sum);
  }
  return highest;
}

const charges = fc.array(charge, { minLength: 1, maxLength: 8 });
const moved = fc.constantFrom(0, 0, 0, 604_800);

test('the fuse is never passed, whoever comes and whatever week the prices are of', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(charge, moved), { minLength: 1, maxLength: 8 }),
      prices,
      fc.integer({ min: 2_000, max: 40_000 }),
      (all, series, limitW) => {
        // Times stay within the prices; only the sessions' own calendar differs.
        const laid = all.map(
          ([one, movedS]): StudyCharge => ({
            ...one,
            movedS,
            session: { ...one.session, arrivedAt: one.arrivedAt - movedS, leftAt: one.leftAt - movedS },
          }),
        );
        const done = chargeBehindFuse(laid, { prices: series, timeZone: OSLO }, limitW);
        expect(highestW(done, laid)).toBeLessThanOrEqual(limitW);
        for (const [index, stretches] of done.entries()) {
          const { arrivedAt, leftAt, needWs, powerW } = laid[index]!;
          expect(stretches.reduce((sum, { ws }) => sum + ws, 0)).toBeLessThanOrEqual(needWs);
          for (const { from, to, powerW: drawn } of stretches) {
            expect(from).toBeGreaterThanOrEqual(arrivedAt);
            expect(to).toBeLessThanOrEqual(leftAt);
            expect(drawn).toBeLessThanOrEqual(powerW);
          }
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('a fuse that bears all changes no car’s energy and cost', () => {
  fc.assert(
    fc.property(charges, prices, (all, series) => {
      const market = { prices: series, timeZone: OSLO };
      const done = chargeBehindFuse(all, market, 1_000_000);
      for (const [index, stretches] of done.entries()) {
        const one = all[index]!;
        const [together, alone] = [stretches, chargeByPlan(one, market)].map((made) =>
          accountCharge(made, series, 0),
        );
        expect(together!.drawnWs).toBe(one.needWs);
        // Where later prices were only expected, planning when others come may choose otherwise.
        if (one.leftAt - one.arrivedAt < 11 * 3_600)
          expect(Math.abs(together!.costMicro - alone!.costMicro)).toBeLessThan(2_000);
      }
    }),
    { numRuns: 30 },
  );
});

test('two cars that want the same cheap hour behind a fuse for one share the night', () => {
  const values = Array.from({ length: 7 * 96 }, (_, i) =>
    Math.floor(i / 4) % 24 === 3 ? 50_000 : 200_000 + (i % 96) * 10,
  );
  const arrivedAt = MONDAY + 18 * 3_600;
  const car = chargeOf({ arrivedAt, leftAt: arrivedAt + 14 * 3_600, energyWh: 3_600, powerW: 3_600 });
  const other = { ...car, session: { ...car.session, id: '2' } };
  const done = chargeBehindFuse([car, other], { prices: { firstAt: MONDAY, values }, timeZone: OSLO }, 3_700);
  expect(highestW(done, [car, other])).toBeLessThanOrEqual(3_700);
  for (const stretches of done)
    expect(car.needWs - stretches.reduce((sum, { ws }) => sum + ws, 0)).toBeLessThan(3_600 * 8);
});
