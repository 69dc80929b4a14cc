import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { AllPagesRefusal } from './keysetPages.ts';
import { type CsvForm, kwhCell, printCsv, timeCell } from './printCsv.ts';
import type { QuarterHours } from './StatementSchemas.ts';

/** Quarter-hours of one answer at most; a longer period is asked for in parts. */
export const maxQuarterHours = 500_000;

/** The energy of all our drivers' charges that ended in a period, by quarter-hour: all of it, or refused. */
export async function readQuarterHours(
  db: Kysely<Database>,
  period: { readonly from: number; readonly to: number },
  limit = maxQuarterHours,
): Promise<Result<QuarterHours, AllPagesRefusal>> {
  const found = await sql<Record<string, string>>`
    select cdr_id, driver_id, emaid, evse_id, extract(epoch from ended_at)::bigint as ended_at,
      extract(epoch from starts_at)::bigint as starts_at, imported_wh, exported_wh
    from billing_quarter_hour
    where ended_at >= to_timestamp(${period.from}::bigint) and ended_at < to_timestamp(${period.to}::bigint)
    order by ended_at, cdr_id, starts_at limit ${limit + 1}`.execute(db);
  if (found.rows.length > limit)
    return refuse('period-too-long', `more than ${limit} quarter-hours; ask for a part of the period`);
  const quarterHours = found.rows.map((row) => ({
    startsAt: Number(row.starts_at),
    importedWh: Number(row.imported_wh),
    exportedWh: Number(row.exported_wh),
    cdrId: row.cdr_id as string,
    driverId: row.driver_id as string,
    emaid: row.emaid as string,
    evseId: row.evse_id as string,
    endedAt: Number(row.ended_at),
  }));
  return accept({
    ...period,
    quarterHours,
    importedWh: quarterHours.reduce((sum, { importedWh }) => sum + importedWh, 0),
    exportedWh: quarterHours.reduce((sum, { exportedWh }) => sum + exportedWh, 0),
  });
}

const columns = [
  'starts_at',
  'imported_kwh',
  'exported_kwh',
  'driver_id',
  'emaid',
  'evse_id',
  'ended_at',
  'cdr_id',
];

/** The same as CSV: a row for each quarter-hour of each charge. */
export function printQuarterHours({ quarterHours }: QuarterHours, form: CsvForm): string {
  return printCsv(
    columns,
    quarterHours.map((quarter) => [
      timeCell(quarter.startsAt),
      kwhCell(quarter.importedWh),
      kwhCell(quarter.exportedWh),
      quarter.driverId,
      quarter.emaid,
      quarter.evseId,
      timeCell(quarter.endedAt),
      quarter.cdrId,
    ]),
    form,
  );
}
