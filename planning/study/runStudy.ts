import { quarterParts } from './accountCharge.ts';
import { assumePowers } from './assumePowers.ts';
import { assumeCapacities, BATTERY_ASSUMPTIONS, batteryOf } from './Battery.ts';
import { chargeBehindFuse } from './chargeBehindFuse.ts';
import {
  type ChargeRule,
  chargeAtOnce,
  chargeByEvcc,
  chargeByPlan,
  chargeBySparingPlan,
  chargeClairvoyantly,
} from './chargeRules.ts';
import { chargeAndGiveBack, type GivenBack, giveBackClairvoyantly } from './giveBack.ts';
import { type GridHours, gridHours } from './gridHours.ts';
import { openLoadProfile } from './LoadProfile.ts';
import { layCharges } from './layCharges.ts';
import type { QuarterHours } from './QuarterHours.ts';
import type { Stretch, StudyCharge, StudySession } from './StudySession.ts';
import { type Done, openTally, type StrategyOutcome, type TallyBasis } from './Tally.ts';

/** The ways to charge that are compared, in the order of tables. */
export const strategies = [
  'at_once',
  'evcc',
  'ours',
  'ours_grid',
  'ours_fuse',
  'ours_discharge',
  'clairvoyant',
  'clairvoyant_discharge',
] as const;
export type Strategy = (typeof strategies)[number];

/**
 * What a study is made from. Prices are micro-units per kWh; `carbon` grams of CO2 per kWh by quarter-hour, or one
 * number for all. `seed` draws what sessions do not tell and has no better source: the batteries. `powerW` is the power
 * of every car, where it is not to be assumed from the sessions; `fuseW` what all cars together may draw in strategy
 * `ours_fuse`, where it is not the highest quarter-hour of charging at once.
 */
export interface StudyInput {
  readonly sessions: readonly StudySession[];
  readonly prices: QuarterHours;
  readonly carbon: QuarterHours | number;
  readonly timeZone: string;
  readonly seed: number;
  readonly powerW?: number | undefined;
  readonly fuseW?: number | undefined;
}

/** How long cars stand without having to charge: hours beyond the time that charging takes, and how many cars. */
export interface FlexibilityBin {
  readonly fromH: number;
  readonly toH: number | undefined;
  readonly charges: number;
}

/** What a study found. `savingSharePerMyriad` is the part of the clairvoyant saving that our plan keeps, in 1/10,000. */
export interface Study {
  readonly charges: number;
  readonly withoutEnergy: number;
  readonly outsidePrices: number;
  readonly users: number;
  readonly garages: number;
  readonly energyWs: number;
  readonly powersW: ReadonlyMap<number, number>;
  readonly hours: GridHours;
  /** What all cars together may draw in strategy `ours_fuse`, W. */
  readonly fuseW: number;
  readonly flexibility: readonly FlexibilityBin[];
  readonly outcomes: Readonly<Record<Strategy, StrategyOutcome>>;
  readonly savingSharePerMyriad: Readonly<Record<'evcc' | 'ours' | 'ours_fuse' | 'ours_discharge', number>>;
}

/** Thrown where no session can be laid over the prices, so that there is nothing to study. */
export class NothingToStudy extends Error {
  override readonly name = 'NothingToStudy';
}

/** Sites and batteries are planned in whole Wh; less is rounding. */
const ROUNDING_WS = 3_600;
const bins: readonly number[] = [0, 1, 2, 4, 6, 8, 10, 12, 16, 24, 48];

