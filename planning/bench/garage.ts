import type { SiteCar, SiteSlot } from '../SitePlan.ts';

/** Numbers that look like chance and are the same every time. */
export function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** Quarter-hour prices with the shape of day-ahead prices: two peaks a day, a dip at noon, and noise; micro-units. */
export function quarterPrices(count: number, seed: number): readonly number[] {
  const draw = drawing(seed);
  return Array.from({ length: count }, (_, quarter) => {
    const hour = (quarter % 96) / 4;
    const peaks = 90_000 * (Math.exp(-((hour - 8) ** 2) / 6) + Math.exp(-((hour - 19) ** 2) / 8));
    const noon = 110_000 * Math.exp(-((hour - 13) ** 2) / 8);
    return Math.round(250_000 + peaks - noon + draw(40_000));
  });
}

const QUARTER_S = 900;

/**
 * A day at a garage from noon on: cars come over the first two thirds and stay for the last third at least; one in
 * four loads one phase only. The fuse carries 14 % of what all points could draw.
 */
export function garage(
  count: number,
  seed: number,
): { readonly slots: readonly SiteSlot[]; readonly cars: readonly SiteCar[] } {
  const draw = drawing(seed);
  const quarters = 96;
  const limitW = Math.round((count * 11_040 * 0.14) / 3);
  const prices = quarterPrices(quarters, seed);
  const slots = prices.map((_, index) => ({
    from: index * QUARTER_S,
    to: (index + 1) * QUARTER_S,
    priceMicroPerKwh: prices[(index + 48) % quarters] as number,
    limitW: [limitW, limitW, limitW] as const,
  }));
  const cars = Array.from({ length: count }, (_, index): SiteCar => {
    const isSingle = draw(4) === 0;
    const arrivesAt = draw(56 * QUARTER_S);
    return {
      id: `car ${index}`,
      arrivesAt,
      leavesAt: 68 * QUARTER_S + draw(28 * QUARTER_S),
      energyWh: 2_000 + draw(isSingle ? 8_000 : 28_000),
      maxPowerW: isSingle ? 3_680 : 11_040,
      phases: isSingle ? [(1 + draw(3)) as 1 | 2 | 3] : [1, 2, 3],
      priority: 0,
    };
  });
  return { slots, cars };
}
