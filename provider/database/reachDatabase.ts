import { join } from 'node:path';
import type { ProviderConfig } from '../ProviderConfig.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres } from './EmbeddedPostgres.ts';

/** A provider's database for who reads beside it, or while it is stopped. */
export interface ReachedDatabase {
  readonly url: string;
  /** Ends the server if it was started for this. */
  close(): Promise<void>;
}

/**
 * The database of a configuration: the one that it names; else the embedded one, that of the running
 * provider if it runs, else started for as long as it is needed.
 */
export async function reachDatabase(
  config: Pick<ProviderConfig, 'databaseUrl' | 'dataDir'>,
): Promise<ReachedDatabase> {
  const folder = join(config.dataDir, 'postgres');
  const url = config.databaseUrl ?? findEmbeddedPostgres(folder);
  if (url !== undefined) return { url, close: () => Promise.resolve() };
  const postgres = await startEmbeddedPostgres({ folder });
  return { url: postgres.url, close: () => postgres.stop() };
}
