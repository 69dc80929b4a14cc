import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import type { Backend, HandInResult } from '@p2p-power/station/Ports';
import { LinkFault } from './Network.ts';
import type { SimulatedStation } from './SimulatedStation.ts';
import type { World } from './World.ts';

/** A station's own connection to its provider: HTTP without sockets, over the world's network. */
export function stationBackend(world: World, { name, providerId, provision }: SimulatedStation): Backend {
  const provider = world.provider(providerId);
  const id = StationCertificate.id(provision.networkId, provision.certificate.value);
  const ask = async (method: string, path: string, body?: unknown) => {
    const options = body === undefined ? {} : { body };
    const answer = await world.network.carry(name, providerId, () => provider.call(method, path, options));
    if (answer.status !== 200) throw new LinkFault(`${method} ${path} answered ${answer.status}`);
    return answer.body;
  };
  return {
    handIn: async (segments) =>
      (await ask('POST', '/hand-in', { segments })).results as readonly HandInResult[],
    fetchTrustList: async () => (await ask('GET', '/trust-list')) as TrustList,
    fetchSignals: async () => (await ask('GET', `/signals?station=${id}`)).signals as readonly unknown[],
  };
}
