import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { closePeriodWith } from '../clearing/closePeriod.ts';
import { followChain } from '../clearing/followChain.ts';
import { startEmbeddedPostgres } from '../database/EmbeddedPostgres.ts';
import { migrateDatabase, openDatabase } from '../database/openDatabase.ts';
import { openChainWorld } from '../testing/chainWorld.ts';
import type { TestDatabase } from '../testing/testDatabase.ts';

/** What settling came to, both providers, their databases and the chain on the same cores. */
export interface SettlementFigures {
  readonly batches: number;
  readonly chargesEach: number;
  readonly batchesPerS: number;
  readonly chargesPerS: number;
}

/**
 * Measures the whole way from accepted charges to booked ones: a batch built and signed by the creditor, checked
 * against its own books and countersigned by the debtor, settled on the chain, followed and booked in both ledgers.
 * Both PostgreSQL databases write with fsync on; the providers talk by signed requests within one process.
 */
export async function measureSettlement(options: {
  readonly batches: number;
  readonly chargesEach: number;
}): Promise<SettlementFigures> {
  const { batches, chargesEach } = options;
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-bench-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  try {
    const databases = {
      a: await openBenchDatabase(postgres.url, 'settlement_a'),
      b: await openBenchDatabase(postgres.url, 'settlement_b'),
    };
    const world = await openChainWorld({ databases });
    try {
      const startS = world.clock.nowS();
      for (const { database } of [world.a, world.b])
        await addAcceptedCharges(database.db, { count: (batches + 1) * chargesEach, startS, chargesEach });
      const settle = async (round: number) => {
        world.clock.advance(1_000);
        const periodEnd = startS + (round + 1) * 1_000;
        const closed = await closePeriodWith(world.b.context, world.chains.b, 'DEAAA', periodEnd);
        if (closed.outcome !== 'built' || closed.batch?.state !== 'settled')
          throw new Error(
            `round ${round}: ${closed.outcome}, ${closed.batch?.state}: ${closed.batch?.refusal_detail}`,
          );
        await followChain(world.a.context, world.chains.a);
      };
      // The first batch writes all slots of its channel anew, and warms up.
      await settle(0);
      const began = performance.now();
      for (let round = 1; round <= batches; round += 1) await settle(round);
      const seconds = (performance.now() - began) / 1000;
      return {
        batches,
        chargesEach,
        batchesPerS: batches / seconds,
        chargesPerS: (batches * chargesEach) / seconds,
      };
    } finally {
      await world.close();
    }
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openBenchDatabase(serverUrl: string, name: string): Promise<TestDatabase> {
  const server = openDatabase(serverUrl, { poolSize: 1 });
  await sql`create database ${sql.ref(name)}`.execute(server);
  await server.destroy();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = openDatabase(url.href, { poolSize: 8 });
  await migrateDatabase(db);
  return { url: url.href, db, close: () => db.destroy() };
}

/** Charges of A's drivers at B's points as both have them once A has accepted; so many end in each round's period. */
async function addAcceptedCharges(
  db: TestDatabase['db'],
  {
    count,
    startS,
    chargesEach,
  }: { readonly count: number; readonly startS: number; readonly chargesEach: number },
): Promise<void> {
  const word = (name: string) => `0x${createHash('sha256').update(`bench ${name}`).digest('hex')}`;
  const operators = Array.from({ length: 50 }, (_, index) => word(`operator ${index}`).slice(0, 42));
  for (let from = 0; from < count; from += 5_000) {
    const rows = Array.from({ length: Math.min(5_000, count - from) }, (_, offset) => {
      const index = from + offset;
      const endedAt = String(startS + Math.floor(index / chargesEach) * 1_000 + 1);
      return {
        cdr_id: word(`cdr ${index}`),
        authorization_id: word(`authorization ${index}`),
        driver_provider: 'DEAAA',
        operator_provider: 'DEBBB',
        driver_certificate_id: word(`driver ${index % 1_000}`),
        station_certificate_id: word(`station ${index % 100}`),
        emaid: 'DEAAAC00000001X',
        evse_id: 'DEBBBE1',
        operator_account: operators[index % operators.length],
        driver_id: null,
        currency: 'EUR',
        time_zone: 'Europe/Berlin',
        authorized_at: endedAt,
        started_at: endedAt,
        ended_at: endedAt,
        imported_wh: '20000',
        exported_wh: '0',
        charge_micro: String(1_000_000 + (index % 9_000)),
        credit_micro: '0',
        journal_number: String(index),
        journal_previous_hash: word('journal'),
        received_at: endedAt,
        state: 'accepted',
        refusal: null,
        refusal_detail: null,
        charge_sequence: null,
        fee_micro: null,
        credit_sequence: null,
        evidence: '{}',
      };
    });
    await sql`insert into charge select * from jsonb_populate_recordset(null::charge, ${JSON.stringify(rows)}::jsonb)`.execute(
      db,
    );
  }
}
