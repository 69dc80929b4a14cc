import { readFileSync } from 'node:fs';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { z } from 'zod';
import { bankAccountSchema, parseBankAccount } from './bank/BankAccount.ts';
import { signalsSchema } from './signals/SignalConfig.ts';

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes of lower-case hex led by 0x`)
    .transform((text) => text as `0x${string}`);

const port = z.number().int().min(0).max(65_535);

/** One node of the chain, or several in order of preference: a list, or a text with commas between. */
const rpcUrls = z
  .union([z.string(), z.array(z.string())])
  .transform((one) => (typeof one === 'string' ? one.split(',') : one).map((url) => url.trim()))
  .pipe(
    z
      .array(z.url({ protocol: /^https?$/ }))
      .min(1)
      .max(8),
  )
  .transform((urls): readonly string[] => urls);

/** The configuration file of a provider; docs/provider.md explains each entry. */
export const providerConfigSchema = z.strictObject({
  /** ISO country code and party id, e.g. `DEAAA`. */
  providerId: z.string().regex(/^[A-Z]{2}[A-Z0-9]{3}$/, 'two letters of the country and three of the party'),
  name: z.string().min(1).max(100),
  listen: z.strictObject({ host: z.string().min(1), port }),
  /** How others reach this server, without a slash at the end. */
  publicUrl: z.url().transform((url) => url.replace(/\/+$/, '')),
  dataDir: z.string().min(1),
  /** `postgresql://…`; without it an embedded PostgreSQL runs in `dataDir/postgres`. */
  databaseUrl: z.string().min(1).optional(),
  databasePoolSize: z.number().int().min(2).max(200).default(10),
  chain: z.strictObject({ rpcUrl: rpcUrls, deploymentFile: z.string().min(1) }).optional(),
  /** Only where there is no `chain`: the network to belong to. */
  networkId: hex(32).optional(),
  peers: z
    .array(
      z.strictObject({
        providerId: z.string().regex(/^[A-Z]{2}[A-Z0-9]{3}$/),
        url: z.url().transform((url) => url.replace(/\/+$/, '')),
        name: z.string().min(1).max(100).optional(),
        /** The peer's certificate keys x‖y, where no chain names them. */
        keys: z.array(hex(64)).optional(),
      }),
    )
    .default([]),
  staffToken: z.string().min(16, 'at least 16 characters'),
  oidc: z
    .strictObject({
      issuer: z.url(),
      clientId: z.string().min(1),
      audience: z.string().min(1),
    })
    .optional(),
  /** Run the development identity provider on this port; ignored where `oidc` is given. */
  developmentIdentity: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port,
      publicUrl: z.url().optional(),
      redirectUris: z.array(z.url()).default([]),
      people: z.array(z.strictObject({ name: z.string().min(1), email: z.email() })).optional(),
      password: z.string().min(1).default('demo'),
    })
    .optional(),
  registerFile: z.string().min(1).optional(),
  accountKeyFile: z.string().min(1).optional(),
  certificateKeyFile: z.string().min(1).optional(),
  courierKeyFile: z.string().min(1).optional(),
  webDir: z.string().min(1).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('EUR'),
  timeZone: z.string().min(1).default('Europe/Berlin'),
  /** Our settlement account: published to peers, debited by payment files, named in the bank's notifications. */
  bankAccount: bankAccountSchema
    .transform((account, check) => {
      const parsed = parseBankAccount(account);
      if (parsed.ok) return parsed.value;
      check.addIssue({ code: 'custom', message: parsed.detail });
      return z.NEVER;
    })
    .optional(),
  /** Seconds before a redemption is due at which the staff is warned. */
  redemptionWarningS: z
    .number()
    .int()
    .min(0)
    .max(10 * 86_400)
    .default(3 * 86_400),
  /** What a driver certificate allows, and for how long. */
  driverCertificate: z
    .strictObject({
      validityS: z
        .number()
        .int()
        .min(3_600)
        .max(400 * 86_400)
        .default(28 * 86_400),
      maxEnergyWh: z.number().int().min(1).default(100_000),
      maxAmountMicro: z.number().int().min(1).default(100_000_000),
      mayDischarge: z.boolean().default(true),
    })
    .prefault({}),
  stationCertificate: z
    .strictObject({
      validityS: z
        .number()
        .int()
        .min(3_600)
        .max(4_000 * 86_400)
        .default(365 * 86_400),
    })
    .prefault({}),
  /** Threads that check evidence beside the one that answers; 0 checks in that one. */
  checkThreads: z.number().int().min(0).max(64).default(2),
  /** Seconds between two runs of what works in the background. */
  jobs: z
    .strictObject({
      peersEveryS: z.number().int().min(1).default(60),
      clearingEveryS: z.number().int().min(1).default(5),
      /** Whether periods are closed by themselves when they are over; else the staff closes them. */
      closePeriods: z.boolean().default(true),
    })
    .prefault({}),
  /** Forced claims of what peers owe us, and what we put on the chain for the case of one. */
  disputes: z
    .strictObject({
      /** Whether what has waited longer than `patienceS` is claimed by itself; else the staff does it. */
      automatic: z.boolean().default(false),
      patienceS: z
        .number()
        .int()
        .min(60)
        .default(3 * 86_400),
      /** Seconds between two roots of what was handed in, as long as no deadline is near. */
      anchorEveryS: z.number().int().min(1).default(86_400),
    })
    .prefault({}),
  /** Prices, carbon and grid states, and where they come from. */
  signals: signalsSchema,
  /** Whose carbon signal our stations get, and whose grid signal where a point names none of its own. */
  carbonArea: z.string().min(1).max(32).optional(),
  gridArea: z.string().min(1).max(32).optional(),
  /**
   * What of our drivers' charges is for what on their bills, before tax: the supplier's energy at a price per kWh, or at
   * the index of a price signal (`area`) where it is known; network fee; levies. The rest is for the infrastructure.
   */
  billing: z
    .strictObject({
      energyMicroPerKwh: z.number().int().min(0).max(100_000_000_000),
      area: z.string().min(1).max(32).optional(),
      gridMicroPerKwh: z.number().int().min(0).max(100_000_000_000),
      leviesMicroPerKwh: z.number().int().min(0).max(100_000_000_000),
    })
    .optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type ProviderConfig = z.output<typeof providerConfigSchema>;
