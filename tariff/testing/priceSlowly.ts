import type { PriceComponent, PriceComponentType, PricedSession, Tariff } from '../Tariff.ts';

type Fraction = readonly [numerator: bigint, denominator: bigint];

/**
 * The price before limits by the plainest reading of the rule, minute by minute and with Intl asked for
 * each of them: what `price` is compared with.
 */
export function priceSlowly(
  tariff: Tariff,
  { timeZone, readings, prices }: PricedSession,
): { readonly exclVatMicro: bigint; readonly vatMicro: bigint } {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const atPrice = new Map<string, PriceComponent>();
  /** The component at the price of the quarter-hour; one object for each component and price. */
  const pricedAt = (component: PriceComponent, at: number): PriceComponent => {
    if (prices === undefined || component.type !== 'ENERGY') return component;
    const quarterHour = Math.floor((at - prices.firstAt) / 900);
    const priceMicro = prices.pricesMicro[quarterHour] ?? prices.otherwiseMicro;
    const element = tariff.elements.findIndex(({ priceComponents }) => priceComponents.includes(component));
    const key = `${element}|${priceMicro}`;
    const made = atPrice.get(key) ?? { ...component, priceMicro };
    atPrice.set(key, made);
    return made;
  };
  const componentAt = (type: PriceComponentType, at: number): PriceComponent | undefined => {
    const parts = Object.fromEntries(clock.formatToParts(at * 1000).map((part) => [part.type, part.value]));
    const minute = Number(parts.hour) * 60 + Number(parts.minute);
    const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts.weekday as string) + 1;
    for (const { priceComponents, restrictions } of tariff.elements) {
      const component = priceComponents.find((candidate) => candidate.type === type);
      if (component === undefined) continue;
      const { startMinute = 0, endMinute = 1440, daysOfWeek = [day] } = restrictions ?? {};
      const wraps = endMinute < startMinute;
      const isAfterStart = minute >= startMinute;
      const isBeforeEnd = minute < endMinute;
      if (daysOfWeek.includes(day) && (wraps ? isAfterStart || isBeforeEnd : isAfterStart && isBeforeEnd)) {
        return pricedAt(component, at);
      }
    }
    return undefined;
  };

  const consumed = new Map<PriceComponent, Fraction>();
  const lastOf = new Map<'energy' | 'time', PriceComponent>();
  const consume = (component: PriceComponent | undefined, quantity: Fraction): void => {
    if (component === undefined || quantity[0] === 0n) return;
    consumed.set(component, plus(consumed.get(component) ?? [0n, 1n], quantity));
    lastOf.set(component.type === 'ENERGY' ? 'energy' : 'time', component);
  };
  const [first, ...others] = readings;
  if (first === undefined) throw new RangeError('no readings');
  let flat = componentAt('FLAT', first.at);
  let start = first;
  for (const end of others) {
    const energyWh = end.importWh - start.importWh;
    const timeType = start.state === 'charging' ? 'TIME' : 'PARKING_TIME';
    if (end.at === start.at) consume(componentAt('ENERGY', lastInstant(start.at)), [BigInt(energyWh), 1n]);
    for (let at = start.at; at < end.at; ) {
      const next = Math.min(end.at, (Math.floor(at / 60) + 1) * 60);
      consume(componentAt('ENERGY', at), [BigInt(energyWh * (next - at)), BigInt(end.at - start.at)]);
      consume(componentAt(timeType, at), [BigInt(next - at), 1n]);
      flat ??= componentAt('FLAT', at);
      at = next;
    }
    start = end;
  }

  /** Energy of an empty interval at the very end falls to what was in force just before it. */
  function lastInstant(at: number): number {
    const endAt = readings.at(-1)?.at as number;
    return at === endAt && at > (first?.at as number) ? at - 1 : at;
  }

  for (const last of lastOf.values()) {
    let totalOfType: Fraction = [0n, 1n];
    for (const [component, quantity] of consumed) {
      if (component.type === last.type) totalOfType = plus(totalOfType, quantity);
    }
    const [numerator, denominator] = totalOfType;
    const step = BigInt(last.stepSize) * denominator;
    const stepped = ((numerator + step - 1n) / step) * step;
    consumed.set(last, plus(consumed.get(last) as Fraction, [stepped - numerator, denominator]));
  }
  if (flat !== undefined) consumed.set(flat, [1n, 1n]);

  const perUnit = { ENERGY: 1000n, TIME: 3600n, PARKING_TIME: 3600n, FLAT: 1n };
  let sum: Fraction = [0n, 1n];
  const sumOfRate = new Map<number, Fraction>();
  for (const [{ type, priceMicro, vatBp = 0 }, [numerator, denominator]] of consumed) {
    const amount: Fraction = [numerator * BigInt(priceMicro), denominator * perUnit[type]];
    sum = plus(sum, amount);
    sumOfRate.set(vatBp, plus(sumOfRate.get(vatBp) ?? [0n, 1n], amount));
  }
  let vatMicro = 0n;
  for (const [vatBp, [numerator, denominator]] of sumOfRate) {
    vatMicro += halfUp([numerator * BigInt(vatBp), denominator * 10_000n]);
  }
  return { exclVatMicro: halfUp(sum), vatMicro };
}

function plus([a, b]: Fraction, [c, d]: Fraction): Fraction {
  if (b === d) return [a + c, b];
  let [divisor, rest] = [b * d, a * d + c * b];
  while (rest > 0n) [divisor, rest] = [rest, divisor % rest];
  return [(a * d + c * b) / divisor, (b * d) / divisor];
}

function halfUp([numerator, denominator]: Fraction): bigint {
  const floor = numerator / denominator;
  return 2n * (numerator % denominator) >= denominator ? floor + 1n : floor;
}
