import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import { parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import { describe, expect, test } from 'vitest';
import { refusalForOperator } from './refusalForOperator.ts';

const frame: PriceFrame = {
  pointClass: 'ac',
  currency: 'EUR',
  floorMicro: 200_000,
  ceilingMicro: 500_000,
  mayBeFree: false,
};
const point = { powerW: 11_000, isPublic: true, frame };
const tariffOf = (...components: readonly object[]): Tariff => {
  const read = parseTariff({
    country_code: 'DE',
    party_id: 'BBB',
    id: 'garage',
    currency: 'EUR',
    elements: [{ price_components: components }],
    last_updated: '2026-05-01T00:00:00Z',
  });
  if (!read.ok) throw new Error(read.detail);
  return read.value;
};
const energy = (price: number) => ({ type: 'ENERGY', price, step_size: 1 });
const outside = { refusal: 'price-outside-frame', detail: 'elements[0] ENERGY: in English' };
const unlawful = { refusal: 'tariff-not-allowed-for-power', detail: 'session-fee-not-allowed: in English' };

describe('what an operator is told', () => {
  test('of a price outside the frame: the bound and the price, in the operator’s language', () => {
    const tariff = tariffOf(energy(0.55));
    expect(refusalForOperator(outside, point, { tariff }, 'de')).toEqual({
      refusal: {
        refusal: 'price-outside-frame',
        detail: 'Energie (Tarifelement 1): 0,55 EUR/kWh liegt über der Obergrenze von 0,50 EUR/kWh',
      },
      detailLanguage: 'de',
    });
    expect(refusalForOperator(outside, point, { tariff }, 'en').refusal.detail).toBe(
      'elements[0] ENERGY: 0.55 EUR/kWh is above the ceiling of 0.50 EUR/kWh',
    );
  });

  test('of what the law forbids: which rule', () => {
    const tariff = tariffOf(energy(0.4), { type: 'FLAT', price: 1, step_size: 1 });
    expect(refusalForOperator(unlawful, { ...point, powerW: 50_000 }, { tariff }, 'de')).toEqual({
      refusal: {
        refusal: 'tariff-not-allowed-for-power',
        detail: 'Ab 50 kW kein Entgelt und Mindestpreis je Ladevorgang.',
      },
      detailLanguage: 'de',
    });
  });

  test('of what the app does not find itself: what came, which is English', () => {
    const tariff = tariffOf(energy(0.4));
    for (const refused of [outside, unlawful, { refusal: 'tariff-over', detail: 'since yesterday' }])
      expect(refusalForOperator(refused, point, { tariff }, 'de')).toEqual({
        refusal: refused,
        detailLanguage: 'en',
      });
    const { frame: _, ...unknownFrame } = point;
    expect(
      refusalForOperator(outside, unknownFrame, { tariff: tariffOf(energy(9)) }, 'de').detailLanguage,
    ).toBe('en');
  });

  test('dynamic terms are looked at too', () => {
    const dynamic = {
      area: 'DE-LU',
      factorPerMille: 1_000,
      marginMicro: 0,
      floorMicro: 100_000,
      capMicro: 400_000,
      maxAgeS: 86_400,
    };
    expect(
      refusalForOperator(outside, point, { tariff: tariffOf(energy(0.4)), dynamic }, 'de').refusal.detail,
    ).toBe('kleinster dynamischer Preis: 0,10 EUR/kWh liegt unter der Untergrenze von 0,20 EUR/kWh');
  });
});