/** Plays every session by every strategy. Yields how many of the sessions are done, and returns what was found. */
export function* runStudy(input: StudyInput): Generator<{ done: number; total: number }, Study, void> {
  const { sessions, prices, carbon, timeZone, seed } = input;
  const assumedW = assumePowers(sessions);
  const powerOf = (user: string) => input.powerW ?? assumedW.get(user)!;
  const over = { prices, timeZone, carbon: typeof carbon === 'number' ? undefined : carbon };
  const { charges, withoutEnergy, outsidePrices } = layCharges(sessions, powerOf, over);
  if (charges.length === 0) throw new NothingToStudy('no session with energy fits into the prices');
  const capacities = assumeCapacities(sessions, seed);
  const atOnce = charges.map((charge) => chargeAtOnce(charge, { prices, timeZone }));
  const hours = gridHours(ownTimes(charges, atOnce), timeZone);
  const basis = {
    prices,
    carbon,
    timeZone,
    hours,
    from: least(charges.map(({ session }) => session.arrivedAt)),
    to: most(charges.map(({ session, arrivedAt, leftAt }) => session.arrivedAt + leftAt - arrivedAt)),
  };
  const tallies = Object.fromEntries(strategies.map((name) => [name, openTally(basis)])) as Record<
    Strategy,
    ReturnType<typeof openTally>
  >;
  const rules: Partial<Record<Strategy, ChargeRule>> = {
    evcc: chargeByEvcc,
    ours: chargeByPlan,
    ours_grid: chargeBySparingPlan(hours),
    clairvoyant: chargeClairvoyantly,
  };
  const market = { prices, timeZone };
  const fuseW = input.fuseW ?? peakOf(charges, atOnce, basis);
  const behindFuse = chargeBehindFuse(charges, market, fuseW);

  for (const [index, charge] of charges.entries()) {
    const simple = (stretches: readonly Stretch[]): Done => ({
      stretches,
      missedWs: charge.needWs - stretches.reduce((sum, { ws }) => sum + ws, 0),
      wearMicro: 0,
    });
    const atOnceMicro = tallies.at_once.add(charge, simple(atOnce[index]!));
    for (const name of strategies) {
      const rule = rules[name];
      if (rule !== undefined) tallies[name].add(charge, { ...simple(rule(charge, market)), atOnceMicro });
    }
    const shared = simple(behindFuse[index]!);
    const missedWs = shared.missedWs < ROUNDING_WS ? 0 : shared.missedWs;
    tallies.ours_fuse.add(charge, { ...shared, missedWs, atOnceMicro });
    const battery = batteryOf(charge, capacities.get(charge.session.user)!);
    const giving = (made: GivenBack): Done => ({ ...wornOut(made, battery.targetWh), atOnceMicro });
    tallies.ours_discharge.add(charge, giving(chargeAndGiveBack(charge, market, battery)));
    tallies.clairvoyant_discharge.add(charge, giving(giveBackClairvoyantly(charge, market, battery)));
    yield { done: index + 1, total: charges.length };
  }

  const outcomes = Object.fromEntries(strategies.map((name) => [name, tallies[name].outcome()])) as Record<
    Strategy,
    StrategyOutcome
  >;
  return {
    charges: charges.length,
    withoutEnergy,
    outsidePrices,
    users: new Set(charges.map(({ session }) => session.user)).size,
    garages: new Set(charges.map(({ session }) => session.garage)).size,
    energyWs: charges.reduce((sum, { needWs }) => sum + needWs, 0),
    powersW: countPowers(charges),
    hours,
    fuseW,
    flexibility: flexibilityOf(charges),
    outcomes,
    savingSharePerMyriad: {
      evcc: shareOf(outcomes, 'evcc', 'clairvoyant'),
      ours: shareOf(outcomes, 'ours', 'clairvoyant'),
      ours_fuse: shareOf(outcomes, 'ours_fuse', 'clairvoyant'),
      ours_discharge: shareOf(outcomes, 'ours_discharge', 'clairvoyant_discharge'),
    },
  };
}

/** What giving back cost the battery, and what is missing from the target. */
function wornOut({ stretches, levelWs }: GivenBack, targetWh: number): Done {
  const { dischargePerMille, chargePerMille, wearMicroPerKwh } = BATTERY_ASSUMPTIONS;
  const givenWs = stretches.reduce((sum, { ws }) => sum - Math.min(0, ws), 0);
  const outWs = Math.ceil((givenWs * 1_000) / dischargePerMille);
  const shortWs = targetWh * 3_600 - levelWs;
  return {
    stretches,
    missedWs: shortWs < ROUNDING_WS ? 0 : Math.ceil((shortWs * 1_000) / chargePerMille),
    wearMicro: Math.ceil((outWs * wearMicroPerKwh) / 3_600_000),
  };
}

function peakOf(
  charges: readonly StudyCharge[],
  done: readonly (readonly Stretch[])[],
  { from, to, timeZone }: TallyBasis,
): number {
  const profile = openLoadProfile(from, to, timeZone);
  for (const [index, { movedS }] of charges.entries()) profile.add(quarterParts(done[index]!), movedS);
  return Math.max(1, profile.peakW());
}

function* ownTimes(charges: readonly StudyCharge[], done: readonly (readonly Stretch[])[]) {
  for (const [index, { movedS }] of charges.entries())
    for (const { from, ws } of quarterParts(done[index]!)) yield { from: from - movedS, ws };
}

function shareOf(
  outcomes: Readonly<Record<Strategy, StrategyOutcome>>,
  name: Strategy,
  best: Strategy,
): number {
  const most = outcomes.at_once.costMicro - outcomes[best].costMicro;
  const saved = outcomes.at_once.costMicro - outcomes[name].costMicro;
  return most <= 0 ? 10_000 : Math.floor((saved * 10_000) / most);
}

function countPowers(charges: readonly StudyCharge[]): ReadonlyMap<number, number> {
  const users = new Map(charges.map(({ session, powerW }) => [session.user, powerW]));
  const counts = new Map<number, number>();
  for (const powerW of users.values()) counts.set(powerW, (counts.get(powerW) ?? 0) + 1);
  return new Map([...counts].toSorted(([a], [b]) => a - b));
}

function flexibilityOf(charges: readonly StudyCharge[]): readonly FlexibilityBin[] {
  const idleH = charges.map(
    ({ arrivedAt, leftAt, needWs, powerW }) => (leftAt - arrivedAt - needWs / powerW) / 3_600,
  );
  return bins.map((fromH, index) => {
    const toH = bins[index + 1];
    const charges = idleH.filter((hours) => hours >= fromH && hours < (toH ?? Infinity)).length;
    return { fromH, toH, charges };
  });
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}
