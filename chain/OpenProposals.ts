import { decodeAbiParameters, type Hex, hexToString, isAddressEqual } from 'viem';
import { type ChainClient, contractAt } from './ChainClient.ts';
import { withChainFaults } from './ChainFault.ts';
import {
  type ConsortiumAction,
  candidateAbi,
  type Proposal,
  readProposal,
  timeZoneAbi,
} from './Consortium.ts';
import { consortiumAbi } from './generated/Consortium.ts';

/** A proposal that can still be voted for or carried out. */
export type OpenProposal = Omit<Proposal, 'executed'> & {
  /** Null where it concerns contracts of another deployment, or where its content is of no use. */
  readonly action: ConsortiumAction | null;
};

/** What the members can vote for now, oldest first. */
export async function readOpenProposals(client: ChainClient): Promise<readonly OpenProposal[]> {
  const [proposed, block] = await withChainFaults(() =>
    Promise.all([
      client.rpc.getContractEvents({
        ...contractAt(client.deployment.consortium, consortiumAbi),
        eventName: 'Proposed',
        fromBlock: BigInt(client.deployment.block),
        strict: true,
      }),
      client.rpc.getBlock(),
    ]),
  );
  const inTime = proposed.filter(({ args }) => args.expiresAt >= block.timestamp);
  const found = await Promise.all(inTime.map(({ args }) => readProposal(client, args.proposalId)));
  return found
    .filter((proposal) => proposal !== null)
    .filter(({ executed }) => !executed)
    .map(({ executed: _, ...proposal }) => ({ ...proposal, action: decodeAction(client, proposal) }));
}

/** What a proposal would do: its content as the members should read it before they vote. */
export function decodeAction(
  client: ChainClient,
  { kind, data }: Pick<Proposal, 'kind' | 'data'>,
): ConsortiumAction | null {
  try {
    return decode(client, kind, data);
  } catch {
    return null;
  }
}

const bytes32 = { type: 'bytes32' } as const;
const address = { type: 'address' } as const;

function decode(client: ChainClient, kind: Proposal['kind'], data: Hex): ConsortiumAction | null {
  const { chargeToken } = client.deployment;
  switch (kind) {
    case 'admit': {
      const [candidate] = decodeAbiParameters(candidateAbi, data);
      return { kind, candidate };
    }
    case 'remove':
    case 'suspend':
    case 'reinstate': {
      const [memberId] = decodeAbiParameters([bytes32], data);
      return { kind, memberId };
    }
    case 'rotate-account': {
      const [memberId, account] = decodeAbiParameters([bytes32, address], data);
      return { kind, memberId, account };
    }
    case 'set-issuance-limit': {
      const [token, memberId, limitMicro] = decodeAbiParameters(
        [address, bytes32, { type: 'uint256' }],
        data,
      );
      return isAddressEqual(token, chargeToken) ? { kind, memberId, limitMicro } : null;
    }
    case 'close-token': {
      const [token] = decodeAbiParameters([address], data);
      return isAddressEqual(token, chargeToken) ? { kind } : null;
    }
    case 'name-successor': {
      const [token, successor] = decodeAbiParameters([address, address], data);
      return isAddressEqual(token, chargeToken) ? { kind, successor } : null;
    }
    case 'set-time-zone': {
      const [, zone, rule] = decodeAbiParameters(timeZoneAbi, data);
      return {
        kind,
        rule: {
          zone: hexToString(zone, { size: 32 }),
          from: Number(rule.from),
          standardOffsetS: rule.standardOffsetS,
          daylightSaving: rule.daylightSaving === 1 ? 'european-union' : 'none',
        },
      };
    }
  }
}
