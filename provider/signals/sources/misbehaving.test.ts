import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSource } from '../openSource.ts';
import { signalConfigSchema } from '../SignalConfig.ts';
import { always, type LocalServer, openLocalServer } from '../testing/localServer.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await openLocalServer();
});
afterAll(() => server.close());

const from = Date.parse('2026-11-22T00:00:00Z') / 1000;
const span = { from, to: from + 86_400 };

const sources = {
  awattar: () => ({ type: 'awattar', country: 'at', url: server.url }),
  'energy-charts': () => ({ type: 'energy-charts', zone: 'AT', url: server.url }),
  entsoe: () => ({ type: 'entsoe', zone: 'AT', token: 'a-secret-token', url: server.url }),
  smard: () => ({ type: 'smard', zone: 'AT', url: server.url }),
  openadr3: () => ({
    type: 'openadr3',
    version: '3.1',
    program: 'prices',
    clientId: 'us',
    clientSecret: 'a-secret-token',
    url: server.url,
  }),
} as const;
type Type = keyof typeof sources;

function read(type: Type, timeoutMs = 30_000) {
  const config = signalConfigSchema.parse({ kind: 'price', area: 'AT', source: sources[type]() });
  const ports = { fetch, nowS: () => from, currency: 'EUR', timeoutMs };
  return openSource(config, ports).read(span, new AbortController().signal);
}

/** Begins to answer and never ends. */
const hang = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200);
  response.write('{"data":[');
};
const breakOff = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"data":[');
  setTimeout(() => response.destroy(), 20);
};
const flood = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200);
  const part = Buffer.alloc(64 * 1024, 0x20);
  const more = (): void => {
    if (response.destroyed) return;
    if (response.write(part)) setImmediate(more);
    else response.once('drain', more);
  };
  more();
};

describe.each(Object.keys(sources) as Type[])('%s', (type) => {
  const isXml = type === 'entsoe';

  test.each([
    ['a server that never ends its answer', hang, 'source-timeout', 150],
    ['an answer that breaks off', breakOff, 'source-unreachable', 30_000],
    ['an answer without end', flood, 'answer-too-large', 30_000],
    ['a redirect', always('', 302, { location: 'http://127.0.0.1:1/' }), 'source-redirects', 30_000],
    ['401', always('who are you', 401), 'source-denies', 30_000],
    ['403', always('', 403), 'source-denies', 30_000],
    ['429', always('', 429, { 'retry-after': '120' }), 'source-busy', 30_000],
    ['500', always('', 500), 'source-failed', 30_000],
    ['404', always('', 404), 'source-failed', 30_000],
    ['garbage', always('\u0000\u0001 not today'), isXml ? 'not-xml' : 'not-json', 30_000],
    ['nothing', always(''), isXml ? 'not-xml' : 'not-json', 30_000],
    ['a cut answer', always(isXml ? '<a><b>' : '{"data": [{"unit"'), isXml ? 'not-xml' : 'not-json', 30_000],
    ['another form', always(isXml ? '<a/>' : '[1, 2]'), 'unexpected-form', 30_000],
    ['null', always(isXml ? '<a/>' : 'null'), 'unexpected-form', 30_000],
  ] as const)('%s is named', async (_words, answer, refusal, timeoutMs) => {
    server.answer(answer);
    const answered = await read(type, timeoutMs);
    expect(answered).toMatchObject({ ok: false, refusal });
    expect(JSON.stringify(answered)).not.toContain('a-secret-token');
    if (refusal === 'source-busy') expect(answered).toMatchObject({ retryAfterS: 120 });
  });

  test('nobody there is named', async () => {
    const gone = await openLocalServer();
    await gone.close();
    const config = { ...sources[type](), url: gone.url };
    const parsed = signalConfigSchema.parse({ kind: 'price', area: 'AT', source: config });
    const source = openSource(parsed, { fetch, nowS: () => from, currency: 'EUR' });
    expect(await source.read(span, new AbortController().signal)).toMatchObject({
      refusal: 'source-unreachable',
    });
  });
});

