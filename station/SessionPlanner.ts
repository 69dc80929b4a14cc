import { nextPower } from '@p2p-power/planning/ChargePlan';
import { type BatteryState, isOnCourse, planSessionDischarge } from '@p2p-power/planning/sessionDischarge';
import { type Outlook, planSession, type SessionTerms } from '@p2p-power/planning/sessionWish';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { PlannedPower } from '@p2p-power/protocol/LocalLink';
import type { Agreement, SessionPlan } from './Session.ts';

/** A session as its planner sees it. `spentMicro` is asked only when a plan is made. */
export interface PlannedSession {
  readonly authorizationId: Hex;
  readonly agreement: Agreement;
  /** Its first reading, epoch seconds; undefined before. */
  readonly startedAt?: number;
  /** Energy that the car has had, Wh. */
  readonly takenWh: number;
  readonly spentMicro: () => number | undefined;
  readonly battery?: BatteryState;
  /** The car takes nothing although it may. */
  readonly isParking: boolean;
  /** The plan that was shown. */
  readonly plan?: SessionPlan;
}

/** Says what a session means to do; what it said before stays while it can. */
export interface SessionPlanner {
  /** The plan to go by now: the very one shown (the same object), or another to be shown from now on. */
  plan(session: PlannedSession, now: number): SessionPlan;
}

/** A plan is looked at again after this, s: the car may have taken more or less than planned. */
const replanS = 60;
/** So long, s, what was planned last goes on after its end: a car that is behind needs no plan for some Wh. */
const graceS = 60;
/** The same for a car that takes nothing now: it may want some again, and each new plan is written down. */
const parkedGraceS = 900;

/**
 * A planner for one session at a time. What it remembers is only when it last looked: the plan itself is the session's,
 * journalled, so that after a kill the same one goes on.
 */
export function sessionPlanner(outlook: () => Outlook): SessionPlanner {
  let looked: { readonly of: Hex; readonly at: number; readonly outlook: Outlook } | undefined;
  return {
    plan(session, now) {
      const { plan, authorizationId } = session;
      const known = outlook();
      const isSame =
        looked?.of === authorizationId &&
        looked.outlook.carbon === known.carbon &&
        looked.outlook.grid === known.grid;
      const isRecent = looked !== undefined && now >= looked.at && now < looked.at + replanS;
      if (plan !== undefined && isSame) {
        const isRunOut = now >= runsUntil(plan);
        if (isRunOut ? now < endsAt(plan, session.isParking) : isRecent) return plan;
      }
      looked = { of: authorizationId, at: now, outlook: known };
      return makePlan(session, known, now);
    },
  };
}

const runsUntil = ({ plan }: SessionPlan): number => plan.slots.at(-1)?.to ?? Number.POSITIVE_INFINITY;

/** When a plan is over for good: a car that is a little behind goes on a little longer before it is planned anew. */
const endsAt = (plan: SessionPlan, isParking: boolean): number =>
  runsUntil(plan) + (plan.kind === 'exchange' ? 0 : isParking ? parkedGraceS : graceS);

function makePlan(session: PlannedSession, outlook: Outlook, now: number): SessionPlan {
  const { agreement, takenWh, battery, plan: shown } = session;
  const terms = termsOf(agreement);
  const { value } = agreement.authorization;
  const { startedAt = now } = session;
  // A tariff that asks how long a session has lasted asks from its first reading on.
  const wish = now >= value.startAt ? { ...value, startAt: startedAt } : value;
  if (battery !== undefined) {
    if (shown?.kind === 'exchange' && isOnCourse(shown, battery, now)) return shown;
    const plan = planSessionDischarge(terms, wish, outlook, battery, now, takenWh, session.spentMicro());
    if (plan !== undefined) return { kind: 'exchange', plan, levelWh: battery.levelWh, at: now };
  }
  const before = shown?.kind === 'charge' ? shown.plan : undefined;
  const plan = planSession(terms, wish, outlook, now, takenWh, before, session.spentMicro());
  return plan === before && shown !== undefined ? shown : { kind: 'charge', plan };
}

/** What was offered, as planning takes it. */
export function termsOf({ offer, tariff, prices }: Agreement): SessionTerms {
  const { timeZone, maxPowerW, feedInMicroPerKwh } = offer.value;
  return { tariff, timeZone, ...(prices && { prices }), maxPowerW, feedInMicroPerKwh };
}

/**
 * The power that the plan means now, W; below 0 the car gives back. A session whose bounds are used up is offered all
 * there is, so that it ends by them and does not wait for ever.
 */
export function plannedPowerW(
  { authorization, offer }: Agreement,
  plan: SessionPlan,
  now: number,
  takenWh: number,
  isParking = false,
): number {
  const { startAt, maxPowerW, maxEnergyWh } = authorization.value;
  if (now < startAt) return 0;
  const isUsedUp = takenWh >= maxEnergyWh || (plan.kind === 'charge' && plan.plan.energyWh === 0);
  if (!isUsedUp) {
    const { powerW, until } = nextPower(plan.plan, now);
    const last = plan.plan.slots.at(-1);
    const isInGrace = until === undefined && last !== undefined && now < endsAt(plan, isParking);
    return isInGrace ? last.powerW : powerW;
  }
  return maxPowerW === 0 ? offer.value.maxPowerW : Math.min(offer.value.maxPowerW, maxPowerW);
}

/** What is left of a plan, for the phone. */
export function plannedFrom({ plan }: SessionPlan, now: number): readonly PlannedPower[] {
  return plan.slots
    .filter(({ to }) => to > now)
    .map(({ from, to, powerW }) => ({ from: Math.max(from, now), to, powerW }));
}
