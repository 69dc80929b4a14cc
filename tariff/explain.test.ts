import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from './explain.ts';
import { price } from './price.ts';
import { type PricedSession, parseTariff, type Tariff } from './Tariff.ts';
import { arbitrarySession, arbitraryTariff, arbitraryTariff230 } from './testing/arbitraryTariff.ts';
import { exampleJson, exampleNames, exampleTariff } from './testing/examples.ts';
import { sessionOf } from './testing/session.ts';
import { amountInWords, type Language } from './words.ts';

/** A Monday in Berlin from 9:30: 165 minutes of charging, 27.5 kWh, then 42 of standing. */
const session = sessionOf(
  'Europe/Berlin',
  '2026-01-05T08:30:00Z',
  [45, 7_500, 'charging'],
  [120, 20_000, 'charging'],
  [42, 0, 'parking'],
);

const receipt = (tariff: Tariff, language: Language, charged: PricedSession = session) =>
  explain(price(tariff, charged), language, charged.timeZone).map(({ text, amountMicro }) =>
    amountMicro === undefined ? `  ${text}` : `${text} = ${amountInWords(amountMicro, language)}`,
  );

/** Every example, also the one that does not say when it was last updated. */
const examples = exampleNames.map((name): readonly [name: string, tariff: Tariff] => {
  const parsed = parseTariff({ last_updated: '2019-02-03T17:00:11Z', ...(exampleJson(name) as object) });
  if (!parsed.ok) throw new Error(`${name}: ${parsed.refusal}`);
  return [name, parsed.value];
});

