import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Promotion, parsePromotions } from './Promotion.ts';

const spring: Promotion = {
  id: 'spring-2026',
  title: 'Spring: ten per cent off',
  benefit: { type: 'percent-off', perMille: 100 },
  currency: 'EUR',
  startsAt: 1_774_994_400,
  endsAt: 1_782_856_800,
  budgetMicro: 5_000_000_000,
  customerMicro: 20_000_000,
  operatorIds: ['DEABC'],
  evseIds: ['DEABCE1', 'DEABCE2'],
};

describe('parsePromotions', () => {
  it('reads every kind, with and without limits', () => {
    const { budgetMicro: _1, customerMicro: _2, operatorIds: _3, evseIds: _4, ...open } = spring;
    const list: readonly Promotion[] = [
      spring,
      { ...open, id: 'first', benefit: { type: 'free-energy', energyWh: 50_000 } },
      { ...open, id: 'again', benefit: { type: 'amount-off', amountMicro: 1_000_000 } },
    ];
    expect(parsePromotions(JSON.parse(JSON.stringify(list)))).toEqual({ ok: true, value: list });
  });

  it('refuses by name', () => {
    const refusal = (...json: readonly unknown[]) => {
      const read = parsePromotions(json);
      return read.ok ? 'ok' : `${read.refusal}: ${read.detail}`;
    };
    expect([
      refusal({ ...spring, id: 'spring 2026' }),
      refusal({ ...spring, title: '' }),
      refusal({ ...spring, title: 'a\u0007' }),
      refusal({ ...spring, benefit: { type: 'gift' } }),
      refusal({ ...spring, benefit: { type: 'percent-off', perMille: 1_001 } }),
      refusal({ ...spring, benefit: { type: 'amount-off', perMille: 5 } }),
      refusal({ ...spring, benefit: { type: 'free-energy', energyWh: 0 } }),
      refusal({ ...spring, endsAt: spring.startsAt }),
      refusal({ ...spring, operatorIds: [] }),
      refusal({ ...spring, budget: 5 }),
      refusal(spring, { ...spring, title: 'the same again' }),
    ]).toMatchInlineSnapshot(`
      [
        "invalid-text: [0].id: expected 1 to 36 letters, digits or . _ -",
        "invalid-text: [0].title: expected 1 to 60 characters without controls",
        "invalid-text: [0].title: expected 1 to 60 characters without controls",
        "unknown-value: [0].benefit.type: expected one of free-energy, percent-off, amount-off",
        "out-of-range: [0].benefit.perMille: must be 1 to 1000",
        "unsupported-field: [0].benefit: perMille is not known here; known are type, amountMicro",
        "out-of-range: [0].benefit.energyWh: must be 1 to 10000000",
        "ends-before-it-starts: [0]: 1774994400 is not after 1774994400",
        "empty-list: [0].operatorIds: expected at least 1",
        "unsupported-field: [0]: budget is not known here; known are id, title, benefit, currency, startsAt, endsAt, budgetMicro, customerMicro, operatorIds, evseIds",
        "duplicate-promotion: [1]: a second spring-2026",
      ]
    `);
  });

  it('takes or refuses any JSON without throwing', () => {
    const nearly = fc.array(fc.record({ id: fc.jsonValue(), benefit: fc.jsonValue() }));
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), nearly), (json) => void parsePromotions(json).ok));
  });
});
