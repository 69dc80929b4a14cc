import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { price } from './price.ts';
import { quarterHours } from './quarterHours.ts';
import { type SupplyRates, splitPrice } from './splitPrice.ts';
import { arbitrarySession, arbitraryTariff } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { sessionOf } from './testing/session.ts';

const rates: SupplyRates = { energyMicroPerKwh: 90_000, gridMicroPerKwh: 70_000, leviesMicroPerKwh: 20_500 };

/** An hour, 20 kWh at 0.25 before 10 % tax: 5.00 + 0.50. */
const session = sessionOf('Europe/Berlin', '2026-01-05T08:00:00Z', [60, 20_000, 'charging']);
const owed = price(exampleTariff('tariff_8_simple_025kwh'), session);
const quarters = quarterHours(session.readings);

describe('splitPrice', () => {
  it('gives everyone theirs and the operator the rest', () => {
    expect(splitPrice(owed, quarters, rates)).toEqual({
      energyMicro: 1_800_000,
      infrastructureMicro: 1_390_000,
      gridMicro: 1_400_000,
      leviesMicro: 410_000,
      vatMicro: 500_000,
      inclVatMicro: 5_500_000,
    });
  });

  it("prices each quarter-hour's energy by the supplier's own price", () => {
    const firstAt = Date.parse('2026-01-05T08:15:00Z') / 1000;
    // 5 kWh each: 08:00 before the first, 08:15, 08:30 not known, 08:45
    const energyMicroPerKwh = { firstAt, pricesMicro: [100_000, null, -20_000], otherwiseMicro: 200_000 };
    const split = splitPrice(owed, quarters, { ...rates, energyMicroPerKwh });
    expect(split.energyMicro).toBe(1_000_000 + 500_000 + 1_000_000 - 100_000);
    expect(split.infrastructureMicro).toBe(3_190_000 - split.energyMicro);
  });

  it('shrinks infrastructure first, then energy, then the network fee, and the levies last', () => {
    const parts = (exclVatMicro: number) => {
      const { infrastructureMicro, energyMicro, gridMicro, leviesMicro } = splitPrice(
        { exclVatMicro, vatMicro: 7, inclVatMicro: exclVatMicro + 7 },
        quarters,
        rates,
      );
      return [infrastructureMicro, energyMicro, gridMicro, leviesMicro];
    };
    expect([3_610_001, 3_610_000, 2_000_000, 1_810_000, 500_000, 410_000, 3, 0].map(parts)).toEqual([
      [1, 1_800_000, 1_400_000, 410_000],
      [0, 1_800_000, 1_400_000, 410_000],
      [0, 190_000, 1_400_000, 410_000],
      [0, 0, 1_400_000, 410_000],
      [0, 0, 90_000, 410_000],
      [0, 0, 0, 410_000],
      [0, 0, 0, 3],
      [0, 0, 0, 0],
    ]);
  });

  it('takes nothing from the others where energy was worth less than nothing', () => {
    const split = splitPrice(owed, quarters, { ...rates, energyMicroPerKwh: -500_000 });
    expect(split).toMatchObject({ energyMicro: 0, infrastructureMicro: 3_190_000 });
  });

  it('leaves what is owed back to the driver with the operator', () => {
    const back = { exclVatMicro: -900_000, vatMicro: -90_000, inclVatMicro: -990_000 };
    expect(splitPrice(back, quarters, rates)).toEqual({
      energyMicro: 0,
      infrastructureMicro: -900_000,
      gridMicro: 0,
      leviesMicro: 0,
      vatMicro: -90_000,
      inclVatMicro: -990_000,
    });
  });

  it('adds up to the micro-unit, with no part below zero or above what it costs', () => {
    const perKwh = fc.integer({ min: 0, max: 2_000_000 });
    const supply = fc.record({
      energyMicroPerKwh: fc.oneof(
        fc.integer({ min: -1_000_000, max: 2_000_000 }),
        fc.record({
          firstAt: fc.constant(1_790_100_000),
          pricesMicro: fc.array(fc.option(fc.integer({ min: -1_000_000, max: 2_000_000 }))),
          otherwiseMicro: perKwh,
        }),
      ),
      gridMicroPerKwh: perKwh,
      leviesMicroPerKwh: perKwh,
    });
    fc.assert(
      fc.property(arbitraryTariff, arbitrarySession, supply, (tariff, any, given) => {
        const whole = price(tariff, any);
        const hours = quarterHours(any.readings);
        const { inclVatMicro, ...parts } = splitPrice(whole, hours, given);
        const amounts = Object.values(parts);
        expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(whole.inclVatMicro);
        expect(inclVatMicro).toBe(whole.inclVatMicro);
        expect(amounts.every((amount) => Number.isInteger(amount) && amount >= 0)).toBe(true);
        const energyWh = hours.reduce((sum, { importWh }) => sum + importWh, 0);
        expect(parts.gridMicro).toBeLessThanOrEqual(Math.ceil((energyWh * given.gridMicroPerKwh) / 1000));
        expect(parts.leviesMicro).toBeLessThanOrEqual(Math.ceil((energyWh * given.leviesMicroPerKwh) / 1000));
        if (parts.infrastructureMicro > 0 && typeof given.energyMicroPerKwh === 'number') {
          const energyMicro = Math.round((energyWh * Math.max(0, given.energyMicroPerKwh)) / 1000);
          expect(parts.energyMicro).toBe(energyMicro);
        }
      }),
    );
  });
});
