import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Hex, toBytes } from '@p2p-power/protocol/Hex';
import type { Segment } from '@p2p-power/protocol/Segment';
import { networkId, testKey } from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';

const segmentCount = 24;
const perSegment = 6;
let world: MoneyWorld;
let dataDir: string;
let segments: Segment[];

beforeAll(async () => {
  world = await openMoneyWorld();
  dataDir = mkdtempSync(join(tmpdir(), 'p2p-power-killed-'));
  mkdirSync(join(dataDir, 'keys'));
  const { publicKey, privateKey } = world.b.context.courierKey;
  writeFileSync(join(dataDir, 'keys', 'courier.pem'), pemOf(publicKey, privateKey), { mode: 0o600 });
  const certificateKey = testKey('provider DEBBB');
  writeFileSync(
    join(dataDir, 'keys', 'certificate.pem'),
    pemOf(certificateKey.publicKey, toBytes(certificateKey.privateKey)),
    { mode: 0o600 },
  );
  segments = [];
  for (let at = 0; at < segmentCount; at++) {
    const evidence = [];
    for (let index = 0; index < perSegment; index++)
      evidence.push(await world.charge(`killed ${at} ${index}`, index % 2 ? {} : { driver: world.dora }));
    segments.push(await world.seal(evidence));
  }
});
afterAll(async () => {
  rmSync(dataDir, { recursive: true, force: true });
  await world.close();
});

/** A P-256 key as the file that a provider keeps it in. */
function pemOf(publicKey: Hex, privateKey: Uint8Array): string {
  const coordinate = (from: number) =>
    Buffer.from(toBytes(publicKey).subarray(from, from + 32)).toString('base64url');
  return createPrivateKey({
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: Buffer.from(privateKey).toString('base64url'),
      x: coordinate(0),
      y: coordinate(32),
    },
    format: 'jwk',
  })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** Runs an intake on the segments and kills it (SIGKILL) after so many acknowledgements; answers which were given. */
async function runKilled(sent: readonly Segment[], killAfter: number): Promise<string[]> {
  const program = fileURLToPath(new URL('../testing/runIntake.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  const start = {
    databaseUrl: world.b.database.url,
    dataDir,
    networkId,
    providerId: 'DEBBB',
    nowS: world.clock.nowS(),
    peers: [{ providerId: 'DEAAA', url: 'https://a.example', keys: [world.providerA.key.publicKey] }],
  };
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(start)}\n`);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => {
    if (line === 'ready') {
      for (const segment of sent) child.stdin?.write(`${JSON.stringify(segment)}\n`);
      return;
    }
    acknowledged.push(line);
    if (acknowledged.length === killAfter) setTimeout(() => child.kill('SIGKILL'), Math.random() * 8);
    if (acknowledged.length === sent.length) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return acknowledged;
}

test('killed in the middle of the intake, again and again, nothing acknowledged is lost and nothing is doubled', async () => {
  const acknowledged = new Set<string>();
  for (let round = 0; acknowledged.size < segmentCount; round++) {
    const missing = segments.filter((segment) => !acknowledged.has(segment.header.segmentId));
    const repeated = segments.filter((segment) => acknowledged.has(segment.header.segmentId)).slice(0, 2);
    const killAfter = round < 3 ? 4 + round : Number.POSITIVE_INFINITY;
    const given = await runKilled([...repeated, ...missing], killAfter);
    for (const segmentId of given) {
      expect(segmentId).toMatch(/^0x/);
      acknowledged.add(segmentId);
    }
    const wrong = await sql<{ booked: string; own: string; queued: string; foreign_charges: string }>`
      select (select count(*) from ledger_entry where kind = 'charge') as booked,
        (select count(*) from charge where state = 'booked') as own,
        (select count(*) from outbox) as queued,
        (select count(*) from charge where state = 'waiting') as foreign_charges`.execute(
      world.b.database.db,
    );
    const [row] = wrong.rows;
    expect(row?.booked).toBe(row?.own);
    expect(row?.queued).toBe(row?.foreign_charges);
    const kept = await world.b.database.db.selectFrom('charge').select('cdr_id').execute();
    expect(kept.length).toBeGreaterThanOrEqual(acknowledged.size * perSegment);
  }
  const kept = await world.b.database.db.selectFrom('charge').select('cdr_id').execute();
  expect(kept).toHaveLength(segmentCount * perSegment);
  const lines = await sql<{ n: string; total: string }>`
    select count(*) as n, sum(amount_micro) as total from ledger_line`.execute(world.b.database.db);
  expect(lines.rows).toEqual([{ n: String(segmentCount * perSegment), total: '0' }]);
});
