import * as crypto from 'node:crypto';
import { parseTariff, printTariff } from '@p2p-power/tariff/Tariff';
import { parseTariff230, printTariff230 } from '@p2p-power/tariff/Tariff230';
import { arbitraryTariff, arbitraryTariff230 } from '@p2p-power/tariff/testing/arbitraryTariff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence } from './Evidence.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import { maxEvidenceLength, parseEvidence, parseEvidenceText, printEvidence } from './parseEvidence.ts';
import { parsePlainTariff } from './parsePlainTariff.ts';
import { isRecord } from './SignedObject.ts';
import { buildEvidence, dawn, steadyReadings, testPrices, testTariff, testTrust } from './testing/world.ts';
import { verifyEvidence } from './verifyEvidence.ts';
import { maxMeterRecordLength } from './verifyMeterRecord.ts';

const evidence = await buildEvidence({ tariff: testTariff, prices: testPrices });
const json = JSON.parse(printEvidence(evidence));
const verifier = nodeCryptoVerifier(crypto);

test('evidence is read as it was printed, indented or not', async () => {
  expect(parseEvidence(json)).toEqual({ ok: true, value: evidence });
  expect(parseEvidenceText(printEvidence(evidence, 2))).toEqual({ ok: true, value: evidence });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 60, max: 90_000 }),
      fc.nat(60_000),
      fc.nat(9_000),
      async (durationS, importedWh, exportedWh) => {
        const readings = steadyReadings(dawn + 7, durationS, importedWh, exportedWh);
        const built = await buildEvidence({ readings });
        const read = parseEvidenceText(printEvidence(built));
        expect(read).toEqual({ ok: true, value: built });
        expect(await verifyEvidence(built, testTrust, verifier)).toMatchObject({
          ok: true,
          value: { importedWh, exportedWh },
        });
      },
    ),
    { numRuns: 20 },
  );
});

/** Every place in the evidence that holds a plain value: its path and the value. */
function places(
  value: unknown,
  path: readonly string[] = [],
): readonly { path: readonly string[]; value: unknown }[] {
  if (Array.isArray(value) || isRecord(value))
    return Object.entries(value).flatMap(([name, inner]) => places(inner, [...path, name]));
  return [{ path, value }];
}

function changed(from: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const copy = (Array.isArray(from) ? [...from] : { ...(from as object) }) as Record<string, unknown>;
  copy[name] = changed(copy[name], rest, value);
  return copy;
}

function spoilt(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  const text = value as string;
  const at = text.startsWith('0x') ? text.length - 1 : Math.floor(text.length / 2);
  return `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`;
}

describe('whatever plain value of the evidence is changed, it is no longer accepted', () => {
  // When the tariff was last edited is no part of the price and not signed.
  const bound = places(json).filter(({ path }) => path.join('.') !== 'tariff.lastUpdatedAt');

  test('there are many such places', () => {
    expect(bound.length).toBeGreaterThan(190);
  });

  test.each(bound.map(({ path, value }) => [path.join('.'), path, value] as const))(
    '%s',
    async (_, path, value) => {
      const read = parseEvidence(changed(json, path, spoilt(value)));
      if (read.ok) expect(await verifyEvidence(read.value, testTrust, verifier)).toMatchObject({ ok: false });
    },
  );

  test('a signature with another last digit, each of them', async () => {
    for (const name of [
      'driverCertificate',
      'stationCertificate',
      'offer',
      'authorization',
      'cdr',
    ] as const) {
      const { signature } = evidence[name];
      const wrong = spoilt(signature) as typeof signature;
      const verdict = await verifyEvidence(
        { ...evidence, [name]: { ...evidence[name], signature: wrong } },
        testTrust,
        verifier,
      );
      expect(verdict).toMatchObject({ ok: false, refusal: expect.stringMatching(/^bad-.*-signature$/) });
    }
  });
});

