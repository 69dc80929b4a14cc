import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ }).transform((one) => one.replace(/\/+$/, ''));

const awattar = z.strictObject({
  type: z.literal('awattar'),
  /** Whose market: `at` or `de` (DE-LU). */
  country: z.enum(['at', 'de']),
  url: url.optional(),
});

const energyCharts = z.strictObject({
  type: z.literal('energy-charts'),
  /** Of a price the bidding zone (`AT`, `DE-LU`), of carbon the country (`at`, `de`). */
  zone: z.string().regex(/^[A-Za-z0-9-]{2,20}$/),
  url: url.default('https://api.energy-charts.info'),
});

const entsoe = z.strictObject({
  type: z.literal('entsoe'),
  /** A bidding zone known here by name, or an EIC code. */
  zone: z.string().regex(/^(?:AT|DE-LU|[A-Z0-9][A-Z0-9-]{14}[A-Z0-9])$/),
  token: z.string().min(1).max(200),
  url: url.default('https://web-api.tp.entsoe.eu/api'),
});

const smard = z.strictObject({
  type: z.literal('smard'),
  zone: z.enum(['AT', 'DE-LU']),
  resolution: z.enum(['quarterhour', 'hour']).default('quarterhour'),
  url: url.default('https://www.smard.de/app/chart_data'),
});

const openadr3 = z.strictObject({
  type: z.literal('openadr3'),
  /** Base address of the VTN, e.g. `https://vtn.example/openadr3/3.1.0`. */
  url,
  version: z.enum(['3.0', '3.1']),
  /** Name of the program whose events count. */
  program: z.string().min(1).max(128),
  clientId: z.string().min(1).max(4096),
  clientSecret: z.string().min(1).max(4096),
  scope: z.string().min(1).max(1000).optional(),
  /** Where tokens are had; without it the VTN is asked (3.1), or is where they are had itself. */
  tokenUrl: url.optional(),
});

const file = z.strictObject({
  type: z.literal('file'),
  path: z.string().min(1),
  /** Play the recording at the weekday and quarter-hour of now. */
  replay: z.boolean().default(false),
  /** Whose weekdays and quarter-hours: IANA. */
  timeZone: z.string().min(1).max(64).default('Europe/Berlin'),
});

/** One signal and where it comes from; docs/signals.md explains each entry. */
export const signalConfigSchema = z
  .strictObject({
    kind: z.enum(['price', 'carbon', 'grid']),
    area: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, '1 to 32 letters, digits or . _ -'),
    source: z.discriminatedUnion('type', [awattar, energyCharts, entsoe, smard, openadr3, file]),
    /** Seconds between two questions. */
    everyS: z.number().int().min(10).max(86_400).default(900),
  })
  .superRefine(({ kind, source }, check) => {
    const kinds: readonly string[] = kindsOf[source.type];
    if (!kinds.includes(kind)) check.addIssue({ code: 'custom', message: `${source.type} has no ${kind}` });
  });
export type SignalConfig = z.output<typeof signalConfigSchema>;

const kindsOf = {
  awattar: ['price'],
  'energy-charts': ['price', 'carbon'],
  entsoe: ['price'],
  smard: ['price'],
  openadr3: ['price', 'carbon', 'grid'],
  file: ['price', 'carbon', 'grid'],
} as const;

/** Of each type of source its entries. */
export type SourceConfig<Type extends SignalConfig['source']['type']> = Extract<
  SignalConfig['source'],
  { readonly type: Type }
>;

/** Each series once. */
export const signalsSchema = z
  .array(signalConfigSchema)
  .max(50)
  .superRefine((signals, check) => {
    const seen = new Set<string>();
    for (const { kind, area } of signals) {
      const key = `${kind} ${area}`;
      if (seen.has(key)) check.addIssue({ code: 'custom', message: `${key} is named twice` });
      seen.add(key);
    }
  })
  .default([]);
