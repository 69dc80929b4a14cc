import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';

/** Every row of every table as text, bytes as hex; `table: row`. */
export async function dumpDatabase(db: Kysely<Database>): Promise<readonly string[]> {
  const tables = await sql<{ name: string }>`
    select quote_ident(table_schema) || '.' || quote_ident(table_name) as name
    from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
    order by 1`.execute(db);
  const dumped: string[] = [];
  for (const { name } of tables.rows) {
    const rows = await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} as t`.execute(db);
    for (const { row } of rows.rows) dumped.push(`${name}: ${row}`);
  }
  return dumped;
}

/** All the ways in which 32 or more bytes may stand in a text: hex, base64 and base64url at any alignment, decimal. */
function spellingsOf(secret: Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first and last characters also hold bits of what stands beside the secret.
    return shifted.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  const decimal = BigInt(`0x${bytes.toString('hex')}`).toString();
  return [bytes.toString('hex'), decimal, [...bytes].join(','), ...base64, ...base64.map(urlSafe)];
}

const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');

/** Which secrets stand in the clear, and in which rows. */
export function findSecrets(
  rows: readonly string[],
  secrets: Readonly<Record<string, Uint8Array>>,
): readonly string[] {
  const found: string[] = [];
  for (const [name, secret] of Object.entries(secrets))
    for (const spelling of spellingsOf(secret))
      for (const row of rows)
        if (row.includes(spelling) || row.toLowerCase().includes(spelling))
          found.push(`${name} in ${row.slice(0, row.indexOf(':'))}`);
  return found;
}
