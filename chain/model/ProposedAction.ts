import { type Address, decodeAbiParameters, type Hex } from 'viem';
import { actionKinds, candidateAbi } from '../Consortium.ts';

/**
 * What carrying a proposal out does to the ledger of a token, as names to compare with the events: none for what does
 * not concern it (the limit of another token, the clocks that prices go by).
 */
export function effectsOfAction(action: number, data: Hex, chargeToken: Address): readonly string[] {
  const kind = actionKinds[action];
  if (kind === undefined) return [];
  switch (kind) {
    case 'admit': {
      const [candidate] = decodeAbiParameters(candidateAbi, data);
      return [`admit ${candidate.memberId}`];
    }
    case 'remove':
    case 'suspend':
    case 'reinstate': {
      const [memberId] = decodeAbiParameters([{ type: 'bytes32' }], data);
      return [`${kind} ${memberId}`];
    }
    case 'close-token': {
      const [token] = decodeAbiParameters([{ type: 'address' }], data);
      return token.toLowerCase() === chargeToken ? ['close'] : [];
    }
    case 'name-successor': {
      const [token, successor] = decodeAbiParameters([{ type: 'address' }, { type: 'address' }], data);
      return token.toLowerCase() === chargeToken ? [`successor ${successor.toLowerCase()}`] : [];
    }
    case 'rotate-account': {
      const [memberId, account] = decodeAbiParameters([{ type: 'bytes32' }, { type: 'address' }], data);
      return [`rotate ${memberId} ${account.toLowerCase()}`];
    }
    case 'set-issuance-limit': {
      const [token, memberId, limitMicro] = decodeAbiParameters(
        [{ type: 'address' }, { type: 'bytes32' }, { type: 'uint256' }],
        data,
      );
      return token.toLowerCase() === chargeToken ? [`limit ${memberId} ${limitMicro}`] : [];
    }
    case 'set-time-zone':
      return [];
  }
}
