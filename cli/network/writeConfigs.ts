import { mkdirSync } from 'node:fs';
import { pricesFile } from '../projectFiles.ts';
import { folderMode, type NetworkFile, writeFileWhole } from './DataFolder.ts';
import { hardwareModelOf } from './enrolStation.ts';
import { gridArea, type NetworkPlan, type PlannedProvider, type PlannedStation } from './NetworkPlan.ts';

/** Writes a provider's configuration file, as `p2p-power provider` reads it; the same at each start. */
export function writeProviderConfig(
  plan: NetworkPlan,
  provider: PlannedProvider,
  network: NetworkFile,
  options: { readonly webDir?: string },
): void {
  mkdirSync(provider.folder, { recursive: true, mode: folderMode });
  const config = {
    providerId: provider.providerId,
    name: provider.name,
    listen: { host: '127.0.0.1', port: provider.port },
    publicUrl: provider.url,
    dataDir: provider.folder,
    chain: { rpcUrl: plan.chain.rpcUrl, deploymentFile: plan.chain.deploymentFile },
    peers: plan.providers
      .filter((peer) => peer !== provider)
      .map((peer) => ({ providerId: peer.providerId, url: peer.url, name: peer.name })),
    staffToken: network.staffTokens[provider.providerId],
    developmentIdentity: { port: provider.identityPort },
    ...(options.webDir !== undefined && { webDir: options.webDir }),
    jobs: { peersEveryS: 2, clearingEveryS: 2 },
    gridArea,
    billing: { ...supplyRates, ...(provider.priceArea !== undefined && { area: provider.priceArea }) },
    ...(provider.priceArea !== undefined && { signals: [recordedPrices(provider.priceArea)] }),
  };
  writeFileWhole(provider.configFile, `${JSON.stringify(config, null, 2)}\n`);
}

/** What the suppliers of the demonstration put on their bills, micro-units per kWh before tax: energy, grid, levies. */
const supplyRates = {
  energyMicroPerKwh: 95_000,
  gridMicroPerKwh: 82_500,
  leviesMicroPerKwh: 20_500,
} as const;

/** Real prices of the past, played at the weekday and quarter-hour of now. */
const recordedPrices = (area: string) => ({
  kind: 'price',
  area,
  source: { type: 'file', path: pricesFile, replay: true, timeZone: 'Europe/Vienna' },
});

/** Writes a station's configuration file, as `p2p-power station` reads it. */
export function writeStationConfig(
  station: PlannedStation,
  provider: PlannedProvider,
  options: { readonly speed: number },
): void {
  const config = {
    evseId: station.evseId,
    listen: { host: '127.0.0.1', port: station.port },
    dataDir: station.folder,
    online: station.online,
    providerUrl: provider.url,
    hardwareModel: hardwareModelOf(station),
    logLevel: 'info',
    simulated: {
      car: { batteryWh: 60_000, socWh: 12_000, maxPowerW: 11_000 },
      speed: options.speed,
      plugged: true,
    },
  };
  writeFileWhole(station.configFile, `${JSON.stringify(config, null, 2)}\n`);
}
