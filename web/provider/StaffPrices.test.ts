import { parsePromotions } from '@p2p-power/tariff/Promotion';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  framesOf,
  newFrame,
  parseCommissionVersions,
  parseFramesAnswer,
  parseRunningPromotions,
  promotionId,
  type RunningPromotion,
  stateOf,
} from './StaffPrices.ts';

const frame = {
  pointClass: 'ac',
  currency: 'EUR',
  floorMicro: 1,
  ceilingMicro: 9,
  mayBeFree: false,
} as const;
const terms = { perKwhMicro: 50_000, perHourMicro: 0, sharePerMille: 0, perSessionMicro: 0 };
const promotion = {
  id: 'first',
  title: 'Die ersten 20 kWh',
  benefit: { type: 'free-energy', energyWh: 20_000 },
  currency: 'EUR',
  startsAt: 100,
  endsAt: 200,
  budgetMicro: 1_000,
} as const;

describe('frames', () => {
  test('are read with the points outside', () => {
    const outside = [{ evseId: 'DEBBBE1', operatorId: 'bert', detail: '0.60 above 0.50' }];
    expect(parseFramesAnswer({ frames: [frame], outside })).toEqual({
      frames: [frame],
      outside: [{ evseId: 'DEBBBE1', detail: '0.60 above 0.50' }],
    });
    for (const json of [null, {}, { frames: [{ floorMicro: 'x' }] }])
      expect(parseFramesAnswer(json)).toBeUndefined();
  });

  test('as typed are frames once every number is one', () => {
    expect(framesOf([frame, newFrame('EUR')])).toBeUndefined();
    expect(framesOf([frame, { ...frame, hourCeilingMicro: null }])).toBeUndefined();
    expect(framesOf([frame, { ...newFrame('EUR'), floorMicro: 0, ceilingMicro: 5 }])).toHaveLength(2);
    expect(framesOf([])).toEqual([]);
  });
});

describe('commissions', () => {
  test('are read by scope; one without terms ends what was', () => {
    const version = { scope: 'operator', subject: 'bert', validFrom: 7, inForce: true };
    expect(
      parseCommissionVersions({
        commissions: [
          { ...version, terms },
          { ...version, terms: null },
          { ...version, terms: { perKwhMicro: -1 } },
          { ...version, scope: 'moon', terms },
        ],
      }),
    ).toEqual([{ ...version, terms }, version]);
  });
});

describe('promotions', () => {
  const running: RunningPromotion = { promotion, spentMicro: 0, charges: 0, customers: 0 };

  test('are read with what they have borne', () => {
    expect(
      parseRunningPromotions({
        promotions: [
          { promotion, spentMicro: 5, charges: 2, customers: 1, endedAt: null },
          { promotion: {}, spentMicro: 5 },
        ],
      }),
    ).toEqual([{ promotion, spentMicro: 5, charges: 2, customers: 1 }]);
  });

  test.each([
    ['coming', running, 99],
    ['running', running, 100],
    ['over', running, 200],
    ['spent', { ...running, spentMicro: 1_000 }, 150],
    ['ended', { ...running, endedAt: 120 }, 150],
  ] as const)('are %s by the time and by what they have borne', (state, given, now) => {
    expect(stateOf(given, now)).toBe(state);
  });

  test('get an id of their title that the provider takes', () => {
    expect(promotionId('Für Gäste: 20 kWh!', '2026-05-28')).toBe('fur-gaste-20-kwh-2026-05-28');
    fc.assert(
      fc.property(fc.string(), (title) => {
        const id = promotionId(title, '2026-05-28');
        expect(parsePromotions([{ ...promotion, id }]).ok).toBe(true);
      }),
    );
  });
});
