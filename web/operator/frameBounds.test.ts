import { checkFrame } from '@p2p-power/tariff/checkFrame';
import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsOf, boundsOfFloor, passedBound } from './frameBounds.ts';
import { emptyForm, type TariffForm, tariffOf } from './TariffForm.ts';

const frame: PriceFrame = {
  pointClass: 'ac',
  currency: 'EUR',
  floorMicro: 200_000,
  ceilingMicro: 500_000,
  mayBeFree: false,
  sessionCeilingMicro: 1_000_000,
};

describe('the bounds of a field', () => {
  test('are those of the frame, and parking is free', () => {
    expect(boundsOf(frame, 'ENERGY')).toMatchObject({ leastMicro: 200_000, mostMicro: 500_000 });
    expect(boundsOf(frame, 'TIME')).toMatchObject({ mostMicro: 0 });
    expect(boundsOf(frame, 'least')).toMatchObject({ mostMicro: 1_000_000 });
    expect(boundsOf(frame, 'PARKING_TIME')).toBeUndefined();
    expect(boundsOf(undefined, 'ENERGY')).toBeUndefined();
  });

  test.each([
    [199_999, 'below', 200_000],
    [500_001, 'above', 500_000],
    [0, 'below', 200_000],
  ] as const)('%i passes one', (amountMicro, side, boundMicro) => {
    expect(passedBound(boundsOf(frame, 'ENERGY'), amountMicro)).toEqual({ side, boundMicro });
  });

  test('are kept by what lies on them, and by what is not typed yet', () => {
    for (const amount of [200_000, 500_000, null, undefined])
      expect(passedBound(boundsOf(frame, 'ENERGY'), amount)).toBeUndefined();
    expect(passedBound(boundsOf({ ...frame, mayBeFree: true }, 'ENERGY'), 0)).toBeUndefined();
    expect(passedBound(undefined, 9)).toBeUndefined();
  });
});

const around = fc.integer({ min: 0, max: 12 }).map((step) => step * 100_000);

test('a field shows a bound exactly where the provider would refuse its price', () => {
  const frames = fc.record({
    floorMicro: around,
    more: around,
    mayBeFree: fc.boolean(),
    hourCeilingMicro: fc.option(around, { nil: undefined }),
    sessionCeilingMicro: fc.option(around, { nil: undefined }),
  });
  const prices = fc.record({
    ENERGY: around,
    TIME: fc.option(around),
    PARKING_TIME: fc.option(around),
    FLAT: fc.option(around),
    least: fc.option(around),
    terms: fc.option(fc.tuple(around, around, around)),
  });
  fc.assert(
    fc.property(frames, prices, (bounds, typed) => {
      const { floorMicro, more, mayBeFree, hourCeilingMicro, sessionCeilingMicro } = bounds;
      const drawn: PriceFrame = {
        pointClass: 'ac',
        currency: 'EUR',
        floorMicro,
        ceilingMicro: floorMicro + more,
        mayBeFree,
        ...(hourCeilingMicro !== undefined && { hourCeilingMicro }),
        ...(sessionCeilingMicro !== undefined && { sessionCeilingMicro }),
      };
      const rowsOf = (priceMicro: number | null) =>
        priceMicro === null ? [] : [{ priceMicro, stepSize: 1, days: [] }];
      const form: TariffForm = {
        ...emptyForm({ countryCode: 'DE', partyId: 'BBB', id: 'x', currency: 'EUR' }),
        rows: {
          ENERGY: rowsOf(typed.ENERGY),
          TIME: rowsOf(typed.TIME),
          PARKING_TIME: rowsOf(typed.PARKING_TIME),
          FLAT: rowsOf(typed.FLAT),
        },
        ...(typed.least !== null && { leastMicro: typed.least }),
      };
      const [low, middle, high] = (typed.terms ?? [0, 0, 0]).toSorted((a, b) => a - b) as [
        number,
        number,
        number,
      ];
      const terms = { area: 'AT', factorPerMille: 1_000, marginMicro: 0, maxAgeS: 1 };
      const dynamic = { ...terms, floorMicro: low, capMicro: high, fallbackMicro: middle };
      const passed = [
        passedBound(boundsOf(drawn, 'ENERGY'), typed.ENERGY),
        passedBound(boundsOf(drawn, 'TIME'), typed.TIME),
        passedBound(boundsOf(drawn, 'FLAT'), typed.FLAT),
        passedBound(boundsOf(drawn, 'least'), typed.least),
        ...(typed.terms === null
          ? []
          : [
              passedBound(boundsOfFloor(drawn, dynamic), low),
              passedBound(boundsOf(drawn, 'cap'), high),
              passedBound(boundsOf(drawn, 'fallback'), middle),
            ]),
      ].filter((bound) => bound !== undefined);
      const tariff = tariffOf(form, 1_780_000_000);
      if (!tariff.ok) throw new Error(tariff.detail);
      const checked = checkFrame(drawn, tariff.value, typed.terms === null ? undefined : dynamic);
      expect(passed.length === 0).toBe(checked.ok);
    }),
    { numRuns: 400 },
  );
});
