import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The ledger: accounts, entries, lines. What must hold is held by the database itself: each entry has
 * two or more lines that come to zero when its transaction commits, no line joins an older entry, and
 * nothing is changed or deleted.
 */
export const ledgerMigration: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table ledger_account (
    id bigint generated always as identity primary key,
    kind text not null,
    owner text not null,
    unique (kind, owner)
  )`,
  `create table ledger_entry (
    id bigint generated always as identity primary key,
    kind text not null,
    reference text not null,
    booked_at bigint not null,
    booked_in xid8 not null default pg_current_xact_id(),
    unique (kind, reference)
  )`,
  `create table ledger_line (
    entry_id bigint not null references ledger_entry,
    account_id bigint not null references ledger_account,
    amount_micro bigint not null
  )`,
  'create index ledger_line_entry on ledger_line (entry_id)',
  'create index ledger_line_account on ledger_line (account_id) include (amount_micro)',

  `create function ledger_lines_check() returns trigger language plpgsql as $$
  begin
    if exists (select from added group by entry_id having sum(amount_micro) <> 0 or count(*) < 2) then
      raise exception 'ledger lines do not come to zero' using errcode = 'check_violation';
    end if;
    if exists (
      select from (select distinct entry_id from added) as a join ledger_entry on id = entry_id
      where booked_in <> pg_current_xact_id()
    ) then
      raise exception 'ledger entry is closed' using errcode = 'check_violation';
    end if;
    return null;
  end $$`,
  `create trigger ledger_lines_balance after insert on ledger_line
    referencing new table as added for each statement execute function ledger_lines_check()`,

  `create function ledger_entry_check() returns trigger language plpgsql as $$
  begin
    if not exists (select from ledger_line where entry_id = new.id) then
      raise exception 'ledger entry % has no lines', new.id using errcode = 'check_violation';
    end if;
    return null;
  end $$`,
  `create constraint trigger ledger_entry_has_lines after insert on ledger_entry
    deferrable initially deferred for each row execute function ledger_entry_check()`,

  `create function ledger_is_immutable() returns trigger language plpgsql as $$
  begin
    raise exception 'the ledger is never changed' using errcode = 'restrict_violation';
  end $$`,
  ...['ledger_account', 'ledger_entry', 'ledger_line'].map(
    (table) => `create trigger ${table}_immutable before update or delete or truncate on ${table}
      for each statement execute function ledger_is_immutable()`,
  ),

  `create view ledger_balance as
    select kind, owner, coalesce(sum(amount_micro), 0)::bigint as balance_micro
    from ledger_account left join ledger_line on account_id = ledger_account.id
    group by kind, owner`,
];
