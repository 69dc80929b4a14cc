import { randomBytes } from 'node:crypto';
import { type ChainClient, type ChainSigner, connectChain } from '@p2p-power/chain/ChainClient';
import { readCurrency, readPosition } from '@p2p-power/chain/ChargeToken';
import {
  type ConsortiumAction,
  executeProposal,
  proposeAction,
  readMembers,
  readVoterCount,
  voteFor,
} from '@p2p-power/chain/Consortium';
import { parseDeployment } from '@p2p-power/chain/Deployment';
import { decodeMemberId } from '@p2p-power/chain/MemberId';
import { readOpenProposals } from '@p2p-power/chain/OpenProposals';
import { carryOverAll, checkSuccessor, readSuccession, takeSnapshot } from '@p2p-power/chain/Succession';
import type { Hex } from '@p2p-power/protocol/Hex';
import { type ChainOptions, openAuditChain } from '../audit/openAuditChain.ts';
import { Complaint } from '../Complaint.ts';
import { onChain, openAccountSigner } from '../onChain.ts';
import { openPage } from '../Page.ts';
import { printAmount, printTime } from '../printUnits.ts';
import { readJsonFile } from '../readJsonFile.ts';
import { readAction } from './readAction.ts';

export interface ConsortiumOptions extends ChainOptions {
  readonly key?: string;
  readonly next?: string;
}

export type ConsortiumStep =
  | { readonly step: 'show' }
  | { readonly step: 'propose'; readonly action: string; readonly args: readonly string[] }
  | { readonly step: 'vote' | 'execute'; readonly proposalId: string }
  | { readonly step: 'snapshot' | 'carry-over' };

/** Runs one step and says what came of it; answers the exit code: 1 where the contract or the snapshot refuses. */
export async function runConsortiumCommand(
  step: ConsortiumStep,
  options: ConsortiumOptions,
): Promise<number> {
  const client = openAuditChain(options);
  return onChain(async () => {
    switch (step.step) {
      case 'show':
        return await show(client);
      case 'snapshot':
        return await snapshot(client, options);
      case 'carry-over':
        return await carryEverybodyOver(client, options);
      case 'propose': {
        const action = readAction(step.action, step.args);
        const salt: Hex = `0x${randomBytes(32).toString('hex')}`;
        const sent = await proposeAction(client, signerOf(options), action, salt);
        if (sent.ok) console.log(`proposed: ${sent.value.proposalId}`);
        return sent.ok ? 0 : refused(sent);
      }
      case 'vote':
      case 'execute': {
        const act = step.step === 'vote' ? voteFor : executeProposal;
        const sent = await act(client, signerOf(options), readId(step.proposalId));
        if (sent.ok) console.log(`${step.step === 'vote' ? 'voted for' : 'carried out'}: ${step.proposalId}`);
        return sent.ok ? 0 : refused(sent);
      }
    }
  });
}

function refused({ refusal, detail }: { readonly refusal: string; readonly detail: string }): number {
  console.log(`refused: ${refusal} (${detail})`);
  return 1;
}

const signerOf = (options: ConsortiumOptions): ChainSigner =>
  openAccountSigner(options.key, 'Name your account key: --key keys/account.hex');

function readId(text: string): Hex {
  if (!/^0x[0-9a-f]{64}$/.test(text))
    throw new Complaint(`${text} is no proposal.`, 'p2p-power consortium show lists them.');
  return text as Hex;
}

async function show(client: ChainClient): Promise<number> {
  const page = openPage(process.stdout);
  const printMicro = amountsIn(await readCurrency(client));
  const [members, voters, proposals, succession] = await Promise.all([
    readMembers(client),
    readVoterCount(client),
    readOpenProposals(client),
    readSuccession(client),
  ]);
  page.section(`${members.length} members and former members, ${voters} may vote`);
  const rows = await Promise.all(
    members.map(async (member) => {
      const { positionMicro, limitMicro } = await readPosition(client, member.memberId);
      const standing =
        member.removedAt !== null
          ? `left ${printTime(member.removedAt)}`
          : member.suspendedAt !== null
            ? `suspended ${printTime(member.suspendedAt)}`
            : 'may vote';
      return [member.partyId, standing, printMicro(positionMicro), printMicro(limitMicro), member.url];
    }),
  );
  page.table([['provider', 'standing', 'owes', 'may owe', 'server'], ...rows], [2, 3]);
  page.section(proposals.length === 0 ? 'Nothing is put to the vote' : 'Put to the vote');
  for (const { proposalId, proposer, kind, action, votes, expiresAt } of proposals) {
    page.line(proposalId);
    page.fact(
      'what',
      action === null ? `${kind}, of something else than this deployment` : printAction(action, printMicro),
    );
    page.fact('by', decodeMemberId(proposer));
    page.fact(
      'votes',
      `${votes.length} (${votes.map(decodeMemberId).join(', ')}), more than ${voters / 2} decide`,
    );
    page.fact('until', printTime(expiresAt));
  }
  if (succession.closesAt !== null)
    page.fact('the token', `${succession.isClosed ? 'closed' : 'closes'} ${printTime(succession.closesAt)}`);
  if (succession.successor !== null) page.fact('its successor', succession.successor);
  return 0;
}

