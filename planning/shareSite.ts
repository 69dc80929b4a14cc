import type { Member } from './Lease.ts';
import type { Fairness, PhasePower } from './SitePlan.ts';
import { type Claim, shareFuse } from './shareFuse.ts';

/**
 * What a member last told the others, believed before `until` (epoch seconds): how much of what it owns it keeps out
 * of the sharing whatever anybody wants (a gateway what the building draws, a member that cannot lend all of it), and
 * what its car claims, if there is one.
 */
export interface Standing {
  readonly member: string;
  readonly keepsW: PhasePower;
  readonly claim?: Omit<Claim, 'id'>;
  readonly until: number;
}

/**
 * What each member that is heard from should have on each phase, as the garage's fairness divides what those members own.
 * Everyone who heard the same reckons the same; where two heard different things they may differ, and `lend` and
 * `allowance` bound what comes of it. Whole watts, rounded up on each phase.
 */
export function shareSite(
  site: readonly Member[],
  standings: readonly Standing[],
  fairness: Fairness,
  at: number,
): ReadonlyMap<string, PhasePower> {
  const heard = inForce(site, standings, at);
  const limitW = onPhases((phase) => heard.reduce((all, { givesW }) => all + givesW[phase], 0));
  const claims = heard.flatMap(({ id, claim }): Claim[] => (claim === undefined ? [] : [{ ...claim, id }]));
  const shares = shareFuse(limitW, claims, fairness);
  return new Map(
    heard.map(({ id }) => {
      const index = claims.findIndex((claim) => claim.id === id);
      const { phases } = claims[index] ?? { phases: [] };
      const each = Math.ceil((shares[index] ?? 0) / Math.max(1, phases.length));
      return [id, onPhases((phase) => (phases.some((one) => one === phase + 1) ? each : 0))];
    }),
  );
}

/**
 * What one member should lend to each other so that all have their shares: the site's members in their order, what
 * one has above its share to those that have less, phase by phase. What all members reckon so fits together: no lack is
 * filled twice.
 */
export function loansOf(
  lender: string,
  site: readonly Member[],
  standings: readonly Standing[],
  shares: ReadonlyMap<string, PhasePower>,
  at: number,
): ReadonlyMap<string, PhasePower> {
  const heard = inForce(site, standings, at).map(({ id, givesW }) => {
    const share = shares.get(id) ?? [0, 0, 0];
    return { id, over: givesW.map((gives, phase) => gives - (share[phase] as number)) };
  });
  const loans = new Map<string, [number, number, number]>();
  for (const from of heard)
    for (const to of heard)
      for (const phase of [0, 1, 2] as const) {
        const power = Math.min(from.over[phase] as number, -(to.over[phase] as number));
        if (power <= 0) continue;
        from.over[phase] = (from.over[phase] as number) - power;
        to.over[phase] = (to.over[phase] as number) + power;
        if (from.id !== lender) continue;
        const loan = loans.get(to.id) ?? [0, 0, 0];
        loan[phase] = power;
        loans.set(to.id, loan);
      }
  return loans;
}

/** Members that are heard from, in the site's order, with what they put to the others' use. */
function inForce(site: readonly Member[], standings: readonly Standing[], at: number) {
  return site.flatMap(({ id, ownedW }) => {
    const standing = standings.find(({ member, until }) => member === id && at < until);
    if (standing === undefined) return [];
    const givesW = onPhases((phase) => Math.max(0, ownedW[phase] - standing.keepsW[phase]));
    return [{ id, givesW, claim: standing.claim }];
  });
}

function onPhases(power: (phase: 0 | 1 | 2) => number): PhasePower {
  return [power(0), power(1), power(2)];
}
