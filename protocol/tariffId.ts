import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { encodeTariff } from '@p2p-power/tariff/encodeTariff';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import type { Hex } from './Hex.ts';
import { sha256 } from './sha256.ts';
import { typeWord } from './Word.ts';

/** SHA-256 of the `Tariff` type word and the tariff's canonical words: what an offer names. */
export function tariffId(networkId: Hex, tariff: Tariff): Hex {
  return sha256(concatBytes(hexToBytes(typeWord('Tariff', networkId).slice(2)), encodeTariff(tariff)));
}
