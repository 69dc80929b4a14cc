import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTariff, printTariff, type Tariff } from './Tariff.ts';
import { arbitraryTariff } from './testing/arbitraryTariff.ts';
import { exampleJson, exampleNames, exampleTariff } from './testing/examples.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into untyped JSON to spoil it
type Json = any;

const simple = (): Json => structuredClone(exampleJson('tariff_10_025kwh_parking_start'));

describe('parseTariff', () => {
  it('takes or refuses every example of the specification, by name', () => {
    const outcomes = exampleNames.map((name) => {
      const parsed = parseTariff(exampleJson(name));
      return parsed.ok ? `${name}: taken` : `${name}: ${parsed.refusal}, ${parsed.detail}`;
    });
    expect(outcomes.join('\n')).toMatchInlineSnapshot(`
      "tariff_10_025kwh_parking_start: taken
      tariff_11_not_possible_alt_text: taken
      tariff_12_025kwh_min_price: taken
      tariff_13_simple_3hour_5parking: taken
      tariff_14_step_size: taken
      tariff_15_reservation_5_euro_per_hour: taken
      tariff_16_reservation_2_euro_fee_5_euro_per_hour: taken
      tariff_17_reservation_with_expire_fee: taken
      tariff_18_reservation_with_expire_time: taken
      tariff_1_simple_2hour: taken
      tariff_2_alt_text: taken
      tariff_3_alt_url: taken
      tariff_4_complex: taken
      tariff_5_free_of_charge: taken
      tariff_6_025kwh_start_max_price: taken
      tariff_8_simple_025kwh: taken
      tariff_9_025kwh_start: taken
      tariff_put_example: missing-field, last_updated: is required
      tariffrestriction_example_max_duration: taken
      tariffrestriction_example_max_power: taken"
    `);
  });

  it('reads prices to the micro-unit, local times and days', () => {
    const json = simple();
    json.elements[0].price_components[1].price = 0.290001;
    json.elements[0].restrictions = {
      start_time: '22:30',
      end_time: '00:00',
      day_of_week: ['SUNDAY', 'MONDAY', 'SUNDAY'],
    };
    const parsed = parseTariff(json);
    expect(parsed.ok && parsed.value.elements[0]).toEqual({
      priceComponents: [
        { type: 'FLAT', priceMicro: 500_000, vatBp: 2000, stepSize: 1 },
        { type: 'ENERGY', priceMicro: 290_001, vatBp: 1000, stepSize: 1 },
        { type: 'PARKING_TIME', priceMicro: 2_000_000, vatBp: 2000, stepSize: 900 },
      ],
      restrictions: { startMinute: 1350, endMinute: 1440, daysOfWeek: [1, 7] },
    });
  });

  it('takes null for absent, folds ids to upper case, passes over what does not bear on the price', () => {
    const json = {
      ...simple(),
      country_code: 'de',
      party_id: 'all',
      min_price: null,
      energy_mix: {},
      vendor: 1,
    };
    json.elements[0].restrictions = {};
    expect(parseTariff(json)).toEqual({ ok: true, value: exampleTariff('tariff_10_025kwh_parking_start') });
  });

  const spoiled: readonly (readonly [
    why: string,
    spoil: (json: Json) => Json,
    refusal: string,
    detail: string,
  ])[] = [
    ['not an object', () => [], 'not-an-object', 'expected an object'],
    ['no id', (json) => ({ ...json, id: undefined }), 'missing-field', 'id: is required'],
    [
      'an id too long',
      (json) => ({ ...json, id: 'x'.repeat(37) }),
      'invalid-text',
      'id: expected 1 to 36 printable ASCII characters',
    ],
    ['an id that is a number', (json) => ({ ...json, id: 12 }), 'not-a-text', 'id: expected a text'],
    [
      'a country of three letters',
      (json) => ({ ...json, country_code: 'DEU' }),
      'invalid-text',
      'country_code: expected two letters',
    ],
    [
      'a currency in lower case',
      (json) => ({ ...json, currency: 'eur' }),
      'invalid-text',
      'currency: expected an ISO 4217 code',
    ],
    [
      'an unknown type',
      (json) => ({ ...json, type: 'GOLD' }),
      'unknown-value',
      'type: expected one of AD_HOC_PAYMENT, PROFILE_CHEAP, PROFILE_FAST, PROFILE_GREEN, REGULAR',
    ],
    [
      'a tariff of OCPI 2.3.0',
      (json) => ({ ...json, tax_included: 'YES' }),
      'unsupported-field',
      'tax_included belongs to OCPI 2.3.0, not 2.2.1',
    ],
    ['no elements', (json) => ({ ...json, elements: [] }), 'empty-list', 'elements: expected at least 1'],
    [
      'elements that are no list',
      (json) => ({ ...json, elements: {} }),
      'not-a-list',
      'elements: expected a list',
    ],
    [
      'too many elements',
      (json) => ({ ...json, elements: Array(101).fill(json.elements[0]) }),
      'too-many',
      'elements: expected at most 100, got 101',
    ],
    [
      'a time with an offset',
      (json) => ({ ...json, last_updated: '2018-12-17T11:44:10+00:00' }),
      'invalid-time',
      'last_updated: expected a UTC time such as 2026-01-31T12:00:00Z',
    ],
    [
      'a day that does not exist',
      (json) => ({ ...json, start_date_time: '2026-02-30T00:00:00Z' }),
      'invalid-time',
      'start_date_time: expected a UTC time such as 2026-01-31T12:00:00Z',
    ],
    [
      'an end before the start',
      (json) => ({ ...json, start_date_time: '2026-02-02T00:00:00Z', end_date_time: '2026-02-01T00:00:00Z' }),
      'ends-before-it-starts',
      'end_date_time is not after start_date_time',
    ],
    [
      'a least price above the most',
      (json) => ({ ...json, min_price: { excl_vat: 2 }, max_price: { excl_vat: 1 } }),
      'limits-contradict',
      'min_price is above max_price',
    ],
    [
      'a limit lower after tax',
      (json) => ({ ...json, max_price: { excl_vat: 2, incl_vat: 1 } }),
      'limits-contradict',
      'max_price: incl_vat is below excl_vat',
    ],
    [
      'an alternative address that runs code',
      (json) => ({ ...json, tariff_alt_url: 'javascript:alert(1)' }),
      'invalid-text',
      'tariff_alt_url: expected a web address',
    ],
    [
      'a control character',
      (json) => ({ ...json, tariff_alt_text: [{ language: 'en', text: 'a\u0000' }] }),
      'invalid-text',
      'tariff_alt_text[0].text: expected 1 to 512 characters without controls',
    ],
  ];
  it.each(spoiled)('refuses %s', (_why, spoil, refusal, detail) => {
    expect(parseTariff(spoil(simple()))).toEqual({ ok: false, refusal, detail });
  });

  const component = 'elements[0].price_components[0]';
  const spoiledComponents: readonly (readonly [change: object, refusal: string, detail: string])[] = [
    [
      { type: 'CO2' },
      'unknown-component-type',
      `${component}.type: expected one of ENERGY, TIME, PARKING_TIME, FLAT`,
    ],
    [{ type: 'ENERGY' }, 'duplicate-component', 'elements[0]: ENERGY is priced twice'],
    [{ price: -0.1 }, 'negative', `${component}.price: must not be negative`],
    [{ price: Number.NaN }, 'not-a-number', `${component}.price: expected a number`],
    [{ price: '0.5' }, 'not-a-number', `${component}.price: expected a number`],
    [{ price: 0.1234567 }, 'too-many-decimals', `${component}.price: has more than 6 decimals`],
    [{ price: 1e-9 }, 'too-many-decimals', `${component}.price: has more than 6 decimals`],
    [{ price: 100_001 }, 'out-of-range', `${component}.price: must be at most 100000`],
    [{ price: 1e300 }, 'out-of-range', `${component}.price: must be at most 100000`],
    [{ vat: 19.001 }, 'too-many-decimals', `${component}.vat: has more than 2 decimals`],
    [{ vat: 101 }, 'out-of-range', `${component}.vat: must be at most 100`],
    [{ step_size: 1.5 }, 'not-whole', `${component}.step_size: must be a whole number`],
    [{ step_size: -1 }, 'negative', `${component}.step_size: must not be negative`],
    [{ step_size: undefined }, 'missing-field', `${component}.step_size: is required`],
    [{ type: 'TIME', step_size: 0 }, 'out-of-range', `${component}.step_size: must be 1 to 1000000`],
    [
      { price_before_tax: 1 },
      'unsupported-field',
      `${component}: price_before_tax is not known here; known are type, price, vat, step_size`,
    ],
  ];
  it.each(spoiledComponents)('refuses a component with %o', (change, refusal, detail) => {
    const json = simple();
    Object.assign(json.elements[0].price_components[0], change);
    expect(parseTariff(json)).toEqual({ ok: false, refusal, detail });
  });

  const spoiledRestrictions: readonly (readonly [restrictions: unknown, refusal: string])[] = [
    [{ min_kwh: 1, max_kwh: 1 }, 'empty-restriction'],
    [{ max_kwh: 0 }, 'empty-restriction'],
    [{ min_kwh: 0.0001 }, 'too-many-decimals'],
    [{ max_kwh: 100_001 }, 'out-of-range'],
    [{ max_current: -1 }, 'negative'],
    [{ min_current: 32, max_current: 16 }, 'empty-restriction'],
    [{ min_power: '5' }, 'not-a-number'],
    [{ min_power: 5, max_power: 5 }, 'empty-restriction'],
    [{ min_duration: 1.5 }, 'not-whole'],
    [{ min_duration: 60, max_duration: 60 }, 'empty-restriction'],
    [{ start_date: '2026-1-1' }, 'invalid-text'],
    [{ start_date: '2026-02-30' }, 'invalid-time'],
    [{ end_date: '1969-12-31' }, 'invalid-time'],
    [{ end_date: '1970-01-01' }, 'empty-restriction'],
    [{ start_date: '2026-01-01', end_date: '2026-01-01' }, 'empty-restriction'],
    [{ reservation: 'LATE' }, 'unknown-value'],
    [{ reservation: 'RESERVATION' }, 'invalid-reservation'],
    [{ moon_phase: 'FULL' }, 'unsupported-restriction'],
    [{ start_time: '08:00', end_time: '08:00' }, 'empty-restriction'],
    [{ start_time: '8:00' }, 'invalid-text'],
    [{ end_time: '24:00' }, 'invalid-text'],
    [{ day_of_week: ['MON'] }, 'unknown-value'],
    [{ day_of_week: 'MONDAY' }, 'not-a-list'],
    ['night', 'not-an-object'],
  ];
  it.each(spoiledRestrictions)('refuses restrictions %o as %s', (restrictions, refusal) => {
    const json = simple();
    json.elements[0].restrictions = restrictions;
    expect(parseTariff(json)).toMatchObject({ ok: false, refusal });
  });

  it('tells the first thing that is wrong', () => {
    const json = simple();
    json.elements[0].price_components[2].price = -1;
    json.elements[0].price_components[0].vat = 'much';
    expect(parseTariff(json)).toMatchObject({
      refusal: 'not-a-number',
      detail: `${component}.vat: expected a number`,
    });
  });

  it('never throws on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const parsed = parseTariff(json);
        expect(parsed.ok).toBe(false);
        expect(!parsed.ok && parsed.detail).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws on a tariff with any part replaced by any JSON', () => {
    const spoil = (tariff: Tariff, path: readonly number[], replacement: unknown) => {
      const json: Json = structuredClone(printTariff(tariff));
      let place = json;
      for (const step of path) {
        const names = Object.keys(place);
        const name = names[step % names.length] as string;
        if (typeof place[name] !== 'object' || step % 3 === 0 || Object.keys(place[name]).length === 0) {
          place[name] = replacement;
          break;
        }
        place = place[name];
      }
      const parsed = parseTariff(json);
      if (parsed.ok) expect(parseTariff(printTariff(parsed.value))).toEqual(parsed);
      else expect(parsed.detail).not.toBe('');
    };
    const path = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(arbitraryTariff, path, fc.jsonValue(), spoil), { numRuns: 1_000 });
  });
});

describe('printTariff', () => {
  it('prints what parseTariff reads back', () => {
    fc.assert(
      fc.property(arbitraryTariff, (tariff) => {
        const json: unknown = JSON.parse(JSON.stringify(printTariff(tariff)));
        expect(parseTariff(json)).toEqual({ ok: true, value: tariff });
      }),
      { numRuns: 500 },
    );
  });

  it('prints the examples of the specification as they were', () => {
    for (const name of exampleNames) {
      const parsed = parseTariff(exampleJson(name));
      if (parsed.ok) expect(JSON.parse(JSON.stringify(printTariff(parsed.value)))).toEqual(exampleJson(name));
    }
  });
});
