import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTariff, encodeTariff } from './encodeTariff.ts';
import type { Tariff } from './Tariff.ts';
import { parseTariff230, printTariff230 } from './Tariff230.ts';
import { arbitraryTariff230 } from './testing/arbitraryTariff.ts';
import { exampleTariff } from './testing/examples.ts';

const tariff: Tariff = {
  ...exampleTariff('tariff_6_025kwh_start_max_price'),
  elements: [
    {
      priceComponents: [{ type: 'ENERGY', priceMicro: 390_000, vatBp: 1900, stepSize: 1 }],
      restrictions: { startMinute: 480, endMinute: 1440, daysOfWeek: [1, 7] },
    },
    { priceComponents: [{ type: 'FLAT', priceMicro: 0, stepSize: 0 }] },
  ],
};

/** Words as texts where their first byte is set, as numbers otherwise. */
function words(bytes: Uint8Array): readonly (string | bigint)[] {
  return Array.from({ length: bytes.length / 32 }, (_, index) => {
    const word = Buffer.from(bytes.subarray(index * 32, index * 32 + 32));
    return word[0] === 0 ? BigInt(`0x${word.toString('hex')}`) : word.toString('latin1').replaceAll('\0', '');
  });
}

/** The bytes with the last byte of some words replaced. */
function withWords(...changes: readonly (readonly [word: number, value: number])[]): Uint8Array {
  const bytes = encodeTariff(tariff);
  for (const [word, value] of changes) bytes[word * 32 + 31] = value;
  return bytes;
}

describe('encodeTariff', () => {
  it('writes the header and a row for each component and restriction', () => {
    expect(words(encodeTariff(tariff))).toMatchInlineSnapshot(`
      [
        "DE",
        "ALL",
        "16",
        0n,
        "EUR",
        0n,
        0n,
        10000001n,
        11000001n,
        0n,
        1561939199n,
        5n,
        0n,
        1n,
        1n,
        390000n,
        1901n,
        1n,
        0n,
        2n,
        1n,
        480n,
        0n,
        0n,
        0n,
        2n,
        2n,
        1440n,
        0n,
        0n,
        0n,
        2n,
        3n,
        65n,
        0n,
        0n,
        1n,
        1n,
        4n,
        0n,
        0n,
        0n,
      ]
    `);
  });

  it('writes an id of 36 characters into two words', () => {
    const id = '0123456789abcdefghijklmnopqrstuvwxyz';
    const decoded = decodeTariff(encodeTariff({ ...tariff, id }));
    expect(decoded.ok && decoded.value.id).toBe(id);
  });

  it('gives the same bytes for both ways to say the end of the day', () => {
    const ending = (endMinute: number): Tariff => ({
      ...tariff,
      elements: [
        { priceComponents: [{ type: 'FLAT', priceMicro: 1, stepSize: 1 }], restrictions: { endMinute } },
      ],
    });
    expect(encodeTariff(ending(0))).toEqual(encodeTariff(ending(1440)));
  });

  it('is turned back by decodeTariff', () => {
    fc.assert(
      fc.property(arbitraryTariff230, (any) => {
        const encoded = encodeTariff(any);
        expect(decodeTariff(encoded)).toEqual({ ok: true, value: { ...any, lastUpdatedAt: 0 } });
      }),
      { numRuns: 500 },
    );
  });

  it('tells any two tariffs apart that charge differently', () => {
    fc.assert(
      fc.property(arbitraryTariff230, arbitraryTariff230, (one, other) => {
        const isSame = Buffer.from(encodeTariff(one)).equals(encodeTariff(other));
        const said = (any: Tariff) => JSON.stringify(printTariff230({ ...any, lastUpdatedAt: 1 }));
        expect(isSame).toBe(said(one) === said(other));
      }),
    );
  });
});

