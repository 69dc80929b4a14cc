import type { Hex } from '@p2p-power/protocol/Hex';
import { type Signal, SignalHead } from '@p2p-power/protocol/Signal';
import type { Signer } from '@p2p-power/protocol/Signer';
import { signRequest } from '../peers/signRequest.ts';
import type { TestProvider } from './testProvider.ts';

/** What a provider answers to the station that has this certificate, and signs with this key, when it asks for its signals. */
export async function askSignals(provider: TestProvider, certificateId: Hex, signer: Signer, holds?: Hex) {
  const path = `/signals?station=${certificateId}${holds === undefined ? '' : `&holds=${holds}`}`;
  const { clock, config } = provider.context;
  const { headers } = await signRequest(
    { url: `${config.publicUrl}${path}`, method: 'GET' },
    signer,
    clock.nowS(),
  );
  return provider.call('GET', path, { headers });
}

/** What a station does that takes what it is answered: it asks, and says then which price signal it holds. */
export async function takeSignals(provider: TestProvider, certificateId: Hex, signer: Signer) {
  const answer = await askSignals(provider, certificateId, signer);
  if (answer.status !== 200) return answer;
  const price = (answer.body.signals as readonly Signal[]).find(({ head }) => head.value.kind === 'price');
  const holds = price && SignalHead.id(provider.context.networkId, price.head.value);
  await askSignals(provider, certificateId, signer, holds);
  return answer;
}
