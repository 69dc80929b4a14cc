import { roundedQuotient } from '@p2p-power/tariff/roundedQuotient';
import { QUARTER_S, type QuarterHours, valueAt } from './QuarterHours.ts';
import type { Stretch } from './StudySession.ts';

/** What a charge came to: money in micro-units, CO2 in milligrams, each rounded once. */
export interface ChargeAccount {
  readonly costMicro: number;
  readonly carbonMg: number;
  readonly drawnWs: number;
  readonly givenWs: number;
  readonly starts: number;
}

/** A stretch within one quarter-hour of the clock. */
export interface QuarterPart {
  readonly from: number;
  readonly ws: number;
}

/** What stretches come to by prices (micro-units a kWh) and CO2 (grams a kWh), the latter `carbonS` later on their own calendar. */
export function accountCharge(
  stretches: readonly Stretch[],
  prices: QuarterHours,
  carbon: { readonly series: QuarterHours; readonly movedS: number } | number,
): ChargeAccount {
  let [cost, mg, drawnWs, givenWs] = [0n, 0n, 0, 0];
  for (const { from, ws } of quarterParts(stretches)) {
    const grams = typeof carbon === 'number' ? carbon : valueAt(carbon.series, from + carbon.movedS);
    cost += BigInt(ws) * BigInt(valueAt(prices, from));
    mg += BigInt(ws) * BigInt(grams);
    if (ws > 0) drawnWs += ws;
    else givenWs -= ws;
  }
  return {
    costMicro: Number(roundedQuotient(cost, 3_600_000n)),
    carbonMg: Number(roundedQuotient(mg, 3_600n)),
    drawnWs,
    givenWs,
    starts: stretches.filter(({ from, powerW }, index) => {
      const before = stretches[index - 1];
      return powerW > 0 && !(before !== undefined && before.to === from && before.powerW > 0);
    }).length,
  };
}

/** Stretches cut at the clock's quarter-hours; a stretch that ends before its time is out does so at its end. */
export function quarterParts(stretches: readonly Stretch[]): readonly QuarterPart[] {
  const parts: QuarterPart[] = [];
  for (const { from, to, powerW, ws } of stretches) {
    let left = ws;
    for (let at = from; at < to && left !== 0; ) {
      const next = Math.min(to, (Math.floor(at / QUARTER_S) + 1) * QUARTER_S);
      const full = (next - at) * powerW;
      const here = Math.abs(full) < Math.abs(left) ? full : left;
      parts.push({ from: at, ws: here });
      left -= here;
      at = next;
    }
  }
  return parts;
}
