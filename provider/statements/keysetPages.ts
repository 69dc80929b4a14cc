import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type RawBuilder, sql } from 'kysely';

/** Where a page of charges begins: so many into the list, or after a charge. */
export type Page =
  | { readonly limit: number; readonly offset: number }
  | { readonly limit: number; readonly after: ChargeKey | null };

/** A charge's place in the order of time; `endedAt` in epoch seconds. */
export interface ChargeKey {
  readonly endedAt: number;
  readonly cdrId: string;
}

/** How a whole period is read: so many charges at a time, and at most so many in all. */
export interface StatementPages {
  readonly pageLines: number;
  readonly maxLines: number;
}

/** A statement of more lines is asked for in parts. */
export const statementPages: StatementPages = { pageLines: 1_000, maxLines: 50_000 };

/** More charges than one statement holds. */
export type AllPagesRefusal = 'period-too-long';

/** The condition under which a charge comes after the page's beginning. */
export const keysetOf = (page: Page): RawBuilder<unknown> =>
  'after' in page && page.after !== null
    ? sql`(ended_at, cdr_id) > (${page.after.endedAt}::bigint, ${page.after.cdrId}::text)`
    : sql`true`;

/** Order and length of the page: newest first by offset, oldest first after a charge. */
export const pageOf = (page: Page): RawBuilder<unknown> =>
  'after' in page
    ? sql`order by ended_at, cdr_id limit ${page.limit}`
    : sql`order by ended_at desc, cdr_id limit ${page.limit} offset ${page.offset}`;

/** All charges of a period, oldest first, page by page; refused where they are more than one statement holds. */
export async function readAllPages<Line extends ChargeKey>(
  readPage: (page: Page) => Promise<readonly Line[]>,
  { pageLines, maxLines }: StatementPages,
): Promise<Result<readonly Line[], AllPagesRefusal>> {
  const lines: Line[] = [];
  for (;;) {
    const page = await readPage({ limit: pageLines, after: lines.at(-1) ?? null });
    lines.push(...page);
    if (lines.length > maxLines)
      return refuse('period-too-long', `more than ${maxLines} charges; ask for a part of the period`);
    if (page.length < pageLines) return accept(lines);
  }
}
