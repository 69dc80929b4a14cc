import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayPrice } from './displayPrice.ts';
import type { Tariff } from './Tariff.ts';
import { arbitraryTariff } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';

const everything: Tariff = {
  ...exampleTariff('tariff_8_simple_025kwh'),
  elements: [
    { priceComponents: [{ type: 'FLAT', priceMicro: 500_000, vatBp: 1900, stepSize: 1 }] },
    {
      priceComponents: [
        { type: 'PARKING_TIME', priceMicro: 3_000_000, vatBp: 1900, stepSize: 900 },
        { type: 'ENERGY', priceMicro: 390_000, vatBp: 1900, stepSize: 1 },
      ],
      restrictions: { startMinute: 480, endMinute: 1080, daysOfWeek: [1, 2, 3, 4, 5] },
    },
    {
      priceComponents: [
        { type: 'TIME', priceMicro: 2_000_000, stepSize: 1 },
        { type: 'ENERGY', priceMicro: 290_000, vatBp: 750, stepSize: 100 },
      ],
    },
    { priceComponents: [{ type: 'ENERGY', priceMicro: 1, stepSize: 1 }] },
  ],
  minPrice: { exclVatMicro: 1_000_000, inclVatMicro: 1_190_000 },
  maxPrice: { exclVatMicro: 50_000_000 },
};

const texts = (tariff: Tariff, language: 'en' | 'de') =>
  displayPrice(tariff, language).map(({ text }) => text);

describe('displayPrice', () => {
  it('tells prices per kWh, per minute, per session and the limits, in that order', () => {
    expect(texts(everything, 'en')).toMatchInlineSnapshot(`
      [
        "0.4641 €/kWh incl. 19 % VAT, Mon–Fri 08:00–18:00",
        "0.3118 €/kWh incl. 7.5 % VAT, at other times, in steps of 0.100 kWh",
        "0.0333 €/min charging",
        "0.0595 €/min parking incl. 19 % VAT, Mon–Fri 08:00–18:00, in steps of 15 min",
        "0.595 € per session incl. 19 % VAT",
        "at least 1.19 €",
        "at most 50.00 € before VAT",
      ]
    `);
  });

  it('tells them in German', () => {
    expect(texts(everything, 'de')).toMatchInlineSnapshot(`
      [
        "0,4641 €/kWh inkl. 19 % USt., Mo–Fr 08:00–18:00",
        "0,3118 €/kWh inkl. 7,5 % USt., sonst, in Schritten von 0,100 kWh",
        "0,0333 €/min Laden",
        "0,0595 €/min Stehen inkl. 19 % USt., Mo–Fr 08:00–18:00, in Schritten von 15 min",
        "0,595 € je Ladevorgang inkl. 19 % USt.",
        "mindestens 1,19 €",
        "höchstens 50,00 € vor USt.",
      ]
    `);
  });

  it('adds no tax to prices that include it', () => {
    const taxed: Tariff = { ...exampleTariff('tariff_8_simple_025kwh'), taxes: 'included' };
    expect(texts(taxed, 'en')).toEqual(['0.25 €/kWh incl. 10 % VAT']);
  });

  it('says plainly what is free', () => {
    expect(texts(exampleTariff('tariff_5_free_of_charge'), 'en')).toEqual(['free of charge']);
    expect(texts(exampleTariff('tariff_5_free_of_charge'), 'de')).toEqual(['kostenlos']);
  });

  it('gives the price of a minute as a number too', () => {
    const [line] = displayPrice(exampleTariff('tariff_1_simple_2hour'), 'en');
    expect(line).toEqual({
      unit: 'minute-charging',
      priceMicro: 36_667,
      text: '0.0367 €/min charging incl. 10 % VAT, in steps of 1 min',
    });
  });

  it('tells what a reservation costs, and every restriction', () => {
    const kept: Tariff = {
      ...exampleTariff('tariff_8_simple_025kwh'),
      elements: [
        {
          priceComponents: [{ type: 'FLAT', priceMicro: 4_000_000, vatBp: 2_000, stepSize: 1 }],
          restrictions: { reservation: 'RESERVATION_EXPIRES' },
        },
        {
          priceComponents: [{ type: 'TIME', priceMicro: 3_000_000, vatBp: 2_000, stepSize: 600 }],
          restrictions: { reservation: 'RESERVATION', daysOfWeek: [6, 7] },
        },
        {
          priceComponents: [
            { type: 'ENERGY', priceMicro: 0, stepSize: 1 },
            { type: 'TIME', priceMicro: 0, stepSize: 1 },
          ],
          restrictions: { maxDurationS: 7_200 },
        },
        {
          priceComponents: [
            { type: 'ENERGY', priceMicro: 300_000, stepSize: 1 },
            { type: 'TIME', priceMicro: 1_200_000, stepSize: 1 },
          ],
          restrictions: { maxPowerW: 22_000, minEnergyWh: 10_000 },
        },
        { priceComponents: [{ type: 'ENERGY', priceMicro: 250_000, stepSize: 1 }] },
      ],
    };
    expect([texts(kept, 'en'), texts(kept, 'de')]).toMatchInlineSnapshot(`
      [
        [
          "0.00 €/kWh, first 2 h",
          "0.30 €/kWh, after 10 kWh, below 22 kW",
          "0.25 €/kWh, at other times",
          "0.00 €/min charging, first 2 h",
          "0.02 €/min charging, after 10 kWh, below 22 kW",
          "0.06 €/min reserved incl. 20 % VAT, Sat, Sun, in steps of 10 min",
          "4.80 € per reservation incl. 20 % VAT, if it is not used",
        ],
        [
          "0,00 €/kWh, erste 2 h",
          "0,30 €/kWh, nach 10 kWh, unter 22 kW",
          "0,25 €/kWh, sonst",
          "0,00 €/min Laden, erste 2 h",
          "0,02 €/min Laden, nach 10 kWh, unter 22 kW",
          "0,06 €/min Reservierung inkl. 20 % USt., Sa, So, in Schritten von 10 min",
          "4,80 € je Reservierung inkl. 20 % USt., wenn sie nicht genutzt wird",
        ],
      ]
    `);
  });

  it('keeps the order of the law for any tariff, and says something', () => {
    const rank = [
      'kwh',
      'minute-charging',
      'minute-parking',
      'session',
      'minute-reserved',
      'reservation',
      'at-least',
      'at-most',
    ];
    fc.assert(
      fc.property(arbitraryTariff, fc.constantFrom('en' as const, 'de' as const), (tariff, language) => {
        const lines = displayPrice(tariff, language);
        const ranks = lines.map(({ unit }) => rank.indexOf(unit));
        expect(lines.length).toBeGreaterThan(0);
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      }),
    );
  });
});