describe('what contracts refuse', () => {
  const rowsBehind = (any: Tariff) => words(encodeTariff(any)).slice(12);
  const priceComponents = [{ type: 'TIME', priceMicro: 1, stepSize: 1 }] as const;

  it('is each restriction from code 4 on, in the order of the codes', () => {
    const restrictions = {
      startDay: 20_454,
      endDay: 20_455,
      minEnergyWh: 0,
      maxEnergyWh: 5_000,
      minCurrentMa: 6_000,
      maxCurrentMa: 32_000,
      minPowerW: 1_400,
      maxPowerW: 22_000,
      minDurationS: 60,
      maxDurationS: 3_600,
      reservation: 'RESERVATION_EXPIRES',
    } as const;
    const rows = rowsBehind({ ...tariff, elements: [{ priceComponents, restrictions }] }).slice(6);
    const codes = rows.filter((_, cell) => cell % 6 === 2);
    const amounts = rows.filter((_, cell) => cell % 6 === 3);
    expect(codes).toEqual([4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n, 13n, 14n]);
    expect(amounts).toEqual([20454n, 20455n, 0n, 5000n, 6000n, 32000n, 1400n, 22000n, 60n, 3600n, 2n]);
  });

  it.each([
    ['included', 1n],
    ['none', 2n],
  ] as const)('is a last row that says taxes %s', (taxes, code) => {
    const rows = rowsBehind({ ...tariff, taxes, elements: [{ priceComponents }] });
    expect(rows).toEqual([0n, 1n, 2n, 1n, 0n, 1n, 1n, 3n, code, 0n, 0n, 0n]);
  });
});

describe('decodeTariff', () => {
  it.each([
    ['nothing', new Uint8Array(), 'wrong-length', '0 bytes'],
    ['half a word more', new Uint8Array(32 * 12 + 16), 'wrong-length', '400 bytes'],
    [
      'a row less than counted',
      encodeTariff(tariff).subarray(0, -192),
      'wrong-length',
      '5 rows in 1152 bytes',
    ],
    ['an unknown kind', withWords([13, 3]), 'malformed', 'row 0'],
    ['an unknown component', withWords([14, 5]), 'malformed', 'row 0'],
    ['an unknown restriction', withWords([20, 15]), 'malformed', 'row 1'],
    ['an element out of order', withWords([12, 1]), 'malformed', 'row 0'],
    ['a currency that is none', withWords([4, 65]), 'invalid-text', 'currency: expected an ISO 4217 code'],
    [
      'an element without a component',
      withWords([37, 2], [38, 1]),
      'empty-list',
      'elements[1].price_components: expected at least 1',
    ],
    ['a number in the upper bytes', withTopByte(15), 'not-canonical', 'the same tariff has other bytes'],
    [
      'letters that are folded',
      withByte(0, 'd'.charCodeAt(0)),
      'not-canonical',
      'the same tariff has other bytes',
    ],
  ])('refuses %s', (_what, bytes, refusal, detail) => {
    expect(decodeTariff(bytes)).toEqual({ ok: false, refusal, detail });
  });

  it('never throws, and takes only what encodeTariff writes', () => {
    const spoil = (any: Tariff, at: number, value: number) => {
      const bytes = encodeTariff(any);
      bytes[at % bytes.length] = value;
      const decoded = decodeTariff(bytes);
      if (decoded.ok) {
        expect(encodeTariff(decoded.value)).toEqual(bytes);
        expect(parseTariff230(printTariff230({ ...decoded.value, lastUpdatedAt: 1 })).ok).toBe(true);
      } else expect(decoded.detail).not.toBe('');
    };
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(fc.property(arbitraryTariff230, fc.nat(), byte, spoil), { numRuns: 1_000 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => !decodeTariff(bytes).ok));
  });
});

function withByte(at: number, value: number): Uint8Array {
  const bytes = encodeTariff(tariff);
  bytes[at] = value;
  return bytes;
}

function withTopByte(word: number): Uint8Array {
  return withByte(word * 32, 1);
}
