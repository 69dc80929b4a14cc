import type { Member, SharedPower } from './Lease.ts';
import type { Fairness } from './SitePlan.ts';
import { type Claim, shareFuse } from './shareFuse.ts';

/**
 * What a member last told the others, believed before `until` (epoch seconds): how much of what it owns it keeps out
 * of the sharing whatever anybody wants (a gateway what the building draws, a member that cannot lend all of it), and
 * what its car claims, if there is one.
 */
export interface Standing {
  readonly member: string;
  readonly keepsW: SharedPower;
  readonly claim?: Omit<Claim, 'id'>;
  readonly until: number;
}

/**
 * What each member that is heard from should have on each phase and in all, as the garage's fairness divides what those
 * members own. Everyone who heard the same reckons the same; where two heard different things they may differ, and `lend` and
 * `allowance` bound what comes of it. Whole watts, rounded up on each phase.
 */
export function shareSite(
  site: readonly Member[],
  standings: readonly Standing[],
  fairness: Fairness,
  at: number,
): ReadonlyMap<string, SharedPower> {
  const heard = inForce(site, standings, at);
  const [l1, l2, l3, allW] = onEach((part) => heard.reduce((sum, { givesW }) => sum + givesW[part], 0));
  const claims = heard.flatMap(({ id, claim }): Claim[] => (claim === undefined ? [] : [{ ...claim, id }]));
  const shares = shareFuse([l1, l2, l3], claims, fairness, allW);
  return new Map(
    heard.map(({ id }) => {
      const index = claims.findIndex((claim) => claim.id === id);
      const { phases } = claims[index] ?? { phases: [] };
      const share = shares[index] ?? 0;
      const each = Math.ceil(share / Math.max(1, phases.length));
      const onPhase = (phase: number) => (phases.some((one) => one === phase) ? each : 0);
      return [id, [onPhase(1), onPhase(2), onPhase(3), share]];
    }),
  );
}

/**
 * What one member should lend to each other so that all have their shares: the site's members in their order, what
 * one has above its share to those that have less, part by part. What all members reckon so fits together: no lack is
 * filled twice.
 */
export function loansOf(
  lender: string,
  site: readonly Member[],
  standings: readonly Standing[],
  shares: ReadonlyMap<string, SharedPower>,
  at: number,
): ReadonlyMap<string, SharedPower> {
  const heard = inForce(site, standings, at).map(({ id, givesW }) => {
    const share = shares.get(id) ?? [0, 0, 0, 0];
    return { id, over: givesW.map((gives, part) => gives - (share[part] as number)) };
  });
  const loans = new Map<string, [number, number, number, number]>();
  for (const from of heard)
    for (const to of heard)
      for (const part of [0, 1, 2, 3] as const) {
        const power = Math.min(from.over[part] as number, -(to.over[part] as number));
        if (power <= 0) continue;
        from.over[part] = (from.over[part] as number) - power;
        to.over[part] = (to.over[part] as number) + power;
        if (from.id !== lender) continue;
        const loan = loans.get(to.id) ?? [0, 0, 0, 0];
        loan[part] = power;
        loans.set(to.id, loan);
      }
  return loans;
}

/** Members that are heard from, in the site's order, with what they put to the others' use. */
function inForce(site: readonly Member[], standings: readonly Standing[], at: number) {
  return site.flatMap(({ id, ownedW }) => {
    const standing = standings.find(({ member, until }) => member === id && at < until);
    if (standing === undefined) return [];
    const givesW = onEach((part) => Math.max(0, ownedW[part] - standing.keepsW[part]));
    return [{ id, givesW, claim: standing.claim }];
  });
}

function onEach(power: (part: 0 | 1 | 2 | 3) => number): SharedPower {
  return [power(0), power(1), power(2), power(3)];
}
