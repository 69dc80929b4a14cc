import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignalContent } from '@p2p-power/protocol/Signal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSource } from '../openSource.ts';
import { type SignalConfig, signalConfigSchema } from '../SignalConfig.ts';
import { type LocalServer, openLocalServer } from '../testing/localServer.ts';
import {
  type RecordedDay,
  readRecordedDay,
  recordedDays,
  recordedFolder,
  reformDay,
} from '../testing/reformPrices.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await openLocalServer();
});
afterAll(() => server.close());

const read = (name: string) => readFileSync(join(recordedFolder, name), 'utf8');
const days = Object.keys(recordedDays) as RecordedDay[];

function serve(files: (path: string) => string | undefined): void {
  server.answer((request, response) => {
    const name = files(request.url ?? '');
    if (name === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(name.startsWith('{') ? name : read(name));
  });
}

async function ask(source: unknown, day: RecordedDay): Promise<SignalContent & { kind: 'price' }> {
  const config: SignalConfig = signalConfigSchema.parse({ kind: 'price', area: 'AT', source });
  const ports = { fetch, nowS: () => recordedDays[day].from, currency: 'EUR' };
  const answer = await openSource(config, ports).read(recordedDays[day], new AbortController().signal);
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.detail}`);
  if (answer.value.kind !== 'price') throw new Error('no prices');
  return answer.value;
}

/** Micro-units per kWh by quarter-hour, straight from the file of prices. */
const indexOf = (day: RecordedDay) =>
  readRecordedDay(day).map(({ eurPerMwh }) => Math.round(eurPerMwh * 1_000));

describe.each(days)('the recorded day of %s', (day) => {
  const length = { autumn: 100, spring: 92, negative: 96 }[day];

  test('is what the script makes of the real prices, of the length that clocks gave it', () => {
    const parsed = (text: string) => (text.startsWith('{') ? JSON.parse(text) : text);
    for (const [name, text] of Object.entries(reformDay(day)))
      expect(parsed(read(name)), name).toEqual(parsed(text));
    expect(indexOf(day)).toHaveLength(length);
  });

  test('energy-charts', async () => {
    serve((path) => (path.startsWith('/price?bzn=AT&start=') ? `energyCharts_${day}.json` : undefined));
    const content = await ask({ type: 'energy-charts', zone: 'AT', url: server.url }, day);
    expect(content).toEqual({
      kind: 'price',
      currency: 'EUR',
      firstAt: recordedDays[day].from,
      indexMicro: indexOf(day),
    });
  });

  test('ENTSO-E, with repeated points left out', async () => {
    serve(() => `entsoe_${day}.xml`);
    const source = { type: 'entsoe', zone: 'AT', token: 'a-token', url: `${server.url}/api` };
    expect((await ask(source, day)).indexMicro).toEqual(indexOf(day));
    const query = new URL(`http://x${server.asked.at(-1)?.path}`).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      securityToken: 'a-token',
      documentType: 'A44',
      in_Domain: '10YAT-APG------L',
      out_Domain: '10YAT-APG------L',
      periodStart: expect.stringMatching(/^20\d{6}2[23]00$/),
    });
  });

  test('SMARD, the week found by its index', async () => {
    const week = (recordedDays[day].from - 4 * 86_400) * 1000;
    serve((path) =>
      path === '/4170/AT/index_quarterhour.json'
        ? JSON.stringify({ timestamps: [week - 604_800_000, week, week + 604_800_000] })
        : path === `/4170/AT/4170_AT_quarterhour_${week}.json`
          ? `smard_${day}.json`
          : undefined,
    );
    const content = await ask({ type: 'smard', zone: 'AT', url: server.url }, day);
    expect(content.indexMicro).toEqual(indexOf(day));
  });

  test('aWATTar, hours as four quarters of their mean', async () => {
    serve((path) => (path.startsWith('/v1/marketdata?start=') ? `awattar_${day}.json` : undefined));
    const content = await ask({ type: 'awattar', country: 'at', url: server.url }, day);
    const index = indexOf(day);
    expect(content.indexMicro).toHaveLength(length);
    for (const [at, value] of content.indexMicro.entries()) {
      const hour = index.slice(at - (at % 4), at - (at % 4) + 4);
      const mean = hour.reduce((sum, one) => sum + one, 0) / 4;
      // aWATTar rounds to cents per MWh.
      expect(Math.abs((value ?? Number.NaN) - mean)).toBeLessThanOrEqual(5);
    }
  });
});

test('prices below nothing stay below nothing', () => {
  expect(Math.min(...indexOf('negative'))).toBe(-498_650);
});

describe('carbon of energy-charts', () => {
  const source = { type: 'energy-charts', zone: 'AT', url: '' };
  const span = recordedDays.spring;
  const ask = async (answer: unknown) => {
    server.answer((request, response) => {
      response.writeHead(request.url?.startsWith('/co2eq?country=at&start=2026-03-28') ? 200 : 404);
      response.end(JSON.stringify(answer));
    });
    const config = signalConfigSchema.parse({
      kind: 'carbon',
      area: 'AT',
      source: { ...source, url: server.url },
    });
    const ports = { fetch, nowS: () => span.from, currency: 'EUR' };
    return openSource(config, ports).read(span, new AbortController().signal);
  };
  const unix_seconds = [0, 900, 1_800].map((s) => span.from + s);

  test('is in whole grams, the forecast where nothing was measured yet', async () => {
    const answer = await ask({ unix_seconds, co2eq: [101.5, null, null], co2eq_forecast: [99, 120.4, null] });
    expect(answer).toEqual({
      ok: true,
      value: { kind: 'carbon', firstAt: span.from, gramsPerKwh: [102, 120] },
    });
  });

  test('is not believed below nothing or beyond coal', async () => {
    for (const grams of [-1, 5_001])
      expect(await ask({ unix_seconds, co2eq: [grams, 1, 1], co2eq_forecast: [] })).toMatchObject({
        refusal: 'implausible-value',
      });
  });
});