export type ProviderConfigInput = z.input<typeof providerConfigSchema>;

export type ConfigRefusal = 'config-unreadable' | 'config-malformed';

/** The environment variables that override single entries, and where each goes. */
export const environmentEntries: readonly { readonly name: string; readonly path: readonly string[] }[] = [
  { name: 'P2P_POWER_PROVIDER_ID', path: ['providerId'] },
  { name: 'P2P_POWER_NAME', path: ['name'] },
  { name: 'P2P_POWER_HOST', path: ['listen', 'host'] },
  { name: 'P2P_POWER_PORT', path: ['listen', 'port'] },
  { name: 'P2P_POWER_PUBLIC_URL', path: ['publicUrl'] },
  { name: 'P2P_POWER_DATA_DIR', path: ['dataDir'] },
  { name: 'P2P_POWER_DATABASE_URL', path: ['databaseUrl'] },
  { name: 'P2P_POWER_DATABASE_POOL_SIZE', path: ['databasePoolSize'] },
  { name: 'P2P_POWER_CHAIN_RPC_URL', path: ['chain', 'rpcUrl'] },
  { name: 'P2P_POWER_CHAIN_DEPLOYMENT_FILE', path: ['chain', 'deploymentFile'] },
  { name: 'P2P_POWER_STAFF_TOKEN', path: ['staffToken'] },
  { name: 'P2P_POWER_OIDC_ISSUER', path: ['oidc', 'issuer'] },
  { name: 'P2P_POWER_OIDC_CLIENT_ID', path: ['oidc', 'clientId'] },
  { name: 'P2P_POWER_OIDC_AUDIENCE', path: ['oidc', 'audience'] },
  { name: 'P2P_POWER_DEVELOPMENT_IDENTITY_PORT', path: ['developmentIdentity', 'port'] },
  { name: 'P2P_POWER_REGISTER_FILE', path: ['registerFile'] },
  { name: 'P2P_POWER_ACCOUNT_KEY_FILE', path: ['accountKeyFile'] },
  { name: 'P2P_POWER_CERTIFICATE_KEY_FILE', path: ['certificateKeyFile'] },
  { name: 'P2P_POWER_COURIER_KEY_FILE', path: ['courierKeyFile'] },
  { name: 'P2P_POWER_WEB_DIR', path: ['webDir'] },
  { name: 'P2P_POWER_LOG_LEVEL', path: ['logLevel'] },
];

/** Reads a configuration from JSON and what the environment overrides; the detail names each wrong entry. */
export function parseProviderConfig(
  json: unknown,
  environment: Readonly<Record<string, string | undefined>> = {},
): Result<ProviderConfig, 'config-malformed'> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refuse('config-malformed', 'the configuration is not a JSON object');
  const merged: Record<string, unknown> = structuredClone(json) as Record<string, unknown>;
  for (const { name, path } of environmentEntries) {
    const text = environment[name];
    if (text !== undefined && text !== '') override(merged, path, text);
  }
  const parsed = providerConfigSchema.safeParse(merged);
  if (!parsed.success) return refuse('config-malformed', z.prettifyError(parsed.error));
  if (parsed.data.chain === undefined && parsed.data.networkId === undefined)
    return refuse('config-malformed', 'one of chain and networkId is required');
  return accept(parsed.data);
}

function override(entries: Record<string, unknown>, path: readonly string[], text: string): void {
  let at = entries;
  for (const name of path.slice(0, -1)) {
    if (typeof at[name] !== 'object' || at[name] === null) at[name] = {};
    at = at[name] as Record<string, unknown>;
  }
  const last = path.at(-1) as string;
  at[last] = /port$|Size$/i.test(last) && /^\d+$/.test(text) ? Number(text) : text;
}

/** Reads the configuration file. */
export function readProviderConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Result<ProviderConfig, ConfigRefusal> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse('config-unreadable', `${file}: ${(error as Error).message}`);
  }
  return parseProviderConfig(json, environment);
}
