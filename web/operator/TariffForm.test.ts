import { price } from '@p2p-power/tariff/price';
import { type OcpiTariffJson, parseTariff, printTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import { arbitraryPlainTariff, arbitrarySession } from '@p2p-power/tariff/testing/arbitraryTariff';
import { withFreeTime } from '@p2p-power/tariff/withFreeTime';
import { withVatMicro } from '@p2p-power/tariff/withVat';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyForm, formOf, type PriceRow, priceTypes, type TariffForm, tariffOf } from './TariffForm.ts';

const now = 1_780_000_000;
const ids = { countryCode: 'DE', partyId: 'BBB', id: 'garage', currency: 'EUR' };

const parsed = (elements: OcpiTariffJson['elements'], more: Partial<OcpiTariffJson> = {}): Tariff => {
  const tariff = parseTariff({
    country_code: 'DE',
    party_id: 'BBB',
    id: 'garage',
    currency: 'EUR',
    elements,
    last_updated: '2026-05-01T00:00:00Z',
    ...more,
  });
  if (!tariff.ok) throw new Error(tariff.detail);
  return tariff.value;
};
const energy = (priceOf: number) => ({ type: 'ENERGY' as const, price: priceOf, vat: 19, step_size: 1 });

const minute = fc.integer({ min: 0, max: 1_439 });
const row: fc.Arbitrary<PriceRow> = fc
  .record({
    priceMicro: fc.integer({ min: 0, max: 100_000_000_000 }),
    stepSize: fc.constantFrom(1, 60, 900, 1_000),
    days: fc.subarray([1, 2, 3, 4, 5, 6, 7]),
    times: fc.option(fc.tuple(fc.option(minute), fc.option(minute.map((at) => at + 1))), { nil: undefined }),
    afterS: fc.option(fc.integer({ min: 0, max: 86_400 }), { nil: undefined }),
  })
  .filter(({ times }) => times === undefined || times[0] === null || times[0] !== times[1])
  .map(({ times, afterS, ...others }) => ({
    ...others,
    ...(typeof times?.[0] === 'number' && { startMinute: times[0] }),
    ...(typeof times?.[1] === 'number' && { endMinute: times[1] }),
    ...(afterS !== undefined && { afterS }),
  }));
const rows = fc.array(row, { maxLength: 3 });

const form: fc.Arbitrary<TariffForm> = fc
  .record({
    vatBp: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
    rows: fc.record({
      ENERGY: rows,
      TIME: rows,
      PARKING_TIME: rows,
      FLAT: rows.map((fees) => fees.map((fee) => ({ ...fee, stepSize: 1 }))),
    }),
    least: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
    most: fc.option(fc.integer({ min: 1_000_000, max: 9_000_000 }), { nil: undefined }),
  })
  .filter(({ rows: all }) => priceTypes.some((type) => all[type].length > 0))
  .map(({ least, most, ...others }) => ({
    ...ids,
    ...others,
    ...(least !== undefined && { leastMicro: least }),
    ...(most !== undefined && { mostMicro: most }),
  }));

/** By the clock alone, with one rate of tax and without limits or words. */
const sayable: fc.Arbitrary<Tariff> = fc
  .tuple(arbitraryPlainTariff, fc.option(fc.constantFrom(700, 1_900)))
  .map(([tariff, rate]) => ({
    ...ids,
    lastUpdatedAt: now,
    elements: tariff.elements.map(({ priceComponents, ...others }) => ({
      ...others,
      priceComponents: priceComponents.map(({ vatBp: _, ...component }) => ({
        ...component,
        ...(rate !== null && { vatBp: rate }),
      })),
    })),
  }));

const madeOf = (typed: TariffForm): Tariff => {
  const made = tariffOf(typed, now);
  if (!made.ok) throw new Error(made.detail);
  return made.value;
};

/** What a tariff asks, whatever elements it is written in. */
const pricesByType = (tariff: Tariff) =>
  priceTypes.map((type) =>
    tariff.elements.flatMap(({ priceComponents, restrictions }) =>
      priceComponents.flatMap((component) => (component.type === type ? [{ component, restrictions }] : [])),
    ),
  );

describe('a form becomes a tariff and the same form again', () => {
  test('whatever is typed', () => {
    fc.assert(
      fc.property(form, (typed) => {
        expect(formOf(madeOf(typed))).toEqual({ ok: true, value: typed });
      }),
    );
  });

  test('with free time for guests', () => {
    fc.assert(
      fc.property(form, fc.integer({ min: 90_000, max: 200_000 }), ({ leastMicro: _, ...typed }, freeS) => {
        const free = { ...typed, freeS };
        expect(madeOf({ ...free, leastMicro: 5 })).toEqual(madeOf(free));
        const read = formOf(madeOf(free));
        if (!read.ok) throw new Error(read.refusal);
        expect(pricesByType(madeOf(read.value))).toEqual(pricesByType(madeOf(free)));
        // Fees alone are given away by waiting for them: then there is nothing that says so but the wait itself.
        if (priceTypes.some((type) => type !== 'FLAT' && typed.rows[type].length > 0))
          expect(read.value.freeS).toBe(freeS);
      }),
    );
  });

  test('with free time, where a fee waits for it in an element of its own', () => {
    const week = [1, 2, 3, 4, 5, 6, 7];
    const free: TariffForm = {
      ...ids,
      vatBp: undefined,
      rows: {
        ENERGY: [{ priceMicro: 400_000, stepSize: 1, days: week }],
        TIME: [],
        PARKING_TIME: [{ priceMicro: 100_000, stepSize: 1, days: [] }],
        FLAT: [{ priceMicro: 1_000_000, stepSize: 1, days: week }],
      },
      freeS: 90_000,
    };
    expect(formOf(madeOf(free))).toEqual({ ok: true, value: free });
    const late = { ...free, rows: { ...free.rows, FLAT: [{ ...free.rows.FLAT[0], afterS: 0 } as PriceRow] } };
    expect(formOf(madeOf(late))).toEqual({ ok: true, value: free });
  });
});

