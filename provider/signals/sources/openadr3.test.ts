import type { SignalContent } from '@p2p-power/protocol/Signal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSource } from '../openSource.ts';
import { signalConfigSchema } from '../SignalConfig.ts';
import { type LocalServer, openLocalServer } from '../testing/localServer.ts';

const from = Date.parse('2026-11-22T00:00:00Z') / 1000;
const span = { from, to: from + 86_400 };
let now = from + 600;

let server: LocalServer;
/** What the VTN has. */
let vtn: {
  programs: Record<string, unknown>[];
  events: Record<string, unknown>[];
  tokens: string[];
  valid: Set<string>;
  expiresIn: number;
  tokenUrl: string | undefined;
};

beforeEach(async () => {
  now = from + 600;
  server = await openLocalServer();
  vtn = {
    programs: [{ id: 'p-1', programName: 'grid' }],
    events: [],
    tokens: [],
    valid: new Set(),
    expiresIn: 3_600,
    tokenUrl: undefined,
  };
  server.answer((request, response, body) => {
    const { pathname, searchParams } = new URL(`http://x${request.url}`);
    const json = (value: unknown, status = 200) => response.writeHead(status).end(JSON.stringify(value));
    if (pathname === '/auth/server') return json({ tokenURL: vtn.tokenUrl ?? `${server.url}/oauth` });
    if (pathname === '/auth/token' || pathname === '/oauth') {
      const form = new URLSearchParams(body);
      if (form.get('grant_type') !== 'client_credentials' || form.get('client_secret') !== 'our secret')
        return json({ error: 'invalid_client' }, 401);
      const token = `${pathname}-${vtn.tokens.length}`;
      vtn.tokens.push(token);
      vtn.valid.add(token);
      return json({ access_token: token, token_type: 'Bearer', expires_in: vtn.expiresIn });
    }
    if (!vtn.valid.has((request.headers.authorization ?? '').replace('Bearer ', ''))) return json({}, 401);
    const all = pathname === '/programs' ? vtn.programs : pathname === '/events' ? vtn.events : undefined;
    if (all === undefined) return json({}, 404);
    const skip = Number(searchParams.get('skip'));
    return json(all.slice(skip, skip + Number(searchParams.get('limit'))));
  });
});
afterEach(() => server.close());

const openVtn = (kind: 'price' | 'carbon' | 'grid', version: '3.0' | '3.1', change: object = {}) => {
  const config = signalConfigSchema.parse({
    kind,
    area: 'north',
    source: {
      type: 'openadr3',
      version,
      program: 'grid',
      clientId: 'us',
      clientSecret: 'our secret',
      url: server.url,
      ...change,
    },
  });
  const source = openSource(config, { fetch, nowS: () => now, currency: 'EUR' });
  return { read: () => source.read(span, new AbortController().signal) };
};

async function contentOf(kind: 'price' | 'carbon' | 'grid', version: '3.0' | '3.1'): Promise<SignalContent> {
  const answer = await openVtn(kind, version).read();
  if (!answer.ok) throw new Error(`${answer.refusal}: ${answer.detail}`);
  return answer.value;
}

const iso = (at: number) => new Date(at * 1000).toISOString();
const euros = [
  { objectType: 'EVENT_PAYLOAD_DESCRIPTOR', payloadType: 'PRICE', units: 'KWH', currency: 'EUR' },
];
const event = (
  start: number | string,
  duration: string,
  intervals: readonly (readonly [type: string, value: unknown, own?: object])[],
  change: object = {},
) => ({
  id: 'e',
  objectType: 'EVENT',
  programID: 'p-1',
  createdDateTime: iso(from + 100),
  modificationDateTime: iso(from + 300),
  intervalPeriod: { start: typeof start === 'number' ? iso(start) : start, duration },
  payloadDescriptors: euros,
  intervals: intervals.map(([type, value, own], id) => ({
    id,
    payloads: [{ type, values: Array.isArray(value) ? value : [value] }],
    ...own,
  })),
  ...change,
});
const priceOf = (content: SignalContent) => (content.kind === 'price' ? content.indexMicro : []);
const slotsOf = (content: SignalContent) =>
  content.kind === 'grid'
    ? content.slots.map(({ from: begins, to, ...rest }) => ({ from: begins - from, to: to - from, ...rest }))
    : [];