describe('what is no evidence', () => {
  test.each([
    ['nothing', null, 'not-an-object'],
    ['a list', [json], 'not-an-object'],
    ['a field more', { ...json, more: 1 }, 'unknown-field'],
    ['a network in capitals', { ...json, networkId: json.networkId.toUpperCase() }, 'bad-field'],
    ['a tariff of another form', { ...json, tariff: { id: 'x' } }, 'bad-tariff'],
    ['prices of another form', { ...json, prices: { ...json.prices, area: 'AT' } }, 'bad-prices'],
    ['no prices, as null', { ...json, prices: null }, 'bad-prices'],
    ['one reading', { ...json, readings: json.readings.slice(1, 2) }, 'too-few-readings'],
    [
      'a record that is too long',
      { ...json, meterRecord: 'x'.repeat(maxMeterRecordLength + 1) },
      'bad-meter-record',
    ],
    ['a record that is no text', { ...json, meterRecord: 7 }, 'bad-meter-record'],
    ['a meter key that is no hex', { ...json, meterPublicKey: 'x' }, 'bad-meter-key'],
    ['an unsigned offer', { ...json, offer: { value: json.offer.value } }, 'bad-signature-form'],
  ])('%s', (_, wrong, refusal) => {
    expect(parseEvidence(wrong)).toMatchObject({ ok: false, refusal });
  });

  test('without prices it is that of a point that is not dynamic', async () => {
    const { prices: _, ...without } = json;
    const read = parseEvidence(without);
    if (!read.ok) throw new Error(read.detail);
    expect(await verifyEvidence(read.value, testTrust, verifier)).toMatchObject({
      refusal: 'unknown-prices',
    });
  });

  test.each(Object.keys(json).filter((field) => field !== 'prices'))('without %s', (field) => {
    const without = Object.fromEntries(Object.entries(json).filter(([name]) => name !== field));
    expect(parseEvidence(without)).toMatchObject({
      refusal: 'missing-field',
      detail: expect.stringContaining(field),
    });
  });

  test('texts', () => {
    expect(parseEvidenceText('{')).toMatchObject({ refusal: 'not-json' });
    expect(parseEvidenceText(' '.repeat(maxEvidenceLength + 1))).toMatchObject({ refusal: 'too-long' });
  });

  test('no JSON makes parser or judge throw, wherever it is put', async () => {
    fc.assert(fc.property(fc.jsonValue(), (any) => void parseEvidence(any)));
    fc.assert(fc.property(fc.string(), (any) => void parseEvidenceText(any)));
    const somewhere = fc
      .constantFrom(...places(json).map(({ path }) => path))
      .chain((path) => fc.integer({ min: 1, max: path.length }).map((depth) => path.slice(0, depth)));
    await fc.assert(
      fc.asyncProperty(somewhere, fc.jsonValue(), async (path, any) => {
        const read = parseEvidence(changed(json, path, any));
        if (read.ok && JSON.stringify(read.value) !== JSON.stringify(evidence))
          expect(await verifyEvidence(read.value as Evidence, testTrust, verifier)).toMatchObject(
            path.join('.') === 'tariff.lastUpdatedAt' ? { ok: true } : { ok: false },
          );
      }),
      { numRuns: 400 },
    );
  });
});

