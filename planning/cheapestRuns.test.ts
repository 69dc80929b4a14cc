import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapestRuns } from './cheapestRuns.ts';
import type { RunLimits, Step } from './runFrame.ts';
import { runsExactly } from './testing/runsExactly.ts';

const FREE: RunLimits = {
  mostStarts: Number.POSITIVE_INFINITY,
  perStart: 0,
  minOnS: 0,
  minOffS: 0,
  isOn: false,
  since: 0,
};

/** Steps of 10 s at 1 to 4 W with a price each; `null` is a gap. */
function stepsOf(prices: readonly (number | null)[], change: Partial<Step> = {}): readonly Step[] {
  return prices.flatMap((costPerWs, index) => {
    if (costPerWs === null) return [];
    const from = 1_000 + index * 10;
    return [{ from, to: from + 10, costPerWs, leastWs: 10, mostWs: 40, onCost: 0, offCost: 0, ...change }];
  });
}

describe('cheapestRuns', () => {
  it('takes the cheapest steps where nothing limits', () => {
    expect(cheapestRuns(stepsOf([3, 1, 9, 2]), 90, FREE)).toEqual({
      energyWs: [10, 40, 0, 40],
      cost: 30 + 40 + 80,
      starts: 2,
      end: 4,
    });
  });

  it('bridges a dear step at least power rather than start more often than allowed', () => {
    expect(cheapestRuns(stepsOf([1, 9, 1]), 90, { ...FREE, mostStarts: 1 })?.energyWs).toEqual([40, 10, 40]);
    expect(cheapestRuns(stepsOf([1, 9, 1]), 80, { ...FREE, mostStarts: 1 })?.energyWs).toEqual([40, 10, 30]);
    expect(cheapestRuns(stepsOf([1, 9, 1]), 80, { ...FREE, mostStarts: 2 })?.energyWs).toEqual([40, 0, 40]);
  });

  it('cannot bridge where no price is known', () => {
    expect(cheapestRuns(stepsOf([1, null, 1]), 80, { ...FREE, mostStarts: 1 })).toBeUndefined();
    expect(cheapestRuns(stepsOf([1, null, 1]), 80, { ...FREE, mostStarts: 2 })?.cost).toBe(80);
  });

  it('a charge that runs needs no start', () => {
    const limits = { ...FREE, mostStarts: 0 };
    expect(cheapestRuns(stepsOf([5, 1]), 40, limits)).toBeUndefined();
    expect(cheapestRuns(stepsOf([5, 1]), 45, { ...limits, isOn: true })?.energyWs).toEqual([10, 35]);
  });

  it('stays on for the shortest time, and off for the shortest time', () => {
    expect(cheapestRuns(stepsOf([9, 1, 9]), 40, { ...FREE, minOnS: 20 })?.energyWs).toEqual([0, 40, 0]);
    expect(cheapestRuns(stepsOf([9, 1, 9, 1, 9]), 70, { ...FREE, minOnS: 20 })?.energyWs).toEqual([
      0, 40, 10, 20, 0,
    ]);
    expect(cheapestRuns(stepsOf([1, 20, 5, 3]), 80, { ...FREE, minOffS: 20 })?.energyWs).toEqual([
      40, 0, 0, 40,
    ]);
  });

  it('keeps a running charge on until its shortest time is over', () => {
    const running = { ...FREE, minOnS: 25, isOn: true, since: 990 };
    expect(cheapestRuns(stepsOf([9, 9, 1, 1]), 80, running)?.energyWs).toEqual([10, 10, 40, 20]);
  });

  it('ends early where time at the point costs', () => {
    const dear = stepsOf([2, 9, 1, 1], { onCost: 100, offCost: 100 });
    expect(cheapestRuns(dear, 40, FREE)).toMatchObject({ energyWs: [40, 0, 0, 0], end: 1, cost: 180 });
    expect(cheapestRuns(stepsOf([2, 9, 1, 1]), 40, FREE)).toMatchObject({ energyWs: [0, 0, 40, 0] });
  });

  it('starts again only where that saves more than a start counts', () => {
    const twice = stepsOf([1, 9, 1]);
    // Bridging the dear step takes 10 at 9 instead of 1.
    expect(cheapestRuns(twice, 80, { ...FREE, perStart: 79 })).toMatchObject({ starts: 2, cost: 80 + 158 });
    expect(cheapestRuns(twice, 80, { ...FREE, perStart: 81 })).toMatchObject({ starts: 1, cost: 160 + 81 });
    expect(cheapestRuns(twice, 80, { ...FREE, perStart: 79, isOn: true })).toMatchObject({ starts: 1 });
    const whole = stepsOf([1, 9, 1], { leastWs: 40, offCost: 5 });
    expect(cheapestRuns(whole, 80, { ...FREE, perStart: 314 })).toMatchObject({ energyWs: [40, 0, 40] });
    expect(cheapestRuns(whole, 80, { ...FREE, perStart: 316 })).toMatchObject({ energyWs: [40, 40, 0] });
  });

  it('finds none where there is too little time', () => {
    expect(cheapestRuns(stepsOf([1, 1]), 81, FREE)).toBeUndefined();
    expect(cheapestRuns([], 1, FREE)).toBeUndefined();
  });
});

