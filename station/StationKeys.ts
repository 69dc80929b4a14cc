import crypto, { type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { nodeCryptoSigner, publicKeyFromSpki } from '@p2p-power/protocol/nodeCryptoSigner';
import type { Signer } from '@p2p-power/protocol/Signer';
import { writeFileDurably } from './writeFileDurably.ts';

/** A P-256 key pair that signs. */
export interface StationKey {
  readonly signer: Signer;
  /** SPKI DER, hex. */
  readonly spki: Hex;
}

export interface StationKeys {
  readonly station: StationKey;
  /** Of the simulated meter; a real one keeps its own. */
  readonly simulatedMeter: StationKey;
}

/**
 * The keys in `folder/keys.json` (PKCS #8 in base64), made at the first start with mode 0600. Throws
 * where the file is there and no such key file: a lost key needs a new certificate, so none is made
 * in its place.
 */
export function openStationKeys(folder: string): StationKeys {
  const path = join(folder, 'keys.json');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) {
    const fresh = { station: generate(), simulatedMeter: generate() };
    writeFileDurably(path, `${JSON.stringify(fresh, null, 2)}\n`, 0o600);
  }
  try {
    const { station, simulatedMeter } = JSON.parse(readFileSync(path, 'utf8'));
    return { station: open(station), simulatedMeter: open(simulatedMeter) };
  } catch (cause) {
    throw new Error(
      `The key file ${path} cannot be read. Restore it from a backup; a station with new keys must be enrolled again.`,
      { cause },
    );
  }
}

function generate(): string {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}

function open(pkcs8: string): StationKey {
  const key: KeyObject = crypto.createPrivateKey({
    key: Buffer.from(pkcs8, 'base64'),
    type: 'pkcs8',
    format: 'der',
  });
  const spki = crypto.createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { signer: nodeCryptoSigner(crypto, key, publicKeyFromSpki(spki)), spki: fromBytes(spki) };
}
