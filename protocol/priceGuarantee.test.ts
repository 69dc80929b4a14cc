import * as crypto from 'node:crypto';
import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import {
  arbitraryEnergyPrices,
  arbitrarySession,
  arbitraryTariff230,
  withPrices,
} from '@p2p-power/tariff/testing/arbitraryTariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Authorization } from './Authorization.ts';
import type { Evidence } from './Evidence.ts';
import { zeroHash } from './Hex.ts';
import { meterRecordPayload, signMeterRecord } from './MeterRecord.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { checkOfferedPrices, type OfferedPrices, pricesId } from './OfferedPrices.ts';
import { parseEvidenceText, printEvidence } from './parseEvidence.ts';
import type { Reading } from './Readings.ts';
import {
  buildEvidence,
  bytes32,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  plainTariff,
  testTrust,
} from './testing/world.ts';
import { verifyEvidence } from './verifyEvidence.ts';

/**
 * The guarantee of a dynamic point: a charge never costs more than the offer that the driver signed makes it cost,
 * nor more than the tariff alone would, nor than the driver's bound. Here the station is the enemy: it holds its own
 * key and its meter's, and signs whatever suits it. Only the driver's signature is beyond its reach.
 */
const verifier = nodeCryptoVerifier(crypto);
const capMicro = 390_000;
const driver = await makeDriver(makeProvider('DEAAA'), 'Anna', {
  maxEnergyWh: 10_000_000,
  maxAmountMicro: Number.MAX_SAFE_INTEGER,
});
const station = await makeStation(makeProvider('DEBBB'));

/** Energy at the cap with steps and a price of standing, so that every kind of rounding has its say. */
const tariff: Tariff = {
  ...plainTariff,
  elements: [
    { priceComponents: [{ type: 'ENERGY', priceMicro: capMicro, vatBp: 1900, stepSize: 250 }] },
    {
      priceComponents: [
        { type: 'FLAT', priceMicro: 350_000, vatBp: 1900, stepSize: 0 },
        { type: 'PARKING_TIME', priceMicro: 1_200_000, vatBp: 700, stepSize: 60 },
      ],
      restrictions: { startMinute: 480, endMinute: 1320 },
    },
  ],
};
const dearerTariff: Tariff = {
  ...tariff,
  elements: [{ priceComponents: [{ type: 'ENERGY', priceMicro: capMicro + 1, vatBp: 1900, stepSize: 250 }] }],
};

const anyPrices = (mostMicro: number): fc.Arbitrary<OfferedPrices> =>
  fc
    .tuple(arbitraryEnergyPrices(fc.constant(dawn), mostMicro), fc.constantFrom(zeroHash, bytes32('signal')))
    .map(([prices, signalId]) => ({ ...prices, signalId }));

/** Time strictly rising, as readings of a session are; from some hours before the first quarter-hour to days after. */
const anyReadings: fc.Arbitrary<readonly Reading[]> = fc
  .tuple(arbitrarySession, fc.integer({ min: -20_000, max: 100_000 }))
  .map(([{ readings }, shift]) => {
    const first = readings[0]?.at ?? 0;
    return readings.map((reading, index) => ({ ...reading, at: dawn + shift + reading.at - first + index }));
  })
  .filter((readings) => readings.length > 1);

const owed = (tariff: Tariff, readings: readonly Reading[], prices?: OfferedPrices): number =>
  price(tariff, { timeZone: 'Europe/Berlin', readings, ...(prices && { prices }) }).inclVatMicro;

/** What both sides did, without a fault. */
const honest = fc.record({
  prices: anyPrices(capMicro),
  readings: anyReadings,
  maxAmountMicro: fc.oneof(fc.integer({ min: 1, max: 5_000_000 }), fc.constant(Number.MAX_SAFE_INTEGER)),
});

function build({ prices, readings, maxAmountMicro }: Parameters<Parameters<typeof honest.map>[0]>[0]) {
  const [first, last] = [readings[0] as Reading, readings.at(-1) as Reading];
  return buildEvidence({
    driver,
    station,
    tariff,
    prices,
    readings,
    meterTimeStatus: 'S',
    authorization: {
      maxAmountMicro,
      maxEnergyWh: 10_000_000,
      mayDischarge: last.exportWh > first.exportWh,
    },
  });
}

