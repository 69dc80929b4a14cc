import { createHash } from 'node:crypto';
import type { ChainClient } from '@p2p-power/chain/ChainClient';
import type { Hex } from '@p2p-power/protocol/Hex';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { type Provision, parseProvision } from '@p2p-power/station/Provision';
import { printTariff } from '@p2p-power/tariff/Tariff';
import { type House, worldBeginsAt } from './House.ts';
import { type Market, openMarket } from './Market.ts';
import { type Network, openNetwork } from './Network.ts';
import { openPhone, type Phone } from './Phone.ts';
import { type SeededRandom, seededRandom } from './SeededRandom.ts';
import { openSimulatedProvider, type SimulatedProvider } from './SimulatedProvider.ts';
import {
  openSimulatedStation,
  type Sabotage,
  type SimulatedStation,
  stationKeys,
  stationTickS,
} from './SimulatedStation.ts';
import { signalsRequest } from './signalsRequest.ts';
import { dynamicTermsOf, feedInOf, tariffOf } from './tariffs.ts';
import { type VirtualClock, virtualClock } from './VirtualClock.ts';

/** Who sells at one or two stations through one provider; signs in by name. */
export interface Operator {
  readonly name: string;
  readonly account: Hex;
  readonly provider: SimulatedProvider;
}

/** Bad input that was put in somewhere, and what came of it. */
export interface BadInput {
  readonly name: string;
  /** The refusals that are right for it. */
  readonly expected: readonly string[];
  readonly refusal: string | undefined;
  /** Hash of all that it might have changed, before and after. */
  readonly before: string;
  readonly after: string;
}

/** Two providers, their operators' stations, and drivers with phones; days go by in it. */
export interface World {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly providers: readonly SimulatedProvider[];
  readonly stations: readonly SimulatedStation[];
  readonly phones: readonly Phone[];
  readonly operators: readonly Operator[];
  /** The chain as an onlooker reads it. */
  readonly chain: ChainClient;
  readonly badInputs: BadInput[];
  readonly trace: readonly string[];
  /** SHA-256 of the trace. */
  traceHash(): string;
  note(line: string): void;
  /** Lets time go by; stations look at their world every now and then. */
  advance(seconds: number): Promise<void>;
  /** The chain cannot be reached until then, epoch seconds. */
  cutChain(until: number): void;
  /** Where the prices come from. */
  readonly market: Market;
  /** Everything works again: links, chain, clocks, mains, programs. */
  heal(): Promise<void>;
  provider(providerId: string): SimulatedProvider;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly stations?: number;
  readonly phones?: number;
  /** Controllers wired wrong on purpose. */
  readonly sabotage?: Sabotage;
  /** Hears each line of the trace at once. */
  readonly onLine?: (line: string) => void;
}

