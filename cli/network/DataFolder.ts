import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { Complaint } from '../Complaint.ts';
import { takeLock } from './LockFile.ts';

/** What a data folder knows of its network from the first run on. */
export interface NetworkFile {
  readonly version: 1;
  /** Fixed when the network is founded. */
  readonly networkId: Hex;
  readonly portBase: number;
  /** For each provider the token that its staff's calls carry. */
  readonly staffTokens: Readonly<Record<string, string>>;
}

/** A folder held by this process. */
export interface DataFolder {
  readonly path: string;
  readonly network: NetworkFile;
  /** Whether no run before has founded the network. */
  readonly isNew: boolean;
  release(): void;
}

const fileName = 'network.json';
/** There once the consortium is founded: from then on the network is bound to its ports. */
const foundedFile = 'deployment.json';

/** Others may pass through, for a database that runs as another user, but list and read nothing. */
export const folderMode = 0o711;

/**
 * Opens the data folder of a network for this process alone, or makes it. Complains of a folder in use,
 * of one that holds something else, and of a file that is torn, each with a way out.
 */
export function openDataFolder(options: {
  readonly path: string;
  readonly command: string;
  readonly portBase?: number;
  readonly defaultPortBase: number;
  readonly providerIds: readonly string[];
}): DataFolder {
  const path = resolve(options.path);
  checkForeign(path);
  mkdirSync(path, { recursive: true, mode: folderMode });
  const lock = takeLock(path, options.command);
  if (!lock.ok)
    throw new Complaint(
      `The data folder is in use: ${lock.detail}.`,
      'Stop that one first (Ctrl-C there), or take another folder: --data FOLDER --port-base PORT',
    );
  try {
    const file = join(path, fileName);
    const found = existsSync(file) ? readNetworkFile(file) : undefined;
    const isFounded = existsSync(join(path, foundedFile));
    if (isFounded) checkUnmoved(path, found?.portBase, options.portBase);
    const network: NetworkFile = {
      version: 1,
      networkId: found?.networkId ?? `0x${randomBytes(32).toString('hex')}`,
      portBase: options.portBase ?? found?.portBase ?? options.defaultPortBase,
      staffTokens: { ...makeTokens(options.providerIds), ...found?.staffTokens },
    };
    writeFileWhole(file, `${JSON.stringify(network, null, 2)}\n`);
    return { path, network, isNew: !isFounded, release: () => lock.value.release() };
  } catch (error) {
    lock.value.release();
    throw error;
  }
}

/** Sign-ins, stations' addresses and the consortium's entries all name the ports of the first run. */
function checkUnmoved(path: string, found: number | undefined, wanted: number | undefined): void {
  if (found === undefined || wanted === undefined || wanted === found) return;
  throw new Complaint(
    `The network in ${path} lives on the ports from ${found} on and cannot move.`,
    `Leave out --port-base, or bring up another network beside it: --data FOLDER --port-base ${wanted}`,
  );
}

/** A folder that is not empty and no network's is somebody else's. */
function checkForeign(path: string): void {
  if (!existsSync(path) || existsSync(join(path, fileName))) return;
  const names = readdirSync(path).filter((name) => name !== 'lock' && !name.startsWith('lock.'));
  if (names.length > 0)
    throw new Complaint(
      `${path} holds other things (${names.slice(0, 3).join(', ')}) and no ${fileName}.`,
      'Name an empty folder, or one that p2p-power up made: --data FOLDER',
    );
}

function readNetworkFile(file: string): NetworkFile {
  let found: Partial<NetworkFile>;
  try {
    found = JSON.parse(readFileSync(file, 'utf8')) as Partial<NetworkFile>;
  } catch (error) {
    throw unusable(file, 'it is not JSON', { cause: error });
  }
  const { version, networkId, portBase, staffTokens } = found;
  if (version !== 1) throw unusable(file, `it is of version ${String(version)}, this is version 1`);
  if (!isHex(networkId, 32)) throw unusable(file, 'its networkId is not 32 bytes');
  if (!Number.isInteger(portBase) || typeof staffTokens !== 'object')
    throw unusable(file, 'its portBase or staffTokens is missing');
  return found as NetworkFile;
}

/** A complaint about state on disk that cannot be used. */
export function unusable(file: string, why: string, options?: ErrorOptions): Complaint {
  return new Complaint(
    `${file} cannot be used: ${why}.`,
    `Put the file back from a copy, or begin anew with an empty folder: rm -r ${dirname(file)}`,
    options,
  );
}

function makeTokens(providerIds: readonly string[]): Record<string, string> {
  return Object.fromEntries(providerIds.map((id) => [id, randomBytes(24).toString('base64url')]));
}

/** Writes a file so that after a crash it is there whole, or as it was before. */
export function writeFileWhole(file: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true, mode: folderMode });
  const draft = `${file}.${process.pid}.new`;
  const descriptor = openSync(draft, 'w', mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}