test('an honest charge is taken, and costs at most what offer, tariff and bound say', async () => {
  let cheaper = 0;
  await fc.assert(
    fc.asyncProperty(honest, async (deal) => {
      const evidence = await build(deal);
      const facts = await verifyEvidence(evidence, testTrust, verifier);
      if (!facts.ok) throw new Error(`${facts.refusal}: ${facts.detail}`);
      const { chargeMicro } = facts.value;
      expect(chargeMicro).toBe(Math.min(owed(tariff, deal.readings, deal.prices), deal.maxAmountMicro));
      expect(chargeMicro).toBeLessThanOrEqual(owed(tariff, deal.readings));
      expect(chargeMicro).toBeLessThanOrEqual(deal.maxAmountMicro);
      if (chargeMicro < Math.min(owed(tariff, deal.readings), deal.maxAmountMicro)) cheaper += 1;
      const read = parseEvidenceText(printEvidence(evidence));
      expect(read).toEqual({ ok: true, value: evidence });
    }),
    { numRuns: 60 },
  );
  expect(cheaper).toBeGreaterThan(5);
});

const isLimitedBeforeTaxOnly = ({ minPrice, maxPrice }: Tariff): boolean =>
  [minPrice, maxPrice].some((limit) => limit !== undefined && limit.inclVatMicro === undefined);

