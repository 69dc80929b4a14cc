import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Address, fromRlp, getAddress, type Hex, isAddress, size, toRlp } from 'viem';

/** What QBFT keeps in a header's extra data, as far as a genesis block has it. */
export type QbftExtraData = { readonly vanity: Hex; readonly validators: readonly Address[] };

const emptyVanity: Hex = `0x${'00'.repeat(32)}`;

/**
 * The extra data of a genesis block: RLP([32 bytes vanity, validators, no vote, round 0, no seals]). The validators are
 * in ascending order, as Besu wants the list that its own tool encodes.
 *
 * Source: Besu documentation, "Configure QBFT consensus", section "Extra data".
 */
export function encodeQbftExtraData(validators: readonly Address[]): Hex {
  const inOrder = validators.map((address) => address.toLowerCase() as Address).toSorted();
  return toRlp([emptyVanity, inOrder, [], '0x', []]);
}

/** Reads the extra data of a genesis block. One with a vote, a round or seals is of a later block and is refused. */
export function decodeQbftExtraData(bytes: Hex): Result<QbftExtraData, 'extra-data-malformed'> {
  const malformed = (detail: string) => refuse('extra-data-malformed', detail);
  let items: unknown;
  try {
    items = fromRlp(bytes, 'hex');
  } catch {
    return malformed('not RLP');
  }
  if (toRlp(items as Parameters<typeof toRlp>[0]) !== bytes.toLowerCase())
    return malformed('not RLP in its one form');
  if (!Array.isArray(items) || items.length !== 5) return malformed('not a list of five');
  const [vanity, validators, vote, round, seals] = items as readonly unknown[];
  if (typeof vanity !== 'string' || size(vanity as Hex) !== 32) return malformed('vanity');
  if (!Array.isArray(validators) || !validators.every((one) => typeof one === 'string' && isAddress(one)))
    return malformed('validators');
  const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
  if (!isEmpty(vote)) return malformed('vote');
  if (round !== '0x') return malformed('round');
  if (!isEmpty(seals)) return malformed('seals');
  return accept({ vanity: vanity as Hex, validators: validators.map((one) => getAddress(one)) });
}
