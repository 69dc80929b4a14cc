import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Address, type Hex, isHex, keccak256, size } from 'viem';
import { generatePrivateKey, privateKeyToAccount, publicKeyToAddress } from 'viem/accounts';

/** A node's key on secp256k1: it names the node in the network and signs the blocks that it proposes. */
export type ValidatorKey = {
  /** 32 bytes; Besu reads it as a line of hexadecimal digits. */
  readonly privateKey: Hex;
  /** x‖y, 64 bytes: the id in an enode address. */
  readonly publicKey: Hex;
  /** Under which it validates. */
  readonly address: Address;
};

/** A fresh key from the system's random generator. */
export function newValidatorKey(): ValidatorKey {
  return openValidatorKey(generatePrivateKey());
}

/** The key with its public parts. */
export function openValidatorKey(privateKey: Hex): ValidatorKey {
  const account = privateKeyToAccount(privateKey);
  return { privateKey, publicKey: `0x${account.publicKey.slice(4)}`, address: account.address };
}

/** Reads a key file as Besu has it: 32 bytes in hexadecimal digits, with or without 0x, not zero nor past the order. */
export function parseValidatorKey(text: string): Result<ValidatorKey, 'validator-key-malformed'> {
  const digits = text.trim().replace(/^0x/, '');
  if (!/^[0-9a-f]{64}$/i.test(digits)) return refuse('validator-key-malformed', 'not 64 hexadecimal digits');
  try {
    return accept(openValidatorKey(`0x${digits.toLowerCase()}`));
  } catch {
    return refuse('validator-key-malformed', 'not a number of the curve');
  }
}

/** Reads a public key of 64 bytes, or of 65 with the leading 04 of an uncompressed point. */
export function parseValidatorPublicKey(text: unknown): Result<Hex, 'validator-key-malformed'> {
  if (typeof text !== 'string') return refuse('validator-key-malformed', 'not a text');
  const hex = (text.startsWith('0x') ? text : `0x${text}`).toLowerCase() as Hex;
  if (!isHex(hex)) return refuse('validator-key-malformed', 'not hexadecimal');
  const isUncompressed = size(hex) === 65 && hex.startsWith('0x04');
  if (size(hex) !== 64 && !isUncompressed) return refuse('validator-key-malformed', `${size(hex)} bytes`);
  const publicKey: Hex = isUncompressed ? `0x${hex.slice(4)}` : hex;
  if (!isOnCurve(publicKey)) return refuse('validator-key-malformed', 'not a point of secp256k1');
  return accept(publicKey);
}

/** The address of a public key: the last 20 bytes of its Keccak-256. */
export function validatorAddress(publicKey: Hex): Address {
  return publicKeyToAddress(`0x04${publicKey.slice(2)}`);
}

/** How other nodes reach one, e.g. `enode://ab…@192.0.2.1:30303`; an IPv6 address stands in brackets. */
export function enodeUrl(publicKey: Hex, host: string, port: number): string {
  return `enode://${publicKey.slice(2)}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A short name by which people compare a file, e.g. over the telephone. */
export function fingerprint(text: string): Hex {
  return keccak256(new TextEncoder().encode(text));
}

const fieldPrime = 2n ** 256n - 2n ** 32n - 977n;

/** y² = x³ + 7 over the field of secp256k1 (SEC 2, section 2.4.1). */
function isOnCurve(publicKey: Hex): boolean {
  const x = BigInt(`0x${publicKey.slice(2, 66)}`);
  const y = BigInt(`0x${publicKey.slice(66)}`);
  if (x >= fieldPrime || y >= fieldPrime) return false;
  return (y * y - x * x * x - 7n) % fieldPrime === 0n;
}
