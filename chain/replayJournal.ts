import type { Hex } from 'viem';
import type { JournalEntry } from './AnvilJournal.ts';
import { type AnvilProcess, spawnAnvil } from './AnvilProcess.ts';
import { ChainFault } from './ChainFault.ts';
import type { RpcQuestion } from './RpcDoor.ts';

/** The first entry of a journal. */
export type Genesis = { readonly chainId: number; readonly at: number };

/** Starts anvil and makes a journal's chain in it again, block hash for block hash. */
export async function replayJournal(
  genesis: Genesis,
  entries: readonly JournalEntry[],
): Promise<AnvilProcess> {
  const anvil = await spawnAnvil({ chainId: genesis.chainId, genesisAt: genesis.at });
  try {
    for (const entry of entries) await applyEntry(anvil, entry);
    return anvil;
  } catch (error) {
    await anvil.kill();
    throw error;
  }
}

/**
 * Does what a journal says. Answers what anvil said to a transaction, error or not: one that the pool refuses now it
 * refused then, which is part of what happened.
 */
export async function applyEntry(anvil: AnvilProcess, entry: JournalEntry): Promise<unknown> {
  switch (entry.kind) {
    case 'genesis':
      return undefined;
    case 'tx':
      return forwardToAnvil(anvil, { method: 'eth_sendRawTransaction', params: [entry.raw] });
    case 'drop':
      return callAnvil(anvil, 'anvil_dropTransaction', [entry.txHash]);
    case 'mine':
      // A block more than half full would raise the next one's base fee above nothing.
      await callAnvil(anvil, 'anvil_setNextBlockBaseFeePerGas', ['0x0']);
      await callAnvil(anvil, 'evm_setNextBlockTimestamp', [entry.at]);
      return callAnvil(anvil, 'evm_mine', []);
  }
}

/** How many transactions wait for a block. */
export async function countPending(anvil: AnvilProcess): Promise<number> {
  const { pending } = (await callAnvil(anvil, 'txpool_status', [])) as { readonly pending: Hex };
  return Number(pending);
}

async function callAnvil(anvil: AnvilProcess, method: string, params: readonly unknown[]): Promise<unknown> {
  const answered = (await forwardToAnvil(anvil, { id: 1, method, params })) as {
    result?: unknown;
    error?: unknown;
  };
  if (answered.error !== undefined)
    throw new ChainFault('rpc-error', `${method}: ${JSON.stringify(answered.error)}`);
  return answered.result;
}

/** Passes a call on and answers with anvil's whole answer. */
export async function forwardToAnvil(anvil: AnvilProcess, question: RpcQuestion): Promise<unknown> {
  try {
    const response = await fetch(anvil.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 0, ...question }),
    });
    return await response.json();
  } catch (error) {
    throw new ChainFault('rpc-unreachable', 'anvil is down', { cause: error });
  }
}
