import type {
  PriceComponent,
  PriceComponentType,
  PricedSession,
  RecordedReading,
  Tariff,
} from '../Tariff.ts';

/** A number, exactly. */
type Fraction = readonly [numerator: bigint, denominator: bigint];

/**
 * The price before limits by the plainest reading of the rule: each interval between two readings is cut at
 * every full minute and wherever any restriction of the tariff may change, and for the middle of each piece
 * every element is asked anew, with Intl for the clock and with fractions for all else. What `price` is
 * compared with.
 */
export function priceSlowly(
  tariff: Tariff,
  session: PricedSession,
): { readonly exclVatMicro: bigint; readonly vatMicro: bigint } {
  const lines: (readonly [PriceComponent, Fraction])[] = [];
  const { reservation, readings, timeZone } = session;
  if (reservation !== undefined) {
    const kinds = reservation.hasExpired
      ? (['RESERVATION_EXPIRES', 'RESERVATION'] as const)
      : (['RESERVATION'] as const);
    const elements = kinds.flatMap((kind) =>
      tariff.elements.filter(({ restrictions }) => restrictions?.reservation === kind),
    );
    const at = (instant: number) =>
      ({ at: instant, importWh: 0, exportWh: 0, state: 'charging' }) satisfies RecordedReading;
    lines.push(...consumed(elements, { timeZone, readings: [at(reservation.from), at(reservation.to)] }));
  }
  if (readings.length > 0) {
    const elements = tariff.elements.filter(({ restrictions }) => restrictions?.reservation === undefined);
    lines.push(...consumed(elements, session));
  }
  const perUnit = { ENERGY: 1000n, TIME: 3600n, PARKING_TIME: 3600n, FLAT: 1n };
  let sum: Fraction = [0n, 1n];
  const sumOfRate = new Map<number, Fraction>();
  for (const [{ type, priceMicro, vatBp = 0 }, [numerator, denominator]] of lines) {
    const amount: Fraction = [numerator * BigInt(priceMicro), denominator * perUnit[type]];
    sum = plus(sum, amount);
    sumOfRate.set(vatBp, plus(sumOfRate.get(vatBp) ?? [0n, 1n], amount));
  }
  let vatMicro = 0n;
  for (const [rate, [numerator, denominator]] of sumOfRate) {
    const vatBp = tariff.taxes === 'none' ? 0n : BigInt(rate);
    const whole = tariff.taxes === 'included' ? 10_000n + vatBp : 10_000n;
    vatMicro += halfAway([numerator * vatBp, denominator * whole]);
  }
  const owed = halfAway(sum);
  return { exclVatMicro: tariff.taxes === 'included' ? owed - vatMicro : owed, vatMicro };
}

/** How the session goes within a piece. */
interface Moment {
  readonly at: number;
  readonly durationS: Fraction;
  readonly energyWh: Fraction;
  /** Undefined where energy was consumed in no time: more than any bound. */
  readonly powerW: Fraction | undefined;
  readonly currentMa: Fraction | undefined;
}