async function snapshot(client: ChainClient, options: ConsortiumOptions): Promise<number> {
  const taken = await takeSnapshot(client);
  if (!taken.ok) return refused(taken);
  const page = openPage(process.stdout);
  const printMicro = amountsIn(await readCurrency(client));
  const { holdings, positions, supplyMicro, tree, closedAt } = taken.value;
  page.section(`Closed ${printTime(closedAt)}`);
  page.fact('root', tree.root);
  page.fact('supply', printMicro(supplyMicro));
  page.table([['account', 'has'], ...holdings.map((it) => [it.account, printMicro(it.amountMicro)])], [1]);
  page.table(
    [
      ['provider', 'owes'],
      ...positions.map((it) => [decodeMemberId(it.memberId), printMicro(it.positionMicro)]),
    ],
    [1],
  );
  if (options.next === undefined) return 0;
  const flaws = await checkSuccessor(client, taken.value, nextOf(client, options.next, options));
  for (const flaw of flaws) page.check(false, flaw);
  if (flaws.length === 0) page.check(true, `${options.next} carries over just this, and is named`);
  return flaws.length === 0 ? 0 : 1;
}

async function carryEverybodyOver(client: ChainClient, options: ConsortiumOptions): Promise<number> {
  const signer = signerOf(options);
  if (options.next === undefined)
    throw new Complaint('It is not said where to.', 'Name the successor’s deployment file: --next FILE');
  const next = nextOf(client, options.next, options);
  const taken = await takeSnapshot(client);
  if (!taken.ok) return refused(taken);
  const flaws = await checkSuccessor(client, taken.value, next);
  if (flaws.length > 0) return refused({ refusal: flaws[0] as string, detail: flaws.join(', ') });
  const done = await carryOverAll(next, signer, taken.value);
  if (!done.ok) return refused(done);
  console.log(
    `carried over: ${done.value} of ${taken.value.holdings.length} accounts, the others were before`,
  );
  return 0;
}

/** The successor, at the same nodes. */
function nextOf(client: ChainClient, file: string, options: ConsortiumOptions): ChainClient {
  const deployment = parseDeployment(readJsonFile(file));
  if (!deployment.ok)
    throw new Complaint(`${file} is no deployment file: ${deployment.detail}.`, 'Name it: --next FILE');
  if (options.rpc !== undefined) return connectChain({ rpcUrl: options.rpc, deployment: deployment.value });
  return { ...client, deployment: deployment.value };
}

function amountsIn(currency: string): (micro: bigint) => string {
  return (micro) => printAmount(micro, currency);
}

function printAction(action: ConsortiumAction, printMicro: (micro: bigint) => string): string {
  switch (action.kind) {
    case 'admit':
      return `admit ${decodeMemberId(action.candidate.memberId)}, ${action.candidate.account}, ${action.candidate.url}`;
    case 'rotate-account':
      return `give ${decodeMemberId(action.memberId)} the account ${action.account}`;
    case 'set-issuance-limit':
      return `let ${decodeMemberId(action.memberId)} owe ${printMicro(action.limitMicro)}`;
    case 'close-token':
      return 'close the token in a week';
    case 'name-successor':
      return `name ${action.successor} as the token's successor`;
    case 'set-time-zone': {
      const { zone, from, standardOffsetS, daylightSaving } = action.rule;
      return `set the clocks of ${zone} from ${printTime(from)}: ${standardOffsetS} s, daylight saving ${daylightSaving}`;
    }
    default:
      return `${action.kind} ${decodeMemberId(action.memberId)}`;
  }
}
