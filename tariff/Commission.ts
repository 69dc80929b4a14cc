import type { Result } from './Result.ts';
import {
  integer,
  type JsonField,
  type JsonRefusal,
  members,
  oneOf,
  readDistinct,
  refuseOthers,
  reportAt,
} from './readJson.ts';
import { roundedQuotient } from './roundedQuotient.ts';
import { TARGET_GROUPS, type TargetGroup } from './TargetGroup.ts';
import { TARIFF_BOUNDS } from './Tariff.ts';

/**
 * What an operator gets of each charge at its points, before tax, in micro-units: the sum of what is named, between
 * least and most. The rest is the provider's, who sells the energy.
 */
export interface Commission {
  /** At which points: absent for those of all groups that have no commission of their own. */
  readonly targetGroup?: TargetGroup;
  readonly perKwhMicro: number;
  /** For each hour of the session, charging or not, to the second. */
  readonly perHourMicro: number;
  /** Of what the charge costs before tax. */
  readonly sharePerMille: number;
  readonly perSessionMicro: number;
  readonly leastMicro?: number;
  readonly mostMicro?: number;
}

/** What of a charge bears on the operator's share. */
export interface CommissionFacts {
  readonly energyWh: number;
  readonly durationS: number;
  /** What the charge costs before tax. */
  readonly exclVatMicro: number;
}

/**
 * Why commissions are refused, besides what any JSON can be refused for:
 * - `least-above-most`: no amount lies within
 * - `duplicate-commission`: two commissions for the same group
 */
export type CommissionRefusal = JsonRefusal | 'least-above-most' | 'duplicate-commission';

const MOST_MICRO = TARIFF_BOUNDS.priceUnits * 1_000_000;
const FIELDS = [
  'targetGroup',
  'perKwhMicro',
  'perHourMicro',
  'sharePerMille',
  'perSessionMicro',
  'leastMicro',
  'mostMicro',
] as const;

/** Reads an operator's commissions, a list of {@link Commission}, from untrusted JSON; an amount left out is 0. */
export function parseCommissions(json: unknown): Result<readonly Commission[], CommissionRefusal> {
  return readDistinct<Commission, CommissionRefusal>(
    json,
    TARGET_GROUPS.length + 1,
    readCommission,
    ({ targetGroup = 'all groups' }) => `one for ${targetGroup}`,
    'duplicate-commission',
  );
}

function readCommission(field: JsonField<CommissionRefusal>): Commission {
  const commission = members(field);
  refuseOthers(field, commission.names, FIELDS);
  const upTo = (name: (typeof FIELDS)[number], most: number): number => {
    const member = commission.optional(name);
    return member === undefined ? 0 : integer(member, 0, most);
  };
  const group = commission.optional('targetGroup');
  const read = {
    ...(group && { targetGroup: oneOf(group, TARGET_GROUPS) }),
    perKwhMicro: upTo('perKwhMicro', MOST_MICRO),
    perHourMicro: upTo('perHourMicro', MOST_MICRO),
    sharePerMille: upTo('sharePerMille', 1_000),
    perSessionMicro: upTo('perSessionMicro', MOST_MICRO),
    ...(commission.optional('leastMicro') && { leastMicro: upTo('leastMicro', MOST_MICRO) }),
    ...(commission.optional('mostMicro') && { mostMicro: upTo('mostMicro', MOST_MICRO) }),
  };
  const { leastMicro = 0, mostMicro = leastMicro } = read;
  if (leastMicro > mostMicro) {
    reportAt(field, 'least-above-most', `${leastMicro} is above ${mostMicro}`);
  }
  return read;
}

/** The commission for a point: that of its target group, else that for all groups; undefined where none is agreed. */
export function commissionOf(
  commissions: readonly Commission[],
  targetGroup: TargetGroup | undefined,
): Commission | undefined {
  const ofGroup = targetGroup && commissions.find((commission) => commission.targetGroup === targetGroup);
  return ofGroup ?? commissions.find((commission) => commission.targetGroup === undefined);
}

/**
 * How what the operator gets was worked out, in micro-units before tax. Each part is rounded for itself, for people; the sum is
 * exact and rounded once, so that the parts may miss it by a micro-unit or two.
 */
export interface CommissionWorking {
  readonly energyMicro: number;
  readonly timeMicro: number;
  readonly shareMicro: number;
  readonly sessionMicro: number;
  readonly sumMicro: number;
  /** What took the place of the sum: the least or the most of the commission, or what the charge costs. */
  readonly bound?: 'least' | 'most' | 'charge';
  readonly amountMicro: number;
}

/** Amounts are summed over this: lcm(1000 Wh, 3600 s). */
const SCALE = 18_000n;

/**
 * Works out what the operator gets of a charge: the exact sum of the commission's parts, rounded once, half away from zero;
 * then at least the least and at most the most; and in the end never more than the charge costs and never less than
 * nothing.
 */
export function workOutCommission(commission: Commission, facts: CommissionFacts): CommissionWorking {
  const { energyWh, durationS, exclVatMicro } = facts;
  const parts = [
    BigInt(commission.perKwhMicro) * BigInt(energyWh) * 18n,
    BigInt(commission.perHourMicro) * BigInt(durationS) * 5n,
    BigInt(commission.sharePerMille) * BigInt(exclVatMicro) * 18n,
    BigInt(commission.perSessionMicro) * SCALE,
  ] as const;
  const rounded = (scaled: bigint) => Number(roundedQuotient(scaled, SCALE));
  const sumMicro = rounded(parts.reduce((sum, part) => sum + part, 0n));
  const { leastMicro = 0, mostMicro = Number.POSITIVE_INFINITY } = commission;
  let [amountMicro, bound]: [number, CommissionWorking['bound']] = [sumMicro, undefined];
  if (amountMicro < leastMicro) [amountMicro, bound] = [leastMicro, 'least'];
  if (amountMicro > mostMicro) [amountMicro, bound] = [mostMicro, 'most'];
  const chargeMicro = Math.max(0, exclVatMicro);
  if (amountMicro > chargeMicro) [amountMicro, bound] = [chargeMicro, 'charge'];
  return {
    energyMicro: rounded(parts[0]),
    timeMicro: rounded(parts[1]),
    shareMicro: rounded(parts[2]),
    sessionMicro: rounded(parts[3]),
    sumMicro,
    ...(bound && { bound }),
    amountMicro,
  };
}

/**
 * What the operator gets of a charge before tax, in micro-units; without a commission all of it.
 *
 * @example
 * operatorShare({ perKwhMicro: 50_000, … }, { energyWh: 20_000, … }) // 1000000: 5 ct for each of 20 kWh
 */
export function operatorShare(commission: Commission | undefined, facts: CommissionFacts): number {
  return commission === undefined ? facts.exclVatMicro : workOutCommission(commission, facts).amountMicro;
}