describe('aWATTar', () => {
  const item = (change: object = {}) => ({
    start_timestamp: from * 1000,
    end_timestamp: (from + 3_600) * 1000,
    marketprice: 93.27,
    unit: 'Eur/MWh',
    ...change,
  });
  const later = { start_timestamp: (from + 7_200) * 1000, end_timestamp: (from + 10_800) * 1000 };
  test.each([
    ['another currency', [item({ unit: 'Chf/MWh' })], 'wrong-currency'],
    ['another unit', [item({ unit: 'ct/kWh' })], 'wrong-unit'],
    ['no unit', [item({ unit: undefined })], 'wrong-unit'],
    ['a text for a price', [item({ marketprice: '93.27' })], 'unexpected-form'],
    ['a text for a time', [item({ start_timestamp: 'now' })], 'unexpected-form'],
    ['a time off the quarter-hours', [item({ start_timestamp: from * 1000 + 60_000 })], 'unexpected-form'],
    ['two prices for one hour', [item(), item({ marketprice: 1 })], 'contradicting-values'],
    [
      'hours that overlap',
      [item(), item({ ...item(), end_timestamp: (from + 7_200) * 1000, marketprice: 2 })],
      'contradicting-values',
    ],
    ['a price in cents', [item({ marketprice: 932_700 })], 'implausible-value'],
    ['a day that is not there yet', [], 'not-published'],
  ])('%s: %#', async (_words, data, refusal) => {
    server.answer(always(JSON.stringify({ object: 'list', data })));
    expect(await read('awattar')).toMatchObject({ ok: false, refusal });
  });

  test('what is unsorted, doubled, with a hole and a null is put in order', async () => {
    const data = [
      item({ ...later, marketprice: -5.1 }),
      item(),
      item(),
      item({
        ...later,
        start_timestamp: (from + 10_800) * 1000,
        end_timestamp: (from + 14_400) * 1000,
        marketprice: null,
      }),
    ];
    server.answer(always(JSON.stringify({ object: 'list', data })));
    const hole = [null, null, null, null];
    expect(await read('awattar')).toMatchObject({
      ok: true,
      value: { indexMicro: [93_270, 93_270, 93_270, 93_270, ...hole, -5_100, -5_100, -5_100, -5_100] },
    });
  });
});

describe('energy-charts', () => {
  const answer = (change: object) => ({
    unix_seconds: [from, from + 900, from + 1_800],
    price: [1.5, null, -2],
    unit: 'EUR / MWh',
    ...change,
  });
  test.each([
    ['another currency', { unit: 'CZK / MWh' }, 'wrong-currency'],
    ['another unit', { unit: 'ct / kWh' }, 'wrong-unit'],
    ['lists of two lengths', { price: [1] }, 'unexpected-form'],
    ['a text for a price', { price: [1, 'x', 2] }, 'unexpected-form'],
    ['a time with a fraction', { unix_seconds: [from + 0.5, from, from] }, 'unexpected-form'],
    ['a day that is not there yet', { unix_seconds: [], price: [] }, 'not-published'],
    ['only nulls', { price: [null, null, null] }, 'not-published'],
    [
      'two prices for one time',
      { unix_seconds: [from, from, from + 900], price: [1, 2, 3] },
      'contradicting-values',
    ],
  ])('%s: %#', async (_words, change, refusal) => {
    server.answer(always(JSON.stringify(answer(change))));
    expect(await read('energy-charts')).toMatchObject({ ok: false, refusal });
  });

  test('a hole stays a hole, hours are four quarters', async () => {
    server.answer(always(JSON.stringify(answer({}))));
    expect(await read('energy-charts')).toMatchObject({ value: { indexMicro: [1_500, null, -2_000] } });
    const unix_seconds = [from, from + 900, from + 3_600];
    server.answer(always(JSON.stringify(answer({ unix_seconds, price: [1, 2, 3] }))));
    expect(await read('energy-charts')).toMatchObject({
      value: { indexMicro: [1_000, 2_000, null, null, 3_000] },
    });
    server.answer(always(JSON.stringify(answer({ unix_seconds: [from, from + 3_600], price: [1, 2] }))));
    expect(await read('energy-charts')).toMatchObject({
      value: { indexMicro: [1_000, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000, 2_000] },
    });
  });
});

describe('SMARD', () => {
  const week = (series: unknown) => (request: IncomingMessage, response: ServerResponse) => {
    const isIndex = request.url?.includes('index');
    response.end(JSON.stringify(isIndex ? { timestamps: [(from - 86_400) * 1000] } : { series }));
  };
  test.each([
    ['pairs that are none', [[from * 1000]], 'unexpected-form'],
    ['a text for a price', [[from * 1000, '1']], 'unexpected-form'],
    ['only nulls', [[from * 1000, null]], 'not-published'],
    [
      'two prices for one time',
      [
        [from * 1000, 1],
        [from * 1000, 2],
      ],
      'contradicting-values',
    ],
  ])('%s: %#', async (_words, series, refusal) => {
    server.answer(week(series));
    expect(await read('smard')).toMatchObject({ ok: false, refusal });
  });

  test('a null between values stays one', async () => {
    server.answer(
      week([
        [(from + 1_800) * 1000, 3],
        [from * 1000, 1],
        [(from + 900) * 1000, null],
      ]),
    );
    expect(await read('smard')).toMatchObject({ value: { indexMicro: [1_000, null, 3_000] } });
  });
});

