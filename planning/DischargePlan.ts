import type { PriceSlot } from '@p2p-power/tariff/tariffSlots';
import { divideRounded } from './account.ts';
import { type AvoidSlot, assertInOrder, assertWhole, type PowerLimit } from './ChargeWish.ts';
import { cutAt } from './objectiveSlots.ts';
import { storagePath } from './storagePath.ts';

/**
 * A car that may give back. Times are epoch seconds, powers and energies at the point's meter, levels in the
 * battery. `slots` are the prices of energy drawn, `feedInSlots` what energy given back earns; both in order,
 * without overlap. Efficiencies, per mille, hold between meter and battery. `wearMicroPerKwh` is what a kWh
 * taken from the battery to be given back wears it, in money. The driver wants `targetWh` in the battery by
 * `readyBy`, and never less than `reserveWh`; below it the car charges at once. Without `isConsented` nothing
 * is given back.
 */
export interface DischargeWish {
  readonly now: number;
  readonly readyBy: number;
  readonly levelWh: number;
  readonly capacityWh: number;
  readonly reserveWh: number;
  readonly targetWh: number;
  readonly maxChargeW: number;
  readonly maxDischargeW: number;
  readonly chargePerMille: number;
  readonly dischargePerMille: number;
  readonly wearMicroPerKwh: number;
  readonly isConsented: boolean;
  readonly slots: readonly PriceSlot[];
  readonly feedInSlots: readonly PriceSlot[];
  /** The most that may be drawn at times, in order and without overlap. */
  readonly limits?: readonly PowerLimit[];
  /**
   * What a kWh drawn counts at times besides its price, and a kWh given back besides what it earns, micro-units not below
   * 0, in order and without overlap: a grid that is strained. Nobody pays it.
   */
  readonly avoid?: readonly AvoidSlot[];
  /** What giving back has to save at least, micro-units of money; left out: nothing. */
  readonly leastSavedMicro?: number;
  /** The most that may be drawn in all, as long as the target needs no more; left out: anything. */
  readonly mostDrawnWh?: number;
}

/** A time and the power at the meter in it: above 0 charges, below 0 gives back. */
export interface ExchangeSlot {
  readonly from: number;
  readonly to: number;
  readonly powerW: number;
}

/**
 * When to charge and when to give back. `drawnMicro` is what is paid, `earnedMicro` what is credited, `wearMicro`
 * the battery's wear; `costMicro` is the first less the second plus the third, each rounded once. `savedMicro` is
 * what the plan saves against the best one that gives nothing back; it is never below 0. `levelWh` is what the
 * battery holds at `readyBy`. `basis` as in `ChargePlan`.
 */
export interface DischargePlan {
  readonly slots: readonly ExchangeSlot[];
  readonly drawnWh: number;
  readonly givenWh: number;
  readonly drawnMicro: number;
  readonly earnedMicro: number;
  readonly wearMicro: number;
  readonly costMicro: number;
  readonly savedMicro: number;
  readonly levelWh: number;
  readonly basis: 'cheapest' | 'deadline-too-soon' | 'prices-missing';
}

/** A stretch of time with one price each way, in the battery's watt-seconds. */
export interface ExchangeStep {
  readonly from: number;
  readonly to: number;
  /** Most that may come in, and most that may go out. */
  readonly inWs: number;
  readonly outWs: number;
  /** What a watt-second costs to bring in, and what it earns to take out, wear taken off; in one unit. */
  readonly inCost: number;
  readonly outEarn: number;
  readonly priceMicroPerKwh: number;
  readonly feedInMicroPerKwh: number;
}

const WS_PER_WH = 3_600;
const MOST_WH = 10_000_000;
const MOST_W = 10_000_000;
const MOST_PRICE_MICRO = 1_000_000_000;

/** Two paths are mixed by so many parts. */
const MIX_PARTS = 2 ** 14;

/** What is avoided is halved so often at most until giving back saves enough. */
const HALVINGS = 8;

/**
 * The cheapest way to have the target by the time, with giving back where that pays after losses and wear, and with what
 * is to be avoided counted. What is given back for that never costs the driver: of what giving back saves without it at
 * least half remains, in money, against the plan that gives nothing back; else it counts less, or nothing is given.
 * Where prices of drawing are unknown nothing is drawn, where those of giving back are unknown nothing is given.
 * In a slot whose energy earns more given back than it costs drawn (losses and wear counted) nothing is given:
 * no price shall make it pay to turn energy round within a quarter-hour. Throws RangeError on a wish that makes
 * no sense.
 */
