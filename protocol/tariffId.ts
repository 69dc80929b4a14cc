import { encodeTariff } from '@p2p-power/tariff/encodeTariff';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { Hex } from './Hex.ts';
import { isKept } from './keepTariff.ts';
import { sha256 } from './sha256.ts';
import { typeWordBytes, wordBytes } from './Word.ts';

const ids = new WeakMap<Tariff, { readonly networkId: Hex; readonly id: Hex }>();

/** SHA-256 of the `Tariff` type word and the tariff's canonical words: what an offer names. */
export function tariffId(networkId: Hex, tariff: Tariff): Hex {
  const known = ids.get(tariff);
  if (known?.networkId === networkId) return known.id;
  const encoding = encodeTariff(tariff);
  const bytes = new Uint8Array(wordBytes + encoding.length);
  bytes.set(typeWordBytes('Tariff', networkId));
  bytes.set(encoding, wordBytes);
  const id = sha256(bytes);
  if (isKept(tariff)) ids.set(tariff, { networkId, id });
  return id;
}