describe('a tariff becomes a form and costs what it did', () => {
  test('whatever tariff the form can say, on whatever session', () => {
    fc.assert(
      fc.property(sayable, arbitrarySession, (tariff, session) => {
        const read = formOf(tariff);
        if (!read.ok) throw new Error(read.refusal);
        const [again, before] = [price(madeOf(read.value), session), price(tariff, session)];
        expect([again.inclVatMicro, again.exclVatMicro]).toEqual([before.inclVatMicro, before.exclVatMicro]);
      }),
    );
  });

  test('a usual one, limits named after tax', () => {
    const tariff = parsed(
      [
        {
          price_components: [energy(0.29)],
          restrictions: { start_time: '22:00', end_time: '06:00', day_of_week: ['MONDAY', 'SUNDAY'] },
        },
        { price_components: [energy(0.39), { type: 'PARKING_TIME', price: 2.4, vat: 19, step_size: 60 }] },
      ],
      { max_price: { excl_vat: 20, incl_vat: 23.8 } },
    );
    const read = formOf(tariff);
    expect(read).toMatchObject({
      ok: true,
      value: {
        vatBp: 1_900,
        mostMicro: 20_000_000,
        rows: {
          ENERGY: [
            { priceMicro: 290_000, days: [1, 7], startMinute: 1_320, endMinute: 360 },
            { priceMicro: 390_000, days: [] },
          ],
          PARKING_TIME: [{ priceMicro: 2_400_000, stepSize: 60 }],
        },
      },
    });
    if (read.ok) expect(tariffOf(read.value, tariff.lastUpdatedAt)).toEqual({ ok: true, value: tariff });
  });

  test('that of a host who gives guests two hours is read with them', () => {
    const given = withFreeTime(parsed([{ price_components: [energy(0.5)] }]), 7_200);
    if (!given.ok) throw new Error(given.detail);
    expect(formOf(given.value)).toMatchObject({
      ok: true,
      value: { freeS: 7_200, rows: { ENERGY: [{ priceMicro: 500_000, days: [] }] } },
    });
  });
});

describe('what the form has no words for is named', () => {
  const always = { price_components: [energy(0.4)] };
  const under = (restrictions: NonNullable<OcpiTariffJson['elements'][number]['restrictions']>) =>
    parsed([{ price_components: [energy(0.3)], restrictions }, always]);
  test.each([
    ['vat-rates', parsed([always, { price_components: [{ ...energy(1), type: 'FLAT', vat: 7 }] }])],
    ['limits', parsed([always], { min_price: { excl_vat: 1, incl_vat: 2 } })],
    ['dates', parsed([always], { end_date_time: '2027-01-01T00:00:00Z' })],
    ['dates', under({ start_date: '2026-12-24' })],
    ['texts', parsed([always], { tariff_alt_text: [{ language: 'de', text: 'Nur heute!' }] })],
    ['energy-tiers', under({ max_kwh: 10 })],
    ['power-tiers', under({ min_power: 11 })],
    ['durations', under({ max_duration: 600 })],
    [
      'reservation',
      parsed([
        { price_components: [{ ...energy(1), type: 'TIME' }], restrictions: { reservation: 'RESERVATION' } },
        always,
      ]),
    ],
    ['taxes', { ...parsed([always]), taxes: 'included' as const }],
  ])('%s', (beyond, tariff) => {
    expect(formOf(tariff)).toMatchObject({ ok: false, refusal: beyond });
  });
});

describe('what cannot be made a tariff is refused by name', () => {
  const typed = emptyForm(ids);
  const priced = { ...typed, rows: { ...typed.rows, ENERGY: [{ priceMicro: 1, stepSize: 1, days: [] }] } };
  test.each([
    ['a price not typed yet', typed, 'number-missing'],
    ['a rate that is none', { ...priced, vatBp: null }, 'number-missing'],
    ['no price at all', { ...typed, rows: { ...typed.rows, ENERGY: [] } }, 'empty-list'],
    [
      'an end that is the start',
      {
        ...typed,
        rows: {
          ...typed.rows,
          ENERGY: [{ priceMicro: 1, stepSize: 1, days: [], startMinute: 60, endMinute: 60 }],
        },
      },
      'empty-restriction',
    ],
    ['the least above the most', { ...priced, leastMicro: 2, mostMicro: 1 }, 'limits-contradict'],
    ['a VAT of more than all', { ...priced, vatBp: 10_001 }, 'out-of-range'],
  ])('%s', (_name, wrong, refusal) => {
    expect(tariffOf(wrong, now)).toMatchObject({ ok: false, refusal });
  });

  test('limits say what they are after tax', () => {
    expect(printTariff(madeOf({ ...priced, vatBp: 1_900, mostMicro: 20_000_000 }))).toMatchObject({
      max_price: { excl_vat: 20, incl_vat: withVatMicro(20_000_000, 1_900) / 1_000_000 },
    });
  });
});