export function planDischarge(wish: DischargeWish): DischargePlan {
  assertDischargeWish(wish);
  const { avoid = [], leastSavedMicro = 0 } = wish;
  const steps = exchangeSteps(wish);
  const alone = exchange(
    wish,
    steps.map((step) => ({ ...step, outWs: 0 })),
  );
  if (!wish.isConsented) return { ...alone.plan, savedMicro: 0 };
  const savedMicro = ({ plan }: Exchanged) => alone.plan.costMicro - plan.costMicro;
  const byPrice = exchange(wish, avoid.length === 0 ? steps : exchangeSteps({ ...wish, avoid: [] }));
  // Rounding, a micro-unit at most, must not make giving back look better than it is.
  const halfMicro = avoid.length === 0 ? 1 : Math.ceil(savedMicro(byPrice) / 2);
  const enoughMicro = Math.max(1, leastSavedMicro, halfMicro);
  const isEnough = (made: Exchanged) => made.plan.givenWh > 0 && savedMicro(made) >= enoughMicro;
  let best = alone;
  const consider = (made: Exchanged): boolean => {
    if (!isEnough(made)) return false;
    if (made.countsMicro < best.countsMicro) best = made;
    return true;
  };
  consider(byPrice);
  for (let halvings = 0; avoid.length > 0 && halvings <= HALVINGS; halvings += 1) {
    const counted = avoid.map((slot) => ({ ...slot, perKwh: Math.floor(slot.perKwh / 2 ** halvings) }));
    if (consider(exchange(wish, exchangeSteps({ ...wish, avoid: counted })))) break;
  }
  return { ...best.plan, savedMicro: savedMicro(best) };
}

/** The steps that a wish comes to, in the unit micro-units per kWh × 1000 × charging efficiency. */
export function exchangeSteps(wish: DischargeWish): readonly ExchangeStep[] {
  const { now, readyBy, chargePerMille, dischargePerMille, wearMicroPerKwh } = wish;
  const { limits = [], avoid = [] } = wish;
  const edges = [...wish.slots, ...wish.feedInSlots, ...limits, ...avoid].flatMap(({ from, to }) => [
    from,
    to,
  ]);
  const parts = now < readyBy ? cutAt([{ from: now, to: readyBy }], edges) : [];
  return parts.map(({ from, to }): ExchangeStep => {
    const price = wish.slots.find((slot) => slot.from <= from && from < slot.to)?.priceMicroPerKwh;
    const feedIn = wish.feedInSlots.find((slot) => slot.from <= from && from < slot.to)?.priceMicroPerKwh;
    const limitW = limits.find((slot) => slot.from <= from && from < slot.to)?.maxPowerW ?? wish.maxChargeW;
    const mostW = Math.min(wish.maxChargeW, limitW);
    const besides = avoid.find((slot) => slot.from <= from && from < slot.to)?.perKwh ?? 0;
    // Per watt-second in the battery: drawn / efficiency; given × efficiency, less wear.
    const inCost = ((price ?? 0) + besides) * 1_000_000;
    const outEarn =
      (((feedIn ?? 0) + besides) * dischargePerMille - wearMicroPerKwh * 1_000) * chargePerMille;
    const mayGive = wish.isConsented && feedIn !== undefined && (price === undefined || outEarn <= inCost);
    return {
      from,
      to,
      inWs: price === undefined ? 0 : Math.floor(((to - from) * mostW * chargePerMille) / 1_000),
      outWs: mayGive ? Math.floor(((to - from) * wish.maxDischargeW * 1_000) / dischargePerMille) : 0,
      // A way that is closed must not order the other's slope.
      inCost: price === undefined ? outEarn : inCost,
      outEarn: mayGive ? outEarn : Math.min(inCost, outEarn),
      priceMicroPerKwh: price ?? 0,
      feedInMicroPerKwh: feedIn ?? 0,
    };
  });
}

/** Level bounds at each boundary and at the end, as far as they can be kept; the battery's watt-seconds. */
export function levelBounds(wish: DischargeWish, steps: readonly ExchangeStep[]) {
  const [level, capacity] = [wish.levelWh * WS_PER_WH, wish.capacityWh * WS_PER_WH];
  const reserve = Math.min(wish.reserveWh * WS_PER_WH, capacity);
  let reachable = level;
  const leastWs = steps.map(({ inWs }) => {
    reachable = Math.min(capacity, reachable + inWs);
    return Math.min(reserve, reachable);
  });
  const target = Math.max(wish.targetWh * WS_PER_WH, leastWs.at(-1) ?? 0);
  const endWs = Math.min(target, reachable);
  if (leastWs.length > 0) leastWs[leastWs.length - 1] = endWs;
  return { leastWs, endWs, capacity, isReachable: target <= reachable };
}

