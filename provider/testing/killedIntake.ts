import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Hex, toBytes } from '@p2p-power/protocol/Hex';
import type { Segment } from '@p2p-power/protocol/Segment';
import { networkId, testKey } from '@p2p-power/protocol/testing/world';
import type { MoneyWorld } from './moneyWorld.ts';

/** Provider B's intake in processes of their own, that may be killed at any time. */
export interface KilledIntake {
  /** Hands the segments in and kills the process (SIGKILL) after so many acknowledgements; answers which were given. */
  run(sent: readonly Segment[], killAfter: number): Promise<string[]>;
  close(): void;
}

/** An intake on the world's database of B, with B's keys in a folder of its own. */
export function prepareKilledIntake(world: MoneyWorld): KilledIntake {
  const dataDir = mkdtempSync(join(tmpdir(), 'p2p-power-killed-'));
  const { courierKey } = world.b.context;
  const certificateKey = testKey('provider DEBBB');
  mkdirSync(join(dataDir, 'keys'));
  for (const [file, pem] of [
    ['courier.pem', pemOf(courierKey.publicKey, courierKey.privateKey)],
    ['certificate.pem', pemOf(certificateKey.publicKey, toBytes(certificateKey.privateKey))],
  ] as const)
    writeFileSync(join(dataDir, 'keys', file), pem, { mode: 0o600 });

  return {
    async run(sent, killAfter) {
      const program = fileURLToPath(new URL('./runIntake.ts', import.meta.url));
      const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
      const start = {
        databaseUrl: world.b.database.url,
        dataDir,
        networkId,
        providerId: 'DEBBB',
        nowS: world.clock.nowS(),
        peers: [{ providerId: 'DEAAA', url: 'https://a.example', keys: [world.providerA.key.publicKey] }],
      };
      child.stdin.on('error', () => undefined);
      child.stdin.write(`${JSON.stringify(start)}\n`);
      const acknowledged: string[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === 'ready') {
          for (const segment of sent) child.stdin.write(`${JSON.stringify(segment)}\n`);
          return;
        }
        acknowledged.push(line);
        if (acknowledged.length === killAfter) setTimeout(() => child.kill('SIGKILL'), Math.random() * 8);
        if (acknowledged.length === sent.length) child.kill('SIGKILL');
      });
      await new Promise((resolve) => child.once('close', resolve));
      return acknowledged;
    },
    close() {
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A P-256 key as the file that a provider keeps it in. */
function pemOf(publicKey: Hex, privateKey: Uint8Array): string {
  const coordinate = (from: number) =>
    Buffer.from(toBytes(publicKey).subarray(from, from + 32)).toString('base64url');
  const d = Buffer.from(privateKey).toString('base64url');
  const key = { kty: 'EC', crv: 'P-256', d, x: coordinate(0), y: coordinate(32) };
  return createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
}