describe('ENTSO-E', () => {
  const time = (at: number) => `${new Date(at * 1000).toISOString().slice(0, 16)}Z`;
  const series = (options: {
    readonly points: readonly (readonly [number, string])[];
    readonly curve?: string;
    readonly resolution?: string;
    readonly position?: string;
    readonly currency?: string;
    readonly unit?: string;
    readonly hours?: number;
  }) => `<TimeSeries><currency_Unit.name>${options.currency ?? 'EUR'}</currency_Unit.name>
<price_Measure_Unit.name>${options.unit ?? 'MWH'}</price_Measure_Unit.name>
${options.position === undefined ? '' : `<classificationSequence_AttributeInstanceComponent.position>${options.position}</classificationSequence_AttributeInstanceComponent.position>`}
<curveType>${options.curve ?? 'A01'}</curveType>
<Period><timeInterval><start>${time(from)}</start><end>${time(from + (options.hours ?? 1) * 3_600)}</end></timeInterval>
<resolution>${options.resolution ?? 'PT15M'}</resolution>
${options.points.map(([position, price]) => `<Point><position>${position}</position><price.amount>${price}</price.amount></Point>`).join('')}
</Period></TimeSeries>`;
  const serve = (...all: readonly string[]) =>
    server.answer(
      always(
        `<?xml version="1.0" encoding="UTF-8"?><Publication_MarketDocument xmlns="urn:x">${all.join('')}</Publication_MarketDocument>`,
      ),
    );
  const two = [
    [1, '10.5'],
    [3, '-7.25'],
  ] as const;

  test('repeats what A03 leaves out, and in no other curve', async () => {
    serve(series({ points: two, curve: 'A03' }));
    expect(await read('entsoe')).toMatchObject({ value: { indexMicro: [10_500, 10_500, -7_250, -7_250] } });
    serve(series({ points: two }));
    expect(await read('entsoe')).toMatchObject({ value: { indexMicro: [10_500, null, -7_250] } });
    serve(series({ points: [[3, '1']], curve: 'A03' }));
    expect(await read('entsoe')).toMatchObject({ value: { indexMicro: [null, null, 1_000, 1_000] } });
  });

  test('counts the first auction only, and the finest resolution', async () => {
    serve(
      series({ points: [[1, '1']], resolution: 'PT60M', position: '1', hours: 2, curve: 'A03' }),
      series({ points: two, position: '1' }),
      series({ points: [[1, '99']], resolution: 'PT60M', position: '2' }),
    );
    const hour = [1_000, 1_000, 1_000, 1_000];
    expect(await read('entsoe')).toMatchObject({
      value: { indexMicro: [10_500, 1_000, -7_250, 1_000, ...hour] },
    });
  });

  test.each([
    ['another currency', series({ points: two, currency: 'BGN' }), 'wrong-currency'],
    ['another unit', series({ points: two, unit: 'KWH' }), 'wrong-unit'],
    ['a resolution nobody knows', series({ points: two, resolution: 'P1Y' }), 'unexpected-form'],
    ['a point outside of its period', series({ points: [[5, '1']] }), 'unexpected-form'],
    ['a point before its period', series({ points: [[0, '1']] }), 'unexpected-form'],
    ['a price in words', series({ points: [[1, 'ten']] }), 'unexpected-form'],
    [
      'two prices for one point',
      series({
        points: [
          [1, '1'],
          [1, '2'],
        ],
      }),
      'contradicting-values',
    ],
    [
      'two series that differ',
      series({ points: [[1, '1']] }) + series({ points: [[1, '2']] }),
      'contradicting-values',
    ],
    ['no series', '', 'not-published'],
    ['only a later auction', series({ points: two, position: '2' }), 'not-published'],
  ])('%s: %#', async (_words, all, refusal) => {
    serve(all);
    expect(await read('entsoe')).toMatchObject({ ok: false, refusal });
  });

  test('an acknowledgement says why there is nothing, with 200 and with 400', async () => {
    const acknowledgement = (code: string) =>
      `<Acknowledgement_MarketDocument xmlns="urn:x"><Reason><code>${code}</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>`;
    for (const status of [200, 400]) {
      server.answer(always(acknowledgement('999'), status));
      expect(await read('entsoe')).toMatchObject({ refusal: 'not-published' });
    }
    server.answer(always(acknowledgement('A05'), 400));
    expect(await read('entsoe')).toMatchObject({ refusal: 'source-failed' });
  });

  test('a document that declares entities is not read', async () => {
    server.answer(always('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'));
    expect(await read('entsoe')).toMatchObject({ refusal: 'not-xml' });
  });
});
