import assert from 'node:assert/strict';
import { type RawBuilder, sql } from 'kysely';

/**
 * A column of a bulk insert as one text parameter, split again in the database. For long texts this is
 * several times faster than an array parameter, each of whose elements is quoted here and unquoted there.
 * Texts without line feeds, none empty, and at least one: as JSON on one line, hex and identifiers are.
 */
export function textColumn(values: readonly string[]): RawBuilder<string[]> {
  assert(values.length > 0 && !values.includes(''), 'a bulk column has texts, and none is empty');
  const joined = values.join('\n');
  let lines = 1;
  for (let at = joined.indexOf('\n'); at !== -1; at = joined.indexOf('\n', at + 1)) lines++;
  assert.equal(lines, values.length, 'a text of a bulk column holds a line feed');
  return sql`string_to_array(${joined}::text, E'\n')`;
}

/** A column of integers as one text parameter. */
export function countColumn(values: readonly number[]): RawBuilder<string[]> {
  assert(values.length > 0 && values.every(Number.isSafeInteger), 'a bulk column has integers');
  return sql`string_to_array(${values.join(',')}::text, ',')::bigint[]`;
}
