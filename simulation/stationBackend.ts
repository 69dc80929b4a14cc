import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import type { Backend, HandInResult } from '@p2p-power/station/Ports';
import { LinkFault } from './Network.ts';
import type { CallOptions } from './SimulatedProvider.ts';
import { type SimulatedStation, stationKeys } from './SimulatedStation.ts';
import { signalsRequest } from './signalsRequest.ts';
import type { World } from './World.ts';

/** A station's own connection to its provider: HTTP without sockets, over the world's network. */
export function stationBackend(
  world: World,
  { name, evseId, providerId, provision }: SimulatedStation,
): Backend {
  const provider = world.provider(providerId);
  const id = StationCertificate.id(provision.networkId, provision.certificate.value);
  const ask = async (method: string, path: string, options: CallOptions = {}) => {
    const answer = await world.network.carry(name, providerId, () => provider.call(method, path, options));
    if (answer.status !== 200) throw new LinkFault(`${method} ${path} answered ${answer.status}`);
    return answer.body;
  };
  return {
    handIn: async (segments) =>
      (await ask('POST', '/hand-in', { body: { segments } })).results as readonly HandInResult[],
    fetchTrustList: async () => (await ask('GET', '/trust-list')) as TrustList,
    fetchSignals: async (holds) => {
      const { url } = provider.identity;
      const { key } = stationKeys(evseId);
      const { path, headers } = await signalsRequest(url, id, key, world.clock.nowS(), holds);
      return (await ask('GET', path, { headers })).signals as readonly unknown[];
    },
  };
}

/** What an online station does each minute: asks for newer signals, and tells what came of it. */
export async function refreshSignals(world: World, station: SimulatedStation): Promise<void> {
  const backend = stationBackend(world, station);
  const before = station.status()?.priceSignalId;
  await station.takeSignals(await backend.fetchSignals(before));
  const holds = station.status()?.priceSignalId;
  if (holds !== before) await backend.fetchSignals(holds);
}