/** Builds a world from a seed: everybody is entered through the providers' own interfaces before anything goes wrong. */
export async function openWorld(house: House, seed: number, options: WorldOptions = {}): Promise<World> {
  const random = seededRandom(seed);
  const clock = virtualClock(worldBeginsAt + random.integer(0, 7 * 86_400));
  await house.chain.revert();
  house.chain.setTime(clock.nowS());
  const trace: string[] = [];
  const startedAt = clock.nowS();
  const note = (line: string): void => {
    const minutes = Math.floor((clock.nowS() - startedAt) / 60);
    const time = `${Math.floor(minutes / 1440)}d ${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    trace.push(`${time}  ${line}`);
    options.onLine?.(`${time}  ${line}`);
  };
  // While the world is made nothing goes wrong.
  let network: Network = { carry: (_from, _to, deliver) => deliver() } as Network;
  let isHealed = true;
  let chainDownUntil = 0;
  const chainRandom = random.fork('chain');
  const chainFate = () => {
    if (isHealed) return 'arrives' as const;
    if (clock.nowS() < chainDownUntil) return 'lost' as const;
    return chainRandom.weigh({ arrives: 97, lost: 2, 'answer-lost': 1 });
  };
  const carrier: Network = {
    carry: (from, to, deliver) => network.carry(from, to, deliver),
    deliverLate: () => network.deliverLate(),
    cut: (from, to, until) => network.cut(from, to, until),
    isUp: (from, to) => network.isUp(from, to),
    heal: () => network.heal(),
  };

  const market = openMarket(clock, random.fork('market'));
  const databases: { giveBack(): Promise<void> }[] = [];
  const providers: SimulatedProvider[] = [];
  for (const identity of house.identities) {
    const database = await house.databases.open();
    databases.push(database);
    providers.push(
      await openSimulatedProvider(identity, {
        clock,
        random: random.fork(identity.providerId),
        network: carrier,
        chain: house.chain,
        market,
        databaseUrl: database.url,
        peers: house.identities.filter((peer) => peer !== identity),
        providerAt: (origin) => providers.find((provider) => provider.identity.url === origin),
        chainFate,
      }),
    );
  }
  // The members first, then what the market says.
  for (const provider of providers) await provider.runJobs();

  const operators: Operator[] = [];
  for (const [index, provider] of providers.entries())
    for (const name of index === 0 ? ['olga'] : ['bert', 'berta'])
      operators.push(await enterOperator(provider, name));

  const stations: SimulatedStation[] = [];
  for (let index = 0; index < (options.stations ?? 6); index += 1) {
    const operator = operators[index % operators.length] as Operator;
    const online = index % 3 !== 2 && random.chance(70);
    stations.push(
      await enterStation(operator, index, online, {
        clock,
        random: random.fork(`station ${index}`),
        ...(options.sabotage && { sabotage: options.sabotage }),
      }),
    );
  }
  const names = ['anna', 'dora', 'emil', 'fritz', 'gerda', 'hans', 'ida', 'jan'];
  const phones = names
    .slice(0, options.phones ?? names.length)
    .map((name, index) =>
      openPhone(
        { name, provider: providers[index % 4 === 3 ? 1 : index % 2] as SimulatedProvider },
        { clock, random: random.fork(name), network: carrier },
      ),
    );
  for (const phone of phones) await phone.renew();

  network = openNetwork(clock, random.fork('network'), note);
  isHealed = false;
  return {
    seed,
    clock,
    random,
    network: carrier,
    market,
    providers,
    stations,
    phones,
    operators,
    chain: house.chain.connect(),
    badInputs: [],
    trace,
    traceHash: () => createHash('sha256').update(trace.join('\n')).digest('hex'),
    note,
    async advance(seconds) {
      let left = seconds;
      for (const station of stations) await station.tick();
      while (left > 0) {
        const step = Math.min(left, stationTickS);
        clock.advance(step);
        left -= step;
        for (const station of stations)
          if (left === 0 || station.status()?.session !== undefined) await station.tick();
      }
      house.chain.setTime(clock.nowS());
    },
    cutChain(until) {
      chainDownUntil = until;
    },
    async heal() {
      isHealed = true;
      market.heal();
      for (const provider of providers) {
        provider.armCrash(Number.POSITIVE_INFINITY);
        await provider.reopen();
      }
      await network.heal();
      for (const phone of phones) phone.setSkew(0);
      for (const station of stations) {
        station.setSkew(0);
        station.armKill(Number.POSITIVE_INFINITY);
        station.point.act('repair');
        await station.returnPower();
        await station.reopen();
      }
    },
    provider(providerId) {
      const found = providers.find((provider) => provider.providerId === providerId);
      if (found === undefined) throw new Error(`there is no provider ${providerId}`);
      return found;
    },
    async close() {
      for (const provider of providers) await provider.close();
      for (const database of databases) await database.giveBack();
    },
  };
}

/** A call of staff that cannot fail while nothing goes wrong. */
async function enter(provider: SimulatedProvider, method: string, path: string, body?: unknown) {
  const answer = await provider.call(method, path, { as: 'staff', ...(body !== undefined && { body }) });
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function enterOperator(provider: SimulatedProvider, name: string): Promise<Operator> {
  const entered = await enter(provider, 'POST', '/admin/operators', { name, email: `${name}@example.org` });
  return { name, account: entered.account as Hex, provider };
}

async function enterStation(
  { name, provider }: Operator,
  index: number,
  online: boolean,
  world: { readonly clock: VirtualClock; readonly random: SeededRandom; readonly sabotage?: Sabotage },
): Promise<SimulatedStation> {
  const { providerId } = provider;
  const operators = await provider.call('GET', '/admin/operators', { as: 'staff' });
  const { operatorId } = operators.body.operators.find((one: { name: string }) => one.name === name);
  const evseId = `${providerId}E${1000 + index}`;
  await enter(provider, 'POST', '/admin/points', {
    operatorId,
    evseId,
    name: `Point ${index}`,
    address: `Street ${index}`,
    city: 'Berlin',
    latitude: 52.5 + index / 100,
    longitude: 13.4,
    maxPowerW: index % 2 === 0 ? 11_000 : 22_000,
    feedInMicroPerKwh: feedInOf(index),
  });
  const tariff = { ...tariffOf(index), countryCode: providerId.slice(0, 2), partyId: providerId.slice(2) };
  await enter(provider, 'PUT', `/admin/points/${evseId}/tariff`, printTariff(tariff));
  const keys = stationKeys(evseId);
  const provide = async (): Promise<Provision> => {
    const provision = parseProvision(
      await enter(provider, 'POST', `/admin/points/${evseId}/station-certificates`, {
        publicKey: keys.key.publicKey,
        meterPublicKey: keys.meterPublicKey,
        hardwareModel: 'Garage 11 kW',
      }),
    );
    if (!provision.ok) throw new Error(provision.detail);
    return provision.value;
  };
  const terms = dynamicTermsOf(index, online);
  if (terms !== undefined && terms.fallbackMicro === undefined) {
    // Terms without a fallback need a station that has asked for signals itself.
    const { networkId, certificate } = await provide();
    const certificateId = StationCertificate.id(networkId, certificate.value);
    const asked = await signalsRequest(provider.identity.url, certificateId, keys.key, world.clock.nowS());
    const answer = await provider.call('GET', asked.path, { headers: asked.headers });
    if (answer.status !== 200) throw new Error(`${asked.path} answered ${answer.status}`);
  }
  if (terms !== undefined) await enter(provider, 'PUT', `/admin/points/${evseId}/dynamic`, terms);
  const provision = await provide();
  return openSimulatedStation(
    {
      name: `station-${index}`,
      evseId,
      providerId,
      online,
      keys,
      provision,
      ...(world.sabotage && { sabotage: world.sabotage }),
    },
    world,
  );
}
