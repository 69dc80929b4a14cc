import type { Signer } from '@p2p-power/protocol/Signer';
import { networkId } from '@p2p-power/protocol/testing/world';
import { pino } from 'pino';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { openProvider, type Provider } from '../openProvider.ts';
import { providerConfigSchema } from '../ProviderConfig.ts';

/** Provider DEBBB of the tests' network, silent, with its files in `folder`; close what is returned. */
export function openBenchProvider(
  where: { readonly databaseUrl: string; readonly folder: string },
  given: {
    readonly certificateSigner: Signer;
    readonly nowS: number;
    readonly checkThreads: number;
    readonly chain?: ClearingChain;
  },
): Promise<Provider> {
  const { certificateSigner, nowS, checkThreads, chain } = given;
  const config = providerConfigSchema.parse({
    providerId: 'DEBBB',
    name: 'Bench',
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: 'https://b.example',
    dataDir: where.folder,
    databaseUrl: where.databaseUrl,
    networkId,
    staffToken: 'staff-token-of-the-bench',
    logLevel: 'silent',
    checkThreads,
  });
  return openProvider(config, {
    certificateSigner,
    clock: { nowS: () => nowS },
    log: pino({ level: 'silent' }),
    ...(chain !== undefined && { chain }),
  });
}
