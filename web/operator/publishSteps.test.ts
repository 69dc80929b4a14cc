import { checkDynamicTariff, type DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import { parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PointPrices, publishSteps } from './publishSteps.ts';

const tariffAt = (priceMicro: number, lastUpdatedAt = 1): Tariff => ({
  countryCode: 'DE',
  partyId: 'BBB',
  id: 'garage',
  currency: 'EUR',
  elements: [{ priceComponents: [{ type: 'ENERGY', priceMicro, vatBp: 1_900, stepSize: 1 }] }],
  lastUpdatedAt,
});
const termsAt = (capMicro: number): DynamicTerms => ({
  area: 'AT',
  factorPerMille: 1_000,
  marginMicro: 0,
  floorMicro: 0,
  capMicro,
  maxAgeS: 3_600,
});

const callsOf = (before: PointPrices, after: Parameters<typeof publishSteps>[2]) =>
  publishSteps('DE*BBB*E1', before, after).map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);

describe('publishing calls for what changed', () => {
  test.each([
    ['a first tariff', {}, { tariff: tariffAt(4) }, ['PUT tariff']],
    ['nothing new', { tariff: tariffAt(4) }, { tariff: tariffAt(4, 99) }, []],
    [
      'dynamic terms beside a tariff that stays',
      { tariff: tariffAt(4) },
      { tariff: tariffAt(4), dynamic: termsAt(4) },
      ['PUT dynamic'],
    ],
    [
      'both raised: the tariff goes first',
      { tariff: tariffAt(4), dynamic: termsAt(4) },
      { tariff: tariffAt(5), dynamic: termsAt(5) },
      ['PUT tariff', 'PUT dynamic'],
    ],
    [
      'both lowered: the cap goes first',
      { tariff: tariffAt(5), dynamic: termsAt(5) },
      { tariff: tariffAt(4), dynamic: termsAt(4) },
      ['PUT dynamic', 'PUT tariff'],
    ],
    [
      'the end of dynamic prices, before a tariff that is too low for them',
      { tariff: tariffAt(5), dynamic: termsAt(5) },
      { tariff: tariffAt(4) },
      ['DELETE dynamic', 'PUT tariff'],
    ],
  ] as const)('%s', (_name, before, after, calls) => {
    expect(callsOf(before, after)).toEqual(calls);
  });

  test('at the point’s own path', () => {
    expect(publishSteps('DE*BBB*E1/2', {}, { tariff: tariffAt(4) })[0]?.path).toBe(
      '/operator/points/DE*BBB*E1%2F2/tariff',
    );
  });
});

test('from any prices that hold to any others, what is in force holds at every moment', () => {
  const prices: fc.Arbitrary<Required<Pick<PointPrices, 'tariff'>> & PointPrices> = fc
    .record({ cap: fc.option(fc.integer({ min: 0, max: 6 })), more: fc.integer({ min: 0, max: 3 }) })
    .map(({ cap, more }) =>
      cap === null ? { tariff: tariffAt(more) } : { tariff: tariffAt(cap + more), dynamic: termsAt(cap) },
    );
  fc.assert(
    fc.property(prices, prices, (before, after) => {
      let now: PointPrices = before;
      for (const { method, path, body } of publishSteps('DEBBBE1', before, after)) {
        if (path.endsWith('/tariff')) {
          const read = parseTariff(body);
          if (!read.ok) throw new Error(read.detail);
          now = { ...now, tariff: read.value };
        } else if (method === 'DELETE') {
          const { dynamic: _, ...others } = now;
          now = others;
        } else now = { ...now, dynamic: body as DynamicTerms };
        if (now.dynamic !== undefined && now.tariff !== undefined)
          expect(checkDynamicTariff(now.dynamic, now.tariff).ok).toBe(true);
      }
      expect(now).toEqual({
        ...after,
        tariff: { ...after.tariff, lastUpdatedAt: now.tariff?.lastUpdatedAt },
      });
    }),
  );
});
