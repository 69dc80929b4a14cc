import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { isPublicKey } from '@p2p-power/protocol/Signer';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { Complaint } from '../Complaint.ts';
import { parseJson } from '../parseJson.ts';

/** Providers' certificate keys that the one who checks believes in, and where they came from. */
export interface TrustedKeys {
  /** Absent where the source names none, as a trust list does. */
  readonly networkId?: Hex;
  readonly providers: readonly {
    readonly providerId: string;
    readonly name: string;
    readonly publicKeys: readonly Hex[];
  }[];
  /** A file's path, for people. */
  readonly source: string;
}

/** The file that `p2p-power up` writes into its data folder for whoever checks receipts. */
export const keysFileName = 'keys.json';

/** Why a file holds no keys, in order of precedence. */
export type KeysRefusal = 'not-json' | 'no-providers' | 'bad-network-id' | 'bad-key';

/**
 * Keys out of what people have at hand: the file that `p2p-power up` writes or a provider's answer to
 * `GET /provider` (`{networkId, members: [{providerId, name, keys}]}`), or a trust list as a provider or
 * station has it (`{head, contentJson}`). Nobody vouches for the file but the one who names it.
 */
export function parseKeys(text: string, source: string): Result<TrustedKeys, KeysRefusal> {
  const json = parseJson(text);
  if (json === undefined) return refuse('not-json', 'the file is not JSON');
  const content = isRecord(json) && typeof json.contentJson === 'string' ? parseJson(json.contentJson) : json;
  const list = isRecord(content) ? (content.members ?? content.providers) : undefined;
  if (!isRecord(content) || !Array.isArray(list))
    return refuse('no-providers', 'it lists no providers: neither `members` nor `providers`');
  const { networkId } = content;
  if (networkId !== undefined && !isHex(networkId, 32))
    return refuse('bad-network-id', '`networkId` is not 32 bytes of lower-case hex');
  const providers: TrustedKeys['providers'][number][] = [];
  for (const [index, row] of list.entries()) {
    const keys = isRecord(row) && Array.isArray(row.keys) ? row.keys : [];
    const publicKeys = keys.map((key) => (isRecord(key) ? key.publicKey : key)).filter(isPublicKey);
    if (!isRecord(row) || typeof row.providerId !== 'string' || publicKeys.length !== keys.length)
      return refuse('bad-key', `provider ${index} has no id, or a key of it is none`);
    providers.push({ providerId: row.providerId, name: String(row.name ?? row.providerId), publicKeys });
  }
  return accept({ ...(networkId !== undefined && { networkId }), providers, source });
}

/** Keys of a file, or of the data folder of `p2p-power up`; complains where there are none. */
export function readKeys(path: string): TrustedKeys {
  const file = isFolder(path) ? join(path, keysFileName) : path;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Complaint(
      `The providers' keys cannot be read from ${file}.`,
      'Name a file with --keys, or a data folder of p2p-power up with --data.',
      { cause: error },
    );
  }
  const keys = parseKeys(text, file);
  if (keys.ok) return keys.value;
  throw new Complaint(
    `${file} holds no providers' keys: ${keys.detail}.`,
    'A trust list, an answer of GET /provider and the keys.json of p2p-power up will do.',
  );
}

/** The key x‖y of that provider with that id, if it is among the trusted ones. */
export function findKey(keys: TrustedKeys, providerId: string, issuerKeyId: Hex): Hex | undefined {
  return keys.providers
    .find((provider) => provider.providerId === providerId)
    ?.publicKeys.find((publicKey) => keyId(publicKey) === issuerKeyId);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
