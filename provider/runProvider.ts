import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { type Logger, pino } from 'pino';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './database/EmbeddedPostgres.ts';
import { migrateDatabase, openDatabase } from './database/openDatabase.ts';
import type { DevelopmentIdentity } from './identity/DevelopmentIdentity.ts';
import { developmentPeople } from './identity/developmentPeople.ts';
import { allJobs } from './jobs/allJobs.ts';
import { type RunningJobs, startJobs } from './jobs/startJobs.ts';
import { openProvider, type Provider, ProviderFault, systemClock } from './openProvider.ts';
import type { ProviderConfig } from './ProviderConfig.ts';
import { importRegister } from './register/importRegister.ts';

export interface RunningProvider {
  /** Where it answers: `publicUrl`. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly provider: Provider;
  readonly jobs: RunningJobs;
  /** Absent where the configuration names an identity provider. */
  readonly identity?: DevelopmentIdentity;
  /** Answers what has been asked, ends the background work, then the database; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Runs a provider's server: its own PostgreSQL unless `databaseUrl` names one, the development identity
 * provider unless `oidc` names one, the interface on `listen`, and the background work. Throws with words
 * for people where a port is in use or the configuration is to blame, and leaves nothing running then.
 * Port 0 is any free one, which then also stands in `publicUrl`.
 */
export async function runProvider(wanted: ProviderConfig, logger?: Logger): Promise<RunningProvider> {
  const log = logger ?? pino({ level: wanted.logLevel, base: { provider: wanted.providerId } });
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    // The port first: where it is taken nothing else need be started. Until all is ready the answer is 503.
    let answer = (_request: Request): Response | Promise<Response> => starting();
    const server = createAdaptorServer({ fetch: (request: Request) => answer(request) }) as Server;
    await listen(server, wanted.listen);
    closers.push(() => closeServer(server));
    const { port } = server.address() as AddressInfo;
    const publicUrl = wanted.publicUrl.replace(/:0$/, `:${port}`);

    let databaseUrl = wanted.databaseUrl;
    if (databaseUrl === undefined) {
      const postgres: EmbeddedPostgres = await startEmbeddedPostgres({
        folder: join(wanted.dataDir, 'postgres'),
      });
      closers.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }
    const db = openDatabase(databaseUrl, {
      // Each job that runs holds a connection for its lock, on top of those that do the work.
      poolSize: wanted.databasePoolSize + allJobs.length,
      onError: (error) => log.warn({ error: error.message }, 'database connection lost'),
    });
    closers.push(() => db.destroy());
    await migrateDatabase(db);

    let config: ProviderConfig = { ...wanted, publicUrl, databaseUrl };
    let identity: DevelopmentIdentity | undefined;
    if (config.oidc === undefined) {
      const {
        host,
        port: wantedPort,
        publicUrl: issuerUrl,
        redirectUris,
        people,
        password,
      } = config.developmentIdentity ?? {
        host: '127.0.0.1',
        port: wanted.listen.port === 0 ? 0 : wanted.listen.port + 1,
        publicUrl: undefined,
        redirectUris: [],
        people: undefined,
        password: 'demo',
      };
      const { startDevelopmentIdentity } = await import('./identity/DevelopmentIdentity.ts');
      identity = await startDevelopmentIdentity(
        {
          host,
          port: wantedPort,
          publicUrl: issuerUrl,
          providerName: config.name,
          audience: publicUrl,
          redirectUris,
          people: people ?? developmentPeople,
          password,
          keyFolder: join(config.dataDir, 'keys'),
        },
        { db, nowS: systemClock.nowS, log },
      ).catch((error: unknown) => {
        throw portFault(error, host, wantedPort) ?? error;
      });
      const started = identity;
      closers.push(() => started.close());
      config = {
        ...config,
        oidc: { issuer: identity.issuer, clientId: identity.clientId, audience: publicUrl },
      };
    }

    const provider = await openProvider(config, { db, log });
    closers.push(() => provider.close());
    answer = (request) => provider.app.fetch(request);
    const jobs = startJobs(provider.context, allJobs);
    closers.push(() => jobs.stop());
    if (config.registerFile !== undefined) await importRegisterFile(provider, config.registerFile);
    log.info({ url: publicUrl }, 'provider answers');

    let closing: Promise<void> | undefined;
    return {
      url: publicUrl,
      databaseUrl,
      provider,
      jobs,
      ...(identity !== undefined && { identity }),
      close: () => {
        closing ??= closeServer(server).then(closeAll);
        return closing;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

const starting = () =>
  new Response(null, { status: 503, headers: { 'retry-after': '1', 'content-type': 'text/plain' } });

function listen(server: Server, { host, port }: ProviderConfig['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portFault(error, host, port) ?? error));
    server.listen(port, host, () => resolve());
  });
}

function portFault(error: unknown, host: string, port: number): ProviderFault | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new ProviderFault(`port ${port} on ${host} is in use by another program`, { cause: error });
  if (code === 'EACCES')
    return new ProviderFault(`port ${port} on ${host} may not be opened by this user`, { cause: error });
  if (code === 'EADDRNOTAVAIL')
    return new ProviderFault(`${host} is no address of this machine`, { cause: error });
  return undefined;
}

/** No new requests, those under way are answered; what takes longer than ten seconds is cut off. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const cut = setTimeout(() => server.closeAllConnections(), 10_000);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function importRegisterFile(provider: Provider, file: string): Promise<void> {
  const { log } = provider.context;
  let csv: string;
  try {
    csv = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ProviderFault(`registerFile cannot be read: ${(cause as Error).message}`, { cause });
  }
  const imported = await importRegister(provider.context, 'bnetza', csv);
  if (!imported.ok) throw new ProviderFault(`${file}: ${imported.refusal}: ${imported.detail}`);
  const { rows, taken, refused } = imported.value;
  log.info({ rows, taken, refused: refused.length }, 'register imported');
}
