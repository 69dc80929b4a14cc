import { plainTariff } from '@p2p-power/protocol/testing/world';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareOffer, priceOfUsualCharge } from './compareOffer.ts';

const usual = { energyWh: 20_000, powerW: 11_000 };
const at = 1_780_300_000;
const id = (digit: string) => `0x${digit.repeat(64)}` as const;

const withEnergyPrice = (priceMicro: number): Tariff => ({
  ...plainTariff,
  elements: [{ priceComponents: [{ type: 'ENERGY', priceMicro, vatBp: 1_900, stepSize: 1 }] }],
});
const offered = (tariff: Tariff, maxPowerW = 11_000) => ({
  tariff,
  tariffId: id('a'),
  timeZone: 'Europe/Berlin',
  maxPowerW,
});

describe('an offer that is not what was said before', () => {
  test('the same tariff, price and power give no warning', () => {
    const known = { tariff: plainTariff, tariffId: id('a'), maxPowerW: 11_000 };
    expect(compareOffer(known, offered(plainTariff), usual, at)).toEqual([]);
  });

  test('another price for my charge is told with both values', () => {
    const known = { tariff: withEnergyPrice(390_000), tariffId: id('b'), maxPowerW: 11_000 };
    expect(compareOffer(known, offered(withEnergyPrice(490_000)), usual, at)).toEqual([
      { kind: 'price', knownMicro: 9_282_000, offeredMicro: 11_662_000 },
      { kind: 'tariff' },
    ]);
  });

  test('another tariff is told even where my charge costs the same', () => {
    const dearAfterwards: Tariff = {
      ...withEnergyPrice(390_000),
      elements: [
        ...withEnergyPrice(390_000).elements,
        { priceComponents: [{ type: 'PARKING_TIME', priceMicro: 6_000_000, stepSize: 1 }] },
      ],
    };
    const known = { tariff: withEnergyPrice(390_000), tariffId: id('b'), maxPowerW: 11_000 };
    expect(compareOffer(known, offered(dearAfterwards), usual, at)).toEqual([{ kind: 'tariff' }]);
  });

  test('where only a price was said, that is compared', () => {
    const known = { priceMicro: 9_000_000, maxPowerW: 11_000 };
    expect(compareOffer(known, offered(withEnergyPrice(390_000)), usual, at)).toEqual([
      { kind: 'price', knownMicro: 9_000_000, offeredMicro: 9_282_000 },
    ]);
  });

  test('less power than promised is told, more is not', () => {
    const known = { tariff: plainTariff, tariffId: id('a'), maxPowerW: 11_000 };
    expect(compareOffer(known, offered(plainTariff, 7_400), usual, at)).toEqual([
      { kind: 'power', knownW: 11_000, offeredW: 7_400 },
    ]);
    expect(compareOffer(known, offered(plainTariff, 22_000), usual, at)).toEqual([]);
  });

  describe('with prices by the quarter-hour', () => {
    const firstAt = at - (at % 900);
    const said = { firstAt, pricesMicro: Array(16).fill(200_000), otherwiseMicro: 400_000 };
    const tariff = withEnergyPrice(500_000);
    const known = {
      tariff,
      tariffId: id('a'),
      maxPowerW: 11_000,
      dynamic: { nextHours: said, capMicro: 450_000, isFallback: false },
    };
    const compare = (prices: typeof said, knownPoint: Parameters<typeof compareOffer>[0] = known) =>
      compareOffer(knownPoint, { ...offered(tariff), prices }, usual, at);

    test('the same prices, or lower ones, give no warning', () => {
      expect(compare(said)).toEqual([]);
      expect(compare({ ...said, pricesMicro: Array(16).fill(150_000) })).toEqual([]);
    });

    test('what costs more than the map said is told with both values', () => {
      expect(compare({ ...said, pricesMicro: Array(16).fill(250_000) })).toEqual([
        { kind: 'price', knownMicro: 4_760_000, offeredMicro: 5_950_000 },
      ]);
    });

    test('a fallback where market prices were said is named', () => {
      expect(compare({ ...said, pricesMicro: [] })).toEqual([
        { kind: 'price', knownMicro: 4_760_000, offeredMicro: 9_520_000 },
        { kind: 'fallback' },
      ]);
      const fallenBack = { ...said, pricesMicro: [] };
      const knownFallback = {
        ...known,
        dynamic: { ...known.dynamic, nextHours: fallenBack, isFallback: true },
      };
      expect(compare(fallenBack, knownFallback)).toEqual([]);
    });

    test('a price above the promised highest is told even where my charge does not reach it', () => {
      const late = { ...said, pricesMicro: [...said.pricesMicro, 460_000] };
      expect(compare(late)).toEqual([{ kind: 'cap', knownMicro: 450_000, offeredMicro: 460_000 }]);
    });

    test('where the map knew the printed tariff only, no offer below it is told', () => {
      const { dynamic: _, ...fixed } = known;
      expect(compare(said, fixed)).toEqual([]);
    });
  });

  test('a power that no charge has is priced too, and never as a charge of years', () => {
    const byTheHour: Tariff = {
      ...plainTariff,
      elements: [{ priceComponents: [{ type: 'TIME', priceMicro: 1_000_000, stepSize: 1 }] }],
    };
    for (const powerW of [0, 1, 17, 1_000])
      expect(priceOfUsualCharge(byTheHour, 'Europe/Berlin', powerW, usual, at)).toBe(20_000_000);
    expect(() => compareOffer({ maxPowerW: 0 }, offered(plainTariff, 0), usual, at)).not.toThrow();
  });

  test('a warning of the price appears exactly where the prices differ', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.integer({ min: 1, max: 2_000_000 }),
        (said, asked) => {
          const known = { tariff: withEnergyPrice(said), tariffId: id('a'), maxPowerW: 11_000 };
          const found = compareOffer(known, offered(withEnergyPrice(asked)), usual, at);
          const price = (micro: number) =>
            priceOfUsualCharge(withEnergyPrice(micro), 'Europe/Berlin', 11_000, usual, at);
          expect(found.some(({ kind }) => kind === 'price')).toBe(price(said) !== price(asked));
        },
      ),
      { numRuns: 50 },
    );
  });
});
