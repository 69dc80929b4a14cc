import { plainTariff } from '@p2p-power/protocol/testing/world';
import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectGenuine, makeStationWorld, testTerms } from './testing/stationWorld.ts';

/** Besides energy an hour costs 6 €, whether the car charges or not: a clock that is put forward makes a charge dear. */
const byTheHour: Tariff = {
  ...plainTariff,
  elements: [
    {
      priceComponents: [
        { type: 'ENERGY', priceMicro: testTerms.capMicro, stepSize: 1, vatBp: 1_900 },
        { type: 'TIME', priceMicro: 6_000_000, stepSize: 1, vatBp: 1_900 },
        { type: 'PARKING_TIME', priceMicro: 6_000_000, stepSize: 1, vatBp: 1_900 },
      ],
    },
  ],
};
const hourS = 3_600;

describe('a clock that jumps in the middle of a charge', () => {
  test('never makes it cost more than the driver signed, and the record stands', async () => {
    const world = await makeStationWorld({ tariff: byTheHour });
    const id = await world.start({ maxAmountMicro: 5_000_000 });
    await world.run(300);
    world.clock.setBack(-10 * hourS);
    await world.run(10);
    const evidence = await world.receipt(id);
    const { timeZone } = evidence.offer.value;
    expect(price(byTheHour, { timeZone, readings: evidence.readings }).inclVatMicro).toBeGreaterThan(
      60_000_000,
    );
    expect(evidence.cdr.value).toMatchObject({ endReason: 'amount-reached', chargeMicro: 5_000_000 });
    await expectGenuine(evidence);
  });

  test('nor do jumps of any size, with prices by the quarter-hour and without', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.integer({ min: 100_000, max: 20_000_000 }),
        fc.array(
          fc.tuple(fc.integer({ min: 1, max: 600 }), fc.integer({ min: -2 * hourS, max: 6 * hourS })),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        async (isDynamic, maxAmountMicro, jumps) => {
          const world = await makeStationWorld({
            tariff: byTheHour,
            ...(isDynamic && { provision: { dynamic: testTerms } }),
          });
          const id = await world.start({ maxAmountMicro });
          for (const [seconds, forwardS] of jumps) {
            await world.run(seconds, 5_000);
            world.clock.setBack(-forwardS);
          }
          await world.run(30);
          await world.stop(id);
          await world.run(1);
          const evidence = await world.receipt(id);
          const { cdr, offer, prices, readings, tariff } = evidence;
          const { timeZone } = offer.value;
          const owed = price(tariff, { timeZone, readings, ...(prices && { prices }) }).inclVatMicro;
          expect(cdr.value.chargeMicro).toBe(Math.min(owed, maxAmountMicro));
          await expectGenuine(evidence);
        },
      ),
      { numRuns: 25 },
    );
  });
});
