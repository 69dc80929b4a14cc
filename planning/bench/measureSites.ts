import { planSite, type SiteCar, type SiteSlot, siteProgram } from '../SitePlan.ts';
import { evccRule } from '../study/evccRule.ts';
import { siteExactly } from '../testing/siteExactly.ts';
import { garage } from './garage.ts';

/** One site: times and costs, ours and the others' on the same cars. HiGHS is left out of the largest. */
export interface SiteFigures {
  readonly ms: number;
  readonly costMicro: number;
  readonly unmetWh: number;
  /** How far above the optimum at most, as the plan's own bound proves; parts per million. */
  readonly provenPerMillion: number;
  readonly highsMs?: number;
  readonly highsCostMicro?: number;
  /** Each car for itself, whoever comes first takes first what the fuse leaves. */
  readonly evccCostMicro: number;
  readonly evccUnmetWh: number;
}

/** Measures a garage of so many cars over a day of quarter-hours. */
export function measureSite(count: number, nowMs: () => number, withHighs: boolean): SiteFigures {
  const { slots, cars } = garage(count, count);
  // A smaller one first, so that the code is warm as it is in a station that runs.
  const small = garage(100, 1);
  planSite(small.slots, small.cars, 'first-come');
  const began = nowMs();
  const plan = planSite(slots, cars, 'first-come');
  const ms = nowMs() - began;
  const evcc = evccSite(slots, cars);
  const common = {
    ms,
    costMicro: plan.costMicro,
    unmetWh: plan.unmetWh,
    provenPerMillion: plan.gapPerMillion,
    evccCostMicro: evcc.costMicro,
    evccUnmetWh: evcc.unmetWh,
  };
  if (!withHighs) return common;
  const { takers, shares } = siteProgram(slots, cars, 'first-come');
  const highsBegan = nowMs();
  const { cost } = siteExactly(takers, shares);
  return { ...common, highsMs: nowMs() - highsBegan, highsCostMicro: cost / 1_000 };
}

/** evcc's rule, car by car as they come, in what the earlier ones leave of the fuse. */
function evccSite(slots: readonly SiteSlot[], cars: readonly SiteCar[]) {
  const room = slots.map(({ limitW }) => [...limitW]);
  let [costMicro, unmetWh] = [0, 0];
  for (const { arrivesAt, leavesAt, energyWh, maxPowerW, phases } of cars.toSorted(
    (a, b) => a.arrivesAt - b.arrivesAt,
  )) {
    const free = slots.flatMap(({ from, to, priceMicroPerKwh }, index) => {
      const hasRoom = phases.every((phase) => (room[index]?.[phase - 1] ?? 0) >= maxPowerW / phases.length);
      const begin = Math.max(from, arrivesAt);
      const end = Math.min(to, leavesAt);
      return hasRoom && begin < end ? [{ from: begin, to: end, priceMicroPerKwh, index }] : [];
    });
    const times = evccRule(free, (energyWh * 3_600) / maxPowerW);
    let chargedWh = 0;
    for (const { from, to, priceMicroPerKwh } of times) {
      const wh = ((to - from) * maxPowerW) / 3_600;
      chargedWh += wh;
      costMicro += (wh * priceMicroPerKwh) / 1_000;
      const index = slots.findIndex((slot) => slot.from <= from && from < slot.to);
      for (const phase of phases) (room[index] as number[])[phase - 1]! -= maxPowerW / phases.length;
    }
    unmetWh += Math.max(0, energyWh - chargedWh);
  }
  return { costMicro: Math.round(costMicro), unmetWh: Math.round(unmetWh) };
}
