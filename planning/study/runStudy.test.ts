import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NothingToStudy, runStudy, type Study, type StudyInput, strategies } from './runStudy.ts';
import { MONDAY, OSLO } from './testing/arbitraries.ts';

/** Seven weeks of prices with a shape of day and noise that is the same each time. */
const prices = {
  firstAt: MONDAY,
  values: Array.from({ length: 49 * 96 }, (_, index) => {
    const hour = (index % 96) / 4;
    const noise = ((index * 2_654_435_761) >>> 16) % 60_000;
    return Math.round(90_000 + 60_000 * Math.cos(((hour - 19) / 12) * Math.PI)) + noise - 30_000;
  }),
};

const session = fc
  .record({
    user: fc.integer({ min: 1, max: 6 }),
    arrivedS: fc.nat(60 * 86_400),
    lengthS: fc.integer({ min: 60, max: 80 * 3_600 }),
    energyWh: fc.integer({ min: 0, max: 50_000 }),
  })
  .map(({ user, arrivedS, lengthS, energyWh }) => {
    const arrivedAt = MONDAY - 6 * 365 * 86_400 + arrivedS;
    const garage = `G${user % 3}`;
    return {
      id: `${arrivedS}`,
      garage,
      user: `${garage}-${user}`,
      arrivedAt,
      leftAt: arrivedAt + lengthS,
      energyWh,
    };
  });
const sessions = fc.array(session, { minLength: 1, maxLength: 25 });

function finish(input: Partial<StudyInput> & Pick<StudyInput, 'sessions'>): Study {
  const steps = runStudy({ prices, carbon: 300, timeZone: OSLO, seed: 1, ...input });
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

describe('a study', () => {
  test('keeps what holds between strategies', () => {
    fc.assert(
      fc.property(sessions, (all) => {
        fc.pre(all.some(({ energyWh }) => energyWh > 0));
        const { outcomes, charges, withoutEnergy, outsidePrices, energyWs, flexibility, fuseW } = finish({
          sessions: all,
        });
        expect(charges + withoutEnergy + outsidePrices).toBe(all.length);
        expect(flexibility.reduce((sum, bin) => sum + bin.charges, 0)).toBe(charges);
        // Wh are whole in a wish: 2 Wh at the highest price for each charge.
        const toleranceMicro = charges * 400;
        for (const name of strategies) {
          const { worseDepartures, unmetWs, costMicro, monthMicro, dayW, garagePeaksW, peakW } =
            outcomes[name];
          // Behind a fuse as tight as charging at once needs, some may have to go without.
          if (name !== 'ours_fuse') expect(worseDepartures).toBe(0);
          if (worseDepartures === 0) expect(unmetWs).toBe(outcomes.at_once.unmetWs);
          expect(unmetWs).toBeGreaterThanOrEqual(outcomes.at_once.unmetWs);
          if (name === 'ours_fuse') expect(peakW).toBeLessThanOrEqual(fuseW);
          expect([...monthMicro.values()].reduce((sum, micro) => sum + micro, 0)).toBe(costMicro);
          expect(dayW).toHaveLength(96);
          // Where cars give back, one garage may give while another draws its most.
          if (outcomes[name].givenWs === 0)
            expect(Math.max(0, ...garagePeaksW.values())).toBeLessThanOrEqual(peakW);
        }
        for (const name of ['at_once', 'evcc', 'ours', 'ours_grid', 'clairvoyant'] as const) {
          expect(outcomes[name].drawnWs).toBe(energyWs);
          expect(outcomes[name].givenWs).toBe(0);
          expect(outcomes[name].costMicro + toleranceMicro).toBeGreaterThanOrEqual(
            outcomes.clairvoyant.costMicro,
          );
          expect(outcomes[name].carbonMg).toBeCloseTo((energyWs / 3_600) * 300, -4);
        }
        expect(outcomes.at_once.starts).toBe(charges);
      }),
      { numRuns: 25 },
    );
  });

  test('is the same for the same seed', () => {
    const all = fc.sample(sessions, { numRuns: 1, seed: 5 })[0]!;
    expect(finish({ sessions: all })).toEqual(finish({ sessions: all }));
    const other = finish({ sessions: all, seed: 2 });
    expect(other.outcomes.ours).toEqual(finish({ sessions: all }).outcomes.ours);
  });

  test('takes a power for all cars, and CO2 by quarter-hour on a calendar of its own', () => {
    const all = fc.sample(sessions, { numRuns: 1, seed: 7 })[0]!;
    const carbon = { firstAt: MONDAY - 400 * 86_400, values: new Array<number>(60 * 96).fill(250) };
    const study = finish({ sessions: all, powerW: 11_000, carbon });
    expect([...study.powersW.keys()]).toEqual([11_000]);
    expect(study.outcomes.ours.carbonMg).toBeCloseTo((study.energyWs / 3_600) * 250, -4);
  });

  test('of nothing is said to be one', () => {
    expect(() => finish({ sessions: [] })).toThrow(NothingToStudy);
  });
});
