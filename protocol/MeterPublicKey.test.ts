import { readFileSync } from 'node:fs';
import { hexToBytes } from '@noble/hashes/utils.js';
import { resolveCurveFn } from '@road-labs/ocmf-crypto-noble';
import { base32nopad, base64 } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meterCurves } from './MeterCurve.ts';
import { parseMeterPublicKey, spkiOf } from './MeterPublicKey.ts';

describe.each(meterCurves.map(({ curve }) => curve))('a key on %s', (curve) => {
  const fn = resolveCurveFn(curve);
  const key = fn.Point.BASE.multiply(123_456_789n);
  const point = key.toHex(false);
  const spki = spkiOf(curve, point);
  const expected = { ok: true, value: { curve, spki } };
  const base64Of = (hex: string) => base64.encode(hexToBytes(hex));

  test.each([
    ['SPKI in hex', spki.slice(2)],
    ['SPKI in hex with 0x', spki],
    ['SPKI in capitals, in groups', spki.slice(2).toUpperCase().replace(/.{4}/g, '$& ')],
    ['SPKI in hex with colons', spki.slice(2).replace(/..(?=.)/g, '$&:')],
    ['SPKI in base64', base64Of(spki.slice(2))],
    [
      'SPKI in base64 without padding, with line breaks',
      base64Of(spki.slice(2)).replace(/=/g, '').replace(/.{20}/g, '$&\r\n'),
    ],
    ['SPKI in quotes', `"${base64Of(spki.slice(2))}"`],
    ['the point in hex', point],
    ['the bare point in hex', point.slice(2)],
    ['the point in base64', base64Of(point)],
    ['the bare point in base64', base64Of(point.slice(2))],
  ])('%s', (_, text) => {
    expect(parseMeterPublicKey(text)).toEqual(expected);
  });
});

test('a compressed 192-bit point in base32, as one maker prints it, even with its case lost', () => {
  const key = resolveCurveFn('secp192r1').Point.BASE.multiply(987_654_321n);
  const expected = { ok: true, value: { curve: 'secp192r1', spki: spkiOf('secp192r1', key.toHex(false)) } };
  const text = base32nopad.encode(hexToBytes(key.toHex(true)));
  expect(text).toHaveLength(40);
  expect(parseMeterPublicKey(text)).toEqual(expected);
  expect(parseMeterPublicKey(text.toLowerCase())).toEqual(expected);
});

test.each([
  ['', 'no-key'],
  [' \n', 'no-key'],
  [null, 'no-key'],
  [17, 'no-key'],
  ['Wird nachgereicht', 'not-an-encoding'],
  ['DE*ABC*E200477*01', 'not-an-encoding'],
  [
    '3045022100C22C006B038B57E1DDB1B58524735A6966720F2D5A344E0108C8A446CC5D22B202202B1A10E2D2E1ADF2F1BDEB0344A054316A6ABF3496D10318D3787C6F92027F54',
    'is-a-signature',
  ],
  ['3059301306072A8648CE3D020106082A8648CE3D03010703420004145966', 'wrong-length'],
  ['00'.repeat(63), 'wrong-length'],
  // secp224r1
  [
    'ME4wEAYHKoZIzj0CAQYFK4EEACADOgAEjTyvGV9Eqg8y6kk2g+7WEvlo+R4l7+qp9uxFHM48mHw27VTNYLdekkUjFjSU6+LcHK4PWziTnqQ=',
    'unknown-curve',
  ],
  [`04${'01'.repeat(64)}`, 'not-on-curve'],
  [`3059301306072A8648CE3D020106082A8648CE3D03010703420004${'01'.repeat(64)}`, 'not-on-curve'],
])('%j is refused: %s', (text, refusal) => {
  expect(parseMeterPublicKey(text)).toMatchObject({ ok: false, refusal });
});

test('no input makes it throw, and what it takes is an SPKI that it takes again', () => {
  fc.assert(fc.property(fc.anything(), (text) => void parseMeterPublicKey(text)));
  const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 90, maxLength: 190 });
  fc.assert(
    fc.property(fc.oneof(fc.base64String({ maxLength: 200 }), hex, fc.string({ maxLength: 200 })), (text) => {
      const parsed = parseMeterPublicKey(text);
      if (parsed.ok) expect(parseMeterPublicKey(parsed.value.spki)).toEqual(parsed);
    }),
  );
});

test('of the keys that the German register publishes for Berlin, 97 in 100 are read, the others named', () => {
  const keys = publishedKeys();
  const counts = new Map<string, number>();
  for (const key of keys) {
    const parsed = parseMeterPublicKey(key);
    const name = parsed.ok ? parsed.value.curve : parsed.refusal;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect(keys.length).toBe(2_874);
  expect(Object.fromEntries([...counts].sort())).toMatchInlineSnapshot(`
    {
      "is-a-signature": 3,
      "not-an-encoding": 24,
      "not-on-curve": 12,
      "secp192r1": 669,
      "secp256k1": 222,
      "secp256r1": 1920,
      "unknown-curve": 16,
      "wrong-length": 8,
    }
  `);
});

/** The columns `Public Key1` to `Public Key6` of the register's file: `;`, quotes doubled, line breaks in quotes. */
function publishedKeys(): readonly string[] {
  const file = new URL('../data/stations/de_berlin_bnetza_2026-04.csv', import.meta.url);
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of readFileSync(file, 'utf8').matchAll(
    /(?:"((?:[^"]|"")*)"|([^;\r\n"]*))(;|\r?\n|$)/g,
  )) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ';') rows.push([]);
  }
  const headRow = rows.findIndex((row) => row.includes('Public Key1'));
  const columns =
    rows[headRow]?.flatMap((name, column) => (/^Public Key\d$/.test(name) ? [column] : [])) ?? [];
  const cells = rows.slice(headRow + 1).flatMap((row) => columns.map((column) => row[column] ?? ''));
  return cells.filter((cell) => cell.trim() !== '');
}
