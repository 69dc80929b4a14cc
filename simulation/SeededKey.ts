import { createECDH, createHmac, hash } from 'node:crypto';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { groupOrder, type Signer } from '@p2p-power/protocol/Signer';

/**
 * A P-256 key that follows from a name and signs the same bytes always alike, so that all ids of a
 * world are the same in each run of its seed. node:crypto draws a random nonce for each signature and
 * cannot be asked not to; here the nonce is that of RFC 6979 §3.2 and only the curve's arithmetic is the
 * platform's, which takes a tenth of the time that a library in JavaScript needs.
 */
export interface SeededKey extends Signer {
  readonly privateKey: Hex;
  sign(bytes: Uint8Array): Uint8Array;
}

export function seededKey(name: string): SeededKey {
  const secret = hash('sha256', `seeded key ${name}`, 'buffer');
  const scalar = toInteger(secret) % groupOrder;
  if (scalar === 0n) throw new Error('a name that gives no key');
  const privateKey = toWord(scalar);
  return {
    privateKey: fromBytes(privateKey),
    publicKey: fromBytes(pointOf(privateKey)),
    sign(bytes) {
      const digest = hash('sha256', bytes, 'buffer');
      for (const nonce of nonces(privateKey, digest)) {
        const r = toInteger(pointOf(toWord(nonce)).subarray(0, 32)) % groupOrder;
        const s = (invert(nonce) * ((toInteger(digest) + r * scalar) % groupOrder)) % groupOrder;
        if (r !== 0n && s !== 0n) return new Uint8Array(Buffer.concat([toWord(r), toWord(lower(s))]));
      }
      throw new Error('RFC 6979 ran out of nonces');
    },
  };
}

const toInteger = (bytes: Uint8Array): bigint => BigInt(fromBytes(bytes));
const toWord = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const lower = (s: bigint): bigint => (s > groupOrder >> 1n ? groupOrder - s : s);

/** x‖y of a scalar times the generator. */
function pointOf(scalar: Uint8Array): Uint8Array {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  return new Uint8Array(ecdh.getPublicKey().subarray(1));
}

/** The candidates for k of RFC 6979 §3.2, with SHA-256 and a group order of 256 bits. */
function* nonces(privateKey: Uint8Array, digest: Uint8Array): Generator<bigint> {
  const mac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const reduced = toWord(toInteger(digest) % groupOrder);
  let value: Uint8Array = new Uint8Array(32).fill(1);
  let key: Uint8Array = new Uint8Array(32);
  for (const round of [0, 1]) {
    key = mac(key, value, Uint8Array.of(round), privateKey, reduced);
    value = mac(key, value);
  }
  for (;;) {
    value = mac(key, value);
    const candidate = toInteger(value);
    if (candidate > 0n && candidate < groupOrder) yield candidate;
    key = mac(key, value, Uint8Array.of(0));
    value = mac(key, value);
  }
}

/** The inverse modulo the group's order, by the extended Euclidean algorithm. */
function invert(value: bigint): bigint {
  let [previous, current] = [groupOrder, value];
  let [before, after] = [0n, 1n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [before, after] = [after, before - quotient * after];
  }
  return before < 0n ? before + groupOrder : before;
}
