import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSignalContent } from '@p2p-power/protocol/Signal';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSource } from '../openSource.ts';
import { signalConfigSchema } from '../SignalConfig.ts';
import { signalFaults } from '../SignalFault.ts';
import { recordedDays, recordedFolder } from '../testing/reformPrices.ts';

const span = recordedDays.spring;
const url = 'https://source.example';
const openadr3 = { type: 'openadr3', program: 'p', clientId: 'us', clientSecret: 'secret', url };
const recorded = (name: string) => readFileSync(join(recordedFolder, name), 'utf8');

/** An answer in order, from which others are made. */
const event = {
  programID: '1',
  priority: 0,
  duration: 'PT12H',
  createdDateTime: '2026-03-28T00:00:00Z',
  intervalPeriod: { start: '2026-03-29T00:00:00Z', duration: 'PT1H' },
  payloadDescriptors: [{ payloadType: 'PRICE', units: 'KWH', currency: 'EUR' }],
  intervals: [
    {
      id: 0,
      payloads: [
        { type: 'PRICE', values: [0.17] },
        { type: 'SIMPLE', values: [2] },
      ],
    },
    {
      id: 1,
      payloads: [
        { type: 'GHG', values: [200] },
        { type: 'IMPORT_CAPACITY_LIMIT', values: [4.2] },
      ],
    },
  ],
};
const sources: readonly (readonly [name: string, kind: string, source: object, answer: string])[] = [
  ['awattar', 'price', { type: 'awattar', country: 'at', url }, recorded('awattar_spring.json')],
  [
    'energy-charts',
    'price',
    { type: 'energy-charts', zone: 'AT', url },
    recorded('energyCharts_spring.json'),
  ],
  [
    'energy-charts carbon',
    'carbon',
    { type: 'energy-charts', zone: 'AT', url },
    JSON.stringify({
      unix_seconds: [span.from, span.from + 900],
      co2eq: [101, null],
      co2eq_forecast: [1, 2],
    }),
  ],
  ['smard', 'price', { type: 'smard', zone: 'AT', url }, recorded('smard_spring.json')],
  ['entsoe', 'price', { type: 'entsoe', zone: 'AT', token: 't', url }, recorded('entsoe_spring.xml')],
  ...(['price', 'carbon', 'grid'] as const).flatMap((kind) =>
    (['3.0', '3.1'] as const).map(
      (version) =>
        [`openadr3 ${kind} ${version}`, kind, { ...openadr3, version }, JSON.stringify([event])] as const,
    ),
  ),
];

/** Answers what leads to the interesting question in order, and that one with the text. */
const fetchOf = (text: string) =>
  (async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/auth/server') return Response.json({ tokenURL: `${url}/token` });
    if (pathname.endsWith('/token')) return Response.json({ access_token: 'a', token_type: 'Bearer' });
    if (pathname === '/programs') return Response.json([{ id: '1', programName: 'p' }]);
    if (pathname.includes('/index_')) return Response.json({ timestamps: [span.from * 1000] });
    return new Response(text);
  }) as typeof fetch;

async function check(kind: string, source: object, text: string): Promise<boolean> {
  const config = signalConfigSchema.parse({ kind, area: 'AT', source });
  const ports = { fetch: fetchOf(text), nowS: () => span.from, currency: 'EUR' };
  const answer = await openSource(config, ports).read(span, new AbortController().signal);
  if (answer.ok) expect(parseSignalContent(answer.value), text.slice(0, 300)).toBeDefined();
  else expect(signalFaults).toContain(answer.refusal);
  return answer.ok;
}

/** The same JSON with one value somewhere replaced or left out. */
function spoil(json: unknown, path: readonly number[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof json !== 'object' || json === null) return value;
  const keys = Object.keys(json);
  const key = keys[first % Math.max(1, keys.length)];
  if (key === undefined) return value;
  const copy = structuredClone(json) as Record<string, unknown>;
  if (rest.length === 0 && value === undefined) delete copy[key];
  else copy[key] = spoil(copy[key], rest, value);
  return copy;
}

const odd = fc.oneof(
  fc.constant(undefined),
  fc.jsonValue(),
  fc.constantFrom(1e300, -1e300, 1e-9, 4_102_444_800_000, 'PT0S', 'P9999Y', '0000-00-00', -0),
  fc.integer(),
);

describe.each(sources)('%s', (_name, kind, source, answer) => {
  test('believes the answer in order', async () => {
    expect(await check(kind, source, answer)).toBe(true);
  });

  test('answers any text with a signal in order or a fault by name, and never throws', async () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.nat(answer.length).map((end) => answer.slice(0, end)),
      fc
        .tuple(fc.nat(answer.length), fc.string({ maxLength: 5 }))
        .map(([at, text]) => answer.slice(0, at) + text + answer.slice(at + text.length)),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await check(kind, source, text);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(sources.filter(([, , , answer]) => !answer.startsWith('<')))(
  '%s',
  (_name, kind, source, answer) => {
    test('the same with single values spoiled', async () => {
      const json: unknown = JSON.parse(answer);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 7 }), odd, async (path, value) => {
          await check(kind, source, JSON.stringify(spoil(json, path, value)) ?? 'null');
        }),
        { numRuns: 150 },
      );
    });
  },
);
