import { type Commission, parseCommissions } from '@p2p-power/tariff/Commission';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Kysely } from 'kysely';
import type { Database } from '../database/Database.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { type CommissionScope, commissionScopes } from './PriceTables.ts';

/** A version of a commission: in force from `validFrom` (epoch seconds) until the next of its scope and subject. */
export interface CommissionVersion {
  readonly scope: CommissionScope;
  /** Target group, operator id or EVSE-ID; empty for all. */
  readonly subject: string;
  /** Null: there is none of this scope and subject from then on. */
  readonly terms: Commission | null;
  readonly validFrom: number;
  readonly enteredAt: number;
}

/** Where a charge was, as commissions ask. */
export interface CommissionedPoint {
  readonly evseId: string;
  readonly operatorId: string | null;
  readonly targetGroup: string | null;
}

export type PutCommissionRefusal =
  | 'valid-from-past'
  | 'operator-unknown'
  | 'point-unknown'
  /** The malformed fields of a commission, by the names of tariff/Commission.ts. */
  | (string & {});

/** Every version ever entered, by scope, subject and time. */
export async function readCommissions(db: Kysely<Database>): Promise<readonly CommissionVersion[]> {
  const rows = await db
    .selectFrom('commission')
    .selectAll()
    .orderBy('scope')
    .orderBy('subject')
    .orderBy('valid_from')
    .execute();
  return rows.map((row) => ({
    scope: row.scope,
    subject: row.subject,
    terms: row.terms as Commission | null,
    validFrom: Number(row.valid_from),
    enteredAt: Number(row.entered_at),
  }));
}

/**
 * The commission in force at a point at a time (epoch seconds): of the most specific scope that has a version then. One
 * that was ended (`terms` null) leaves the word to the next scope. Undefined: the operator earns the charge itself.
 */
export function commissionAt(
  versions: readonly CommissionVersion[],
  point: CommissionedPoint,
  at: number,
): Commission | undefined {
  const subjects: Readonly<Record<CommissionScope, string | null>> = {
    all: '',
    'target-group': point.targetGroup,
    operator: point.operatorId,
    point: point.evseId,
  };
  for (const scope of commissionScopes.toReversed()) {
    let newest: CommissionVersion | undefined;
    for (const version of versions) {
      if (version.scope !== scope || version.subject !== subjects[scope] || version.validFrom > at) continue;
      if (newest === undefined || version.validFrom > newest.validFrom) newest = version;
    }
    if (newest?.terms) return newest.terms;
  }
  return undefined;
}

/**
 * Enters a version of a commission. It cannot begin in the past: what a charge earned is settled when its driver
 * signs. Entered again for the same time it takes the place of what was entered, as long as that has not begun.
 */
export async function putCommission(
  { db, clock, config }: Pick<ProviderContext, 'db' | 'clock' | 'config'>,
  version: {
    readonly scope: CommissionScope;
    readonly subject: string;
    readonly terms: unknown;
    readonly validFrom?: number | undefined;
  },
): Promise<Result<CommissionVersion, PutCommissionRefusal>> {
  const { scope, subject } = version;
  const parsed = version.terms === null ? accept([null]) : parseCommissions([version.terms]);
  if (!parsed.ok) return parsed;
  const [terms = null] = parsed.value as readonly (Commission | null)[];
  if (terms?.targetGroup !== undefined)
    return refuse('unknown-field', 'terms.targetGroup: the scope says for whom a commission is');
  const known = await isKnown(db, config.providerId, scope, subject);
  if (known !== true) return refuse(known, `subject: ${subject} is not known`);
  const now = clock.nowS();
  const { validFrom = now } = version;
  if (validFrom < now) return refuse('valid-from-past', `validFrom: ${validFrom} is before ${now}`);
  const row = { terms: terms === null ? null : JSON.stringify(terms), entered_at: String(now) };
  await db
    .insertInto('commission')
    .values({ scope, subject, valid_from: String(validFrom), ...row })
    .onConflict((conflict) => conflict.columns(['scope', 'subject', 'valid_from']).doUpdateSet(row))
    .execute();
  return accept({ scope, subject, terms, validFrom, enteredAt: now });
}

async function isKnown(
  db: Kysely<Database>,
  providerId: string,
  scope: CommissionScope,
  subject: string,
): Promise<true | 'operator-unknown' | 'point-unknown'> {
  if (scope === 'operator') {
    const operator = await db
      .selectFrom('operator')
      .select('operator_id')
      .where('operator_id', '=', subject)
      .executeTakeFirst();
    return operator === undefined ? 'operator-unknown' : true;
  }
  if (scope === 'point') {
    const point = await db
      .selectFrom('evse')
      .select('uid')
      .where('provider_id', '=', providerId)
      .where('evse_id', '=', subject)
      .executeTakeFirst();
    return point === undefined ? 'point-unknown' : true;
  }
  return true;
}
