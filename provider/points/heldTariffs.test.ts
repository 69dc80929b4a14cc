import type { Hex } from '@p2p-power/protocol/Hex';
import type { OcpiTariffJson } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleTariff } from '../testing/samples.ts';
import { type HeldTariff, possibleTariffs, withGiven, withShown } from './heldTariffs.ts';

const idOf = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`;
const tariffOf = (number: number): OcpiTariffJson => sampleTariff('DEAAA', 0.2 + number / 100);
const year = 365 * 86_400;
const given = (number: number, givenAt: number, until = givenAt + year): HeldTariff => ({
  tariffId: idOf(number),
  tariff: tariffOf(number),
  givenAt,
  until,
});
const numbersOf = (held: readonly HeldTariff[]) => held.map(({ tariffId }) => Number(BigInt(tariffId)));

describe('what a station may hold', () => {
  test('is all that was given for it, until it shows one of them: then that and what was given later', () => {
    const held = [given(1, 100), given(2, 200), given(3, 300)].reduce<readonly HeldTariff[]>(withGiven, []);
    expect(numbersOf(held)).toEqual([1, 2, 3]);
    expect(numbersOf(withShown(held, idOf(2), 250))).toEqual([2, 3]);
    expect(numbersOf(withShown(held, idOf(1), 400))).toEqual([1, 2, 3]);
    expect(numbersOf(withShown(held, idOf(9), 400))).toEqual([1, 2, 3]);
  });

  test('is not learnt from what it showed before that was given', () => {
    const held = withGiven(withGiven([], given(1, 100)), given(2, 200));
    expect(numbersOf(withShown(held, idOf(2), 199))).toEqual([1, 2]);
  });

  test('given again it lasts longer, and counts from its first time if nothing came between', () => {
    const held = withGiven(withGiven([], given(1, 100, 500)), given(1, 200, 600));
    expect(held).toEqual([{ ...given(1, 100), until: 600 }]);
    expect(numbersOf(withGiven([...held, given(2, 300)], given(1, 400)))).toEqual([2, 1]);
  });

  test('is forgotten with the certificate that it was given with', () => {
    expect(numbersOf(withGiven([given(1, 100, 150)], given(2, 200)))).toEqual([2]);
  });

  test('is 32 tariffs at most', () => {
    const held = Array.from({ length: 40 }, (_, number) => given(number, 100 + number));
    expect(numbersOf(held.reduce<readonly HeldTariff[]>(withGiven, []))[0]).toBe(8);
  });
});

describe('by which tariffs a station may make an offer', () => {
  const now = 1_795_000_000;
  const pricesOf = (inForce: unknown, held: readonly Pick<HeldTariff, 'tariff' | 'until'>[]) =>
    possibleTariffs(inForce, held, now).map(
      ({ tariff }) => tariff.elements[0]?.priceComponents[0]?.priceMicro,
    );

  test('are the one in force and all that it may hold, each once', () => {
    expect(pricesOf(tariffOf(5), [given(3, now - 10), given(5, now)])).toEqual([250_000, 230_000]);
    expect(pricesOf(tariffOf(5), [])).toEqual([250_000]);
  });

  test('are none that ended, whose certificate has run out, of another currency, or that cannot be read', () => {
    const ended = { ...tariffOf(3), end_date_time: new Date((now - 1) * 1_000).toISOString() };
    const held = (tariff: unknown, until = now + 1) => ({ tariff, until });
    expect(pricesOf(tariffOf(5), [held(ended)])).toEqual([250_000]);
    expect(pricesOf(tariffOf(5), [held(tariffOf(3), now)])).toEqual([250_000]);
    expect(pricesOf(tariffOf(5), [held({ ...tariffOf(3), currency: 'CHF' })])).toEqual([250_000]);
    expect(pricesOf(tariffOf(5), [held({}), held(null)])).toEqual([250_000]);
    expect(pricesOf(ended, [held(tariffOf(5))])).toEqual([]);
    expect(pricesOf(null, [held(tariffOf(5))])).toEqual([]);
  });
});

test('whatever couriers bring, and in whatever order, a station offers by no tariff that is not thought possible', () => {
  const event = fc.oneof(
    fc.constantFrom('put' as const, 'give' as const, 'show' as const, 'charge' as const, 'hand-in' as const),
    fc.nat(5).map((courier) => ({ courier })),
  );
  let several = 0;
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let now = 1_000;
      let inForce = 0;
      let held: readonly HeldTariff[] = withGiven([], given(0, now));
      // The station: by what it offers, and of when that is. Couriers carry what they were given, until it is refused.
      let station = { number: 0, issuedAt: now };
      const carried: { readonly number: number; readonly issuedAt: number }[] = [];
      const charges: { readonly number: number; readonly at: number }[] = [];
      for (const one of events) {
        now += 1;
        if (one === 'put') inForce += 1;
        else if (one === 'give') {
          held = withGiven(held, given(inForce, now));
          carried.push({ number: inForce, issuedAt: now });
        } else if (one === 'show') held = withShown(held, idOf(station.number), now);
        else if (one === 'charge') charges.push({ number: station.number, at: now });
        else if (one === 'hand-in')
          for (const { number, at } of charges.splice(0)) held = withShown(held, idOf(number), at);
        else {
          const [brought] = carried.splice(one.courier, 1);
          if (brought !== undefined && brought.issuedAt > station.issuedAt) station = brought;
        }
        several += held.length > 1 ? 1 : 0;
        const possible = [inForce, ...numbersOf(held)];
        expect(possible).toContain(station.number);
      }
    }),
    { numRuns: 900 },
  );
  expect(several).toBeGreaterThan(100);
});