test('prices that go with a tariff, whatever tariff, never make a session dearer than the tariff alone', () => {
  const deal = fc.tuple(
    arbitraryTariff230,
    withPrices(arbitrarySession, 300_000),
    fc.integer({ min: 0, max: 3 }),
  );
  let [checked, cheaper] = [0, 0];
  fc.assert(
    fc.property(deal, ([any, { prices, ...session }, scale]) => {
      if (prices === undefined) return;
      // Energy dear enough now and then for the prices to go with it.
      const elements = any.elements.map((element) => ({
        ...element,
        priceComponents: element.priceComponents.map((component) => ({
          ...component,
          priceMicro: component.priceMicro + (component.type === 'ENERGY' ? scale * 150_000 : 0),
        })),
      }));
      const dear = { ...any, elements };
      const offered = { ...prices, signalId: zeroHash };
      const named = { pricesId: pricesId(networkId, offered) };
      if (!checkOfferedPrices(networkId, named, dear, offered).ok) return;
      checked += 1;
      const [promised, alone] = [price(dear, { ...session, prices }), price(dear, session)];
      // A limit that names no amount after tax keeps the session's mix of rates: cheaper energy may leave it dearer taxed.
      if (!isLimitedBeforeTaxOnly(dear))
        expect(promised.inclVatMicro).toBeLessThanOrEqual(alone.inclVatMicro);
      expect(promised.exclVatMicro).toBeLessThanOrEqual(alone.exclVatMicro);
      if (promised.inclVatMicro < alone.inclVatMicro) cheaper += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(checked).toBeGreaterThan(100);
  expect(cheaper).toBeGreaterThan(20);
});

describe('a station that wants more', () => {
  /** What it changes after the driver has signed; what it does not name stays. */
  const faults = fc.record({
    prices: fc.oneof(
      { weight: 4, arbitrary: fc.constant('genuine' as const) },
      fc.constant('none' as const),
      fc.constant('swapped' as const),
      anyPrices(capMicro),
      anyPrices(100_000_000_000),
    ),
    /** Whether it makes the offer anew for its prices and tariff, or shows the one that was signed. */
    newOffer: fc.boolean(),
    dearer: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
    readings: fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: anyReadings },
    ),
    charge: fc.oneof(
      { weight: 4, arbitrary: fc.constant('as it prices' as const) },
      fc.constantFrom('as the tariff alone', 'all there is' as const),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 52),
    ),
  });

  async function forge(
    genuine: Evidence,
    other: OfferedPrices,
    fault: Parameters<Parameters<typeof faults.map>[0]>[0],
  ): Promise<Evidence> {
    const prices =
      fault.prices === 'genuine'
        ? genuine.prices
        : fault.prices === 'none'
          ? undefined
          : fault.prices === 'swapped'
            ? other
            : fault.prices;
    const forgedTariff = fault.dearer ? dearerTariff : tariff;
    const readings = fault.readings ?? genuine.readings;
    const { authorization } = genuine;
    const authorizationId = Authorization.id(networkId, authorization.value);
    const asPriced = owed(forgedTariff, readings, prices);
    const { maxAmountMicro } = authorization.value;
    const chargeMicro =
      typeof fault.charge === 'number'
        ? Math.min(asPriced + fault.charge, Number.MAX_SAFE_INTEGER)
        : Math.min(
            {
              'as it prices': asPriced,
              'as the tariff alone': owed(forgedTariff, readings),
              'all there is': maxAmountMicro,
            }[fault.charge],
            maxAmountMicro,
          );
    const registers = ({ at, importWh, exportWh }: Reading) => ({ atMs: at * 1000, importWh, exportWh });
    const meterRecord = await signMeterRecord(
      meterRecordPayload({
        pagination: 7,
        meterSerial: '1EMH0012345678',
        authorizationId,
        begin: registers(readings[0] as Reading),
        end: registers(readings.at(-1) as Reading),
        endType: 'E',
        timeStatus: 'S',
      }),
      (bytes) => station.meterKey.sign(bytes),
    );
    const forged = await buildEvidence({
      driver,
      station,
      tariff: forgedTariff,
      ...(prices && { prices }),
      readings,
      meterRecord,
      cdr: { authorizationId, chargeMicro },
    });
    return { ...forged, authorization, ...(!fault.newOffer && { offer: genuine.offer }) };
  }

  test('never gets more than the offer that was signed, whatever it changes', async () => {
    const seen = { taken: 0, refused: new Map<string, number>() };
    await fc.assert(
      fc.asyncProperty(honest, anyPrices(capMicro), faults, async (deal, other, fault) => {
        const genuine = await build(deal);
        const forged = await forge(genuine, other, fault);
        const read = parseEvidenceText(printEvidence(forged));
        if (!read.ok) return;
        const facts = await verifyEvidence(read.value, testTrust, verifier);
        if (!facts.ok) {
          seen.refused.set(facts.refusal, (seen.refused.get(facts.refusal) ?? 0) + 1);
          return;
        }
        seen.taken += 1;
        const { readings } = forged;
        const { chargeMicro } = facts.value;
        expect(forged.prices).toEqual(deal.prices);
        expect(chargeMicro).toBe(Math.min(owed(tariff, readings, deal.prices), deal.maxAmountMicro));
        expect(chargeMicro).toBeLessThanOrEqual(owed(tariff, readings));
      }),
      { numRuns: 300 },
    );
    expect(seen.taken).toBeGreaterThan(5);
    for (const refusal of [
      'unknown-prices',
      'prices-mismatch',
      'tariff-mismatch',
      'authorization-not-of-offer',
    ])
      expect(seen.refused.get(refusal), refusal).toBeGreaterThan(0);
  });

  test('cannot offer more than its tariff says, though the driver signs it', async () => {
    await fc.assert(
      fc.asyncProperty(honest, fc.nat(95), fc.integer({ min: 1, max: 1_000_000 }), async (deal, at, more) => {
        const { pricesMicro } = deal.prices;
        const dear: OfferedPrices =
          pricesMicro.length === 0
            ? { ...deal.prices, otherwiseMicro: capMicro + more }
            : { ...deal.prices, pricesMicro: pricesMicro.with(at % pricesMicro.length, capMicro + more) };
        const evidence = await build({ ...deal, prices: dear });
        expect(await verifyEvidence(evidence, testTrust, verifier)).toMatchObject({
          refusal: 'prices-over-tariff',
        });
      }),
      { numRuns: 30 },
    );
  });

  test('nothing overflows at the highest prices and the longest sessions', async () => {
    const most = 100_000_000_000;
    const highest: Tariff = {
      ...plainTariff,
      elements: [
        { priceComponents: [{ type: 'ENERGY', priceMicro: most, vatBp: 10_000, stepSize: 1_000_000 }] },
      ],
    };
    const prices = {
      signalId: zeroHash,
      firstAt: dawn,
      pricesMicro: Array(400).fill(most),
      otherwiseMicro: most,
    };
    const readings: readonly Reading[] = [
      { at: dawn + 61, importWh: 0, exportWh: 0, state: 'charging' },
      { at: dawn + 61 + 365 * 86_400, importWh: 9_999_001, exportWh: 0, state: 'charging' },
    ];
    const evidence = await buildEvidence({
      driver,
      station,
      tariff: highest,
      prices,
      readings,
      authorization: { maxAmountMicro: Number.MAX_SAFE_INTEGER, maxEnergyWh: 10_000_000 },
    });
    expect(await verifyEvidence(evidence, testTrust, verifier)).toMatchObject({
      ok: true,
      value: { chargeMicro: 2 * 10_000 * most },
    });
  });
});
