import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { price } from './price.ts';
import { type PricedSession, parseTariff, printTariff, type Tariff } from './Tariff.ts';
import { parsePrice230, parseTariff230, printPrice230, printTariff230 } from './Tariff230.ts';
import { arbitrarySession, arbitraryTariff230, withOddities } from './testing/arbitraryTariff.ts';
import { exampleJson, exampleNames } from './testing/examples.ts';
import { sessionOf } from './testing/session.ts';

/** A Canadian tariff by the hour, in the shape of OCPI 2.3.0. */
function hourly(change: object = {}): object {
  return {
    country_code: 'CA',
    party_id: 'P2P',
    id: 'hourly',
    currency: 'CAD',
    elements: [{ price_components: [{ type: 'TIME', price: 2.1, step_size: 60 }] }],
    tax_included: 'YES',
    last_updated: '2026-01-31T12:00:00Z',
    ...change,
  };
}

const taxed = [{ price_components: [{ type: 'TIME', price: 2.1, vat: 20, step_size: 60 }] }];

function priceOf(json: object, minutes = 150) {
  const parsed = parseTariff230(json);
  if (!parsed.ok) throw new Error(`${parsed.refusal}: ${parsed.detail}`);
  return price(parsed.value, sessionOf('America/Toronto', '2026-02-02T15:00:00Z', [minutes, 0, 'charging']));
}

describe('parseTariff230', () => {
  it('turns back what printTariff230 writes', () => {
    const check = (any: Tariff) => {
      const json = JSON.parse(JSON.stringify(printTariff230(any)));
      expect(parseTariff230(json)).toEqual({ ok: true, value: any });
    };
    fc.assert(fc.property(arbitraryTariff230, check), { numRuns: 300 });
  });

  it.each(exampleNames)('reads %s in the new shape as in the old', (name) => {
    const old = parseTariff(exampleJson(name), { receivedAt: 1_767_225_600 });
    if (!old.ok) throw new Error(old.detail);
    const json = printTariff230(old.value);
    expect(json.tax_included).toBe('NO');
    expect(parseTariff230(json)).toEqual(old);
  });

  it.each([
    ['no word on tax', hourly({ tax_included: undefined }), 'missing-field'],
    ['another word on tax', hourly({ tax_included: 'MAYBE' }), 'unknown-value'],
    ['a rate where no taxes apply', hourly({ tax_included: 'N/A', elements: taxed }), 'taxes-contradict'],
    ['a limit of 2.2.1', hourly({ min_price: { excl_vat: 1 } }), 'missing-field'],
    [
      'less after taxes than before',
      hourly({ max_price: { before_taxes: 2, after_taxes: 1 } }),
      'limits-contradict',
    ],
    [
      'an unknown restriction, which would change the price',
      hourly({ elements: [{ ...taxed[0], restrictions: { moon_phase: 'FULL' } }] }),
      'unsupported-restriction',
    ],
  ])('refuses %s', (_what, json, refusal) => {
    expect(parseTariff230(json)).toMatchObject({ ok: false, refusal });
  });

  it('passes unknown fields over, as 2.3.0 asks, where 2.2.1 refuses them', () => {
    const odd = { ...hourly(), elements: [{ ...taxed[0], colour: 'green' }], mood: 'good' };
    expect(parseTariff230(odd).ok).toBe(true);
    expect(parseTariff({ ...odd, tax_included: undefined })).toMatchObject({ refusal: 'unsupported-field' });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => !parseTariff230(json).ok));
  });
});

