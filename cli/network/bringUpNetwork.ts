import { join } from 'node:path';
import type { ChainClient } from '@p2p-power/chain/ChainClient';
import { type ProviderClient, providerClient } from '@p2p-power/provider/client/ProviderClient';
import { insist } from '../insist.ts';
import type { Page } from '../Page.ts';
import { commandFile } from '../projectFiles.ts';
import { keysFileName } from '../verify/TrustedKeys.ts';
import { checkPorts } from './checkPorts.ts';
import { type DataFolder, writeFileWhole } from './DataFolder.ts';
import { enrolPeople } from './enrolPeople.ts';
import { enrolStation } from './enrolStation.ts';
import { agreeOnPeering, foundConsortium } from './foundNetwork.ts';
import { importRegister } from './importRegister.ts';
import {
  listPorts,
  type NetworkPlan,
  type PlannedProvider,
  type PlannedStation,
  providerOf,
} from './NetworkPlan.ts';
import type { PartOptions } from './PartProcess.ts';
import { printSupervisorEvent, type Supervised, supervise } from './Supervisor.ts';
import { writeProviderConfig, writeStationConfig } from './writeConfigs.ts';

/** A network that runs on this machine, each part a process of its own. */
export interface RunningNetwork {
  readonly plan: NetworkPlan;
  readonly chainClient: ChainClient;
  readonly chain: Supervised;
  /** Processes and staff's clients by provider id. */
  readonly providers: ReadonlyMap<string, Supervised>;
  readonly staff: ReadonlyMap<string, ProviderClient>;
  /** Processes by EVSE-ID. */
  readonly stations: ReadonlyMap<string, Supervised>;
  /** Stops stations, providers and chain, in this order. */
  stop(): Promise<void>;
}

export interface BringUpOptions {
  /** How many times as fast as a real one the simulated cars charge. */
  readonly speed: number;
  /** The folder of the built web app; without it the providers serve none. */
  readonly webDir?: string;
  /** The register's file; without it only the live stations are on the map. */
  readonly registerFile?: string;
  /** Stops the work where it is; what was started is stopped again. */
  readonly signal?: AbortSignal;
  /** Hears of parts that died and were started again. */
  readonly report?: (words: string) => void;
}

/** How long a part may take to end when asked, ms. */
const graceMs = 15_000;

/**
 * Brings a whole network up, step by step with progress; every step finds what an earlier run did and
 * does only what is missing. Where a step fails, what was started is stopped again.
 */
export async function bringUpNetwork(
  plan: NetworkPlan,
  folder: DataFolder,
  page: Page,
  options: BringUpOptions,
): Promise<RunningNetwork> {
  await checkPorts(listPorts(plan), folder.isNew);
  const started: Supervised[] = [];
  const stop = async () => {
    for (const part of started.toReversed()) await part.stop(graceMs);
  };
  const report = options.report ?? ((words: string) => page.warn(words));
  const start = async (part: Omit<PartOptions, 'readyTimeoutMs'>): Promise<Supervised> => {
    options.signal?.throwIfAborted();
    const supervised = await supervise(
      { ...part, readyTimeoutMs: 120_000 },
      { report: (event) => report(printSupervisorEvent(event)) },
    );
    started.push(supervised);
    options.signal?.throwIfAborted();
    return supervised;
  };

  try {
    for (const provider of plan.providers) writeProviderConfig(plan, provider, folder.network, options);
    const chain = await page.during('chain', () => start(chainPart(plan)));
    const chainClient = await page.during(
      `consortium of ${plan.providers.map(({ name }) => name).join(' and ')}`,
      async () => {
        const client = await foundConsortium(plan, folder.network.networkId);
        const [one, other] = plan.providers as [PlannedProvider, PlannedProvider];
        await agreeOnPeering(client, one, other, Math.floor(Date.now() / 1000));
        return client;
      },
    );

    const providers = new Map<string, Supervised>();
    const staff = new Map<string, ProviderClient>();
    await page.during('providers with their databases', () =>
      allDone(
        plan.providers.map(async (provider) => {
          providers.set(provider.providerId, await start(providerPart(provider)));
          const token = folder.network.staffTokens[provider.providerId];
          staff.set(provider.providerId, providerClient({ baseUrl: provider.url, token: () => token }));
        }),
      ),
    );
    const staffOf = (providerId: string) => staff.get(providerId) as ProviderClient;
    await writeKeysFile(plan, staffOf);

    const { registerFile } = options;
    if (registerFile !== undefined)
      await page.during('the Berlin register', () =>
        importRegister(staffOf((plan.providers[0] as PlannedProvider).providerId), registerFile),
      );
    await page.during('people and their charging points', () => enrolPeople(plan, staffOf));

    const stations = new Map<string, Supervised>();
    await page.during(`${plan.stations.length} stations`, () =>
      allDone(
        plan.stations.map(async (station) => {
          const staffToken = folder.network.staffTokens[station.providerId] as string;
          const provider = providerOf(plan, station.providerId);
          writeStationConfig(station, provider, options);
          await enrolStation(station, provider, staffToken);
          stations.set(station.evseId, await start(stationPart(station)));
        }),
      ),
    );
    return { plan, chainClient, chain, providers, staff, stations, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for all, also where one fails, so that nothing is started unnoticed; then throws the first failure. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function chainPart({ chain }: NetworkPlan) {
  return {
    name: 'chain',
    args: [commandFile, 'chain', '--data', chain.folder, '--port', String(chain.port)],
    logFile: chain.logFile,
  };
}

function providerPart({ name, configFile, logFile }: PlannedProvider) {
  return { name: `provider ${name}`, args: [commandFile, 'provider', '--config', configFile], logFile };
}

function stationPart({ name, configFile, logFile }: PlannedStation) {
  return { name: `station ${name}`, args: [commandFile, 'station', '--config', configFile], logFile };
}

/** The members' keys for `p2p-power verify`. */
async function writeKeysFile(plan: NetworkPlan, staffOf: (id: string) => ProviderClient): Promise<void> {
  const [first] = plan.providers as [PlannedProvider];
  const { networkId, members } = insist(await staffOf(first.providerId).provider(), 'GET /provider');
  writeFileWhole(
    join(plan.folder, keysFileName),
    `${JSON.stringify({ networkId, members }, null, 2)}\n`,
    0o644,
  );
}