function consumed(
  elements: Tariff['elements'],
  { timeZone, readings, prices, energy = 'import' }: PricedSession,
): readonly (readonly [PriceComponent, Fraction])[] {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const local = (at: number) => {
    const parts = Object.fromEntries(clock.formatToParts(at * 1000).map((part) => [part.type, part.value]));
    return {
      minute: Number(parts.hour) * 60 + Number(parts.minute),
      dayOfWeek: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts.weekday as string) + 1,
      day: Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day)) / 86_400_000,
    };
  };
  const reaches = (value: Fraction | undefined, bound: number) =>
    value === undefined || compare(value, [BigInt(bound), 1n]) >= 0;
  const componentAt = (
    type: PriceComponentType,
    moment: Moment,
    { minute, dayOfWeek, day }: ReturnType<typeof local>,
  ): PriceComponent | undefined => {
    for (const { priceComponents, restrictions = {} } of elements) {
      const component = priceComponents.find((candidate) => candidate.type === type);
      if (component === undefined) continue;
      const { startMinute = 0, endMinute = 1440, daysOfWeek = [dayOfWeek], startDay = day } = restrictions;
      const wraps = endMinute < startMinute;
      const isInTime = wraps
        ? minute >= startMinute || minute < endMinute
        : minute >= startMinute && minute < endMinute;
      const isInDays =
        daysOfWeek.includes(dayOfWeek) && day >= startDay && day < (restrictions.endDay ?? day + 1);
      const inSpan = (value: Fraction | undefined, least: number | undefined, most: number | undefined) =>
        (least === undefined || reaches(value, least)) && (most === undefined || !reaches(value, most));
      if (
        isInTime &&
        isInDays &&
        inSpan(moment.durationS, restrictions.minDurationS, restrictions.maxDurationS) &&
        inSpan(moment.energyWh, restrictions.minEnergyWh, restrictions.maxEnergyWh) &&
        inSpan(moment.powerW, restrictions.minPowerW, restrictions.maxPowerW) &&
        inSpan(moment.currentMa, restrictions.minCurrentMa, restrictions.maxCurrentMa)
      ) {
        return component;
      }
    }
    return undefined;
  };

  /** One object for each component and price of a quarter-hour. */
  const atPrice = new Map<PriceComponent, Map<number, PriceComponent>>();
  const energyAt = (moment: Moment, now: ReturnType<typeof local>): PriceComponent | undefined => {
    const component = componentAt('ENERGY', moment, now);
    if (prices === undefined || component === undefined) return component;
    const quarterHour = Math.floor((moment.at - prices.firstAt) / 900);
    const priceMicro = prices.pricesMicro[quarterHour] ?? prices.otherwiseMicro;
    const made = atPrice.get(component)?.get(priceMicro) ?? { ...component, priceMicro };
    atPrice.set(component, (atPrice.get(component) ?? new Map()).set(priceMicro, made));
    return made;
  };

  const quantities = new Map<PriceComponent, Fraction>();
  const lastOf = new Map<'energy' | 'time', PriceComponent>();
  const consume = (component: PriceComponent | undefined, quantity: Fraction): void => {
    if (component === undefined || quantity[0] === 0n) return;
    quantities.set(component, plus(quantities.get(component) ?? [0n, 1n], quantity));
    lastOf.set(component.type === 'ENERGY' ? 'energy' : 'time', component);
  };
  const [first, ...others] = readings;
  if (first === undefined) throw new RangeError('no readings');
  const endAt = readings.at(-1)?.at as number;
  const zero: Fraction = [0n, 1n];
  const begin = { at: first.at, durationS: zero, energyWh: zero, powerW: zero, currentMa: zero };
  let flat = endAt === first.at ? componentAt('FLAT', begin, local(first.at)) : undefined;
  let start = first;
  let beforeWh = 0;
  for (const end of others) {
    const exportWh = energy === 'net' ? end.exportWh - start.exportWh : 0;
    const energyWh = end.importWh - start.importWh - exportWh;
    const seconds = end.at - start.at;
    const average: Fraction | undefined =
      seconds === 0 ? (energyWh < 0 ? [-1n, 1n] : undefined) : [BigInt(energyWh * 3600), BigInt(seconds)];
    const powerW: Fraction | undefined = start.powerW === undefined ? average : [BigInt(start.powerW), 1n];
    const currentMa: Fraction | undefined =
      start.currentMa === undefined
        ? powerW && [powerW[0] * 1000n, powerW[1] * 230n]
        : [BigInt(start.currentMa), 1n];
    const shares = cutsOf(start, end, first.at, beforeWh, energyWh, elements);
    for (const [index, from] of shares.entries()) {
      const to = shares[index + 1];
      if (to === undefined) break;
      const middle: Fraction = [from[0] * to[1] + to[0] * from[1], 2n * from[1] * to[1]];
      // Energy in no time at the very end falls to what was in force just before it.
      const instant = seconds === 0 && start.at === endAt && endAt > first.at ? endAt - 1 : start.at;
      const moment: Moment = {
        at: instant + Number((BigInt(seconds) * middle[0]) / middle[1]),
        durationS: plus([BigInt(instant - first.at), 1n], times(middle, seconds)),
        energyWh: plus([BigInt(beforeWh), 1n], times(middle, energyWh)),
        powerW,
        currentMa,
      };
      const now = local(moment.at);
      const part = plus(to, [-from[0], from[1]]);
      consume(energyAt(moment, now), times(part, energyWh));
      consume(
        componentAt(start.state === 'charging' ? 'TIME' : 'PARKING_TIME', moment, now),
        times(part, seconds),
      );
      if (seconds > 0) flat ??= componentAt('FLAT', moment, now);
    }
    beforeWh += energyWh;
    start = end;
  }

  for (const last of lastOf.values()) {
    let totalOfType: Fraction = zero;
    for (const [component, quantity] of quantities) {
      if (component.type === last.type) totalOfType = plus(totalOfType, quantity);
    }
    const [numerator, denominator] = totalOfType;
    if (numerator < 0n) continue;
    const step = BigInt(last.stepSize) * denominator;
    const stepped = ((numerator + step - 1n) / step) * step;
    quantities.set(last, plus(quantities.get(last) as Fraction, [stepped - numerator, denominator]));
  }
  return [...quantities, ...(flat === undefined ? [] : [[flat, [1n, 1n] as Fraction] as const])];
}

