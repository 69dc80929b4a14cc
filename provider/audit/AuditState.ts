import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Deployment } from '@p2p-power/chain/Deployment';
import type { ChainCursor } from '@p2p-power/chain/followEvents';
import { encodeLedger, parseLedger } from '@p2p-power/chain/model/LedgerFile';
import { type Ledger, openLedger } from '@p2p-power/chain/model/LedgerModel';
import type { Hex } from '@p2p-power/protocol/Hex';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { AuditFinding } from './AuditFinding.ts';
import type { AuditedClaim } from './auditClaims.ts';

/** How far an audit is, and all that it needs to go on from there. */
export interface AuditState {
  /** Which audit this is: of which contracts, and of whose books. */
  readonly subject: string;
  /** Pages of blocks that were read to their end. */
  cursor: ChainCursor | null;
  /** The last event dealt with after the cursor, inside a page. */
  done: { readonly blockNumber: number; readonly blockHash: Hex; readonly logIndex: number } | null;
  ledger: Ledger;
  /** What each account was ever owed, by channel; of the provider's own channels. */
  readonly payouts: Map<Hex, Map<Hex, bigint>>;
  /** Forced claims of the provider that are neither paid nor fallen. */
  readonly claims: Map<Hex, AuditedClaim>;
  /** How many entries of each kind the provider's ledger must have for what the chain says. */
  readonly entries: Map<string, number>;
  readonly counts: { events: number; batches: number; ownBatches: number; charges: number };
  findings: { kept: readonly AuditFinding[]; count: number };
}

export type StateRefusal = 'audit-state-malformed' | 'audit-state-of-another';

/** What an audit is of: a state file of another one is not gone on with. */
export function subjectOf(deployment: Deployment, providerId: string | null): string {
  const { chainId, consortium, chargeToken, clearing, peering, forcedClaims } = deployment;
  return [chainId, consortium, chargeToken, peering, clearing, forcedClaims, providerId ?? 'chain alone']
    .join(' ')
    .toLowerCase();
}

export function openState(deployment: Deployment, subject: string): AuditState {
  return {
    subject,
    cursor: null,
    done: null,
    ledger: openLedger(deployment),
    payouts: new Map(),
    claims: new Map(),
    entries: new Map(),
    counts: { events: 0, batches: 0, ownBatches: 0, charges: 0 },
    findings: { kept: [], count: 0 },
  };
}

const header = 'p2p-power audit state 1';

/** A state as text: JSON in which maps, sets and big integers are marked. */
export function printState(state: AuditState): string {
  const encoded = { ...state, ledger: encodeLedger(state.ledger) };
  return `${header}\n${JSON.stringify(encoded, (_name, value: unknown) => {
    if (typeof value === 'bigint') return { $bigint: value.toString() };
    if (value instanceof Map) return { $map: [...value] };
    if (value instanceof Set) return { $set: [...value] };
    return value;
  })}\n`;
}

/** A state out of a file, if it is one of this very audit. */
export function parseState(text: string, subject: string): Result<AuditState, StateRefusal> {
  const [head, body = ''] = text.split('\n', 2);
  if (head !== header)
    return refuse('audit-state-malformed', 'it does not begin as a state of an audit does');
  let encoded: Omit<AuditState, 'ledger'> & { readonly ledger: string };
  try {
    encoded = JSON.parse(body, (_name, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value;
      if ('$bigint' in value) return BigInt(value.$bigint as string);
      if ('$map' in value) return new Map(value.$map as [unknown, unknown][]);
      if ('$set' in value) return new Set(value.$set as unknown[]);
      return value;
    });
  } catch (error) {
    return refuse('audit-state-malformed', (error as Error).message);
  }
  if (encoded.subject !== subject)
    return refuse('audit-state-of-another', `it is of an audit of ${encoded.subject}`);
  const ledger = parseLedger(encoded.ledger);
  if (!ledger.ok) return refuse('audit-state-malformed', `${ledger.refusal}: ${ledger.detail}`);
  return accept({ ...encoded, ledger: ledger.value });
}

/** The state that an earlier run left, undefined where none did. */
export function readState(file: string, subject: string): Result<AuditState, StateRefusal> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseState(text, subject);
}

/** Writes the state so that at any moment either the old or the new one is there, whole. */
export function writeState(file: string, state: AuditState): void {
  const unfinished = `${file}.unfinished`;
  const handle = openSync(unfinished, 'w', 0o600);
  try {
    writeSync(handle, printState(state));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(unfinished, file);
}
