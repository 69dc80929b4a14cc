import fc from 'fast-check';
import { expect, test } from 'vitest';
import { owedMicro, parseChargeBill, parsePromotions, parseSplit } from './ChargeSplit.ts';

const split = {
  energyMicro: 2_000_000,
  infrastructureMicro: 1_500_000,
  gridMicro: 800_000,
  leviesMicro: 200_000,
  vatMicro: 855_000,
};
const bill = {
  chargeMicro: 5_355_000,
  creditMicro: 0,
  promotions: [{ promotionId: 'welcome', title: 'Erste 10 kWh', amountMicro: 1_355_000 }],
  split,
};

test('a split is shown only where its parts are the amount', () => {
  expect(parseSplit(split, 5_355_000)).toEqual({
    energy: 2_000_000,
    infrastructure: 1_500_000,
    grid: 800_000,
    levies: 200_000,
    vat: 855_000,
  });
  expect(parseSplit(split, 5_355_001)).toBeUndefined();
  expect(parseSplit({ ...split, gridMicro: '800000' }, 5_355_000)).toBeUndefined();
  expect(parseSplit(null, 0)).toBeUndefined();
});

test('promotions have a title and take something off', () => {
  const [plain] = bill.promotions;
  const read = { title: 'Erste 10 kWh', amountMicro: 1_355_000, taxes: [] };
  expect(parsePromotions(bill.promotions)).toEqual([read]);
  const taxes = [{ vatBp: 1_900, exclVatMicro: 1_138_655, vatMicro: 216_345 }];
  expect(parsePromotions([{ ...plain, taxes }])).toEqual([{ ...read, taxes }]);
  // Parts that are not the discount are shown to nobody.
  expect(parsePromotions([{ ...plain, taxes: [...taxes, ...taxes] }])).toEqual([read]);
  expect(parsePromotions([{ ...plain, taxes: null }])).toEqual([read]);
  expect(parsePromotions([{ title: 1, amountMicro: 1 }, { title: 'x', amountMicro: -1 }, null, 'x'])).toEqual(
    [],
  );
  expect(parsePromotions('x')).toEqual([]);
});

test('what is owed is the charge less promotions and credit', () => {
  const read = parseChargeBill({ ...bill, creditMicro: 1_000_000 });
  expect(read?.split?.energy).toBe(2_000_000);
  expect(read !== undefined && owedMicro(read)).toBe(3_000_000);
  expect(parseChargeBill({ chargeMicro: 5, split: null })).toEqual({
    chargeMicro: 5,
    creditMicro: 0,
    promotions: [],
  });
  expect(parseChargeBill({ chargeMicro: -5 })).toBeUndefined();
});

test('nothing that is sent breaks the reading', () => {
  fc.assert(
    fc.property(fc.anything(), fc.integer(), (anything, amount) => {
      parseSplit(anything, amount);
      parsePromotions(anything);
      parseChargeBill(anything);
    }),
  );
});