/** A plan, and what it counts: its cost, and all that is to be avoided. */
interface Exchanged {
  readonly plan: Omit<DischargePlan, 'savedMicro'>;
  readonly countsMicro: number;
}

function exchange(wish: DischargeWish, steps: readonly ExchangeStep[]): Exchanged {
  const { leastWs, capacity, isReachable } = levelBounds(wish, steps);
  const isPriced =
    wish.slots.some(({ from, to }) => from <= wish.now && to >= wish.readyBy) ||
    steps.every(({ inWs }) => inWs > 0);
  const basis = isReachable ? 'cheapest' : isPriced ? 'deadline-too-soon' : 'prices-missing';
  const path = (besides: number) =>
    storagePath(
      besides === 0 ? steps : steps.map((step) => ({ ...step, inCost: step.inCost + besides * 1_000_000 })),
      wish.levelWh * WS_PER_WH,
      leastWs,
      capacity,
    );
  const described = (changeWs: readonly number[]) => describe(wish, steps, changeWs, basis);
  const { mostDrawnWh } = wish;
  const free = path(0);
  const made = described(free);
  if (mostDrawnWh === undefined || made.plan.drawnWh <= mostDrawnWh) return made;
  // So dear that nothing is drawn to be given, nor for a price below 0.
  const [dearest, cheapest] = [
    Math.max(0, ...steps.map(({ outEarn }) => outEarn)),
    Math.min(...steps.map(({ inCost }) => inCost)),
  ];
  const mostBesides = Math.ceil((dearest - cheapest) / 1_000_000) + 1;
  return within({ free, path, described, mostDrawnWh, mostBesides });
}

/**
 * The path of least cost that draws no more than `mostDrawnWh`, exact but for a micro-unit per kWh: what is drawn counts more
 * (a Lagrangian multiplier), by so much that one path still draws too much, and by a micro-unit more, so that another does not.
 * There both are best, and so is every mixture of them. Where the target needs more, the path that draws the least.
 */
function within({
  free,
  path,
  described,
  mostDrawnWh,
  mostBesides,
}: {
  readonly free: readonly number[];
  /** The best path where a kWh drawn counts so much besides its price, micro-units. */
  readonly path: (besides: number) => readonly number[];
  readonly described: (changeWs: readonly number[]) => Exchanged;
  readonly mostDrawnWh: number;
  readonly mostBesides: number;
}): Exchanged {
  const isWithin = (made: Exchanged) => made.plan.drawnWh <= mostDrawnWh;
  let [over, under] = [free, path(mostBesides)];
  let best = described(under);
  if (!isWithin(best)) return best;
  for (let [low, high] = [0, mostBesides]; high - low > 1; ) {
    const middle = Math.floor((low + high) / 2);
    const changeWs = path(middle);
    const made = described(changeWs);
    if (isWithin(made)) [high, under, best] = [middle, changeWs, made];
    else [low, over] = [middle, changeWs];
  }
  for (let [low, high] = [0, MIX_PARTS]; high - low > 1; ) {
    const parts = Math.floor((low + high) / 2);
    const made = described(mixed(under, over, parts));
    if (isWithin(made)) [low, best] = [parts, made];
    else high = parts;
  }
  return best;
}

/**
 * Between two paths: so many parts of {@link MIX_PARTS} of the second, level by level, so that it keeps to all bounds that
 * both keep to.
 */
function mixed(one: readonly number[], other: readonly number[], parts: number): readonly number[] {
  let [oneWs, otherWs, levelWs] = [0, 0, 0];
  return one.map((ws, index) => {
    oneWs += ws;
    otherWs += other[index] as number;
    const before = levelWs;
    levelWs = oneWs + Math.round(((otherWs - oneWs) * parts) / MIX_PARTS);
    return levelWs - before;
  });
}

