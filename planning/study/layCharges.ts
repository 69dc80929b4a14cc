import { moveByWeeks } from './moveByWeeks.ts';
import { endOf, type QuarterHours } from './QuarterHours.ts';
import type { StudyCharge, StudySession } from './StudySession.ts';

/** Sessions laid over prices, and how many are left out: without energy, or not fitting into the prices' period. */
export interface LaidCharges {
  readonly charges: readonly StudyCharge[];
  readonly withoutEnergy: number;
  readonly outsidePrices: number;
}

/** Lays each session over the prices and the CO2 series, in the season, on the weekday and at the time of day it was. */
export function layCharges(
  sessions: readonly StudySession[],
  powerOf: (user: string) => number,
  { prices, carbon, timeZone }: LaidOver,
): LaidCharges {
  const charges: StudyCharge[] = [];
  let [withoutEnergy, outsidePrices] = [0, 0];
  const period = { from: prices.firstAt, to: endOf(prices) };
  for (const session of sessions) {
    if (session.energyWh === 0) {
      withoutEnergy += 1;
      continue;
    }
    const moved = moveByWeeks(session, period, timeZone);
    const onCarbon =
      moved && carbon && moveByWeeks(moved, { from: carbon.firstAt, to: endOf(carbon) }, timeZone);
    if (moved === undefined || (carbon !== undefined && onCarbon === undefined)) {
      outsidePrices += 1;
      continue;
    }
    const { arrivedAt, leftAt } = moved;
    const powerW = powerOf(session.user);
    const askedWs = session.energyWh * 3_600;
    const needWs = Math.min(askedWs, powerW * (leftAt - arrivedAt));
    charges.push({
      session,
      arrivedAt,
      leftAt,
      movedS: arrivedAt - session.arrivedAt,
      carbonS: onCarbon === undefined ? 0 : onCarbon.arrivedAt - arrivedAt,
      powerW,
      needWs,
      unmetWs: askedWs - needWs,
    });
  }
  return { charges, withoutEnergy, outsidePrices };
}

/** What sessions are laid over; `carbon` in grams a kWh, absent where a constant is reckoned with. */
export interface LaidOver {
  readonly prices: QuarterHours;
  readonly carbon?: QuarterHours | undefined;
  readonly timeZone: string;
}
