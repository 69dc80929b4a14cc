import { isRecord } from '@p2p-power/protocol/SignedObject';
import type { AppConfig } from './AppServices.ts';

/** The configuration that lies beside the app; what is missing or malformed is as if it were not there. */
export async function readConfig(): Promise<AppConfig> {
  const json: unknown = await fetch('./app-config.json')
    .then((response) => (response.ok ? response.json() : {}))
    .catch(() => ({}));
  return parseConfig(json);
}

/** The configuration out of untrusted JSON. */
export function parseConfig(json: unknown): AppConfig {
  if (!isRecord(json)) return {};
  const { provider, tiles, tilesAttribution } = json;
  return {
    ...(isWebAddress(provider) && { provider: provider.replace(/\/+$/, '') }),
    ...(isWebAddress(tiles) && { tiles }),
    ...(typeof tilesAttribution === 'string' && { tilesAttribution }),
  };
}

const isWebAddress = (value: unknown): value is string =>
  typeof value === 'string' && /^https?:\/\/[^\s]+$/.test(value);
