import { type Address, encodeAbiParameters, type Hex, keccak256, stringToHex, zeroAddress } from 'viem';
import { actionKinds, candidateAbi } from '../Consortium.ts';
import { consortiumAbi } from '../generated/Consortium.ts';
import { peeringAbi } from '../generated/Peering.ts';
import type { Terms } from '../Peering.ts';
import { type Network, type NetworkAction, pairOf } from './Network.ts';

const uint = { type: 'uint256' } as const;
const address = { type: 'address' } as const;
const word = { type: 'bytes32' } as const;

/** The layout of a function's argument as it stands in the generated ABI, so that it never goes stale. */
function inputOf(abi: readonly unknown[], functionName: string, index: number) {
  const found = (abi as readonly { name?: string; type: string; inputs?: readonly unknown[] }[]).find(
    (entry) => entry.type === 'function' && entry.name === functionName,
  );
  const input = found?.inputs?.[index];
  if (input === undefined) throw new Error(`${functionName} has no input ${index}`);
  return input as { type: string };
}

/** An action as the consortium takes it: its number and its data. */
export function encodeAction(network: Network, action: NetworkAction): { action: number; data: Hex } {
  const number = actionKinds.indexOf(action.kind);
  switch (action.kind) {
    case 'admit':
      return { action: number, data: encodeAbiParameters(candidateAbi, [action]) };
    case 'rotate-account':
      return {
        action: number,
        data: encodeAbiParameters([word, address], [action.memberId, action.account]),
      };
    case 'set-issuance-limit': {
      const { memberId, limitMicro } = action;
      const values = [network.addresses.chargeToken, memberId, limitMicro] as const;
      return { action: number, data: encodeAbiParameters([address, word, uint], values) };
    }
    case 'close-token':
      return { action: number, data: encodeAbiParameters([address], [network.addresses.chargeToken]) };
    default:
      return { action: number, data: encodeAbiParameters([word], [action.memberId]) };
  }
}

export function proposalIdOf(network: Network, proposer: Hex, proposed: NetworkAction, salt: Hex): Hex {
  const { action, data } = encodeAction(network, proposed);
  return keccak256(
    encodeAbiParameters(
      [uint, address, word, inputOf(consortiumAbi, 'propose', 0), { type: 'bytes' }, word],
      [BigInt(network.chainId), network.addresses.consortium, proposer, action, data, salt],
    ),
  );
}

export function encodeTerms(terms: Terms) {
  return {
    ...terms,
    feeTo: terms.feeTo === 'creditor' ? 0 : 1,
    currency: stringToHex(terms.currency, { size: 3 }),
    termsContract: terms.termsContract ?? zeroAddress,
    validFrom: BigInt(terms.validFrom),
  };
}

export function agreementIdOf(network: Network, x: Hex, y: Hex, version: number, terms: Terms): Hex {
  return keccak256(
    encodeAbiParameters(
      [uint, address, word, word, { type: 'uint32' }, inputOf(peeringAbi, 'propose', 2)],
      [
        BigInt(network.chainId),
        network.addresses.peering,
        ...pairOf(x, y),
        version,
        encodeTerms(terms) as never,
      ],
    ),
  );
}

export function redemptionIdIn(network: Network, holder: Address, reference: Hex): Hex {
  return keccak256(
    encodeAbiParameters(
      [uint, address, address, word],
      [BigInt(network.chainId), network.addresses.chargeToken, holder, reference],
    ),
  );
}
