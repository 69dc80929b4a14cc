import { fromBytes } from '@p2p-power/protocol/Hex';
import type { TokenSubject } from '../identity/AccessTokens.ts';
import type { ProviderContext } from '../ProviderContext.ts';

/**
 * The driver of a sign-in, made where it is the first. Name and e-mail address follow what the
 * identity provider says.
 */
export async function driverOf(
  context: ProviderContext,
  subject: TokenSubject,
): Promise<{ readonly driverId: string; readonly name: string | null; readonly closed: boolean }> {
  const { db, clock, random } = context;
  const known = await db
    .selectFrom('driver')
    .select(['driver_id', 'name', 'email', 'closed_at'])
    .where('issuer', '=', subject.issuer)
    .where('subject', '=', subject.subject)
    .executeTakeFirst();
  const isCurrent =
    known !== undefined &&
    (subject.name === null || subject.name === known.name) &&
    (subject.email === null || subject.email === known.email);
  if (isCurrent) return { driverId: known.driver_id, name: known.name, closed: known.closed_at !== null };
  const row = await db
    .insertInto('driver')
    .values({
      driver_id: `d${fromBytes(random.bytes(12)).slice(2)}`,
      issuer: subject.issuer,
      subject: subject.subject,
      name: subject.name,
      email: subject.email,
      created_at: String(clock.nowS()),
      closed_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['issuer', 'subject']).doUpdateSet((set) => ({
        name: set.fn.coalesce('excluded.name', 'driver.name'),
        email: set.fn.coalesce('excluded.email', 'driver.email'),
      })),
    )
    .returning(['driver_id', 'name', 'closed_at'])
    .executeTakeFirstOrThrow();
  return { driverId: row.driver_id, name: row.name, closed: row.closed_at !== null };
}