describe('a tariff in the house’s own form', () => {
  const { tariff } = json;
  const [element] = tariff.elements;
  const [component] = element.priceComponents;
  const withElement = (change: object) => ({ ...tariff, elements: [{ ...element, ...change }] });
  const restricted = (restrictions: object) => withElement({ restrictions });

  test.each([
    ['as it is', tariff],
    [
      'with limits and validity',
      {
        ...tariff,
        minPrice: { exclVatMicro: 1 },
        maxPrice: { exclVatMicro: 2, inclVatMicro: 3 },
        startsAt: 1,
        endsAt: 2,
      },
    ],
    [
      'with texts',
      {
        ...tariff,
        type: 'REGULAR',
        altText: [{ language: 'de', text: 'günstig' }],
        altUrl: 'https://example.org/t',
      },
    ],
    [
      'by energy, power, duration and date',
      restricted({
        minEnergyWh: 1_000,
        maxPowerW: 22_000,
        minDurationS: 0,
        startDay: 20_000,
        endDay: 376_199,
      }),
    ],
    ['around midnight', restricted({ startMinute: 1_320, endMinute: 360, daysOfWeek: [1, 7] })],
  ])('%s is taken', (_, good) => {
    expect(parsePlainTariff(good)).toEqual({ ok: true, value: good });
  });

  test.each([
    ['null', null],
    ['a field more', { ...tariff, more: 1 }],
    ['no elements', { ...tariff, elements: [] }],
    ['a float price', withElement({ priceComponents: [{ ...component, priceMicro: 0.5 }] })],
    ['a negative price', withElement({ priceComponents: [{ ...component, priceMicro: -1 }] })],
    ['a price beyond all bounds', withElement({ priceComponents: [{ ...component, priceMicro: 2 ** 50 }] })],
    ['an unknown dimension', withElement({ priceComponents: [{ ...component, type: 'WATER' }] })],
    ['one dimension twice', withElement({ priceComponents: [component, component] })],
    ['a field more in a component', withElement({ priceComponents: [{ ...component, more: 1 }] })],
    ['an empty time span', restricted({ startMinute: 60, endMinute: 60 })],
    ['midnight as an end of 0', restricted({ endMinute: 0 })],
    ['restrictions that restrict nothing', restricted({})],
    ['energy in steps of nothing', withElement({ priceComponents: [{ ...component, stepSize: 0 }] })],
    ['less after tax than before', { ...tariff, maxPrice: { exclVatMicro: 2, inclVatMicro: 1 } }],
    ['a least above the most', { ...tariff, minPrice: { exclVatMicro: 2 }, maxPrice: { exclVatMicro: 1 } }],
    [
      'a least above the most after tax',
      {
        ...tariff,
        minPrice: { exclVatMicro: 1, inclVatMicro: 4 },
        maxPrice: { exclVatMicro: 2, inclVatMicro: 3 },
      },
    ],
    ['an end before its start', { ...tariff, startsAt: 2, endsAt: 2 }],
    ['days out of order', restricted({ daysOfWeek: [2, 1] })],
    ['a day twice', restricted({ daysOfWeek: [1, 1] })],
    ['an eighth day', restricted({ daysOfWeek: [8] })],
    ['a least energy above the most', restricted({ minEnergyWh: 5_000, maxEnergyWh: 4_000 })],
    ['a power beyond all bounds', restricted({ maxPowerW: 100_000_001 })],
    ['a day after the year 2999', restricted({ endDay: 376_200 })],
    ['a reservation that prices energy', restricted({ reservation: 'RESERVATION' })],
    ['a rate where no taxes apply', { ...tariff, taxes: 'none' }],
    ['another word on taxes', { ...tariff, taxes: 'some' }],
    ['a party in small letters', { ...tariff, partyId: 'bbb' }],
    ['an address of another scheme', { ...tariff, altUrl: 'javascript:alert(1)' }],
  ])('%s is refused', (_, wrong) => {
    expect(parsePlainTariff(wrong)).toMatchObject({ ok: false, refusal: 'bad-tariff' });
  });

  test('whatever a provider may put in force is taken', () => {
    fc.assert(
      fc.property(arbitraryTariff230, (inForce) => {
        expect(parsePlainTariff(inForce)).toEqual({ ok: true, value: inForce });
      }),
    );
  });

  test('what is taken is what `parseTariff` gives for its OCPI form, so that both refuse alike', () => {
    const amount = fc.integer({ min: 0, max: 3 });
    const limit = fc.record(
      { exclVatMicro: amount, inclVatMicro: amount },
      { requiredKeys: ['exclVatMicro'] },
    );
    const twisted = fc
      .record({ tariff: arbitraryTariff, minPrice: limit, maxPrice: limit, startsAt: amount, endsAt: amount })
      .map(({ tariff: sound, ...twist }) => ({ ...sound, ...twist }));
    let taken = 0;
    fc.assert(
      fc.property(twisted, (any) => {
        const plain = parsePlainTariff(any);
        const ocpi = parseTariff(printTariff(any));
        expect(plain.ok).toBe(ocpi.ok);
        if (plain.ok) expect(ocpi).toEqual(plain);
        taken += plain.ok ? 1 : 0;
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(20);
  });

  test('and the same of OCPI 2.3.0, whose tariffs may have their tax in them', () => {
    const taxed = fc
      .tuple(arbitraryTariff, fc.constantFrom('included' as const, 'none' as const))
      .map(([sound, taxes]) => ({ ...sound, taxes }));
    fc.assert(
      fc.property(taxed, (any) => {
        const ocpi = parseTariff230(printTariff230(any));
        expect(parsePlainTariff(any)).toEqual(ocpi.ok ? ocpi : expect.objectContaining({ ok: false }));
      }),
    );
  });
});
