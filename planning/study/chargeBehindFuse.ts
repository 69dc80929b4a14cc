import { type ChargePlan, plan } from '../ChargePlan.ts';
import { cutAt } from '../objectiveSlots.ts';
import { planSite } from '../SitePlan.ts';
import { START_MICRO } from '../sessionWish.ts';
import { foreseenPrices, type Market, wishOf } from './chargeRules.ts';
import { knownUntil } from './dayAhead.ts';
import { QUARTER_S } from './QuarterHours.ts';
import type { Stretch, StudyCharge } from './StudySession.ts';

interface Slot {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

/** A car at its point; all times here are the sessions' own, not those of the prices. */
interface Parked {
  readonly charge: StudyCharge;
  readonly leavesAt: number;
  leftWs: number;
  slots: readonly Slot[];
  readonly done: Stretch[];
}

/**
 * All charges behind one fuse (of a garage, of a transformer), planned together: whenever a car comes, and when the next day's prices
 * are there. Where the cars' own plans fit behind the fuse they stand; else the site is planned as one. Gives what
 * each charge did, in their order. Above the fuse goes nothing; who cannot have all is left with less.
 */
export function chargeBehindFuse(
  charges: readonly StudyCharge[],
  market: Market,
  limitW: number,
): readonly (readonly Stretch[])[] {
  const parked = charges.map(
    (charge): Parked => ({
      charge,
      leavesAt: charge.leftAt - charge.movedS,
      leftWs: charge.needWs,
      slots: [],
      done: [],
    }),
  );
  const instants = [...new Set(parked.flatMap(({ charge }) => newsOf(charge, market)))].sort((a, b) => a - b);
  const byArrival = parked.toSorted((a, b) => a.charge.session.arrivedAt - b.charge.session.arrivedAt);
  let next = 0;
  let here: Parked[] = [];
  for (const [index, now] of instants.entries()) {
    for (; byArrival[next] && byArrival[next]!.charge.session.arrivedAt <= now; next += 1)
      here.push(byArrival[next]!);
    here = here.filter(({ leavesAt, leftWs }) => leavesAt > now && leftWs > 0);
    planTogether(here, market, now, limitW);
    const until = instants[index + 1] ?? Number.POSITIVE_INFINITY;
    for (const car of here) drive(car, now, until);
  }
  return parked.map(({ done }) => done);
}

/** When something is new for a car: its arrival, and each time that further prices are published. */
function newsOf({ arrivedAt, leftAt, movedS }: StudyCharge, { timeZone }: Market): readonly number[] {
  const instants = arrivedAt < leftAt ? [arrivedAt - movedS] : [];
  let known = knownUntil(timeZone, arrivedAt);
  for (
    let at = (Math.floor(arrivedAt / QUARTER_S) + 1) * QUARTER_S;
    at < leftAt && known < leftAt;
    at += QUARTER_S
  ) {
    const nowKnown = knownUntil(timeZone, at);
    if (nowKnown > known) instants.push(at - movedS);
    known = Math.max(known, nowKnown);
  }
  return instants;
}

function planTogether(cars: readonly Parked[], market: Market, now: number, limitW: number): void {
  const alone = cars.map((car) => slotsOf(planAlone(car, market, now), car.charge.movedS));
  if (highestW(alone, now) <= limitW) {
    for (const [index, car] of cars.entries()) car.slots = alone[index]!;
    return;
  }
  // Prices are of different weeks where the calendars of two cars were moved differently; one after the other then.
  const taken: (readonly Slot[])[] = [];
  for (const movedS of new Set(cars.map(({ charge }) => charge.movedS))) {
    const group = cars.filter(({ charge }) => charge.movedS === movedS);
    planGroup(group, market, now, limitW, taken);
    for (const { slots } of group) taken.push(slots);
  }
}

function planAlone({ charge, leftWs, slots }: Parked, market: Market, now: number): ChargePlan {
  const at = now + charge.movedS;
  const isOn = slots.some(({ from, to, powerW }) => from < now && now <= to && powerW > 0);
  const starts = { perStart: START_MICRO, isOn };
  return plan({ ...wishOf(charge, at, leftWs, foreseenPrices(market, at, charge.leftAt)), starts });
}

function planGroup(
  cars: readonly Parked[],
  market: Market,
  now: number,
  limitW: number,
  taken: readonly (readonly Slot[])[],
): void {
  const movedS = cars[0]!.charge.movedS;
  const until = cars.reduce((latest, { leavesAt }) => Math.max(latest, leavesAt), now);
  // Cut where somebody leaves, too: within a slot a plan does not look at when its energy flows.
  const leaving = cars.map(({ charge }) => charge.leftAt);
  const slots = cutAt(foreseenPrices(market, now + movedS, until + movedS), [
    ...leaving,
    ...quartersWithin(now + movedS, until + movedS),
  ]).map(({ from, to, priceMicroPerKwh }) => {
    // A site's plan counts whole Wh in each slot, a station whole watts: each car may draw that much more.
    const roundingW = cars.length * (Math.ceil(3_600 / (to - from)) + 1);
    const freeW = Math.max(0, limitW - roundingW - highestW(taken, from - movedS, to - movedS));
    return { from, to, priceMicroPerKwh, limitW: [freeW, freeW, freeW] as const };
  });
  const site = planSite(
    slots,
    cars.map(({ charge, leftWs }, index) => ({
      id: String(index),
      arrivesAt: now + movedS,
      leavesAt: charge.leftAt,
      energyWh: Math.ceil(leftWs / 3_600),
      maxPowerW: charge.powerW,
      phases: [1],
      priority: 0,
    })),
    'equal',
  );
  for (const [index, { first, energyWh }] of site.cars.entries()) {
    const car = cars[index]!;
    car.slots = energyWh.flatMap((wh, place) => {
      const { from, to } = slots[first + place]!;
      const end = Math.min(to, car.charge.leftAt);
      if (wh === 0 || end <= from) return [];
      const isFull = (wh + 1) * 3_600 > (end - from) * car.charge.powerW;
      const powerW = isFull ? car.charge.powerW : Math.ceil((wh * 3_600) / (end - from));
      return [{ from: from - movedS, to: end - movedS, powerW }];
    });
  }
}

function quartersWithin(from: number, to: number): readonly number[] {
  const first = Math.ceil(from / QUARTER_S);
  const count = Math.max(0, Math.ceil(to / QUARTER_S) - first);
  return Array.from({ length: count }, (_, index) => (first + index) * QUARTER_S);
}

/** Charges by the car's plan until an instant. */
function drive(car: Parked, now: number, until: number): void {
  const { charge, done } = car;
  for (const { from: begin, to: end, powerW } of car.slots) {
    const from = Math.max(begin, now);
    const most = Math.min(end, until, car.leavesAt);
    if (from >= most || car.leftWs <= 0) continue;
    const to = Math.min(most, from + Math.ceil(car.leftWs / powerW));
    const ws = Math.min(car.leftWs, (to - from) * powerW);
    car.leftWs -= ws;
    done.push({ from: from + charge.movedS, to: to + charge.movedS, powerW, ws });
  }
}

function slotsOf({ slots }: ChargePlan, movedS: number): readonly Slot[] {
  return slots.map(({ from, to, powerW }) => ({ from: from - movedS, to: to - movedS, powerW }));
}

/** The highest sum of powers within a time. */
function highestW(plans: readonly (readonly Slot[])[], from: number, to = Number.POSITIVE_INFINITY): number {
  const changes = plans.flatMap((slots) =>
    slots
      .filter((slot) => slot.to > from && slot.from < to)
      .flatMap(({ from: begin, to: end, powerW }) => [
        { at: begin, powerW },
        { at: end, powerW: -powerW },
      ]),
  );
  let [sum, highest] = [0, 0];
  for (const { powerW } of changes.toSorted((a, b) => a.at - b.at || a.powerW - b.powerW)) {
    sum += powerW;
    highest = Math.max(highest, sum);
  }
  return highest;
}
