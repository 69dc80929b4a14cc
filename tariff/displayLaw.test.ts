import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDisplayLaw, findingInWords, isBreach } from './displayLaw.ts';
import { displayPrice } from './displayPrice.ts';
import type { PriceComponent, PriceComponentType, Tariff, TariffRestrictions } from './Tariff.ts';
import { arbitraryTariff } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';

const component = (type: PriceComponentType, priceMicro: number, vatBp = 0): PriceComponent => ({
  type,
  priceMicro,
  stepSize: 1,
  vatBp,
});
const tariffOf = (...priceComponents: readonly PriceComponent[]): Tariff => ({
  ...exampleTariff('tariff_8_simple_025kwh'),
  elements: [{ priceComponents }],
});
const restricted = (tariff: Tariff, restrictions: TariffRestrictions): Tariff => ({
  ...tariff,
  elements: tariff.elements.map((element) => ({ ...element, restrictions })),
});

const fast = { powerW: 50_000, isPublic: true };
const energy = component('ENERGY', 500_000);
const free = exampleTariff('tariff_5_free_of_charge');

describe('checkDisplayLaw', () => {
  it('takes energy and an occupancy fee at fast public points', () => {
    expect(checkDisplayLaw(tariffOf(energy), fast)).toEqual([]);
    expect(checkDisplayLaw(tariffOf(energy, component('PARKING_TIME', 6_000_000, 1_900)), fast)).toEqual([]);
    expect(checkDisplayLaw(free, fast)).toEqual([]);
  });

  it('names what they may not have', () => {
    expect(checkDisplayLaw(tariffOf(energy, component('FLAT', 500_000)), fast)).toEqual([
      'session-fee-not-allowed',
    ]);
    const least = { ...tariffOf(energy), minPrice: { exclVatMicro: 1 } };
    expect(checkDisplayLaw(least, fast)).toEqual(['session-fee-not-allowed']);
    expect(checkDisplayLaw(tariffOf(energy, component('TIME', 3_000_000)), fast)).toEqual([
      'charging-time-not-allowed',
    ]);
    expect(checkDisplayLaw(tariffOf(component('PARKING_TIME', 3_000_000)), fast)).toEqual([
      'energy-price-missing',
    ]);
    expect(checkDisplayLaw(restricted(tariffOf(energy), { endMinute: 600 }), fast)).toEqual([
      'energy-price-missing',
    ]);
    expect(checkDisplayLaw(tariffOf(component('FLAT', 1), component('TIME', 1)), fast)).toEqual([
      'session-fee-not-allowed',
      'charging-time-not-allowed',
      'energy-price-missing',
      'minute-price-not-exact',
    ]);
  });

  it('takes a least price for a fee that is named after tax alone', () => {
    const least = { ...tariffOf(energy), minPrice: { exclVatMicro: 0, inclVatMicro: 1 } };
    expect(checkDisplayLaw(least, fast)).toEqual(['session-fee-not-allowed']);
    const none = { ...tariffOf(energy), minPrice: { exclVatMicro: 0, inclVatMicro: 0 } };
    expect(checkDisplayLaw(none, fast)).toEqual([]);
  });

  it('names steps that would hide a fee: more than a kWh, more than a minute', () => {
    const stepped = (kwhStep: number, parkingStep: number, parkingMicro = 6_000_000): Tariff =>
      tariffOf(
        { ...energy, stepSize: kwhStep },
        { ...component('PARKING_TIME', parkingMicro), stepSize: parkingStep },
      );
    expect(checkDisplayLaw(stepped(1_000, 60), fast)).toEqual([]);
    expect(checkDisplayLaw(stepped(1_001, 60), fast)).toEqual(['steps-too-large']);
    expect(checkDisplayLaw(stepped(1_000, 61), fast)).toEqual(['steps-too-large']);
    expect(checkDisplayLaw(stepped(1_000, 900, 0), fast)).toEqual([]);
    expect(checkDisplayLaw(stepped(1_000_000, 86_400), { ...fast, isPublic: false })).toEqual([]);
    expect(isBreach('steps-too-large')).toBe(true);
  });

  it('passes over what costs nothing or is never in force', () => {
    expect(checkDisplayLaw(tariffOf(energy, component('FLAT', 0), component('TIME', 0)), fast)).toEqual([]);
    const behind = tariffOf(energy, component('FLAT', 0));
    const elements = [...behind.elements, { priceComponents: [component('FLAT', 500_000)] }];
    expect(checkDisplayLaw({ ...behind, elements }, fast)).toEqual([]);
  });

  it('asks nothing of the kind below 50 kW and where the public has no access', () => {
    const any = tariffOf(component('FLAT', 500_000), component('TIME', 3_000_000));
    expect(checkDisplayLaw(any, { powerW: 49_999, isPublic: true })).toEqual([]);
    expect(checkDisplayLaw(any, { powerW: 300_000, isPublic: false })).toEqual([]);
  });

  it('says where a minute cannot be shown exactly, after tax', () => {
    const slow = { powerW: 22_000, isPublic: true };
    expect(checkDisplayLaw(tariffOf(component('TIME', 2_000_000)), slow)).toEqual(['minute-price-not-exact']);
    expect(checkDisplayLaw(tariffOf(component('TIME', 2_000_000, 2_000)), slow)).toEqual([]);
    const taxed: Tariff = { ...tariffOf(component('TIME', 2_000_000, 2_000)), taxes: 'included' };
    expect(checkDisplayLaw(taxed, slow)).toEqual(['minute-price-not-exact']);
    expect(checkDisplayLaw(tariffOf(component('PARKING_TIME', 5_000_000)), slow)).toEqual([
      'minute-price-not-exact',
    ]);
  });

  it('and where half a micro-unit a minute is too much: an hour must divide by sixty', () => {
    const hourly = (priceMicro: number) => tariffOf(energy, component('PARKING_TIME', priceMicro));
    expect(checkDisplayLaw(hourly(2_400_030), fast)).toEqual(['minute-price-not-exact']);
    expect(checkDisplayLaw(hourly(2_400_060), fast)).toEqual([]);
  });

  it('finds no breach exactly where kWh and minutes of parking are all that is displayed', () => {
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(arbitraryTariff, fc.boolean(), (any, isPlain) => {
        const tariff = displayable(any, isPlain);
        const lines = displayPrice(tariff, 'en').filter(({ priceMicro }) => priceMicro > 0);
        const isOther = (unit: string) => ['minute-charging', 'session', 'at-least'].includes(unit);
        const breaches = checkDisplayLaw(tariff, fast).filter(isBreach);
        const unseen = ['energy-price-missing', 'steps-too-large'];
        const others = breaches.filter((finding) => !unseen.includes(finding));
        expect(others.length > 0).toBe(lines.some(({ unit }) => isOther(unit)));
        seen[others.length > 0 ? 'yes' : 'no'] += 1;
      }),
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(5);
  });
});

/** Prices of an hour that show in a minute; where it is plain, nothing for charging time and session. */
function displayable({ minPrice, ...tariff }: Tariff, isPlain: boolean): Tariff {
  const priceOf = ({ type, priceMicro }: PriceComponent) =>
    isPlain && (type === 'TIME' || type === 'FLAT') ? 0 : priceMicro * 60;
  return {
    ...tariff,
    ...(minPrice && !isPlain && { minPrice }),
    elements: tariff.elements.map((element) => ({
      ...element,
      priceComponents: element.priceComponents.map((each) => ({ ...each, priceMicro: priceOf(each) })),
    })),
  };
}

it('tells findings in short sentences', () => {
  for (const finding of [
    'session-fee-not-allowed',
    'energy-price-missing',
    'steps-too-large',
    'minute-price-not-exact',
  ] as const) {
    for (const language of ['en', 'de'] as const) {
      expect(findingInWords(finding, language).length).toBeLessThanOrEqual(60);
    }
  }
  expect(findingInWords('charging-time-not-allowed', 'de')).toBe('Ab 50 kW kein Preis für die Ladezeit.');
});