const steps = fc
  .array(
    fc.record({
      gapS: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 20 })),
      lastsS: fc.oneof({ weight: 2, arbitrary: fc.constant(10) }, fc.integer({ min: 1, max: 12 })),
      costPerWs: fc.integer({ min: -2, max: 9 }),
      leastW: fc.integer({ min: 1, max: 3 }),
      moreW: fc.nat(5),
      onCost: fc.nat(6),
      offCost: fc.nat(6),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .chain((spans) =>
    fc.constantFrom('free', 'stay', 'differs', 'whole').map((time): readonly Step[] => {
      let at = 1_000;
      return spans.map(({ gapS, lastsS, costPerWs, leastW, moreW, onCost, offCost }) => {
        const from = at + gapS;
        at = from + lastsS;
        return {
          from,
          to: at,
          costPerWs,
          leastWs: (time === 'whole' ? leastW + moreW : leastW) * lastsS,
          mostWs: (leastW + moreW) * lastsS,
          offCost: time === 'free' ? 0 : offCost,
          onCost: time === 'free' ? 0 : time === 'stay' ? offCost : onCost,
        };
      });
    }),
  );

const limits = fc.record<RunLimits>({
  mostStarts: fc.constantFrom(0, 1, 2, 3, Number.POSITIVE_INFINITY),
  perStart: fc.oneof(fc.constant(0), fc.nat(120)),
  minOnS: fc.oneof(fc.constant(0), fc.nat(35)),
  minOffS: fc.oneof(fc.constant(0), fc.nat(35)),
  isOn: fc.boolean(),
  since: fc.integer({ min: 970, max: 1_000 }),
});

describe('cheapestRuns beside the exact solver', () => {
  it('costs the same to the unit, with as few starts, on any steps and limits', () => {
    const check = (some: readonly Step[], share: number, within: RunLimits) => {
      const mostWs = some.reduce((sum, step) => sum + step.mostWs, 0);
      const needWs = Math.max(1, Math.round(mostWs * share));
      const exact = runsExactly(some, needWs, within);
      const ours = cheapestRuns(some, needWs, within);
      expect(ours?.cost).toBe(exact?.cost);
      if (ours === undefined) return;
      expect(ours.starts).toBe(exact?.starts);
      expect(ours.energyWs.reduce((sum, ws) => sum + ws, 0)).toBe(needWs);
      for (const [index, ws] of ours.energyWs.entries())
        expect(ws >= 0 && ws <= (some[index]?.mostWs ?? 0)).toBe(true);
    };
    fc.assert(fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), limits, check), {
      numRuns: 200,
      examples: [
        // The shortest time on reaches past the last energy: the last step stays on with none.
        [
          [
            [4, 3, 30, 80],
            [3, 2, 20, 60],
            [7, 7, 30, 40],
          ].map(([, costPerWs = 0, leastWs = 0, mostWs = 0], index) => ({
            from: 1_030 + index * 10,
            to: 1_040 + index * 10,
            costPerWs,
            leastWs,
            mostWs,
            onCost: 0,
            offCost: 0,
          })),
          79 / 180,
          { mostStarts: 1, perStart: 0, minOnS: 27, minOffS: 29, isOn: false, since: 970 },
        ],
        // A running charge stops for a moment, to start again inside the same step.
        [
          [
            { from: 1_011, to: 1_021, costPerWs: 6, leastWs: 10, mostWs: 50, onCost: 0, offCost: 0 },
            { from: 1_021, to: 1_023, costPerWs: 0, leastWs: 2, mostWs: 2, onCost: 0, offCost: 0 },
            { from: 1_023, to: 1_033, costPerWs: -2, leastWs: 10, mostWs: 60, onCost: 0, offCost: 0 },
          ],
          64 / 112,
          { ...FREE, isOn: true, since: 975 },
        ],
      ],
    });
  });
});