describe('tokens', () => {
  test('3.0 gets them of the VTN, 3.1 where the VTN says; both keep them until they run out', async () => {
    vtn.events = [event(from, 'PT15M', [['PRICE', 0.1]])];
    const old = openVtn('price', '3.0');
    await old.read();
    await old.read();
    expect(vtn.tokens).toEqual(['/auth/token-0']);
    const young = openVtn('price', '3.1');
    await young.read();
    await young.read();
    expect(vtn.tokens).toEqual(['/auth/token-0', '/oauth-1']);
    now += 3_600;
    await young.read();
    expect(vtn.tokens).toHaveLength(3);
    expect(server.asked.filter(({ path }) => path.includes('active=true'))).toHaveLength(3);
  });

  test('one that was taken back is asked for anew, once', async () => {
    vtn.events = [event(from, 'PT15M', [['PRICE', 0.1]])];
    const source = openVtn('price', '3.1');
    await source.read();
    vtn.valid.clear();
    expect((await source.read()).ok).toBe(true);
    expect(vtn.tokens).toHaveLength(2);
  });

  test('a wrong secret is denied, and a secret is not sent in the clear to wherever the VTN says', async () => {
    expect(await openVtn('price', '3.1', { clientSecret: 'wrong' }).read()).toMatchObject({
      refusal: 'source-denies',
    });
    vtn.tokenUrl = 'http://127.0.0.2:1/oauth';
    expect(await openVtn('price', '3.1').read()).toMatchObject({ refusal: 'unexpected-form' });
    vtn.tokenUrl = 'not an address';
    expect(await openVtn('price', '3.1').read()).toMatchObject({ refusal: 'unexpected-form' });
  });
});

describe('prices', () => {
  test.each(['3.0', '3.1'] as const)(
    '%s: intervals follow one another, and may have a time of their own',
    async (version) => {
      const own = { intervalPeriod: { start: iso(from + 7_200), duration: 'PT30M' } };
      vtn.events = [
        event(from, 'PT15M', [
          ['PRICE', 0.17],
          ['PRICE', -0.012345],
          ['PRICE', 0.2, own],
          ['PRICE', 0.3],
        ]),
      ];
      const hole = [null, null, null, null, null, null];
      expect(priceOf(await contentOf('price', version))).toEqual([
        170_000,
        -12_345,
        ...hole,
        200_000,
        200_000,
        300_000,
      ]);
    },
  );

  test('of two events the higher priority counts, whatever its place, and the other where it is silent', async () => {
    vtn.events = [
      event(
        from,
        'PT15M',
        [
          ['PRICE', 0.1],
          ['PRICE', 0.2],
          ['PRICE', 0.3],
        ],
        { priority: 5 },
      ),
      event(from + 900, 'PT15M', [['PRICE', 9]], { priority: 0 }),
      event(from, 'PT1H', [['PRICE', 7]]),
    ];
    expect(priceOf(await contentOf('price', '3.1'))).toEqual([100_000, 9_000_000, 300_000, 7_000_000]);
  });

  test('descriptors of the program count for its events', async () => {
    vtn.programs = [{ id: 'p-1', programName: 'grid', payloadDescriptors: [{ ...euros[0], units: 'MWH' }] }];
    vtn.events = [event(from, 'PT15M', [['PRICE', 85.5]], { payloadDescriptors: null })];
    expect(priceOf(await contentOf('price', '3.0'))).toEqual([85_500]);
  });

  test('3.1 packs several values into an interval, cuts events off and repeats them', async () => {
    vtn.events = [event(from, 'PT1H', [['PRICE', [0.1, 0.2, 0.3, 0.4]]])];
    expect(priceOf(await contentOf('price', '3.1'))).toEqual([100_000, 200_000, 300_000, 400_000]);
    expect(await openVtn('price', '3.0').read()).toMatchObject({ refusal: 'unexpected-form' });
    vtn.events = [event(from, 'PT1H', [['PRICE', [0.1, 0.2, 0.3, 0.4]]], { duration: 'PT30M' })];
    expect(priceOf(await contentOf('price', '3.1'))).toEqual([100_000, 200_000]);
    vtn.events = [event(from - 86_400, 'PT30M', [['PRICE', [0.1, 0.2]]], { duration: 'P9999Y' })];
    expect(priceOf(await contentOf('price', '3.1'))).toEqual(
      Array.from({ length: 96 }, (_, index) => (index % 2 === 0 ? 100_000 : 200_000)),
    );
  });

  test('come in pages', async () => {
    vtn.events = Array.from({ length: 96 }, (_, index) =>
      event(from + index * 900, 'PT15M', [['PRICE', index / 1_000]]),
    );
    expect(priceOf(await contentOf('price', '3.1'))).toEqual(
      Array.from({ length: 96 }, (_, index) => index * 1_000),
    );
    expect(server.asked.filter(({ path }) => path.startsWith('/events'))).toHaveLength(2);
  });

  test.each([
    ['another currency', { payloadDescriptors: [{ ...euros[0], currency: 'SEK' }] }, 'wrong-currency'],
    ['no currency', { payloadDescriptors: [] }, 'wrong-currency'],
    ['gas', { payloadDescriptors: [{ ...euros[0], units: 'THERMS' }] }, 'wrong-unit'],
    ['no intervals', { intervals: null }, 'unexpected-form'],
    ['a length in months', { intervalPeriod: { start: iso(from), duration: 'P1M' } }, 'unexpected-form'],
    ['no time at all', { intervalPeriod: null }, 'unexpected-form'],
    [
      'a text for a price',
      { intervals: [{ id: 0, payloads: [{ type: 'PRICE', values: ['x'] }] }] },
      'unexpected-form',
    ],
    ['another program', { programID: 'p-2' }, 'not-published'],
    ['another time', { intervalPeriod: { start: iso(from - 900), duration: 'PT15M' } }, 'not-published'],
    ['only SIMPLE', { intervals: [{ id: 0, payloads: [{ type: 'SIMPLE', values: [1] }] }] }, 'not-published'],
  ])('%s: %#', async (_words, change, refusal) => {
    vtn.events = [event(from, 'PT15M', [['PRICE', 0.17]], change)];
    expect(await openVtn('price', '3.0').read()).toMatchObject({ ok: false, refusal });
  });

  test('two events of one priority that differ contradict each other, and a program must be there', async () => {
    vtn.events = [0.1, 0.2].map((value) => event(from, 'PT15M', [['PRICE', value]]));
    expect(await openVtn('price', '3.1').read()).toMatchObject({ refusal: 'contradicting-values' });
    vtn.programs = [];
    expect(await openVtn('price', '3.1').read()).toMatchObject({ refusal: 'not-published' });
  });
});

