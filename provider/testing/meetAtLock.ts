import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';

/**
 * Has some act at once while a transaction of the test's holds what all of them need, and lets go, undoing what it did,
 * when all of them wait: so two that take locks in opposite orders meet every time. Answers what came of each.
 */
export async function meetAtLock<Value>(
  db: Kysely<Database>,
  hold: (trx: Transaction<Database>) => Promise<unknown>,
  acts: readonly (() => Promise<Value>)[],
): Promise<Value[]> {
  const held = await db.startTransaction().execute();
  try {
    await hold(held);
    const acting = Promise.all(acts.map((act) => act()));
    let isOver = false;
    acting.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    while (!isOver && (await countWaiting(db)) < acts.length) await delay(10);
    await held.rollback().execute();
    return await acting;
  } finally {
    if (!held.isRolledBack) await held.rollback().execute();
  }
}

/** How many connections to this database wait for a lock. */
export async function countWaiting(db: Kysely<Database>): Promise<number> {
  const waiting = await sql`select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return waiting.rows.length;
}
