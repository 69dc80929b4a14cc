import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFrame } from './checkFrame.ts';
import type { DynamicTerms } from './DynamicTerms.ts';
import type { PriceFrame } from './PriceFrame.ts';
import { price } from './price.ts';
import type { PriceComponent, Tariff, TariffElement } from './Tariff.ts';
import { arbitrarySession, arbitraryTariff } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';

const frame: PriceFrame = {
  pointClass: 'ac',
  currency: 'EUR',
  floorMicro: 200_000,
  ceilingMicro: 600_000,
  mayBeFree: false,
};

const energy = (priceMicro: number, stepSize = 1): PriceComponent => ({
  type: 'ENERGY',
  priceMicro,
  stepSize,
});
const tariffOf = (...elements: readonly TariffElement[]): Tariff => ({
  ...exampleTariff('tariff_8_simple_025kwh'),
  elements,
});
const at = (priceMicro: number, ...others: readonly PriceComponent[]): Tariff =>
  tariffOf({ priceComponents: [energy(priceMicro), ...others] });
const night = { startMinute: 1320, endMinute: 360 };

const refusal = (tariff: Tariff, given: Partial<PriceFrame> = {}, dynamic?: DynamicTerms) => {
  const checked = checkFrame({ ...frame, ...given }, tariff, dynamic);
  return checked.ok ? 'ok' : `${checked.refusal}: ${checked.detail}`;
};
const inGerman = (tariff: Tariff, given: Partial<PriceFrame> = {}, dynamic?: DynamicTerms) => {
  const checked = checkFrame({ ...frame, ...given }, tariff, dynamic, 'de');
  return checked.ok ? 'ok' : checked.detail;
};

