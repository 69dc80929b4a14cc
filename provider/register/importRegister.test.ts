import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';

const file = new URL('../../data/stations/de_berlin_bnetza_2026-04.csv', import.meta.url);
const csv = readFileSync(file, 'utf8');

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(() => provider.close());

const importCsv = (text: string) =>
  provider.call('POST', '/admin/register-imports', {
    as: 'staff',
    body: text,
    headers: { 'content-type': 'text/csv' },
  });

describe('the whole register of Berlin', () => {
  test('every row is taken or refused, every key parsed or noted, in a few seconds', async () => {
    const began = performance.now();
    const { status, body } = await importCsv(csv);
    expect(status).toBe(200);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(body).toMatchObject({ rows: 4528, taken: 4528, refused: [], points: 7019, removed: 0 });
    console.log(
      JSON.stringify({ ...body.keys, noted: body.keys.noted.length }),
      body.withoutEvseId,
      body.evseIds.noted.length,
      body.openingHours,
      performance.now() - began,
    );
  });
});
