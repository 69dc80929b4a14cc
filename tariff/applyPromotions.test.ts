import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPromotions, type PromotedCharge } from './applyPromotions.ts';
import type { Benefit, Promotion } from './Promotion.ts';

const charge: PromotedCharge = {
  startedAt: 1_780_000_000,
  operatorId: 'DEABC',
  evseId: 'DEABCE1',
  currency: 'EUR',
  inclVatMicro: 10_000_000,
  energyWh: 30_000,
  energyMicro: 9_000_000,
};

const promotion = (id: string, benefit: Benefit, more: Partial<Promotion> = {}): Promotion => ({
  id,
  title: id,
  benefit,
  currency: 'EUR',
  startsAt: 1_779_000_000,
  endsAt: 1_781_000_000,
  ...more,
});
const free = promotion('free', { type: 'free-energy', energyWh: 10_000 });
const percent = promotion('percent', { type: 'percent-off', perMille: 100 });
const amount = promotion('amount', { type: 'amount-off', amountMicro: 1_500_000 });

const amounts = (promotions: readonly Promotion[], used = {}, given: Partial<PromotedCharge> = {}) =>
  applyPromotions(promotions, { ...charge, ...given }, used).discounts.map(
    ({ promotionId, amountMicro }) => `${promotionId} ${amountMicro}`,
  );

