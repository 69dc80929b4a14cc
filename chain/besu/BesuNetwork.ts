import { isIP } from 'node:net';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Address, type Hex, isAddress } from 'viem';
import { isPartyId } from '../MemberId.ts';
import { enodeUrl, parseValidatorPublicKey, validatorAddress } from './ValidatorKey.ts';

/** One provider's node, as all providers know it. Nothing here is secret. */
export type BesuProvider = {
  readonly providerId: string;
  /** The IP address at which other nodes reach it, and the port for TCP. */
  readonly p2pHost: string;
  readonly p2pPort: number;
  /** Where its own provider's server reaches its JSON-RPC; 127.0.0.1 where both are on one machine. */
  readonly rpcHost: string;
  readonly rpcPort: number;
  /** x‖y on secp256k1; null until a key is made. */
  readonly publicKey: Hex | null;
};

/** All that the genesis block and the nodes' files follow from: who has the same, makes the same files. */
export type BesuNetwork = {
  readonly chainId: number;
  /** Seconds between blocks. */
  readonly blockPeriodS: number;
  /** Wei at the beginning, by account. Nobody needs any: gas is free. */
  readonly balances: Readonly<Record<Address, bigint>>;
  readonly providers: readonly BesuProvider[];
};

/** `BesuNetwork` once every provider has a key. */
export type KeyedBesuNetwork = Omit<BesuNetwork, 'providers'> & {
  readonly providers: readonly KeyedBesuProvider[];
};
export type KeyedBesuProvider = Omit<BesuProvider, 'publicKey'> & { readonly publicKey: Hex };

/** In order of precedence. */
export type BesuNetworkRefusal = 'network-malformed' | 'provider-twice' | 'node-twice' | 'too-few-validators';

/** With fewer than four, QBFT bears no failure at all (Besu documentation, "Minimum number of validators"). */
export const leastValidators = 4;

/** How many of so many validators may fail before no block is made: QBFT needs more than two thirds of them. */
export function faultsBorne(validators: number): number {
  return Math.floor((validators - 1) / 3);
}

export function enodeOf(provider: KeyedBesuProvider): string {
  return enodeUrl(provider.publicKey, provider.p2pHost, provider.p2pPort);
}

export function validatorOf(provider: KeyedBesuProvider): Address {
  return validatorAddress(provider.publicKey);
}

/**
 * Reads the list of providers: `{chainId, blockPeriodS?, balances?, providers: […]}`, or the bare list of providers with
 * `chainId` given beside it. A provider is `{providerId, p2pHost, p2pPort?, rpcHost?, rpcPort?, publicKey?}`.
 */
export function parseBesuNetwork(
  untrusted: unknown,
  options: { readonly chainId?: number; readonly allowFew?: boolean } = {},
): Result<BesuNetwork, BesuNetworkRefusal> {
  const malformed = (detail: string) => refuse('network-malformed', detail);
  const file = Array.isArray(untrusted) ? { providers: untrusted } : untrusted;
  if (!isRecord(file)) return malformed('neither a list nor an object');
  const unknown = Object.keys(file).find(
    (name) => !['chainId', 'blockPeriodS', 'balances', 'providers'].includes(name),
  );
  if (unknown !== undefined) return malformed(`${unknown} is no entry`);
  const chainId = options.chainId ?? file.chainId;
  if (!isWhole(chainId, 1, 2 ** 32)) return malformed('chainId');
  const blockPeriodS = file.blockPeriodS ?? 5;
  if (!isWhole(blockPeriodS, 1, 60)) return malformed('blockPeriodS: 1 to 60');
  const balances = parseBalances(file.balances ?? {});
  if (balances === null) return malformed('balances');
  if (!Array.isArray(file.providers)) return malformed('providers');

  const providers: BesuProvider[] = [];
  for (const [index, entry] of file.providers.entries()) {
    const provider = parseProvider(entry);
    if (typeof provider === 'string') return malformed(`providers[${index}].${provider}`);
    providers.push(provider);
  }
  const twice = firstTwice(providers.map(({ providerId }) => providerId));
  if (twice !== undefined) return refuse('provider-twice', twice);
  const node =
    firstTwice(providers.map(({ p2pHost, p2pPort }) => `${p2pHost} ${p2pPort}`)) ??
    firstTwice(providers.flatMap(({ publicKey }) => publicKey ?? []));
  if (node !== undefined) return refuse('node-twice', node);
  const least = options.allowFew === true ? 1 : leastValidators;
  if (providers.length < least)
    return refuse('too-few-validators', `${providers.length} of at least ${least}`);
  return accept({ chainId, blockPeriodS, balances, providers });
}

/** The provider, or the name of what is wrong with it. */
function parseProvider(entry: unknown): BesuProvider | string {
  if (!isRecord(entry)) return 'not an object';
  const {
    providerId,
    p2pHost,
    p2pPort = 30_303,
    rpcHost = '127.0.0.1',
    rpcPort = 8545,
    publicKey,
    ...rest
  } = entry;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return `${unknown} is no entry`;
  if (typeof providerId !== 'string' || !isPartyId(providerId)) return 'providerId: such as DEAAA';
  if (typeof p2pHost !== 'string' || isIP(p2pHost) === 0) return 'p2pHost: an IP address';
  if (!isWhole(p2pPort, 1, 65_535)) return 'p2pPort';
  if (typeof rpcHost !== 'string' || isIP(rpcHost) === 0 || /^(0\.0\.0\.0|::)$/.test(rpcHost))
    return 'rpcHost: one IP address of this machine';
  if (!isWhole(rpcPort, 1, 65_535)) return 'rpcPort';
  if (publicKey === undefined || publicKey === null)
    return { providerId, p2pHost, p2pPort, rpcHost, rpcPort, publicKey: null };
  const key = parseValidatorPublicKey(publicKey);
  if (!key.ok) return `publicKey: ${key.detail}`;
  return { providerId, p2pHost, p2pPort, rpcHost, rpcPort, publicKey: key.value };
}

function parseBalances(untrusted: unknown): Readonly<Record<Address, bigint>> | null {
  if (!isRecord(untrusted)) return null;
  const balances: Record<Address, bigint> = {};
  for (const [account, amount] of Object.entries(untrusted)) {
    if (!isAddress(account, { strict: false })) return null;
    if (typeof amount !== 'string' || !/^(0x[0-9a-f]{1,64}|[0-9]{1,77})$/i.test(amount)) return null;
    balances[account.toLowerCase() as Address] = BigInt(amount);
  }
  return balances;
}

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
