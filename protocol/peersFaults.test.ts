import * as crypto from 'node:crypto';
import { price } from '@p2p-power/tariff/price';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { parseEvidence } from './parseEvidence.ts';
import type { Reading } from './Readings.ts';
import { buildEvidence, dawn, steadyReadings, testTrust } from './testing/world.ts';
import { verifyEvidence } from './verifyEvidence.ts';

/** Faults of earlier charging networks that are the protocol's business; docs/peers-faults.md lists all. */
const verifier = nodeCryptoVerifier(crypto);
const judge = async (evidence: Parameters<typeof verifyEvidence>[0]) =>
  verifyEvidence(evidence, testTrust, verifier);

describe('the operator alone states the energy', () => {
  /** The meter signed 11 kWh; the operator has the station's key and signs readings and CDR of 22. */
  test('readings and CDR that the meter has not signed are refused, though the station signed them', async () => {
    const genuine = await buildEvidence();
    const doubled = await buildEvidence({
      readings: steadyReadings(dawn + 61, 3_600, 22_000),
      meterRecord: genuine.meterRecord,
    });
    expect(await judge(doubled)).toMatchObject({ ok: false, refusal: 'meter-registers-differ' });
  });

  test('a meter’s record that the operator wrote itself is refused', async () => {
    const { meterRecord } = await buildEvidence();
    const written = meterRecord.replace('1245.567', '1256.567');
    expect(written).not.toBe(meterRecord);
    const readings = steadyReadings(dawn + 61, 3_600, 22_000);
    expect(await judge(await buildEvidence({ readings, meterRecord: written }))).toMatchObject({
      refusal: 'bad-meter-signature',
    });
  });
});

describe('“no solution for over-billing”', () => {
  test('a charge that is one micro-unit above the price is refused by name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30_000_000 }), async (moreMicro) => {
        const evidence = await buildEvidence({ cdr: { chargeMicro: 5_105_100 + moreMicro } });
        expect(await judge(evidence)).toMatchObject({ ok: false, refusal: 'charge-mismatch' });
      }),
      { numRuns: 10 },
    );
  });

  test('nor may it be the most that the driver authorized, where the price is less', async () => {
    const evidence = await buildEvidence({ cdr: { chargeMicro: 40_000_000 } });
    expect(await judge(evidence)).toMatchObject({ refusal: 'charge-mismatch' });
  });

  test('nor above what the driver authorized, where the price is more', async () => {
    const authorization = { maxAmountMicro: 3_000_000 };
    const evidence = await buildEvidence({ authorization, cdr: { chargeMicro: 5_105_100 } });
    expect(await judge(evidence)).toMatchObject({ refusal: 'charge-over-bound' });
  });

  test('a dearer tariff than the one that was offered is refused', async () => {
    const { offer } = await buildEvidence();
    const dearer = await buildEvidence({
      tariff: {
        countryCode: 'DE',
        partyId: 'BBB',
        id: 'garage',
        currency: 'EUR',
        elements: [{ priceComponents: [{ type: 'ENERGY', priceMicro: 790_000, vatBp: 1900, stepSize: 1 }] }],
        lastUpdatedAt: dawn,
      },
      offer: { tariffId: offer.value.tariffId },
    });
    expect(await judge(dearer)).toMatchObject({ refusal: 'tariff-mismatch' });
  });
});

test('price above the estimate: it is booked at the driver’s bound, whatever the tariff comes to', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40_000_000 }), async (maxAmountMicro) => {
      const evidence = await buildEvidence({ authorization: { maxAmountMicro } });
      const { inclVatMicro } = price(evidence.tariff, {
        timeZone: evidence.offer.value.timeZone,
        readings: evidence.readings,
      });
      expect(await judge(evidence)).toMatchObject({
        ok: true,
        value: { chargeMicro: Math.min(inclVatMicro, maxAmountMicro) },
      });
    }),
    { numRuns: 10 },
  );
});

describe('a CDR without a stop', () => {
  const start: Reading = { at: dawn + 61, importWh: 1_234_567, exportWh: 0, state: 'charging' };

  test('has one reading, and one reading is no charge', async () => {
    const whole = await buildEvidence();
    const open = { ...whole, readings: whole.readings.slice(0, 1) };
    expect(parseEvidence(JSON.parse(JSON.stringify(open)))).toMatchObject({ refusal: 'too-few-readings' });
    expect(await judge(open)).toMatchObject({ refusal: 'invalid-readings' });
  });

  test('ends nowhere else than at its last reading', async () => {
    const evidence = await buildEvidence({ cdr: { endedAt: start.at } });
    expect(await judge(evidence)).toMatchObject({ refusal: 'readings-do-not-add-up' });
  });
});