describe('applyPromotions', () => {
  it('gives free energy first, then per cent of what is left, then amounts', () => {
    expect(applyPromotions([amount, percent, free], charge, {})).toEqual({
      discounts: [
        { promotionId: 'free', title: 'free', amountMicro: 3_000_000, energyWh: 10_000 },
        { promotionId: 'percent', title: 'percent', amountMicro: 700_000, energyWh: 0 },
        { promotionId: 'amount', title: 'amount', amountMicro: 1_500_000, energyWh: 0 },
      ],
      toPayMicro: 4_800_000,
    });
  });

  it('counts the first energy of a customer over all charges', () => {
    const used = (customerFreeWh: number) => ({
      free: { spentMicro: 0, customerSpentMicro: 0, customerFreeWh },
    });
    expect(amounts([free], used(9_999))).toEqual(['free 300']);
    expect(amounts([free], used(10_000))).toEqual([]);
    expect(amounts([free], {}, { energyWh: 4_000 })).toEqual(['free 9000000']);
    expect(amounts([free], {}, { energyWh: 0, energyMicro: 0 })).toEqual([]);
  });

  it('keeps to the budget and to the limit for a customer', () => {
    const limited = { ...amount, budgetMicro: 100_000_000, customerMicro: 4_000_000 };
    const used = (spentMicro: number, customerSpentMicro: number) => ({
      amount: { spentMicro, customerSpentMicro, customerFreeWh: 0 },
    });
    expect(amounts([limited])).toEqual(['amount 1500000']);
    expect(amounts([limited], used(99_000_000, 0))).toEqual(['amount 1000000']);
    expect(amounts([limited], used(0, 3_400_000))).toEqual(['amount 600000']);
    expect(amounts([limited], used(100_000_000, 0))).toEqual([]);
    expect(amounts([limited], used(100_000_001, 0))).toEqual([]);
  });

  it('holds from its start on until before its end, at its points, in its currency', () => {
    expect(amounts([amount], {}, { startedAt: amount.startsAt })).toHaveLength(1);
    expect(amounts([amount], {}, { startedAt: amount.startsAt - 1 })).toEqual([]);
    expect(amounts([amount], {}, { startedAt: amount.endsAt })).toEqual([]);
    expect(amounts([{ ...amount, operatorIds: ['DEXYZ', 'DEABC'] }])).toHaveLength(1);
    expect(amounts([{ ...amount, operatorIds: ['DEXYZ'] }])).toEqual([]);
    expect(amounts([{ ...amount, evseIds: ['DEABCE2'] }])).toEqual([]);
    expect(amounts([{ ...amount, currency: 'CHF' }])).toEqual([]);
  });

  it("rounds up, in the driver's favour, and never gives more than is left", () => {
    expect(amounts([percent], {}, { inclVatMicro: 11 })).toEqual(['percent 2']);
    expect(amounts([free], {}, { energyWh: 30_001 })).toEqual(['free 2999901']);
    expect(amounts([amount, { ...amount, id: 'b' }], {}, { inclVatMicro: 1_600_000 })).toEqual([
      'amount 1500000',
      'b 100000',
    ]);
    expect(applyPromotions([amount], { ...charge, inclVatMicro: 0 }, {})).toEqual({
      discounts: [],
      toPayMicro: 0,
    });
  });

  it('takes nothing from a driver who is owed more than owes', () => {
    const owedBack = { inclVatMicro: -2_000_000, energyMicro: 0 };
    expect(amounts([free, percent, amount], {}, owedBack)).toEqual([]);
  });

  it('is not taken in by an id that every object has', () => {
    expect(amounts([{ ...amount, id: 'toString' }])).toEqual(['toString 1500000']);
  });

  it('never goes below zero, over a limit, or by the order of the list', () => {
    const benefit: fc.Arbitrary<Benefit> = fc.oneof(
      fc.record({
        type: fc.constant('free-energy' as const),
        energyWh: fc.integer({ min: 1, max: 100_000 }),
      }),
      fc.record({ type: fc.constant('percent-off' as const), perMille: fc.integer({ min: 1, max: 1_000 }) }),
      fc.record({
        type: fc.constant('amount-off' as const),
        amountMicro: fc.integer({ min: 1, max: 9_000_000 }),
      }),
    );
    const micro = fc.integer({ min: 0, max: 20_000_000 });
    const offer = fc.record({
      benefit,
      startsAt: fc.integer({ min: 1_779_999_990, max: 1_780_000_002 }),
      limits: fc.record({ budgetMicro: micro, customerMicro: micro }, { requiredKeys: [] }),
      used: fc.record({ spentMicro: micro, customerSpentMicro: micro, customerFreeWh: micro }),
    });
    const any = fc.record({
      inclVatMicro: micro,
      energyWh: fc.integer({ min: 0, max: 100_000 }),
      energyPart: fc.integer({ min: 0, max: 1_000 }),
    });
    fc.assert(
      fc.property(
        fc.array(offer, { maxLength: 6 }),
        any,
        (offers, { inclVatMicro, energyWh, energyPart }) => {
          const list = offers.map(({ benefit, startsAt, limits }, index) =>
            promotion(`p${index}`, benefit, { startsAt, ...limits }),
          );
          const used = Object.fromEntries(offers.map(({ used }, index) => [`p${index}`, used]));
          const energyMicro = Math.floor((inclVatMicro * energyPart) / 1_000);
          const given = { ...charge, inclVatMicro, energyWh, energyMicro };
          const { discounts, toPayMicro } = applyPromotions(list, given, used);
          const sum = discounts.reduce((total, { amountMicro }) => total + amountMicro, 0);
          expect(toPayMicro).toBeGreaterThanOrEqual(0);
          expect(sum + toPayMicro).toBe(inclVatMicro);
          for (const { promotionId, amountMicro, energyWh: freeWh } of discounts) {
            const { limits, used } = offers[Number(promotionId.slice(1))] as (typeof offers)[number];
            expect(amountMicro).toBeGreaterThan(0);
            expect(amountMicro + used.spentMicro).toBeLessThanOrEqual(limits.budgetMicro ?? Infinity);
            expect(amountMicro + used.customerSpentMicro).toBeLessThanOrEqual(
              limits.customerMicro ?? Infinity,
            );
            expect(freeWh).toBeLessThanOrEqual(energyWh);
          }
          expect(applyPromotions(list.toReversed(), given, used)).toEqual({ discounts, toPayMicro });
        },
      ),
    );
  });
});
