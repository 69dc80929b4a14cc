import { createServer } from 'node:net';
import { Complaint } from '../Complaint.ts';

/** A port on 127.0.0.1 and what it is for, in words for people. */
export interface PortUse {
  readonly port: number;
  readonly use: string;
}

/** Which of these ports cannot be listened on now. */
export async function findTakenPorts(uses: readonly PortUse[]): Promise<readonly PortUse[]> {
  const taken = await Promise.all(uses.map(async (use) => ((await isFree(use.port)) ? [] : [use])));
  return taken.flat();
}

/** Complains with every port that is taken and what to do about it; a network that is there cannot move. */
export async function checkPorts(uses: readonly PortUse[], mayMove = true): Promise<void> {
  const taken = await findTakenPorts(uses);
  if (taken.length === 0) return;
  const list = taken.map(({ port, use }) => `port ${port} (${use})`).join(', ');
  throw new Complaint(
    `In use by another program: ${list}.`,
    mayMove
      ? `Stop that program, or choose another range: --port-base ${suggestBase(uses)}`
      : `Stop that program, or bring up another network beside it: --data FOLDER --port-base ${suggestBase(uses)}`,
  );
}

function suggestBase(uses: readonly PortUse[]): number {
  const last = Math.max(...uses.map(({ port }) => port));
  return last + 100 > 65_000 ? 7400 : Math.ceil((last + 1) / 100) * 100;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The first of a run of `count` free ports on 127.0.0.1, for a network that nobody else must find.
 * `random` gives numbers from 0 to below 1.
 */
export async function findFreePortBase(count: number, random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    // Below 32768 Linux gives out no ports of its own accord.
    const base = 10_000 + Math.floor((random() * 22_000) / 100) * 100;
    const uses = Array.from({ length: count }, (_, offset) => ({ port: base + offset, use: '' }));
    if ((await findTakenPorts(uses)).length === 0) return base;
  }
  throw new Complaint(
    `No ${count} free ports in a row were found.`,
    'Stop some of the programs that listen.',
  );
}
