import { join } from 'node:path';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { TargetGroup } from '@p2p-power/tariff/TargetGroup';
import type { OcpiTariffJson } from '@p2p-power/tariff/Tariff';
import type { PortUse } from './checkPorts.ts';

/** The first port of a network that is told no other. */
export const defaultPortBase = 7400;
/** How many ports a network takes up from its first. */
export const portCount = 40;

export interface PlannedProvider {
  /** Country and party id, e.g. `DEAAA`. */
  readonly providerId: string;
  readonly name: string;
  readonly port: number;
  readonly identityPort: number;
  /** Where people and other providers reach it. */
  readonly url: string;
  readonly identityUrl: string;
  /** Of which area it plays real recorded prices; undefined: of none. */
  readonly priceArea: string | undefined;
  readonly folder: string;
  readonly configFile: string;
  readonly logFile: string;
}

export interface PlannedStation {
  /** EVSE-ID without separators. */
  readonly evseId: string;
  readonly name: string;
  readonly providerId: string;
  /** The operator whose it is, by name of {@link people}. */
  readonly operator: string;
  readonly address: string;
  readonly postalCode: string;
  readonly city: string;
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
  readonly maxPowerW: number;
  readonly targetGroup: TargetGroup;
  readonly online: boolean;
  readonly tariff: OcpiTariffJson;
  /** How its energy price follows the index of its provider's area. */
  readonly dynamic?: DynamicTerms;
  /** What a kWh given back earns, before tax, micro-units. */
  readonly feedInMicroPerKwh?: number;
  readonly port: number;
  /** Its local link for phones. */
  readonly linkUrl: string;
  readonly folder: string;
  readonly configFile: string;
  readonly logFile: string;
}

export interface PlannedPerson {
  readonly name: string;
  readonly role: 'driver' | 'operator';
  readonly providerId: string;
  readonly email: string;
}

/** Everything of a network on one machine that follows from its folder and its first port. */
export interface NetworkPlan {
  readonly folder: string;
  readonly portBase: number;
  readonly logFolder: string;
  readonly chain: {
    readonly port: number;
    readonly rpcUrl: string;
    readonly folder: string;
    readonly deploymentFile: string;
    readonly logFile: string;
  };
  readonly providers: readonly PlannedProvider[];
  readonly stations: readonly PlannedStation[];
  readonly people: readonly PlannedPerson[];
}

/** The founding members. */
const members = [
  { providerId: 'DEAAA', name: 'Stadtwerke Alster', priceArea: undefined },
  { providerId: 'DEBBB', name: 'Bergstrom eG', priceArea: 'AT' },
] as const;

const people: readonly PlannedPerson[] = [
  { name: 'Anna', role: 'driver', providerId: 'DEAAA', email: 'anna@example.com' },
  { name: 'Cem', role: 'driver', providerId: 'DEBBB', email: 'cem@example.com' },
  { name: 'Bert', role: 'operator', providerId: 'DEBBB', email: 'bert@example.com' },
  { name: 'Dana', role: 'operator', providerId: 'DEAAA', email: 'dana@example.com' },
];

/** Everybody's password at the development sign-in. */
export const demoPassword = 'demo';

/** What one kWh costs before tax, and what standing there afterwards costs an hour; by day only where said. */
function makeTariff(
  providerId: string,
  id: string,
  perKwh: number,
  parkingPerHour?: { readonly price: number; readonly from?: string; readonly to?: string },
): OcpiTariffJson {
  const restrictions =
    parkingPerHour?.from === undefined || parkingPerHour.to === undefined
      ? undefined
      : { start_time: parkingPerHour.from, end_time: parkingPerHour.to };
  return {
    country_code: providerId.slice(0, 2),
    party_id: providerId.slice(2),
    id,
    currency: 'EUR',
    elements: [
      { price_components: [{ type: 'ENERGY', price: perKwh, vat: 19, step_size: 1 }] },
      ...(parkingPerHour === undefined
        ? []
        : [
            {
              price_components: [
                { type: 'PARKING_TIME' as const, price: parkingPerHour.price, vat: 19, step_size: 60 },
              ],
              ...(restrictions && { restrictions }),
            },
          ]),
    ],
    last_updated: '2026-11-01T00:00:00Z',
  };
}

/** The grid of all stations, which staff may state by hand. */
export const gridArea = 'berlin';