describe('a price with tax in it', () => {
  it('is what was announced: 2.5 hours at 2.10 are 5.25, of which nothing is known to be tax', () => {
    expect(priceOf(hourly())).toMatchObject({
      exclVatMicro: 5_250_000,
      vatMicro: 0,
      inclVatMicro: 5_250_000,
      areLinesTaxed: true,
    });
  });

  it('says how much of it is tax where the rate is known', () => {
    const priced = priceOf(hourly({ elements: taxed }));
    expect([priced.inclVatMicro, priced.vatMicro, priced.exclVatMicro]).toEqual([
      5_250_000, 875_000, 4_375_000,
    ]);
    expect(printPrice230(priced, { name: 'HST', accountNumber: '12345 RT0001' })).toEqual({
      before_taxes: 4.375,
      taxes: [{ name: 'HST', account_number: '12345 RT0001', percentage: 20, amount: 0.875 }],
    });
  });

  it('keeps limits before and after taxes', () => {
    const most = { before_taxes: 4, after_taxes: 4.8 };
    expect(priceOf(hourly({ elements: taxed, max_price: most }))).toMatchObject({
      limit: 'max',
      exclVatMicro: 4_000_000,
      inclVatMicro: 4_800_000,
    });
    // Without an amount after taxes a limit keeps the share of tax.
    expect(priceOf(hourly({ elements: taxed, max_price: { before_taxes: 4 } }))).toMatchObject({
      exclVatMicro: 4_000_000,
      inclVatMicro: 4_800_000,
    });
  });

  it('has no taxes where none apply, and is taxed on top where they are not included', () => {
    expect(priceOf(hourly({ tax_included: 'N/A' }))).toMatchObject({ inclVatMicro: 5_250_000, taxes: [] });
    expect(priceOf(hourly({ tax_included: 'NO', elements: taxed }))).toMatchObject({
      exclVatMicro: 5_250_000,
      inclVatMicro: 6_300_000,
      taxes: [{ vatBp: 2000, amountMicro: 1_050_000 }],
    });
  });

  it('cannot be said in OCPI 2.2.1', () => {
    const parsed = parseTariff230(hourly());
    if (!parsed.ok) throw new Error(parsed.detail);
    expect(() => printTariff(parsed.value)).toThrow('taxes included: not to be said in OCPI 2.2.1');
  });
});

describe('parsePrice230', () => {
  it('reads what printPrice230 writes, of any session', () => {
    const check = (tariff: Tariff, session: PricedSession) => {
      const priced = price(tariff, session);
      fc.pre(Math.abs(priced.inclVatMicro) < 1e15);
      const parsed = parsePrice230(JSON.parse(JSON.stringify(printPrice230(priced, { name: 'VAT' }))));
      const taxes = priced.taxes.map((tax) => ({ name: 'VAT', ...tax }));
      expect(parsed).toEqual({ ok: true, value: { exclVatMicro: priced.exclVatMicro, taxes } });
    };
    fc.assert(fc.property(arbitraryTariff230, withOddities(arbitrarySession), check), { numRuns: 200 });
  });

  it('reads a price without taxes, and taxes without a rate', () => {
    expect(parsePrice230({ before_taxes: -1.5 })).toEqual({
      ok: true,
      value: { exclVatMicro: -1_500_000, taxes: [] },
    });
    expect(parsePrice230({ before_taxes: 2, taxes: [{ name: 'QST', amount: 0.19 }] })).toEqual({
      ok: true,
      value: { exclVatMicro: 2_000_000, taxes: [{ name: 'QST', amountMicro: 190_000 }] },
    });
  });

  it.each([
    ['missing-field', { taxes: [] }],
    ['not-a-number', { before_taxes: '5' }],
    ['too-many-decimals', { before_taxes: -0.1234567 }],
    ['out-of-range', { before_taxes: -1e10 }],
    ['missing-field', { before_taxes: 1, taxes: [{ amount: 1 }] }],
    ['negative', { before_taxes: 1, taxes: [{ name: 'VAT', percentage: -1, amount: 1 }] }],
    ['invalid-text', { before_taxes: 1, taxes: [{ name: '', amount: 1 }] }],
  ])('refuses with %s', (refusal, json) => {
    expect(parsePrice230(json)).toMatchObject({ ok: false, refusal });
  });
});

it('tells the tax of each rate, the lowest first', () => {
  const parsed = parseTariff(exampleJson('tariff_9_025kwh_start'));
  if (!parsed.ok) throw new Error(parsed.detail);
  const session = sessionOf('Europe/Berlin', '2026-01-05T10:00:00Z', [60, 20_000, 'charging']);
  expect(printPrice230(price(parsed.value, session), { name: 'VAT' })).toEqual({
    before_taxes: 5.5,
    taxes: [
      { name: 'VAT', percentage: 10, amount: 0.5 },
      { name: 'VAT', percentage: 20, amount: 0.1 },
    ],
  });
});