describe('checkFrame', () => {
  it('takes what lies within, its bounds included, and leaves parking to the operator', () => {
    expect(refusal(at(200_000))).toBe('ok');
    expect(refusal(at(600_000))).toBe('ok');
    expect(refusal(at(300_000, { type: 'PARKING_TIME', priceMicro: 90_000_000, stepSize: 86_400 }))).toBe(
      'ok',
    );
  });

  it('names the bound, the price and the place', () => {
    const time: PriceComponent = { type: 'TIME', priceMicro: 3_000_000, stepSize: 60 };
    const flat: PriceComponent = { type: 'FLAT', priceMicro: 1_000_000, stepSize: 0 };
    expect([
      refusal(at(199_999)),
      refusal(at(600_001)),
      refusal(at(0)),
      refusal(
        tariffOf(
          { priceComponents: [energy(650_000)], restrictions: night },
          { priceComponents: [energy(300_000)] },
        ),
      ),
      refusal(tariffOf({ priceComponents: [energy(300_000)], restrictions: night })),
      refusal(tariffOf({ priceComponents: [energy(300_000, 1_001)] })),
      refusal(exampleTariff('tariff_5_free_of_charge')),
      refusal(at(300_000, time)),
      refusal(at(300_000, { ...time, stepSize: 3_601 }), { hourCeilingMicro: 3_000_000 }),
      refusal(at(300_000, flat)),
      refusal({ ...at(300_000), minPrice: { exclVatMicro: 500_000 } }),
      refusal({ ...at(300_000), maxPrice: { exclVatMicro: 0 } }),
      refusal({ ...at(300_000), currency: 'CHF' }),
    ]).toMatchInlineSnapshot(`
      [
        "price-outside-frame: elements[0] ENERGY: 0.199999 EUR/kWh is below the floor of 0.20 EUR/kWh",
        "price-outside-frame: elements[0] ENERGY: 0.600001 EUR/kWh is above the ceiling of 0.60 EUR/kWh",
        "price-outside-frame: elements[0] ENERGY: 0.00 EUR/kWh is below the floor of 0.20 EUR/kWh",
        "price-outside-frame: elements[0] ENERGY: 0.65 EUR/kWh is above the ceiling of 0.60 EUR/kWh",
        "price-outside-frame: energy is free where no element prices it; the floor is 0.20 EUR/kWh",
        "price-outside-frame: elements[0] ENERGY: steps of 1.001 kWh are above the most, 1.000 kWh",
        "price-outside-frame: energy is free where no element prices it; the floor is 0.20 EUR/kWh",
        "price-outside-frame: elements[0] TIME: 3.00 EUR/h is above the ceiling of 0.00 EUR/h",
        "price-outside-frame: elements[0] TIME: steps of 1 h 1 s are above the most, 1 h",
        "price-outside-frame: elements[0] FLAT: 1.00 EUR/session is above the ceiling of 0.00 EUR/session",
        "price-outside-frame: min_price: 0.50 EUR/session is above the ceiling of 0.00 EUR/session",
        "price-outside-frame: max_price makes energy free; the floor is 0.20 EUR/kWh",
        "price-outside-frame: the frame is in EUR, the tariff in CHF",
      ]
    `);
  });

  it('says the same in German', () => {
    const time: PriceComponent = { type: 'TIME', priceMicro: 3_000_000, stepSize: 60 };
    const flat: PriceComponent = { type: 'FLAT', priceMicro: 1_000_000, stepSize: 0 };
    const dynamic: DynamicTerms = {
      area: 'DE-LU',
      factorPerMille: 1_000,
      marginMicro: 0,
      floorMicro: 0,
      capMicro: 300_000,
      maxAgeS: 86_400,
    };
    expect([
      inGerman(at(199_999)),
      inGerman(tariffOf({ priceComponents: [energy(300_000)], restrictions: night })),
      inGerman(at(300_000, { ...time, stepSize: 3_601 }), { hourCeilingMicro: 3_000_000 }),
      inGerman(at(300_000, flat)),
      inGerman(at(300_000, { ...flat, vatBp: 2_750 })),
      inGerman({ ...at(300_000), minPrice: { exclVatMicro: 0, inclVatMicro: 500_000 } }),
      inGerman({ ...at(300_000), maxPrice: { exclVatMicro: 0 } }),
      inGerman({ ...at(300_000), maxPrice: { exclVatMicro: 1_500_000 } }),
      inGerman({ ...at(300_000), currency: 'CHF' }),
      inGerman(at(300_000), {}, dynamic),
      inGerman(at(300_000), {}, { ...dynamic, floorMicro: 200_000, capMicro: 700_000 }),
      inGerman(at(300_000), {}, { ...dynamic, floorMicro: 200_000, fallbackMicro: 900_000 }),
    ]).toMatchInlineSnapshot(`
      [
        "Energie (Tarifelement 1): 0,199999 EUR/kWh liegt unter der Untergrenze von 0,20 EUR/kWh",
        "Energie ist kostenlos, wo kein Tarifelement sie bepreist; die Untergrenze ist 0,20 EUR/kWh",
        "Ladezeit (Tarifelement 1): Schritte von 1 h 1 s liegen über dem Größten, 1 h",
        "Ladevorgang (Tarifelement 1): 1,00 EUR/Ladevorgang liegt über der Obergrenze von 0,00 EUR/Ladevorgang",
        "Ladevorgang (Tarifelement 1): 27,5 % Mehrwertsteuer liegen über dem Höchsten, 27 %",
        "Mindestpreis nach Steuer: 0,50 EUR/Ladevorgang liegt über der Obergrenze von 0,00 EUR/Ladevorgang",
        "der Höchstpreis macht Energie kostenlos; die Untergrenze ist 0,20 EUR/kWh",
        "Höchstpreis: 1,50 EUR liegen unter 20,00 EUR, der Untergrenze für 100 kWh",
        "der Rahmen ist in EUR, der Tarif in CHF",
        "kleinster dynamischer Preis: 0,00 EUR/kWh liegt unter der Untergrenze von 0,20 EUR/kWh",
        "größter dynamischer Preis: 0,70 EUR/kWh liegt über der Obergrenze von 0,60 EUR/kWh",
        "Preis ohne Börsenpreis: 0,90 EUR/kWh liegt über der Obergrenze von 0,60 EUR/kWh",
      ]
    `);
  });

  it('compares prices that include tax before it, exactly', () => {
    const taxed = (priceMicro: number): Tariff => ({
      ...tariffOf({ priceComponents: [{ ...energy(priceMicro), vatBp: 1_900 }] }),
      taxes: 'included',
    });
    expect(refusal(taxed(714_000))).toBe('ok');
    expect(refusal(taxed(714_001))).toBe(
      'price-outside-frame: elements[0] ENERGY: 0.600001 EUR/kWh is above the ceiling of 0.60 EUR/kWh',
    );
    expect(refusal(taxed(238_000))).toBe('ok');
    expect(refusal(taxed(237_999))).toContain('below the floor of 0.20 EUR/kWh');
  });

  it('holds a least price to the ceiling by what it asks after tax, too', () => {
    const least = (inclVatMicro: number, vatBp?: number): Tariff => ({
      ...tariffOf({ priceComponents: [{ ...energy(300_000), ...(vatBp && { vatBp }) }] }),
      minPrice: { exclVatMicro: 0, inclVatMicro },
    });
    expect(refusal(least(20_000_000))).toBe(
      'price-outside-frame: min_price after tax: 20.00 EUR/session is above the ceiling of 0.00 EUR/session',
    );
    expect(refusal(least(1_190_000, 1_900), { sessionCeilingMicro: 1_000_000 })).toBe('ok');
    expect(refusal(least(1_190_001, 1_900), { sessionCeilingMicro: 1_000_000 })).toContain(
      'min_price after tax',
    );
  });

  it('takes no most price that would give energy away below the floor before a battery is full', () => {
    const most = (exclVatMicro: number): Tariff => ({ ...at(300_000), maxPrice: { exclVatMicro } });
    expect(refusal(most(20_000_000))).toBe('ok');
    expect(refusal(most(19_999_999))).toBe(
      'price-outside-frame: max_price: 19.999999 EUR is below 20.00 EUR, the floor of 100 kWh',
    );
    expect(refusal(most(1), { mayBeFree: true })).toBe('ok');
    expect(refusal(most(1), { floorMicro: 0 })).toBe('ok');
  });

  it('takes no rate of tax that no country has: the rest of it would be a price', () => {
    const taxed = (vatBp: number): Tariff => tariffOf({ priceComponents: [{ ...energy(300_000), vatBp }] });
    expect(refusal(taxed(2_700))).toBe('ok');
    expect(refusal(taxed(2_701))).toBe(
      'price-outside-frame: elements[0] ENERGY: 27.01 % VAT are above the most, 27 %',
    );
    expect(
      refusal(at(300_000, { type: 'PARKING_TIME', priceMicro: 1, stepSize: 1, vatBp: 10_000 })),
    ).toContain('elements[0] PARKING_TIME: 100 % VAT');
  });

  it('takes steps of a kWh and an hour, and nothing above', () => {
    const time = (stepSize: number): PriceComponent => ({ type: 'TIME', priceMicro: 1, stepSize });
    const hourly = { hourCeilingMicro: 1 };
    expect(refusal(tariffOf({ priceComponents: [energy(200_000, 1_000)] }))).toBe('ok');
    expect(refusal(tariffOf({ priceComponents: [energy(200_000, 1_001)] }))).toContain('steps of 1.001 kWh');
    expect(refusal(at(200_000, time(3_600)), hourly)).toBe('ok');
    expect(refusal(at(200_000, time(3_601)), hourly)).toContain('steps of 1 h 1 s');
  });

  it('with a floor of nothing asks for no price of energy, at any time', () => {
    const atNight = tariffOf({ priceComponents: [energy(300_000)], restrictions: night });
    expect(refusal(atNight, { floorMicro: 0 })).toBe('ok');
    expect(refusal(at(0), { floorMicro: 0 })).toBe('ok');
    expect(refusal(atNight, { floorMicro: 1 })).toContain('energy is free where no element prices it');
  });

  it('passes over prices that are never in force', () => {
    expect(refusal(tariffOf({ priceComponents: [energy(300_000)] }, { priceComponents: [energy(1)] }))).toBe(
      'ok',
    );
  });

  it('lets energy be free where the frame says so', () => {
    expect(refusal(at(0), { mayBeFree: true })).toBe('ok');
    expect(refusal(at(1), { mayBeFree: true })).toContain('below the floor');
    expect(refusal(exampleTariff('tariff_5_free_of_charge'), { mayBeFree: true })).toBe('ok');
    expect(
      refusal(tariffOf({ priceComponents: [energy(300_000)], restrictions: night }), { mayBeFree: true }),
    ).toBe('ok');
  });

  it('takes what is asked for an hour and a session up to their own ceilings', () => {
    const time: PriceComponent = { type: 'TIME', priceMicro: 3_000_000, stepSize: 60 };
    const flat: PriceComponent = { type: 'FLAT', priceMicro: 1_000_000, stepSize: 0 };
    const ceilings = { hourCeilingMicro: 3_000_000, sessionCeilingMicro: 1_000_000 };
    expect(refusal(at(300_000, time, flat), ceilings)).toBe('ok');
    expect(refusal(at(300_000, time), { ...ceilings, hourCeilingMicro: 2_999_999 })).toContain(
      'ceiling of 2.999999',
    );
    expect(refusal(at(300_000, flat), { ...ceilings, sessionCeilingMicro: 999_999 })).toContain(
      'EUR/session',
    );
  });

  it('asks floor, cap and fallback of dynamic terms', () => {
    const terms: DynamicTerms = {
      area: 'AT',
      factorPerMille: 1_000,
      marginMicro: 100_000,
      floorMicro: 200_000,
      capMicro: 600_000,
      fallbackMicro: 400_000,
      maxAgeS: 3_600,
    };
    const tariff = at(600_000);
    expect([
      refusal(tariff, {}, terms),
      refusal(tariff, {}, { ...terms, floorMicro: 199_999 }),
      refusal(tariff, {}, { ...terms, capMicro: 600_001 }),
      refusal(tariff, {}, { ...terms, fallbackMicro: 700_000 }),
      refusal(tariff, { mayBeFree: true }, { ...terms, floorMicro: 0 }),
    ]).toMatchInlineSnapshot(`
      [
        "ok",
        "price-outside-frame: the dynamic floor: 0.199999 EUR/kWh is below the floor of 0.20 EUR/kWh",
        "price-outside-frame: the dynamic cap: 0.600001 EUR/kWh is above the ceiling of 0.60 EUR/kWh",
        "price-outside-frame: the fallback: 0.70 EUR/kWh is above the ceiling of 0.60 EUR/kWh",
        "price-outside-frame: the dynamic floor: 0.00 EUR/kWh is below the floor of 0.20 EUR/kWh",
      ]
    `);
    const free = { ...terms, floorMicro: 0, capMicro: 0, fallbackMicro: 0 };
    expect(refusal(tariff, { mayBeFree: true }, free)).toBe('ok');
  });

  it('keeps what a session costs within what its energy, time and fee may cost', () => {
    const wide: PriceFrame = {
      ...frame,
      floorMicro: 0,
      ceilingMicro: 5_000_000,
      mayBeFree: true,
      hourCeilingMicro: 5_000_000,
      sessionCeilingMicro: 20_000_000,
    };
    let taken = 0;
    fc.assert(
      fc.property(arbitraryTariff, arbitrarySession, (any, session) => {
        const tariff = withoutParking({ ...any, currency: 'EUR' });
        if (!checkFrame(wide, tariff).ok) return;
        taken += 1;
        const [first, last] = [session.readings[0], session.readings.at(-1)];
        const energyWh = (last?.importWh ?? 0) - (first?.importWh ?? 0) + 1_000;
        const seconds = (last?.at ?? 0) - (first?.at ?? 0) + 3_600;
        const most = (energyWh * 5_000_000) / 1_000 + (seconds * 5_000_000) / 3_600 + 20_000_000;
        const { exclVatMicro, inclVatMicro } = price(tariff, session);
        expect(exclVatMicro).toBeLessThanOrEqual(most + 1);
        expect(inclVatMicro).toBeLessThanOrEqual(most * 1.27 + 4);
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(20);
  });
});

function withoutParking(tariff: Tariff): Tariff {
  const elements = tariff.elements.map((element) => ({
    ...element,
    priceComponents: element.priceComponents.map((component) =>
      component.type === 'PARKING_TIME' ? { ...component, priceMicro: 0, stepSize: 1 } : component,
    ),
  }));
  return { ...tariff, elements };
}