/** The live stations stand at places of the Berlin register; who operates them is invented. */
const stations = [
  {
    evseId: 'DEBBBEGARAGE1',
    name: 'Tiefgarage am Hackeschen Markt',
    providerId: 'DEBBB',
    operator: 'Bert',
    address: 'Rosenthaler Str. 30',
    postalCode: '10178',
    latitude: 52.52592,
    longitude: 13.40335,
    maxPowerW: 11_000,
    targetGroup: 'garage',
    online: false,
    tariff: makeTariff('DEBBB', 'garage', 0.39),
  },
  {
    evseId: 'DEBBBEUHLAND1',
    name: 'Parkhaus Uhlandstraße',
    providerId: 'DEBBB',
    operator: 'Bert',
    address: 'Uhlandstr. 32',
    postalCode: '10719',
    latitude: 52.500263,
    longitude: 13.325908,
    maxPowerW: 22_000,
    targetGroup: 'garage',
    online: true,
    tariff: makeTariff('DEBBB', 'parkhaus', 0.42, { price: 1.2, from: '08:00', to: '22:00' }),
    // The day-ahead price and 13 cents, between 5 and 42 cents; 36 while its provider cannot be heard.
    dynamic: {
      area: 'AT',
      factorPerMille: 1_000,
      marginMicro: 130_000,
      floorMicro: 50_000,
      capMicro: 420_000,
      fallbackMicro: 360_000,
      maxAgeS: 6 * 3_600,
    },
  },
  {
    evseId: 'DEAAAEHOTEL1',
    name: 'Hotel an der Birkenstraße',
    providerId: 'DEAAA',
    operator: 'Dana',
    address: 'Birkenstr. 21',
    postalCode: '10559',
    latitude: 52.531613,
    longitude: 13.345362,
    maxPowerW: 22_000,
    targetGroup: 'hotel',
    online: true,
    tariff: makeTariff('DEAAA', 'hotel', 0.45),
  },
  {
    evseId: 'DEAAAEMARKT1',
    name: 'Markt am Südkreuz',
    providerId: 'DEAAA',
    operator: 'Dana',
    address: 'Hedwig-Dohm-Straße 30',
    postalCode: '10829',
    latitude: 52.475693,
    longitude: 13.363888,
    maxPowerW: 22_000,
    targetGroup: 'supermarket',
    online: true,
    tariff: makeTariff('DEAAA', 'markt', 0.49, { price: 6 }),
  },
  {
    evseId: 'DEAAAEOST1',
    name: 'Parkhaus am Ostbahnhof',
    providerId: 'DEAAA',
    operator: 'Dana',
    address: 'Helen-Ernst-Straße 1',
    postalCode: '10243',
    latitude: 52.506379,
    longitude: 13.448115,
    maxPowerW: 11_000,
    targetGroup: 'public',
    online: true,
    tariff: makeTariff('DEAAA', 'ost', 0.37, { price: 0.6, from: '20:00', to: '08:00' }),
    feedInMicroPerKwh: 180_000,
  },
] as const;

/** The port of each part, counted from the base. */
const offsets = { chain: 1, provider: 10, station: 30 } as const;

/** Plans a network: `folder` is where all its state is kept, `portBase` its first port on 127.0.0.1. */
export function planNetwork(folder: string, portBase: number = defaultPortBase): NetworkPlan {
  const logFolder = join(folder, 'logs');
  const chainPort = portBase + offsets.chain;
  return {
    folder,
    portBase,
    logFolder,
    chain: {
      port: chainPort,
      rpcUrl: `http://127.0.0.1:${chainPort}`,
      folder: join(folder, 'chain'),
      deploymentFile: join(folder, 'deployment.json'),
      logFile: join(logFolder, 'chain.log'),
    },
    providers: members.map(({ providerId, name, priceArea }, index) => {
      const port = portBase + offsets.provider * (index + 1);
      return {
        providerId,
        name,
        port,
        identityPort: port + 1,
        url: `http://127.0.0.1:${port}`,
        identityUrl: `http://127.0.0.1:${port + 1}`,
        priceArea,
        folder: join(folder, 'providers', providerId),
        configFile: join(folder, 'providers', providerId, 'config.json'),
        logFile: join(logFolder, `provider-${providerId}.log`),
      };
    }),
    stations: stations.map((station, index) => {
      const port = portBase + offsets.station + index;
      return {
        ...station,
        city: 'Berlin',
        port,
        linkUrl: `ws://127.0.0.1:${port}/link`,
        folder: join(folder, 'stations', station.evseId),
        configFile: join(folder, 'stations', station.evseId, 'config.json'),
        logFile: join(logFolder, `station-${station.evseId}.log`),
      };
    }),
    people,
  };
}

/** Every port of the plan and what it is for. */
export function listPorts(plan: NetworkPlan): readonly PortUse[] {
  return [
    { port: plan.chain.port, use: 'the chain' },
    ...plan.providers.flatMap(({ port, identityPort, name }) => [
      { port, use: `provider ${name}` },
      { port: identityPort, use: `sign-in of ${name}` },
    ]),
    ...plan.stations.map(({ port, name }) => ({ port, use: `station ${name}` })),
  ];
}

/** The planned provider with that id; the plan's own ids only. */
export function providerOf(plan: NetworkPlan, providerId: string): PlannedProvider {
  const provider = plan.providers.find((one) => one.providerId === providerId);
  if (provider === undefined) throw new Error(`no provider ${providerId} is planned`);
  return provider;
}

/** One of the plan's people by name. */
export function personOf(plan: NetworkPlan, name: string): PlannedPerson {
  const person = plan.people.find((one) => one.name === name);
  if (person === undefined) throw new Error(`nobody called ${name} is planned`);
  return person;
}
