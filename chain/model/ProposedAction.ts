import { type Address, decodeAbiParameters, type Hex } from 'viem';

/** The actions that the consortium votes for, in the order of `IConsortium.Action`. */
const actions = ['admit', 'remove', 'rotate', 'limit', 'suspend', 'reinstate', 'close', 'successor'] as const;

const candidateLayout = [
  {
    type: 'tuple',
    components: [
      { name: 'memberId', type: 'bytes32' },
      { name: 'account', type: 'address' },
      { name: 'url', type: 'string' },
      {
        name: 'keys',
        type: 'tuple[]',
        components: [
          { name: 'x', type: 'bytes32' },
          { name: 'y', type: 'bytes32' },
        ],
      },
    ],
  },
] as const;

/**
 * What carrying a proposal out does to the ledger of a token, as names to compare with the events: none for what does
 * not concern it (the limit of another token).
 */
export function actionName(action: number, data: Hex, chargeToken: Address): readonly string[] {
  switch (actions[action]) {
    case 'admit': {
      const [candidate] = decodeAbiParameters(candidateLayout, data);
      return [`admit ${candidate.memberId}`];
    }
    case 'remove':
    case 'suspend':
    case 'reinstate': {
      const [memberId] = decodeAbiParameters([{ type: 'bytes32' }], data);
      return [`${actions[action]} ${memberId}`];
    }
    case 'close': {
      const [token] = decodeAbiParameters([{ type: 'address' }], data);
      return token.toLowerCase() === chargeToken ? ['close'] : [];
    }
    case 'successor': {
      const [token, successor] = decodeAbiParameters([{ type: 'address' }, { type: 'address' }], data);
      return token.toLowerCase() === chargeToken ? [`successor ${successor.toLowerCase()}`] : [];
    }
    case 'rotate': {
      const [memberId, account] = decodeAbiParameters([{ type: 'bytes32' }, { type: 'address' }], data);
      return [`rotate ${memberId} ${account.toLowerCase()}`];
    }
    case 'limit': {
      const [token, memberId, limitMicro] = decodeAbiParameters(
        [{ type: 'address' }, { type: 'bytes32' }, { type: 'uint256' }],
        data,
      );
      return token.toLowerCase() === chargeToken ? [`limit ${memberId} ${limitMicro}`] : [];
    }
    default:
      return [];
  }
}
