import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';
import { followSignals } from './followSignals.ts';
import { always, type LocalServer, openLocalServer } from './testing/localServer.ts';

let server: LocalServer;
let folder: string;
let provider: TestProvider;
beforeAll(async () => {
  server = await openLocalServer();
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-follow-'));
});
beforeEach(async () => {
  await provider?.close();
  provider = await openTestProvider({
    signals: [
      { kind: 'price', area: 'AT', source: { type: 'awattar', country: 'at', url: server.url } },
      { kind: 'carbon', area: 'AT', source: { type: 'file', path: join(folder, 'carbon.csv') }, everyS: 60 },
    ],
    carbonArea: 'AT',
  });
  writeFileSync(
    join(folder, 'carbon.csv'),
    `start_utc,end_utc,g_per_kwh\n${iso(hour())},${iso(hour() + 3_600)},150\n`,
  );
});
afterAll(async () => {
  await provider.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const nowS = () => provider.clock.nowS();
const hour = () => nowS() - (nowS() % 3_600);
const iso = (at: number) => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
const follow = () => followSignals(provider.context, new AbortController().signal);
const hours = (...prices: readonly (number | null)[]) =>
  JSON.stringify({
    object: 'list',
    data: prices.flatMap((marketprice, index) =>
      marketprice === null
        ? []
        : [
            {
              start_timestamp: (hour() + index * 3_600) * 1000,
              end_timestamp: (hour() + (index + 1) * 3_600) * 1000,
              marketprice,
              unit: 'Eur/MWh',
            },
          ],
    ),
  });

async function seriesOf(kind: string) {
  const { body } = await provider.call('GET', '/admin/signals', { as: 'staff' });
  return body.signals.find((one: { kind: string }) => one.kind === kind);
}
/** Prices of the hours from now on, of what is known. */
async function known(): Promise<readonly (number | null)[]> {
  const { content } = await seriesOf('price');
  const first = (hour() - content.firstAt) / 900;
  return content.indexMicro.slice(first).filter((_: unknown, index: number) => index % 4 === 0);
}
const advanceTo = (at: number) => provider.clock.advance(Math.max(0, at - nowS()));

test('prices and carbon come in, are signed, and are asked for again in time', async () => {
  server.answer(always(hours(90, 100.5)));
  await follow();
  expect(await known()).toEqual([90_000, 100_500]);
  expect(await seriesOf('price')).toMatchObject({
    source: 'awattar',
    askedAt: nowS(),
    heardAt: nowS(),
    ageS: 0,
    fault: null,
    knownUntil: hour() + 7_200,
    missing: 0,
    issuedAt: nowS(),
  });
  expect(await seriesOf('carbon')).toMatchObject({ source: 'file', nextAt: nowS() + 60 });
  const asked = server.asked.length;
  provider.clock.advance(61);
  await follow();
  expect(server.asked.length).toBe(asked);
  expect((await seriesOf('carbon')).heardAt).toBe(nowS());
  advanceTo((await seriesOf('price')).nextAt);
  await follow();
  expect(server.asked.length).toBe(asked + 1);
});

test('a fault keeps what was known, is told by name, asked again later and later, and stops nobody else', async () => {
  server.answer(always(hours(90, 100)));
  await follow();
  const before = (await provider.call('GET', '/signals/price/AT')).body;
  server.answer(always('', 500));
  const waits: number[] = [];
  for (let fault = 1; fault <= 4; fault++) {
    advanceTo((await seriesOf('price')).nextAt);
    await follow();
    const series = await seriesOf('price');
    expect(series).toMatchObject({ fault: 'source-failed', faultDetail: 'status 500', faultsInRow: fault });
    waits.push(series.nextAt - nowS());
    expect((await seriesOf('carbon')).heardAt).toBeGreaterThanOrEqual(nowS() - 60);
  }
  expect(waits).toEqual([30, 60, 120, 240]);
  expect((await provider.call('GET', '/signals/price/AT')).body.contentJson).toBe(before.contentJson);
  const metrics = (await provider.call('GET', '/metrics')).body;
  expect(metrics).toContain('p2p_power_signal_faults_total{kind="price",area="AT",fault="source-failed"} 4');
  server.answer(always(hours(80)));
  advanceTo((await seriesOf('price')).nextAt);
  await follow();
  expect(await seriesOf('price')).toMatchObject({ fault: null, faultDetail: null, faultsInRow: 0 });
});

test('what an answer leaves out stays as it was known, what it changes is changed', async () => {
  server.answer(always(hours(90, 100, 110)));
  await follow();
  server.answer(always(hours(null, 105)));
  advanceTo((await seriesOf('price')).nextAt);
  await follow();
  expect(await known()).toEqual([90_000, 105_000, 110_000]);
});

test('a source that wants to be left alone is', async () => {
  server.answer(always('', 429, { 'retry-after': '4000' }));
  await follow();
  expect((await seriesOf('price')).nextAt).toBe(nowS() + 4_000);
});

test('one that hangs does not keep the others from being asked', async () => {
  let release = () => {};
  server.answer((_request, response) => {
    release = () => response.end(hours(1));
  });
  const running = follow();
  while ((await seriesOf('carbon'))?.heardAt == null) await new Promise((resolve) => setTimeout(resolve, 10));
  expect((await seriesOf('price')).askedAt).toBeNull();
  release();
  await running;
  expect(await known()).toEqual([1_000]);
});

describe('over days', () => {
  test('the window moves on, and what has gone by is forgotten', async () => {
    server.answer(always(hours(90)));
    await follow();
    const first = (await seriesOf('price')).content.firstAt;
    provider.clock.advance(2 * 86_400);
    server.answer(always(hours(70)));
    await follow();
    const { content } = await seriesOf('price');
    expect(content.firstAt).toBe(first + 2 * 86_400);
    expect(content.indexMicro.filter((value: number | null) => value !== null)).toEqual([
      70_000, 70_000, 70_000, 70_000,
    ]);
  });

  test('signals older than any terms are deleted, the newest stays', async () => {
    server.answer(always(hours(90)));
    await follow();
    provider.clock.advance(1_800);
    await provider.call('GET', '/signals/price/AT');
    provider.clock.advance(40 * 86_400);
    server.answer(always('', 500));
    await follow();
    const left = await provider.context.db
      .selectFrom('signal')
      .select('issued_at')
      .where('kind', '=', 'price')
      .execute();
    expect(left).toHaveLength(1);
  });
});

test('a grid that has a source is not stated by hand, and a series not configured any more is forgotten', async () => {
  const { config } = provider.context;
  const grid = { kind: 'grid', area: 'north', source: { type: 'file', path: 'x.csv' }, everyS: 60 } as const;
  const changed = {
    ...provider.context,
    config: { ...config, signals: [{ ...grid, source: { ...grid.source, replay: false, timeZone: 'UTC' } }] },
  };
  server.answer(always(hours(90)));
  await follow();
  await followSignals(changed, new AbortController().signal);
  const { body } = await provider.call('GET', '/admin/signals', { as: 'staff' });
  expect(body.signals).toMatchObject([{ kind: 'grid', area: 'north', fault: 'file-unreadable' }]);
});
