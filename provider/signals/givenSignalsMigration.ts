import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Not only the last price signal that was given to a point's station or to a courier for it, but all since it last said what it holds. */
export const givenSignalsMigration: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table evse add column given_signal_ids text[] not null default '{}'`.execute(db);
    await sql`
      update evse set given_signal_ids = array[carried_signal_id] where carried_signal_id is not null`.execute(
      db,
    );
    await sql`alter table evse drop column carried_signal_id`.execute(db);
  },
};
