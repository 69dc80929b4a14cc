import { type ChargePlan, nextPower, plan } from '@p2p-power/planning/ChargePlan';
import { tariffSlots } from '@p2p-power/tariff/tariffSlots';
import type { Agreement } from './Session.ts';

/** Says at each instant what power a session is to be offered. */
export interface ChargePlanner {
  /** Power, W, by what the driver signed, the plan and what the point can; 0 = wait. `takenWh` is what the car has. */
  powerW(agreement: Agreement, now: number, takenWh: number): number;
}

/** Least power of IEC 61851-1: 6 A at 230 V on one phase, W. */
const leastPowerW = 1_380;
/** How far ahead a plan looks where the driver names no time to leave, s. */
const lookAheadS = 24 * 3_600;
/** A plan is made again after this, s: the car may have taken more or less than planned. */
const replanS = 900;

/**
 * A planner for one session at a time. `cheapest` chooses the cheapest times of the agreed tariff before
 * the driver leaves, for as much energy as the driver allows; `greenest` charges at once, for no signal
 * of the grid is known here. The plan is nowhere kept: made again after a kill it is as good.
 */
export function chargePlanner(): ChargePlanner {
  let made: { readonly agreement: Agreement; readonly at: number; readonly plan: ChargePlan } | undefined;
  return {
    powerW(agreement, now, takenWh) {
      const wish = agreement.authorization.value;
      const maxPowerW = highestPowerW(agreement);
      if (now < wish.startAt) return 0;
      if (wish.mode !== 'cheapest') return maxPowerW;
      const leftWh = wish.maxEnergyWh - takenWh;
      if (leftWh <= 0) return maxPowerW;
      const isThrough = made !== undefined && now >= (made.plan.slots.at(-1)?.to ?? 0);
      if (made?.agreement !== agreement || isThrough || now >= made.at + replanS || now < made.at)
        made = { agreement, at: now, plan: makePlan(agreement, now, leftWh, maxPowerW) };
      return nextPower(made.plan, now).powerW;
    },
  };
}

function highestPowerW({ offer, authorization }: Agreement): number {
  const { maxPowerW } = authorization.value;
  return maxPowerW === 0 ? offer.value.maxPowerW : Math.min(offer.value.maxPowerW, maxPowerW);
}

function makePlan(agreement: Agreement, now: number, leftWh: number, maxPowerW: number): ChargePlan {
  const { leaveAt } = agreement.authorization.value;
  const readyBy = leaveAt > 0 ? leaveAt : now + lookAheadS;
  return plan({
    now,
    readyBy,
    energyWh: Math.min(leftWh, 10_000_000),
    maxPowerW,
    minPowerW: Math.min(leastPowerW, maxPowerW),
    slots: tariffSlots(agreement.tariff, agreement.offer.value.timeZone, now, readyBy),
    mode: 'cheapest',
  });
}
