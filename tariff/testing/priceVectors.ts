import fc from 'fast-check';
import { encodeTariff } from '../encodeTariff.ts';
import { price } from '../price.ts';
import type { SessionReading, Tariff } from '../Tariff.ts';
import { arbitraryPlainTariff } from './arbitraryTariff.ts';

/** Zones of the European Union's daylight saving and of none, with standard time less UTC in seconds. */
const zones: readonly (readonly [timeZone: string, standardOffsetS: number, isEuropean: boolean])[] = [
  ['Europe/Berlin', 3600, true],
  ['Europe/Lisbon', 0, true],
  ['Europe/Helsinki', 7200, true],
  ['Atlantic/Azores', -3600, true],
  ['Atlantic/Reykjavik', 0, false],
];

/** What a session costs under a tariff, both packed by {@link packNumbers}. */
export interface PriceVector {
  /** Standard offset plus a day, 1 with daylight saving, number of words, the tariff's words after its texts, readings. */
  readonly data: `0x${string}`;
  readonly energyIsBilled: boolean;
  readonly inclVatMicro: number;
  readonly timeIsBilled: boolean;
}

/**
 * Random tariffs that depend on the clock alone, and sessions, with their prices, always the same for the same seed: every contract and every language
 * must come to these. Sessions begin near the days on which clocks jump, cross midnights, and are cut by the tariff's
 * times between two readings.
 */
export function priceVectors(seed: number, count: number): readonly PriceVector[] {
  const draw = randomNumbers(seed);
  return fc.sample(arbitraryPlainTariff, { seed, numRuns: count }).map((tariff) => {
    const [timeZone, standardOffsetS, isEuropean] = pick(draw, zones);
    const readings = drawReadings(draw);
    const owed = price(tariff, { timeZone, readings });
    const isBilled = (isOfKind: (component: string) => boolean) =>
      owed.lines.some(({ component, priceMicro }) => priceMicro > 0 && isOfKind(component));
    const words = pricedWords(tariff);
    return {
      data: packNumbers([
        standardOffsetS + 86_400,
        isEuropean ? 1 : 0,
        words.length,
        ...words,
        ...readings.flatMap(({ at, importWh, exportWh, state }, index) => {
          const before = readings[index - 1] ?? { at: 0, importWh: 0, exportWh: 0 };
          const rises = [at - before.at, importWh - before.importWh, exportWh - before.exportWh];
          return [...rises, state === 'charging' ? 1 : 0];
        }),
      ]),
      energyIsBilled: isBilled((component) => component === 'ENERGY'),
      inclVatMicro: owed.inclVatMicro,
      timeIsBilled: isBilled((component) => component.endsWith('TIME')),
    };
  });
}

/** The encoding's words behind country, party, id and currency. */
function pricedWords(tariff: Tariff): readonly number[] {
  const bytes = encodeTariff(tariff);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 32 - 5 }, (_, word) =>
    Number(view.getBigUint64((word + 6) * 32 - 8)),
  );
}

const jumpDays = ['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25', '2028-02-29', '2026-12-31'];

/** Quarter-hours with up to six changes of state between them, so that the fractions stay small enough for 256 bits. */
function drawReadings(draw: () => number): readonly SessionReading[] {
  const whole = (least: number, most: number) => least + Math.floor(draw() * (most - least + 1));
  const day = draw() < 0.5 ? Date.parse(pick(draw, jumpDays)) / 1000 : whole(1_577_836_800, 1_893_456_000);
  let at = day + whole(0, 86_399);
  let importWh = whole(0, 1_000_000_000);
  let exportWh = whole(0, 1_000);
  let odd = 6;
  const readings: SessionReading[] = [];
  for (let left = whole(2, 14); left > 0; left -= 1) {
    readings.push({ at, importWh, exportWh, state: draw() < 0.7 ? 'charging' : 'parking' });
    const isOdd = odd > 0 && draw() < 0.4;
    if (isOdd) odd -= 1;
    at += isOdd ? whole(1, 60_000) : pick(draw, [900, 900, 1_800, 3_600]);
    importWh += draw() < 0.2 ? 0 : whole(0, 20_000);
    exportWh += draw() < 0.9 ? 0 : whole(0, 500);
  }
  return readings;
}

/** Numbers one after the other, each in groups of seven bits, the lowest first, the high bit set but in the last group. */
export function packNumbers(numbers: readonly number[]): `0x${string}` {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = BigInt(number);
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
  }
  return `0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function pick<Value>(draw: () => number, values: readonly Value[]): Value {
  return values[Math.floor(draw() * values.length)] as Value;
}

/** Numbers from 0 to below 1 that follow from a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