describe('explain', () => {
  it('tells each example tariff of the OCPI specification on a receipt', () => {
    const told = Object.fromEntries(examples.map(([name, tariff]) => [name, receipt(tariff, 'en')]));
    expect(told).toMatchInlineSnapshot(`
      {
        "tariff_10_025kwh_parking_start": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "45 min parking at 2.00 €/h = 1.50",
          "  3 min of it fill up steps of 15 min",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.40",
        ],
        "tariff_11_not_possible_alt_text": [
          "fee for the session = 0.40",
          "2 h 45 min charging at 1.90 €/h = 5.225",
          "5.2 % VAT = 0.2717",
          "25 % VAT = 0.10",
        ],
        "tariff_12_025kwh_min_price": [
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
        ],
        "tariff_13_simple_3hour_5parking": [
          "2 h 45 min charging at 3.00 €/h = 8.25",
          "45 min parking at 5.00 €/h = 3.75",
          "  3 min of it fill up steps of 5 min",
          "10 % VAT = 0.825",
          "20 % VAT = 0.75",
        ],
        "tariff_14_step_size": [
          "2 h 45 min charging at 1.20 €/h, 00:00–17:00 = 3.30",
          "45 min parking at 1.00 €/h, 00:00–17:00 = 0.75",
          "  3 min of it fill up steps of 15 min",
        ],
        "tariff_15_reservation_5_euro_per_hour": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.10",
        ],
        "tariff_16_reservation_2_euro_fee_5_euro_per_hour": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.10",
        ],
        "tariff_17_reservation_with_expire_fee": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.10",
        ],
        "tariff_18_reservation_with_expire_time": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.10",
        ],
        "tariff_1_simple_2hour": [
          "2 h 45 min charging at 2.00 €/h = 5.50",
          "10 % VAT = 0.55",
        ],
        "tariff_2_alt_text": [
          "2 h 45 min charging at 1.90 €/h = 5.225",
          "5.2 % VAT = 0.2717",
        ],
        "tariff_3_alt_url": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.10",
        ],
        "tariff_4_complex": [
          "fee for the session = 2.50",
          "2 h 45 min charging at 2.00 €/h, Mon–Fri, from 32 A = 5.50",
          "45 min parking at 5.00 €/h, Mon–Fri 09:00–18:00 = 3.75",
          "  3 min of it fill up steps of 5 min",
          "10 % VAT = 0.375",
          "15 % VAT = 0.375",
          "20 % VAT = 1.10",
        ],
        "tariff_5_free_of_charge": [
          "fee for the session: free of charge = 0.00",
        ],
        "tariff_6_025kwh_start_max_price": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.10",
        ],
        "tariff_8_simple_025kwh": [
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
        ],
        "tariff_9_025kwh_start": [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.10",
        ],
        "tariff_put_example": [
          "2 h 45 min charging at 2.00 €/h = 5.50",
          "10 % VAT = 0.55",
        ],
        "tariffrestriction_example_max_duration": [
          "5.000 kWh free of charge, first 30 min = 0.00",
          "5.000 kWh at 0.25 €/kWh, first 1 h = 1.25",
          "17.500 kWh at 0.40 €/kWh = 7.00",
          "20 % VAT = 1.65",
        ],
        "tariffrestriction_example_max_power": [
          "27.500 kWh at 0.20 €/kWh, below 16 kW = 5.50",
          "20 % VAT = 1.10",
        ],
      }
    `);
  });

  it('tells them in German', () => {
    const told = new Set(examples.flatMap(([, tariff]) => receipt(tariff, 'de')));
    expect([...told].toSorted()).toMatchInlineSnapshot(`
      [
        "  davon 3 min zum Auffüllen auf 15 min",
        "  davon 3 min zum Auffüllen auf 5 min",
        "10 % USt. = 0,375",
        "10 % USt. = 0,55",
        "10 % USt. = 0,6875",
        "10 % USt. = 0,825",
        "15 % USt. = 0,375",
        "17,500 kWh zu 0,40 €/kWh = 7,00",
        "2 h 45 min Laden zu 1,20 €/h, 00:00–17:00 = 3,30",
        "2 h 45 min Laden zu 1,90 €/h = 5,225",
        "2 h 45 min Laden zu 2,00 €/h = 5,50",
        "2 h 45 min Laden zu 2,00 €/h, Mo–Fr, ab 32 A = 5,50",
        "2 h 45 min Laden zu 3,00 €/h = 8,25",
        "20 % USt. = 0,10",
        "20 % USt. = 0,40",
        "20 % USt. = 0,75",
        "20 % USt. = 1,10",
        "20 % USt. = 1,65",
        "25 % USt. = 0,10",
        "27,500 kWh zu 0,20 €/kWh, unter 16 kW = 5,50",
        "27,500 kWh zu 0,25 €/kWh = 6,875",
        "45 min Stehen zu 1,00 €/h, 00:00–17:00 = 0,75",
        "45 min Stehen zu 2,00 €/h = 1,50",
        "45 min Stehen zu 5,00 €/h = 3,75",
        "45 min Stehen zu 5,00 €/h, Mo–Fr 09:00–18:00 = 3,75",
        "5,000 kWh kostenlos, erste 30 min = 0,00",
        "5,000 kWh zu 0,25 €/kWh, erste 1 h = 1,25",
        "5,2 % USt. = 0,2717",
        "Entgelt je Ladevorgang = 0,40",
        "Entgelt je Ladevorgang = 0,50",
        "Entgelt je Ladevorgang = 2,50",
        "Entgelt je Ladevorgang: kostenlos = 0,00",
      ]
    `);
  });

  it('tells the reservation before a session, and one that was not used', () => {
    const from = Date.parse('2026-01-05T08:00:00Z') / 1000;
    const kept = { ...session, reservation: { from, to: from + 1_800, hasExpired: false } };
    const expired = { ...session, readings: [], reservation: { from, to: from + 1_800, hasExpired: true } };
    const tariff = exampleTariff('tariff_17_reservation_with_expire_fee');
    expect([
      receipt(tariff, 'en', kept),
      receipt(tariff, 'de', kept),
      receipt(tariff, 'en', expired),
      receipt(tariff, 'de', expired),
    ]).toMatchInlineSnapshot(`
      [
        [
          "30 min reserved at 2.00 €/h = 1.00",
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "10 % VAT = 0.6875",
          "20 % VAT = 0.30",
        ],
        [
          "30 min Reservierung zu 2,00 €/h = 1,00",
          "Entgelt je Ladevorgang = 0,50",
          "27,500 kWh zu 0,25 €/kWh = 6,875",
          "10 % USt. = 0,6875",
          "20 % USt. = 0,30",
        ],
        [
          "fee for the reservation, reservation not used = 4.00",
          "30 min reserved at 2.00 €/h = 1.00",
          "20 % VAT = 1.00",
        ],
        [
          "Entgelt für die Reservierung, Reservierung nicht genutzt = 4,00",
          "30 min Reservierung zu 2,00 €/h = 1,00",
          "20 % USt. = 1,00",
        ],
      ]
    `);
  });

  it('tells prices by the quarter-hour with their time of day', () => {
    const firstAt = Date.parse('2026-01-05T09:00:00Z') / 1000;
    const prices = { firstAt, pricesMicro: [210_000, 185_500, 0], otherwiseMicro: 250_000 };
    const hour = sessionOf('Europe/Berlin', '2026-01-05T08:45:00Z', [60, 10_000, 'charging']);
    const tariff = exampleTariff('tariff_8_simple_025kwh');
    expect([
      receipt(tariff, 'en', { ...hour, prices }),
      receipt(tariff, 'de', { ...hour, prices }),
    ]).toMatchInlineSnapshot(`
      [
        [
          "2.500 kWh at 0.25 €/kWh, 09:45–10:00 = 0.625",
          "2.500 kWh at 0.21 €/kWh, 10:00–10:15 = 0.525",
          "2.500 kWh at 0.1855 €/kWh, 10:15–10:30 = 0.46375",
          "2.500 kWh free of charge, 10:30–10:45 = 0.00",
          "10 % VAT = 0.161375",
        ],
        [
          "2,500 kWh zu 0,25 €/kWh, 09:45–10:00 = 0,625",
          "2,500 kWh zu 0,21 €/kWh, 10:00–10:15 = 0,525",
          "2,500 kWh zu 0,1855 €/kWh, 10:15–10:30 = 0,46375",
          "2,500 kWh kostenlos, 10:30–10:45 = 0,00",
          "10 % USt. = 0,161375",
        ],
      ]
    `);
  });

  it('tells what limits and rounding changed', () => {
    const tariff = exampleTariff('tariff_8_simple_025kwh');
    const least: Tariff = { ...tariff, minPrice: { exclVatMicro: 10_000_000 } };
    const most: Tariff = { ...tariff, maxPrice: { exclVatMicro: 2_000_000 } };
    // 1 Wh at 0.0005 and 0.0005: each half a micro-unit
    const halves: Tariff = {
      ...tariff,
      elements: [
        {
          priceComponents: [{ type: 'ENERGY', priceMicro: 500, stepSize: 1 }],
          restrictions: { endMinute: 600 },
        },
        { priceComponents: [{ type: 'ENERGY', priceMicro: 500, stepSize: 1 }] },
      ],
    };
    const twoWh = sessionOf(
      'Europe/Berlin',
      '2026-01-05T08:30:00Z',
      [30, 1, 'charging'],
      [30, 1, 'charging'],
    );
    expect([
      receipt(least, 'en'),
      receipt(most, 'de'),
      receipt(halves, 'en', twoWh),
      receipt(halves, 'de', twoWh),
    ]).toMatchInlineSnapshot(`
      [
        [
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "raised to the tariff's least price = 3.125",
          "10 % VAT = 1.00",
        ],
        [
          "27,500 kWh zu 0,25 €/kWh = 6,875",
          "gesenkt auf den Höchstpreis des Tarifs = -4,875",
          "10 % USt. = 0,20",
        ],
        [
          "0.001 kWh at 0.0005 €/kWh, 00:00–10:00 = 0.000001",
          "0.001 kWh at 0.0005 €/kWh = 0.000001",
          "rounding of the sum = -0.000001",
        ],
        [
          "0,001 kWh zu 0,0005 €/kWh, 00:00–10:00 = 0,000001",
          "0,001 kWh zu 0,0005 €/kWh = 0,000001",
          "Rundung der Summe = -0,000001",
        ],
      ]
    `);
  });

  it('tells a limit that took effect after tax alone, and energy that was given back', () => {
    const capped: Tariff = {
      ...exampleTariff('tariff_8_simple_025kwh'),
      maxPrice: { exclVatMicro: 9_000_000, inclVatMicro: 7_000_000 },
    };
    expect(receipt(capped, 'en')).toEqual([
      '27.500 kWh at 0.25 €/kWh = 6.875',
      "lowered to the tariff's most price = 0.00",
      '10 % VAT = 0.125',
    ]);
    const [first, ...rest] = sessionOf('Europe/Berlin', '2026-01-05T08:30:00Z', [60, 0, 'charging']).readings;
    const given = rest.map((reading) => ({ ...reading, exportWh: 2_000 }));
    const back = { timeZone: 'Europe/Berlin', readings: [first as (typeof rest)[0], ...given] };
    const plain = exampleTariff('tariff_8_simple_025kwh');
    expect(receipt(plain, 'de', { ...back, energy: 'net' })).toEqual([
      '2,000 kWh zurückgespeist zu 0,25 €/kWh = -0,50',
      '10 % USt. = -0,05',
    ]);
  });

  it('has no line for a tax of nothing', () => {
    const plain = exampleTariff('tariff_8_simple_025kwh');
    const nothing = sessionOf('Europe/Berlin', '2026-01-05T08:30:00Z', [60, 1, 'charging']);
    const cheap = plain.elements.map((element) => ({
      ...element,
      priceComponents: element.priceComponents.map((component) => ({ ...component, priceMicro: 1 })),
    }));
    expect(receipt({ ...plain, elements: cheap }, 'en', nothing)).toEqual([
      '0.001 kWh at 0.000001 €/kWh = 0.00',
    ]);
  });

  it('breaks restrictions that would make a line too long', () => {
    const tariff: Tariff = {
      ...exampleTariff('tariff_8_simple_025kwh'),
      elements: [
        {
          priceComponents: [{ type: 'ENERGY', priceMicro: 390_000, stepSize: 1 }],
          restrictions: {
            daysOfWeek: [1, 3, 5],
            startMinute: 480,
            endMinute: 1080,
            startDay: 20_000,
            endDay: 30_000,
            maxPowerW: 22_000,
          },
        },
      ],
    };
    expect([receipt(tariff, 'en'), receipt(tariff, 'de')]).toMatchInlineSnapshot(`
      [
        [
          "27.500 kWh at 0.39 €/kWh, Mon, Wed, Fri 08:00–18:00 = 10.725",
          "  4 Oct 2024–19 Feb 2052, below 22 kW",
        ],
        [
          "27,500 kWh zu 0,39 €/kWh, Mo, Mi, Fr 08:00–18:00 = 10,725",
          "  4.10.2024–19.2.2052, unter 22 kW",
        ],
      ]
    `);
  });

  it('says the tax that is in the prices, and adds none', () => {
    const tariff: Tariff = { ...exampleTariff('tariff_10_025kwh_parking_start'), taxes: 'included' };
    const { inclVatMicro } = price(tariff, session);
    expect([
      receipt(tariff, 'en'),
      receipt(tariff, 'de'),
      amountInWords(inclVatMicro),
    ]).toMatchInlineSnapshot(`
      [
        [
          "fee for the session = 0.50",
          "27.500 kWh at 0.25 €/kWh = 6.875",
          "45 min parking at 2.00 €/h = 1.50",
          "  3 min of it fill up steps of 15 min",
          "  incl. 10 % VAT: 0.625 €",
          "  incl. 20 % VAT: 0.333333 €",
        ],
        [
          "Entgelt je Ladevorgang = 0,50",
          "27,500 kWh zu 0,25 €/kWh = 6,875",
          "45 min Stehen zu 2,00 €/h = 1,50",
          "  davon 3 min zum Auffüllen auf 15 min",
          "  inkl. 10 % USt.: 0,625 €",
          "  inkl. 20 % USt.: 0,333333 €",
        ],
        "8.875",
      ]
    `);
  });

  it('has amounts that add up to what is owed, and lines of 60 characters', () => {
    fc.assert(
      fc.property(
        fc.oneof(arbitraryTariff, arbitraryTariff230),
        arbitrarySession,
        fc.constantFrom('en' as const, 'de' as const),
        (tariff, any, language) => {
          const owed = price({ ...tariff, currency: 'EUR' }, any);
          const lines = explain(owed, language, any.timeZone);
          const sum = lines.reduce((total, { amountMicro = 0 }) => total + amountMicro, 0);
          expect(sum).toBe(owed.inclVatMicro);
          for (const { text } of lines) expect(text.length).toBeLessThanOrEqual(60);
          expect(lines.length).toBeGreaterThanOrEqual(owed.lines.length);
        },
      ),
    );
  });
});
