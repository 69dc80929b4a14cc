import { wallTime } from '@p2p-power/planning/study/localClock';
import type { StudySession } from '@p2p-power/planning/study/StudySession';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { readDecimal, readTime } from './cells.ts';
import { parseTable, refuseCell, type TableRefusal } from './Table.ts';

/** What a file of sessions holds; `unfinished` are rows without a time of leaving, which are left out. */
export interface SessionFile {
  readonly sessions: readonly StudySession[];
  readonly rows: number;
  readonly unfinished: number;
}

const MOST_ENERGY_WH = 1_000_000;
const MOST_STAY_S = 120 * 86_400;
const needed = ['Garage_ID', 'User_ID', 'Start_plugin', 'End_plugout', 'El_kWh'] as const;

/**
 * Reads charging sessions (docs/simulate.md tells the form). Times without an offset are wall-clock times of the zone.
 * The first row that cannot be used is refused with line and column.
 */
export function parseSessions(text: string, timeZone: string): Result<SessionFile, TableRefusal> {
  const parsed = parseTable(text);
  if (!parsed.ok) return parsed;
  const table = parsed.value;
  const missing = needed.filter((name) => !table.columns.includes(name));
  if (missing.length > 0) return refuse('unknown-table', `line 1: no column ${missing.join(', ')}`);
  const [garageAt, userAt, startAt, endAt, energyAt] = needed.map((name) => table.columns.indexOf(name)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const idAt = table.columns.indexOf('session_ID');
  const lines = new Map<string, number>();
  const sessions: StudySession[] = [];
  let unfinished = 0;
  for (const row of table.rows) {
    const cell = (at: number) => (row.cells[at] as string).trim();
    const id = idAt < 0 ? String(row.line) : cell(idAt);
    const before = lines.get(id);
    if (before !== undefined) return refuseCell(table, row, idAt, `stands on line ${before} already`);
    lines.set(id, row.line);
    for (const at of [garageAt, userAt]) if (cell(at) === '') return refuseCell(table, row, at, 'is no name');
    const arrivedAt = readTime(cell(startAt), timeZone);
    if (arrivedAt === undefined)
      return refuseCell(table, row, startAt, 'is no time, such as 21.12.2018 10:20');
    const energyWh = readDecimal(cell(energyAt), 3);
    if (energyWh === undefined || energyWh < 0 || energyWh > MOST_ENERGY_WH)
      return refuseCell(table, row, energyAt, 'is no energy from 0 to 1000 kWh');
    if (cell(endAt) === '' || cell(endAt) === 'NA') {
      unfinished += 1;
      continue;
    }
    const left = readTime(cell(endAt), timeZone);
    if (left === undefined) return refuseCell(table, row, endAt, 'is no time, such as 21.12.2018 18:20');
    const leftAt = left < arrivedAt ? secondOfTwo(left, timeZone) : left;
    if (leftAt < arrivedAt)
      return refuseCell(table, row, endAt, `is before ${cell(startAt)}, the time of coming`);
    if (leftAt - arrivedAt > MOST_STAY_S)
      return refuseCell(table, row, endAt, `is more than 120 days after ${cell(startAt)}`);
    sessions.push({ id, garage: cell(garageAt), user: cell(userAt), arrivedAt, leftAt, energyWh });
  }
  return accept({ sessions, rows: table.rows.length, unfinished });
}

/** A wall-clock time that is shown twice: the later one. */
function secondOfTwo(at: number, timeZone: string): number {
  const later = at + 3_600;
  return wallTime(timeZone, later) === wallTime(timeZone, at) ? later : at;
}
