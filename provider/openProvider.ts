import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectChain } from '@p2p-power/chain/ChainClient';
import { type Deployment, parseDeployment } from '@p2p-power/chain/Deployment';
import type { Hex } from '@p2p-power/protocol/Hex';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import type { Kysely } from 'kysely';
import { type Logger, pino } from 'pino';
import type { ClearingChain } from './clearing/ClearingChain.ts';
import { openClearingChain } from './clearing/openClearingChain.ts';
import type { Database } from './database/Database.ts';
import { migrateDatabase, openDatabase } from './database/openDatabase.ts';
import { createApp } from './http/createApp.ts';
import type { ProviderApp } from './http/ProviderApp.ts';
import { createMetrics } from './http/ProviderMetrics.ts';
import type { AccessTokens } from './identity/AccessTokens.ts';
import { oidcAccessTokens } from './identity/oidcAccessTokens.ts';
import { closeIntake } from './intake/Intake.ts';
import type { CourierKey } from './keys/CourierKey.ts';
import { openCourierKeyFile, openSecretFile, openSignerFile } from './keys/openKeyFiles.ts';
import type { ProviderConfig } from './ProviderConfig.ts';
import type { Clock, ProviderContext, Random } from './ProviderContext.ts';
import { refreshMembers } from './trust/refreshMembers.ts';

/** What a program, a test or the simulation may put in place of the real thing. */
export interface ProviderPorts {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  readonly fetch?: typeof globalThis.fetch;
  /** Not closed by `close`. Brought up to date at the opening. */
  readonly db?: Kysely<Database>;
  readonly chain?: ClearingChain;
  readonly certificateSigner?: Signer;
  readonly courierKey?: CourierKey;
  readonly sealingKey?: Uint8Array;
  readonly verifier?: Verifier;
  readonly tokens?: AccessTokens;
}

export interface Provider {
  /** `app.fetch(request)` answers a request without a socket. */
  readonly app: ProviderApp;
  readonly context: ProviderContext;
  close(): Promise<void>;
}

/** The configuration names something that is not there or not right; the message is for people. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault';
}

export const systemClock: Clock = { nowS: () => Math.floor(Date.now() / 1000) };
export const systemRandom: Random = { bytes: (count) => new Uint8Array(crypto.randomBytes(count)) };

/**
 * A provider without sockets and background work: database brought up to date, keys read (made where
 * they are missing), chain connected, routes ready. Throws `ProviderFault` where the configuration is
 * to blame.
 */
export async function openProvider(config: ProviderConfig, ports: ProviderPorts = {}): Promise<Provider> {
  const log = ports.log ?? pino({ level: config.logLevel, base: { provider: config.providerId } });
  const clock = ports.clock ?? systemClock;
  const fetch = ports.fetch ?? globalThis.fetch;
  const keyFile = (named: string | undefined, name: string) => named ?? join(config.dataDir, 'keys', name);
  const { chain, deployment, networkId } = openChain(
    config,
    ports,
    keyFile(config.accountKeyFile, 'account.hex'),
  );
  const db = ports.db ?? openOwnDatabase(config, log);
  try {
    const steps = await migrateDatabase(db);
    if (steps.length > 0) log.info({ steps }, 'database brought up to date');
    const context: ProviderContext = {
      config,
      networkId,
      db,
      clock,
      random: ports.random ?? systemRandom,
      log,
      metrics: createMetrics({ defaults: ports.clock === undefined }),
      certificateSigner:
        ports.certificateSigner ?? openSignerFile(keyFile(config.certificateKeyFile, 'certificate.pem')),
      courierKey: ports.courierKey ?? openCourierKeyFile(keyFile(config.courierKeyFile, 'courier.pem')),
      sealingKey: ports.sealingKey ?? secretBytes(keyFile(undefined, 'sealing.hex')),
      verifier: ports.verifier ?? nodeCryptoVerifier(crypto),
      ...(chain !== undefined && { chain }),
      ...(deployment !== undefined && { deployment }),
      tokens: ports.tokens ?? openTokens(config, fetch, clock),
      fetch,
    };
    await refreshMembers(context).catch((error: Error) =>
      log.warn({ error: error.message }, 'the members cannot be read now; those of the last time stay'),
    );
    return {
      app: createApp(context),
      context,
      close: async () => {
        await closeIntake(context);
        if (ports.db === undefined) await db.destroy();
      },
    };
  } catch (error) {
    if (ports.db === undefined) await db.destroy();
    throw error;
  }
}

function openOwnDatabase(config: ProviderConfig, log: Logger): Kysely<Database> {
  if (config.databaseUrl === undefined)
    throw new ProviderFault(
      'no databaseUrl: runProvider starts an embedded PostgreSQL, openProvider does not',
    );
  return openDatabase(config.databaseUrl, {
    poolSize: config.databasePoolSize,
    onError: (error) => log.warn({ error: error.message }, 'database connection lost'),
  });
}

function openChain(
  config: ProviderConfig,
  ports: ProviderPorts,
  accountKeyFile: string,
): {
  readonly chain: ClearingChain | undefined;
  readonly deployment: Deployment | undefined;
  readonly networkId: Hex;
} {
  if (config.chain === undefined) {
    if (config.networkId === undefined) throw new ProviderFault('one of chain and networkId is required');
    return { chain: ports.chain, deployment: undefined, networkId: config.networkId };
  }
  const { rpcUrl, deploymentFile } = config.chain;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(deploymentFile, 'utf8'));
  } catch (cause) {
    throw new ProviderFault(`${deploymentFile} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const deployment = parseDeployment(json);
  if (!deployment.ok) throw new ProviderFault(`${deploymentFile}: ${deployment.detail}`);
  const networkId = deployment.value.networkId.toLowerCase() as Hex;
  if (config.networkId !== undefined && config.networkId !== networkId)
    throw new ProviderFault(`${deploymentFile} is of another network than networkId`);
  const chain =
    ports.chain ??
    openClearingChain(connectChain({ rpcUrl, deployment: deployment.value }), {
      providerId: config.providerId,
      accountKey: openSecretFile(accountKeyFile),
    });
  return { chain, deployment: deployment.value, networkId };
}

const secretBytes = (file: string) => new Uint8Array(Buffer.from(openSecretFile(file).slice(2), 'hex'));

function openTokens(config: ProviderConfig, fetch: typeof globalThis.fetch, clock: Clock): AccessTokens {
  if (config.oidc === undefined) return { check: () => Promise.resolve(undefined) };
  return oidcAccessTokens(config.oidc, { fetch, nowS: () => clock.nowS() });
}