/** Where to cut an interval, as shares of it from 0 to 1: minutes, durations, and energies passed. */
function cutsOf(
  start: RecordedReading,
  end: RecordedReading,
  startedAt: number,
  beforeWh: number,
  energyWh: number,
  elements: Tariff['elements'],
): readonly Fraction[] {
  const seconds = end.at - start.at;
  const cuts: Fraction[] = [
    [0n, 1n],
    [1n, 1n],
  ];
  const cutAt = (at: number) => {
    if (at > start.at && at < end.at) cuts.push([BigInt(at - start.at), BigInt(seconds)]);
  };
  for (let at = Math.ceil(start.at / 60) * 60; at < end.at; at += 60) cutAt(at);
  for (const { restrictions = {} } of elements) {
    const { minDurationS, maxDurationS, minEnergyWh, maxEnergyWh } = restrictions;
    for (const bound of [minDurationS, maxDurationS]) if (bound !== undefined) cutAt(startedAt + bound);
    for (const bound of [minEnergyWh, maxEnergyWh]) {
      if (bound === undefined || energyWh === 0) continue;
      const share = energyWh > 0 ? bound - beforeWh : beforeWh - bound;
      if (share > 0 && share < Math.abs(energyWh)) cuts.push([BigInt(share), BigInt(Math.abs(energyWh))]);
    }
  }
  return cuts.sort(compare);
}

function plus([a, b]: Fraction, [c, d]: Fraction): Fraction {
  if (b === d) return [a + c, b];
  const numerator = a * d + c * b;
  let [divisor, rest] = [b * d, numerator < 0n ? -numerator : numerator];
  while (rest > 0n) [divisor, rest] = [rest, divisor % rest];
  return [numerator / divisor, (b * d) / divisor];
}

function times([numerator, denominator]: Fraction, factor: number): Fraction {
  return [numerator * BigInt(factor), denominator];
}

function compare([a, b]: Fraction, [c, d]: Fraction): number {
  const difference = a * d - c * b;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The nearest whole number, half away from zero. */
function halfAway([numerator, denominator]: Fraction): bigint {
  if (numerator < 0n) return -halfAway([-numerator, denominator]);
  const floor = numerator / denominator;
  return 2n * (numerator % denominator) >= denominator ? floor + 1n : floor;
}