function describe(
  wish: DischargeWish,
  steps: readonly ExchangeStep[],
  changeWs: readonly number[],
  basis: DischargePlan['basis'],
): Exchanged {
  const { chargePerMille, dischargePerMille, wearMicroPerKwh, avoid = [] } = wish;
  let countsMicro = 0;
  let [paid, earned, drawn, given, out] = [0n, 0n, 0, 0, 0];
  const slots: ExchangeSlot[] = [];
  for (const [index, { from, to, priceMicroPerKwh, feedInMicroPerKwh }] of steps.entries()) {
    const ws = changeWs[index] as number;
    if (ws === 0) continue;
    const meterWs =
      ws > 0 ? Math.ceil((ws * 1_000) / chargePerMille) : Math.floor((-ws * dischargePerMille) / 1_000);
    const powerW = ws > 0 ? Math.ceil(meterWs / (to - from)) : -Math.floor(meterWs / (to - from));
    slots.push({ from, to, powerW });
    const besides = avoid.find((slot) => slot.from <= from && from < slot.to)?.perKwh ?? 0;
    countsMicro += (Math.sign(ws) * meterWs * besides) / 3_600_000;
    if (ws > 0) {
      paid += BigInt(ws) * BigInt(priceMicroPerKwh);
      drawn += meterWs;
    } else {
      earned += BigInt(-ws) * BigInt(feedInMicroPerKwh);
      given += meterWs;
      out -= ws;
    }
  }
  const perKwh = 3_600_000n;
  const drawnMicro = roundedQuotient(paid * 1_000n, perKwh * BigInt(chargePerMille));
  const earnedMicro = roundedQuotient(earned * BigInt(dischargePerMille), perKwh * 1_000n);
  const wearMicro = roundedQuotient(BigInt(out) * BigInt(wearMicroPerKwh), perKwh);
  const levelWs = changeWs.reduce((sum, ws) => sum + ws, wish.levelWh * WS_PER_WH);
  const costMicro = drawnMicro - earnedMicro + wearMicro;
  const plan = {
    slots,
    drawnWh: divideRounded(drawn, WS_PER_WH),
    givenWh: divideRounded(given, WS_PER_WH),
    drawnMicro,
    earnedMicro,
    wearMicro,
    costMicro,
    levelWh: Math.floor(levelWs / WS_PER_WH),
    basis,
  };
  return { plan, countsMicro: costMicro + Math.round(countsMicro) };
}

/** Rounded half away from zero. */
function roundedQuotient(numerator: bigint, divisor: bigint): number {
  const size = numerator < 0n ? -numerator : numerator;
  const rounded = Number((2n * size + divisor) / (2n * divisor));
  return numerator < 0n && rounded > 0 ? -rounded : rounded;
}

function assertDischargeWish(wish: DischargeWish): void {
  assertInOrder('slot', wish.slots);
  assertInOrder('feedInSlot', wish.feedInSlots);
  assertInOrder('limit', wish.limits ?? []);
  for (const { maxPowerW } of wish.limits ?? []) assertWhole('limit.maxPowerW', maxPowerW, 0, MOST_W);
  assertInOrder('avoid', wish.avoid ?? []);
  for (const { perKwh } of wish.avoid ?? []) assertWhole('avoid.perKwh', perKwh, 0, MOST_PRICE_MICRO);
  assertWhole('mostDrawnWh', wish.mostDrawnWh ?? 0, 0, Number.MAX_SAFE_INTEGER);
  assertWhole('leastSavedMicro', wish.leastSavedMicro ?? 0, 0, Number.MAX_SAFE_INTEGER);
  assertWhole('now', wish.now, 0, 253_402_300_799);
  assertWhole('readyBy', wish.readyBy, 0, wish.now + 366 * 86_400);
  assertWhole('capacityWh', wish.capacityWh, 0, MOST_WH);
  for (const name of ['levelWh', 'reserveWh', 'targetWh'] as const)
    assertWhole(name, wish[name], 0, wish.capacityWh);
  assertWhole('maxChargeW', wish.maxChargeW, 0, MOST_W);
  assertWhole('maxDischargeW', wish.maxDischargeW, 0, MOST_W);
  assertWhole('chargePerMille', wish.chargePerMille, 1, 1_000);
  assertWhole('dischargePerMille', wish.dischargePerMille, 1, 1_000);
  assertWhole('wearMicroPerKwh', wish.wearMicroPerKwh, 0, MOST_PRICE_MICRO);
  for (const { priceMicroPerKwh } of [...wish.slots, ...wish.feedInSlots])
    assertWhole('priceMicroPerKwh', priceMicroPerKwh, -MOST_PRICE_MICRO, MOST_PRICE_MICRO);
}