test('GHG is carbon in g/kWh', async () => {
  vtn.events = [
    event(from, 'PT15M', [
      ['GHG', 311.6],
      ['GHG', 12],
    ]),
  ];
  expect(await contentOf('carbon', '3.1')).toMatchObject({ gramsPerKwh: [312, 12] });
  vtn.events = [
    event(from, 'PT15M', [['GHG', 311]], { payloadDescriptors: [{ payloadType: 'GHG', units: 'PERCENT' }] }),
  ];
  expect(await openVtn('carbon', '3.1').read()).toMatchObject({ refusal: 'wrong-unit' });
});

describe('the grid', () => {
  test('SIMPLE levels are states: normal green, moderate yellow, high and emergency red', async () => {
    vtn.events = [
      event(from, 'PT1H', [
        ['SIMPLE', 0],
        ['SIMPLE', 1],
        ['SIMPLE', 2],
        ['SIMPLE', 3],
      ]),
    ];
    expect(slotsOf(await contentOf('grid', '3.1'))).toEqual([
      { from: 0, to: 3_600, state: 'green' },
      { from: 3_600, to: 7_200, state: 'yellow' },
      { from: 7_200, to: 14_400, state: 'red' },
    ]);
  });

  test('an emergency now and without end is red to the end of the span, in the words of either version', async () => {
    for (const [version, start, duration] of [
      ['3.0', '0000-00-00T00:00:00Z', 'PT0S'],
      ['3.0', '0000-00-00', 'P9999Y'],
      ['3.1', '0001-01-01T00:00:00', 'P9999Y'],
    ] as const) {
      vtn.events = [event(start, duration, [['ALERT_GRID_EMERGENCY', 'please']])];
      expect(slotsOf(await contentOf('grid', version))).toEqual([{ from: 0, to: 86_400, state: 'red' }]);
    }
    // In 3.1 an event of no length is one that was taken back.
    vtn.events = [event('0001-01-01', 'PT0S', [['ALERT_GRID_EMERGENCY', 'please']])];
    expect(slotsOf(await contentOf('grid', '3.1'))).toEqual([]);
  });

  test('limits in kW go beside states, the lower of two of one priority; a higher priority goes before', async () => {
    vtn.events = [
      event(from, 'PT2H', [['IMPORT_CAPACITY_LIMIT', 4.2]]),
      event(from + 3_600, 'PT2H', [['IMPORT_CAPACITY_LIMIT', 11]]),
      event(from + 1_800, 'PT1H', [['SIMPLE', 1]]),
      event(from + 9_000, 'PT15M', [['IMPORT_CAPACITY_LIMIT', 22]], { priority: 1 }),
    ];
    expect(slotsOf(await contentOf('grid', '3.1'))).toEqual([
      { from: 0, to: 1_800, state: 'green', limitW: 4_200 },
      { from: 1_800, to: 5_400, state: 'yellow', limitW: 4_200 },
      { from: 5_400, to: 7_200, state: 'green', limitW: 4_200 },
      { from: 7_200, to: 9_000, state: 'green', limitW: 11_000 },
      { from: 9_000, to: 9_900, state: 'green', limitW: 22_000 },
      { from: 9_900, to: 10_800, state: 'green', limitW: 11_000 },
    ]);
  });

  test('3.1 packs states too, on whole seconds', async () => {
    vtn.events = [event(from, 'PT100S', [['SIMPLE', [1, 2, 0]]])];
    expect(slotsOf(await contentOf('grid', '3.1'))).toEqual([
      { from: 0, to: 33, state: 'yellow' },
      { from: 33, to: 66, state: 'red' },
      { from: 66, to: 100, state: 'green' },
    ]);
  });

  test('no events are no states, and no fault', async () => {
    expect(slotsOf(await contentOf('grid', '3.1'))).toEqual([]);
  });

  test.each([
    ['SIMPLE', 4],
    ['SIMPLE', 'high'],
    ['IMPORT_CAPACITY_LIMIT', -1],
    ['IMPORT_CAPACITY_LIMIT', 'x'],
  ])('%s %s is none', async (type, value) => {
    vtn.events = [event(from, 'PT1H', [[type, value]])];
    expect(await openVtn('grid', '3.1').read()).toMatchObject({ refusal: 'unexpected-form' });
  });
});
