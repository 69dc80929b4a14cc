import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signer } from '@p2p-power/protocol/Signer';
import { signRequest } from '../peers/signRequest.ts';
import type { TestProvider } from './testProvider.ts';

/** What a provider answers to the station that has this certificate, and signs with this key, when it asks for its signals. */
export async function askSignals(provider: TestProvider, certificateId: Hex, signer: Signer) {
  const path = `/signals?station=${certificateId}`;
  const { clock, config } = provider.context;
  const { headers } = await signRequest(
    { url: `${config.publicUrl}${path}`, method: 'GET' },
    signer,
    clock.nowS(),
  );
  return provider.call('GET', path, { headers });
}
