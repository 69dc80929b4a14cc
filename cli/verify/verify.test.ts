import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { printEvidence } from '@p2p-power/protocol/parseEvidence';
import { buildEvidence, makeProvider, networkId, testPrices } from '@p2p-power/protocol/testing/world';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage } from '../Page.ts';
import { checkReceipt } from './checkReceipt.ts';
import { printVerdict } from './printVerdict.ts';
import { parseKeys, readKeys, type TrustedKeys } from './TrustedKeys.ts';

let folder: string;
let evidence: Evidence;
const members = [makeProvider('DEAAA'), makeProvider('DEBBB')].map(({ providerId, key }) => ({
  providerId,
  name: `Provider ${providerId}`,
  keys: [{ publicKey: key.publicKey, addedAt: 1, retiredAt: 0 }],
}));
const keysText = JSON.stringify({ networkId, members });
const keys = parsedKeys(keysText);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-verify-'));
  evidence = await buildEvidence();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function parsedKeys(text: string): TrustedKeys {
  const parsed = parseKeys(text, 'keys.json');
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}

/** Every path to a leaf of a JSON value. */
function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, part]) => leaves(part, [...path, name]));
}

/** A copy in which the leaf at the path is another value of the same form. */
function spoil(original: Evidence, path: readonly string[]): string {
  const copy = JSON.parse(printEvidence(original)) as Record<string, unknown>;
  const parent = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, copy);
  const name = path.at(-1) as string;
  parent[name] = another(parent[name]);
  return JSON.stringify(copy);
}

function another(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return 0;
  const last = value.at(-1);
  return `${value.slice(0, -1)}${last === '1' ? '2' : '1'}`;
}

describe('a genuine receipt', () => {
  test('is verified with the keys at hand', async () => {
    const verdict = await checkReceipt(printEvidence(evidence), keys);
    expect(verdict).toMatchObject({
      verdict: 'verified',
      facts: { importedWh: 11_000, driverProviderId: 'DEAAA' },
    });
  });

  test('is unproven without keys, and says what was not checked', async () => {
    const verdict = await checkReceipt(printEvidence(evidence), undefined);
    expect(verdict).toMatchObject({ verdict: 'unproven', facts: { importedWh: 11_000 } });
    expect(verdict.verdict === 'unproven' && verdict.unchecked).toHaveLength(3);
  });

  test('is refused where the keys are of other providers or of another network', async () => {
    const ours = parsedKeys(JSON.stringify({ networkId, members: members.slice(1) }));
    expect(await checkReceipt(printEvidence(evidence), ours)).toMatchObject({
      refusal: 'unknown-driver-provider',
    });
    const elsewhere = parsedKeys(JSON.stringify({ networkId: `0x${'7'.repeat(64)}`, members }));
    expect(await checkReceipt(printEvidence(evidence), elsewhere)).toMatchObject({
      refusal: 'wrong-network',
    });
  });
});

describe('a spoiled receipt', () => {
  test('is refused whichever field was touched, but for one that prices nothing', async () => {
    const survived: string[] = [];
    for (const path of leaves(JSON.parse(printEvidence(evidence)))) {
      const { verdict } = await checkReceipt(spoil(evidence, path), keys);
      if (verdict !== 'refused') survived.push(path.join('.'));
    }
    // A tariff's id covers what is priced; when it was last edited is not part of any agreement.
    expect(survived).toEqual(['tariff.lastUpdatedAt']);
  });

  test.each([
    ['networkId', 'wrong-network'],
    ['driverCertificate.value.maxEnergyWh', 'bad-driver-certificate-signature'],
    ['driverCertificate.value.issuerKeyId', 'unknown-driver-provider'],
    ['stationCertificate.value.operatorAccount', 'bad-station-certificate-signature'],
    ['offer.value.expiresAt', 'bad-offer-signature'],
    ['tariff.elements.0.priceComponents.0.priceMicro', 'tariff-mismatch'],
    ['authorization.value.maxAmountMicro', 'bad-authorization-signature'],
    ['authorization.value.offerId', 'authorization-not-of-offer'],
    ['cdr.value.importedWh', 'bad-cdr-signature'],
    ['cdr.value.authorizationId', 'cdr-not-of-authorization'],
    ['meterPublicKey', 'meter-key-mismatch'],
    ['meterRecord', 'meter-record-hash-mismatch'],
  ])('%s spoiled is refused as %s', async (path, refusal) => {
    expect(await checkReceipt(spoil(evidence, path.split('.')), keys)).toMatchObject({
      verdict: 'refused',
      refusal,
    });
  });

  test('is refused without keys too, unless only the issuers were touched', async () => {
    const cdr = spoil(evidence, ['cdr', 'value', 'chargeMicro']);
    expect(await checkReceipt(cdr, undefined)).toMatchObject({ refusal: 'bad-cdr-signature' });
    const text = spoil(evidence, ['driverCertificate', 'signature']);
    expect(await checkReceipt(text, undefined)).toMatchObject({ verdict: 'unproven' });
  });

  test('that is no receipt at all is refused by name', async () => {
    expect(await checkReceipt('{', keys)).toMatchObject({ refusal: 'not-json' });
    expect(await checkReceipt('{}', keys)).toMatchObject({ refusal: 'missing-field' });
  });
});

