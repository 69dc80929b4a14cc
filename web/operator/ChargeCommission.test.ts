import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRepeated, parseChargeCommission } from './ChargeCommission.ts';

const terms = { perKwhMicro: 50_000, perHourMicro: 360_000, sharePerMille: 400, perSessionMicro: 0 };
const facts = { energyWh: 7_500, durationS: 4_500, exclVatMicro: 3_385_000 };
const charge = { commissionMicro: 2_179_000, commissionBasis: { terms, ...facts } };

test('a commission is worked out once more, and another amount than stated is told apart', () => {
  const read = parseChargeCommission(charge);
  expect(read).toEqual({ amountMicro: 2_179_000, basis: { terms, facts } });
  expect(read !== undefined && isRepeated(read)).toBe(true);
  const short = parseChargeCommission({ ...charge, commissionMicro: 2_178_999 });
  expect(short !== undefined && isRepeated(short)).toBe(false);
});

test('a charge without one has none, and one that was kept without its basis has the amount alone', () => {
  expect(parseChargeCommission({ commissionMicro: null, commissionBasis: null })).toBeUndefined();
  expect(parseChargeCommission({ commissionMicro: 5, commissionBasis: null })).toEqual({ amountMicro: 5 });
  const broken = { terms: { ...terms, perKwhMicro: -1 }, ...facts };
  expect(parseChargeCommission({ commissionMicro: 5, commissionBasis: broken })).toEqual({ amountMicro: 5 });
  expect(isRepeated({ amountMicro: 5 })).toBe(false);
});

test('nothing that is sent breaks the reading', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (commissionMicro, commissionBasis) => {
      parseChargeCommission({ commissionMicro, commissionBasis });
    }),
  );
});
