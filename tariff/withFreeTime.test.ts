import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayPrice } from './displayPrice.ts';
import { price } from './price.ts';
import { parseTariff, printTariff, type Tariff } from './Tariff.ts';
import { arbitrarySession, arbitraryTariff } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';
import { sessionOf } from './testing/session.ts';
import { withFreeTime } from './withFreeTime.ts';

const TWO_HOURS = 7_200;

function freed(tariff: Tariff, freeS = TWO_HOURS): Tariff {
  const made = withFreeTime(tariff, freeS);
  if (!made.ok) throw new Error(made.refusal);
  return made.value;
}

describe('withFreeTime', () => {
  const tariff = exampleTariff('tariff_10_025kwh_parking_start');
  const owed = (guest: Tariff, ...parts: Parameters<typeof sessionOf>[2][]) =>
    price(guest, sessionOf('Europe/Berlin', '2026-01-05T10:00:00Z', ...parts)).exclVatMicro;

  it('gives away the first two hours, and from then on asks what the tariff asks', () => {
    const guests = freed(tariff);
    expect(owed(guests, [119, 20_000, 'charging'])).toBe(0);
    expect(owed(guests, [120, 20_000, 'charging'])).toBe(0);
    expect(owed(guests, [90, 20_000, 'charging'], [30, 0, 'parking'])).toBe(0);
    // The last of three hours took 8 of 24 kWh, at 0.25; and the start fee of 0.50
    expect(owed(guests, [180, 24_000, 'charging'])).toBe(2_000_000 + 500_000);
    // 2 h free, 30 min standing at 2.00 an hour and the fee; what was given away is not rounded up
    expect(owed(guests, [120, 20_000, 'charging'], [30, 0, 'parking'])).toBe(1_000_000 + 500_000);
  });

  it('says so to the driver', () => {
    expect(displayPrice(freed(tariff), 'en').map(({ text }) => text)).toMatchInlineSnapshot(`
      [
        "0.00 €/kWh incl. 10 % VAT, first 2 h",
        "0.275 €/kWh incl. 10 % VAT, at other times",
        "0.00 €/min parking incl. 20 % VAT, first 2 h",
        "0.04 €/min parking incl. 20 % VAT, at other times, in steps of 15 min",
        "0.60 € per session incl. 20 % VAT, after 2 h",
      ]
    `);
  });

  it('charges nobody the least price for the free time', () => {
    const guests = freed(exampleTariff('tariff_12_025kwh_min_price'));
    expect(guests.minPrice).toBeUndefined();
    expect(owed(guests, [60, 1_000, 'charging'])).toBe(0);
  });

  it('leaves out fees that would be owed in the free time only, and keeps reservations', () => {
    const early: Tariff = {
      ...tariff,
      elements: [
        {
          priceComponents: [{ type: 'FLAT', priceMicro: 1, stepSize: 1 }],
          restrictions: { maxDurationS: 60 },
        },
      ],
    };
    expect(freed(early).elements).toEqual([
      { priceComponents: [{ type: 'FLAT', priceMicro: 0, stepSize: 0 }] },
    ]);
    const reserving = exampleTariff('tariff_17_reservation_with_expire_fee');
    expect(freed(reserving).elements.slice(1, 3)).toEqual(reserving.elements.slice(0, 2));
  });

  it('keeps a fee that is owed later than the free time ends where it is', () => {
    const late: Tariff = {
      ...tariff,
      elements: [
        {
          priceComponents: [{ type: 'FLAT', priceMicro: 1_000_000, stepSize: 0 }],
          restrictions: { minDurationS: 2 * TWO_HOURS },
        },
      ],
    };
    expect(freed(late).elements.at(-1)?.restrictions).toEqual({ minDurationS: 2 * TWO_HOURS });
  });

  it('refuses a tariff that would grow too long', () => {
    const element = tariff.elements[0] as Tariff['elements'][number];
    const long = { ...tariff, elements: Array.from({ length: 100 }, () => element) };
    expect(withFreeTime(long, TWO_HOURS)).toMatchObject({ ok: false, refusal: 'too-many' });
  });

  it('is a tariff, asks nothing in the free time, and never more than without, up to the steps and limits', () => {
    fc.assert(
      fc.property(
        arbitraryTariff,
        arbitrarySession,
        fc.integer({ min: 1, max: 366 * 86_400 }),
        ({ maxPrice: _, minPrice: __, ...any }, session, freeS) => {
          const plain: Tariff = { ...any, elements: any.elements.map(withSmallSteps) };
          const guests = freed(plain, freeS);
          const parsed = parseTariff(printTariff(guests));
          expect(parsed.ok && parsed.value).toEqual(guests);
          const [first, last] = [session.readings[0], session.readings.at(-1)];
          const owedByGuest = price(guests, session).exclVatMicro;
          if ((last?.at ?? 0) - (first?.at ?? 0) <= freeS) expect(owedByGuest).toBe(0);
          const most = price(plain, session).exclVatMicro + mostStep(plain);
          expect(owedByGuest).toBeLessThanOrEqual(Math.max(most, mostFee(plain)));
        },
      ),
    );
  });
});

function withSmallSteps(element: Tariff['elements'][number]): Tariff['elements'][number] {
  return { ...element, priceComponents: element.priceComponents.map((each) => ({ ...each, stepSize: 1 })) };
}

/** What was given away counts towards the steps, so up to a Wh and a second may be billed that were not before. */
function mostStep({ elements }: Tariff): number {
  const components = elements.flatMap(({ priceComponents }) => priceComponents);
  const most = Math.max(...components.map(({ priceMicro }) => priceMicro));
  return Math.ceil(most / 1_000 + most / 3_600) + 1;
}

/** A fee that is owed at the end of the free time may be another than the one at the start of the session. */
function mostFee({ elements }: Tariff): number {
  const fees = elements
    .flatMap(({ priceComponents }) => priceComponents)
    .filter(({ type }) => type === 'FLAT');
  return fees.length < 2 ? 0 : Number.POSITIVE_INFINITY;
}