describe('keys', () => {
  test('are read from a folder, a trust list and a plain file', () => {
    writeFileSync(join(folder, 'keys.json'), keysText);
    const trustList = JSON.stringify({
      head: {},
      contentJson: JSON.stringify({ providers: members, revocations: [] }),
    });
    const listFile = join(folder, 'trust-list.json');
    writeFileSync(listFile, trustList);
    expect(readKeys(folder).providers).toEqual(keys.providers);
    expect(readKeys(listFile)).toMatchObject({ providers: keys.providers, source: listFile });
  });

  test('that are none are complained about with a way out', () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, JSON.stringify({ networkId, members: [{ providerId: 'DEAAA', keys: ['0x12'] }] }));
    expect(() => readKeys(file)).toThrow('holds no providers’ keys'.replace('’', "'"));
    expect(() => readKeys(join(folder, 'missing.json'))).toThrow('cannot be read');
    expect(parseKeys('nonsense', 'x')).toMatchObject({ refusal: 'not-json' });
    expect(parseKeys('{}', 'x')).toMatchObject({ refusal: 'no-providers' });
    expect(parseKeys('{"networkId":"0x1","members":[]}', 'x')).toMatchObject({ refusal: 'bad-network-id' });
  });
});

test('a verdict is printed with facts and price lines', async () => {
  let text = '';
  const verdict = await checkReceipt(printEvidence(evidence), keys);
  printVerdict(openPage({ write: (part) => (text += part) }), verdict, keys);
  expect(text).toContain('✓ This receipt is genuine');
  expect(text).toMatch(/energy +11\.000 kWh/);
  expect(text).toMatch(/price +5\.1051 EUR/);
  let refused = '';
  printVerdict(
    openPage({ write: (part) => (refused += part) }),
    await checkReceipt(spoil(evidence, ['cdr', 'signature']), keys),
    keys,
  );
  expect(refused).toContain('✗ This receipt does not hold: bad-cdr-signature');
});

test('a verdict on a charge at dynamic prices names those of its time, and who spoils one is found out', async () => {
  let text = '';
  const dynamic = await buildEvidence({ prices: testPrices });
  printVerdict(
    openPage({ write: (part) => (text += part) }),
    await checkReceipt(printEvidence(dynamic), keys),
    keys,
  );
  expect(text).toContain('✓ the prices by quarter-hour are those the driver agreed to');
  expect(text.split('What had been promised for energy')[1]?.split('\n\n')[0]).toMatchInlineSnapshot(`
    "
    ─────────────────────────────────
        2026-06-01 00:01:01 UTC  2026-06-01 00:15:00 UTC    0.12 EUR/kWh
        2026-06-01 00:15:00 UTC  2026-06-01 00:30:00 UTC  0.2125 EUR/kWh
        2026-06-01 00:30:00 UTC  2026-06-01 00:45:00 UTC   0.305 EUR/kWh
        2026-06-01 00:45:00 UTC  2026-06-01 01:00:00 UTC  0.1575 EUR/kWh
        2026-06-01 01:00:00 UTC  2026-06-01 01:01:01 UTC    0.25 EUR/kWh
        at all other times     0.389999 EUR/kWh
        by the signal          0xcea28ad7…e5da"
  `);
  expect(await checkReceipt(spoil(dynamic, ['prices', 'pricesMicro', '7']), keys)).toMatchObject({
    refusal: 'prices-mismatch',
  });
});
