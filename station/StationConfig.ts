import { formatEvseId, parseEvseId } from '@p2p-power/protocol/EvseId';
import type { Result } from '@p2p-power/tariff/Result';
import {
  type JsonField,
  type JsonRefusal,
  members,
  readJson,
  refuseOthers,
  reportAt,
  text,
  whole,
} from '@p2p-power/tariff/readJson';
import { defaultStationOptions, type StationOptions } from './StationOptions.ts';
import { readCar } from './simulated/readCar.ts';
import type { CarModel } from './simulated/SimulatedCar.ts';
import { readSiteConfig, type SiteConfig, type SiteConfigRefusal } from './site/SiteConfig.ts';

/** What a station program is told, out of one JSON file. */
export interface StationConfig {
  /** EVSE-ID, upper case without separators. */
  readonly evseId: string;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  /** Whether the station has a connection of its own: it hands in by itself and fetches trust lists. */
  readonly online: boolean;
  readonly providerUrl?: string;
  /** Where phones reach the link, if not at `listen`. */
  readonly linkUrl?: string;
  /** Maker and model, as certified. */
  readonly hardwareModel: string;
  /**
   * Asked at the first start, where there is no provision; of no use after it, when the station renews
   * with its own key.
   */
  readonly enrol?: { readonly providerUrl: string; readonly staffToken: string };
  /** A simulated car and meter instead of hardware. */
  readonly simulated?: {
    readonly car: Partial<CarModel>;
    /** Times as much energy flows as on a real clock. */
    readonly speed: number;
    readonly plugged: boolean;
    /** A control box of the grid operator too (docs/sites.md). */
    readonly controlBox: boolean;
  };
  /** A module with `openHardware` (drivers/blueprint.ts), and what it is told. */
  readonly driver?: { readonly module: string; readonly settings: unknown };
  /** How the point shares a fuse with others (docs/sites.md). */
  readonly site?: SiteConfig;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly options: Partial<StationOptions>;
}

/** Why a configuration is refused; the detail names the field. */
export type StationConfigRefusal =
  | JsonRefusal
  | SiteConfigRefusal
  | 'not-an-evse-id'
  | 'no-hardware'
  | 'no-provider-url';

type Field = JsonField<StationConfigRefusal>;

const known = [
  'evseId',
  'listen',
  'dataDir',
  'online',
  'providerUrl',
  'linkUrl',
  'hardwareModel',
  'enrol',
  'simulated',
  'driver',
  'site',
  'logLevel',
  'options',
];

/** Reads a configuration from untrusted JSON. Fields that are not known are refused: they are misspelled. */
export function parseStationConfig(json: unknown): Result<StationConfig, StationConfigRefusal> {
  return readJson<StationConfig, StationConfigRefusal>(json, (root) => {
    const config = members(root);
    refuseOthers(root, config.names, known);
    const online = config.optional('online');
    const providerUrl = config.optional('providerUrl');
    const linkUrl = config.optional('linkUrl');
    const model = config.optional('hardwareModel');
    const enrol = config.optional('enrol');
    const simulated = config.optional('simulated');
    const driver = config.optional('driver');
    const site = config.optional('site');
    const logLevel = config.optional('logLevel');
    const options = config.optional('options');
    const read: StationConfig = {
      evseId: readEvseId(config.required('evseId')),
      listen: readListen(config.required('listen')),
      dataDir: text(config.required('dataDir'), /^.{1,1000}$/s, 'a folder'),
      online: online === undefined ? providerUrl !== undefined : flag(online),
      ...(providerUrl && { providerUrl: url(providerUrl) }),
      ...(linkUrl && { linkUrl: text(linkUrl, /^wss?:\/\/[!-~]{1,300}$/, 'a WebSocket address') }),
      hardwareModel:
        model === undefined
          ? 'P2P-Power simulated'
          : text(model, /^[ -~]{1,32}$/, 'up to 32 ASCII characters'),
      ...(enrol && { enrol: readEnrol(enrol) }),
      ...(simulated && { simulated: readSimulated(simulated) }),
      ...(driver && { driver: readDriver(driver) }),
      ...(site && { site: readSiteConfig(site) }),
      logLevel: logLevel === undefined ? 'info' : readLevel(logLevel),
      options: options === undefined ? {} : readOptions(options),
    };
    if ((read.simulated === undefined) === (read.driver === undefined))
      reportAt(root, 'no-hardware', 'either simulated or driver says what the station is made of');
    if (read.online && read.providerUrl === undefined)
      reportAt(root, 'no-provider-url', 'an online station needs providerUrl');
    return read;
  });
}

function readEvseId(field: Field): string {
  const parsed = parseEvseId(field.value);
  if (parsed.ok) return formatEvseId(parsed.value);
  reportAt(field, 'not-an-evse-id', parsed.detail);
  return '';
}

function readListen(field: Field): StationConfig['listen'] {
  const listen = members(field);
  refuseOthers(field, listen.names, ['host', 'port']);
  const host = listen.optional('host');
  return {
    host: host === undefined ? '127.0.0.1' : text(host, /^[A-Za-z0-9.:-]{1,255}$/, 'a host name or address'),
    port: whole(listen.required('port'), 0, 65_535),
  };
}

const url = (field: Field): string => text(field, /^https?:\/\/[!-~]{1,300}$/, 'a web address');

function flag(field: Field): boolean {
  if (typeof field.value !== 'boolean') reportAt(field, 'unknown-value', 'expected true or false');
  return field.value === true;
}

function readEnrol(field: Field): { providerUrl: string; staffToken: string } {
  const enrol = members(field);
  refuseOthers(field, enrol.names, ['providerUrl', 'staffToken']);
  return {
    providerUrl: url(enrol.required('providerUrl')),
    staffToken: text(enrol.required('staffToken'), /^[!-~]{1,500}$/, 'a token'),
  };
}

function readSimulated(field: Field): NonNullable<StationConfig['simulated']> {
  const simulated = members(field);
  refuseOthers(field, simulated.names, ['car', 'speed', 'plugged', 'controlBox']);
  const speed = simulated.optional('speed');
  const plugged = simulated.optional('plugged');
  const controlBox = simulated.optional('controlBox');
  const car = simulated.optional('car');
  return {
    car: car === undefined ? {} : readCar(car),
    speed: speed === undefined ? 1 : whole(speed, 1, 10_000),
    plugged: plugged === undefined ? false : flag(plugged),
    controlBox: controlBox === undefined ? false : flag(controlBox),
  };
}

function readDriver(field: Field): NonNullable<StationConfig['driver']> {
  const driver = members(field);
  refuseOthers(field, driver.names, ['module', 'settings']);
  return {
    module: text(driver.required('module'), /^.{1,1000}$/s, 'the path of a module'),
    settings: driver.optional('settings')?.value,
  };
}

const levels = ['silent', 'error', 'warn', 'info', 'debug'] as const;

function readLevel(field: Field): StationConfig['logLevel'] {
  const level = levels.find((name) => name === field.value);
  if (level === undefined) reportAt(field, 'unknown-value', `expected one of ${levels.join(', ')}`);
  return level ?? 'info';
}

function readOptions(field: Field): Partial<StationOptions> {
  const options = members(field);
  const numbers = Object.entries(defaultStationOptions).filter(([, value]) => typeof value === 'number');
  refuseOthers(
    field,
    options.names,
    numbers.map(([name]) => name),
  );
  const read: Record<string, number> = {};
  for (const [name] of numbers) {
    const member = options.optional(name);
    if (member !== undefined) read[name] = whole(member, 0, Number.MAX_SAFE_INTEGER);
  }
  return read;
}
