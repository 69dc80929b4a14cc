import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';

type Payload = Readonly<Record<string, unknown>>;

/** What oidc-provider asks of a store, for one model. */
export interface IdentityAdapter {
  upsert(id: string, payload: Payload, expiresIn?: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(userCode: string): Promise<Payload | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

/** Keeps sign-ins in the database, so that they outlive a restart. */
export function identityStore(db: Kysely<Database>, nowS: () => number): (model: string) => IdentityAdapter {
  return (model) => {
    const found = async (column: 'id' | 'uid', value: string): Promise<Payload | undefined> => {
      const row = await db
        .selectFrom('identity_record')
        .select(['payload', 'consumed_at'])
        .where('model', '=', model)
        .where(column, '=', value)
        .where((where) =>
          where.or([where('expires_at', 'is', null), where('expires_at', '>', String(nowS()))]),
        )
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const payload = row.payload as Payload;
      return row.consumed_at === null ? payload : { ...payload, consumed: Number(row.consumed_at) };
    };
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      async upsert(id, payload, expiresIn) {
        const row = {
          payload: JSON.stringify(payload),
          grant_id: text(payload.grantId),
          uid: text(payload.uid),
          expires_at: expiresIn === undefined ? null : String(nowS() + expiresIn),
        };
        await db
          .insertInto('identity_record')
          .values({ model, id, consumed_at: null, ...row })
          .onConflict((conflict) => conflict.columns(['model', 'id']).doUpdateSet(row))
          .execute();
        if (model === 'Session')
          await sql`delete from identity_record where expires_at < ${nowS() - 3_600}`.execute(db);
      },
      find: (id) => found('id', id),
      findByUid: (uid) => found('uid', uid),
      findByUserCode: () => Promise.resolve(undefined),
      async consume(id) {
        await db
          .updateTable('identity_record')
          .set({ consumed_at: String(nowS()) })
          .where('model', '=', model)
          .where('id', '=', id)
          .execute();
      },
      async destroy(id) {
        await db.deleteFrom('identity_record').where('model', '=', model).where('id', '=', id).execute();
      },
      async revokeByGrantId(grantId) {
        await db.deleteFrom('identity_record').where('grant_id', '=', grantId).execute();
      },
    };
  };
}
