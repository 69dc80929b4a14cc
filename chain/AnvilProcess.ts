import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ChainFault } from './ChainFault.ts';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** A running anvil that makes no block by itself. */
export type AnvilProcess = {
  readonly pid: number;
  readonly rpcUrl: string;
  /** Settles when the process has ended, whoever ended it. */
  readonly ended: Promise<void>;
  kill(): Promise<void>;
};

/**
 * Starts anvil without mining on a free port of this machine. Everything that goes into a block's hash is fixed, so
 * that the same transactions at the same times make the same chain. The flags keep it from losing transactions and
 * from growing: arrival order, bounded history, the per-transaction gas cap of EIP-7825, no fees, no ready accounts.
 *
 * Of a genesis file anvil takes chain id, time and allocation; not milestones, gas limit and extra data.
 *
 * The process ends with ours, also when ours is killed: a shell beside it holds the end of a pipe.
 */
export async function spawnAnvil(
  options: { readonly chainId: number; readonly genesisAt: number } | { readonly genesisFile: string },
): Promise<AnvilProcess> {
  const genesis =
    'genesisFile' in options
      ? ['--init', options.genesisFile]
      : ['--chain-id', String(options.chainId), '--timestamp', String(options.genesisAt)];
  const flags = [
    ...['--host', '127.0.0.1', '--port', '0', ...genesis],
    ...['--accounts', '0', '--hardfork', 'osaka', '--no-mining'],
    ...['--order', 'fifo', '--prune-history', '256', '--enable-tx-gas-limit'],
    ...['--gas-limit', '200000000', '--base-fee', '0', '--disable-min-priority-fee'],
    '--no-request-size-limit',
  ];
  const script =
    '"$0" "$@" & anvil=$!; echo "pid $anvil"; { cat >/dev/null; kill -9 $anvil; } <&3 2>/dev/null & wait $anvil';
  const shell = spawn('sh', ['-c', script, findAnvil(), ...flags], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  const lifeline = shell.stdio[3];
  const kill = async () => {
    lifeline?.destroy();
    await ended;
  };
  try {
    const { pid, port } = await readStart(shell);
    return { pid, rpcUrl: `http://127.0.0.1:${port}`, ended, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** The binary inside its platform's package: the shim beside it needs an install step and hides signals. */
function findAnvil(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${architectures[process.arch] ?? process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'));
  const binary = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'anvil');
  if (!existsSync(binary)) throw new Error(`anvil is missing from ${name}: run npm ci`);
  return binary;
}

function readStart(shell: ChildProcess): Promise<{ readonly pid: number; readonly port: number }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (detail: string) => reject(new ChainFault('rpc-unreachable', detail));
    const timer = setTimeout(() => fail(`anvil did not start in time: ${text}`), 20_000);
    shell.once('exit', () => {
      clearTimeout(timer);
      fail(`anvil ended at its start: ${text}`);
    });
    shell.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (text === 'running') return;
      text += chunk;
      const pid = /^pid (\d+)$/m.exec(text)?.[1];
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (pid === undefined || port === undefined) return;
      clearTimeout(timer);
      text = 'running';
      resolve({ pid: Number(pid), port: Number(port) });
    });
  });
}
