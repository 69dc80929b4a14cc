import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Commission, operatorShare, workOutCommission } from './Commission.ts';
import { explainCommission } from './explainCommission.ts';

const none: Commission = { perKwhMicro: 0, perHourMicro: 0, sharePerMille: 0, perSessionMicro: 0 };
/** The garage of docs/prices.md: 5 ct a kWh, 36 ct an hour, 40 %. */
const garage: Commission = { ...none, perKwhMicro: 50_000, perHourMicro: 360_000, sharePerMille: 400 };
const charge = { energyWh: 7_500, durationS: 4_500, exclVatMicro: 3_385_000 };

describe('workOutCommission', () => {
  it('names each part, the sum, and what bound it', () => {
    expect(workOutCommission({ ...garage, perSessionMicro: 100_000 }, charge)).toEqual({
      energyMicro: 375_000,
      timeMicro: 450_000,
      shareMicro: 1_354_000,
      sessionMicro: 100_000,
      sumMicro: 2_279_000,
      amountMicro: 2_279_000,
    });
    const bound = (commission: Commission, facts = charge) => {
      const worked = workOutCommission(commission, facts);
      return [worked.bound, worked.sumMicro, worked.amountMicro];
    };
    expect(bound({ ...garage, leastMicro: 2_179_000, mostMicro: 2_179_000 })).toEqual([
      undefined,
      2_179_000,
      2_179_000,
    ]);
    expect(bound({ ...garage, leastMicro: 2_179_001 })).toEqual(['least', 2_179_000, 2_179_001]);
    expect(bound({ ...garage, mostMicro: 2_178_999 })).toEqual(['most', 2_179_000, 2_178_999]);
    expect(bound({ ...garage, leastMicro: 4_000_000 })).toEqual(['charge', 2_179_000, 3_385_000]);
    expect(bound(none, { ...charge, exclVatMicro: -5 })).toEqual([undefined, 0, 0]);
    expect(bound(garage, { ...charge, exclVatMicro: -5 })).toEqual(['charge', 824_998, 0]);
  });
});

describe('explainCommission', () => {
  it('says how it came about, in lines that add up', () => {
    expect(explainCommission(garage, charge, 'en', 'EUR')).toEqual([
      { text: '7.500 kWh at 0.05 €/kWh', amountMicro: 375_000 },
      { text: '1 h 15 min at 0.36 €/h', amountMicro: 450_000 },
      { text: '40 % of 3.385 € before tax', amountMicro: 1_354_000 },
    ]);
    const bounded = { ...none, perSessionMicro: 200_000, sharePerMille: 125, mostMicro: 500_000 };
    expect(explainCommission(bounded, charge, 'de', 'CHF')).toEqual([
      { text: '12,5 % von 3,385 CHF vor Steuer', amountMicro: 423_125 },
      { text: 'für den Ladevorgang', amountMicro: 200_000 },
      { text: 'gesenkt auf den vereinbarten Höchstbetrag', amountMicro: -123_125 },
    ]);
    expect(explainCommission({ ...none, leastMicro: 300_000 }, charge, 'en', 'EUR')).toEqual([
      { text: 'raised to the least that was agreed', amountMicro: 300_000 },
    ]);
    // 0.3 + 0.3 of a micro-unit
    const tiny = { ...none, perKwhMicro: 300, perHourMicro: 1_080 };
    expect(
      explainCommission(tiny, { energyWh: 1, durationS: 1, exclVatMicro: 10 }, 'en', 'EUR').at(-1),
    ).toEqual({ text: 'rounding of the sum', amountMicro: 1 });
  });

  it('adds up to the operator’s share, in lines of at most 60 characters', () => {
    const amount = fc.integer({ min: 0, max: 100_000_000_000 });
    const limit = fc.option(amount, { nil: undefined });
    const commission = fc
      .record({
        perKwhMicro: amount,
        perHourMicro: amount,
        sharePerMille: fc.integer({ min: 0, max: 1_000 }),
        perSessionMicro: amount,
        leastMicro: limit,
        mostMicro: limit,
      })
      .map(
        ({ leastMicro, mostMicro, ...rest }): Commission => ({
          ...rest,
          ...(leastMicro !== undefined && { leastMicro }),
          ...(mostMicro !== undefined && { mostMicro: Math.max(mostMicro, leastMicro ?? 0) }),
        }),
      );
    const facts = fc.record({
      energyWh: fc.integer({ min: 0, max: 10_000_000 }),
      durationS: fc.integer({ min: 0, max: 366 * 86_400 }),
      exclVatMicro: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    });
    const language = fc.constantFrom('en' as const, 'de' as const);
    fc.assert(
      fc.property(commission, facts, language, (agreed, of, words) => {
        const lines = explainCommission(agreed, of, words, 'EUR');
        const sum = lines.reduce((total, { amountMicro = 0 }) => total + amountMicro, 0);
        expect(sum).toBe(operatorShare(agreed, of));
        for (const { text } of lines) expect(text.length).toBeLessThanOrEqual(60);
      }),
    );
  });
});
