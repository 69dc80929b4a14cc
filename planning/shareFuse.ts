import type { Fairness, PhasePower } from './SitePlan.ts';

/**
 * A car that wants power now. It takes nothing or at least `leastW`, evenly on its phases; `wantedW` is what its plan
 * says, at most what it can. `arrivedAt` is epoch seconds.
 */
export interface Claim {
  readonly id: string;
  readonly wantedW: number;
  readonly leastW: number;
  readonly phases: readonly (1 | 2 | 3)[];
  readonly priority: number;
  readonly arrivedAt: number;
}

/**
 * Divides the power that there is now among the cars that want it, per phase, in whole watts: `powerW` in the claims'
 * order; together no more than `allW`. Higher priorities first. Within one, `first-come` serves in order of arrival; `equal` and `proportional`
 * first give as many as possible their least, in order of arrival, and then raise all together, by the same power or by
 * the same part of what each wants, until a phase is full or the wish fulfilled. Whoever stands on a phase that is full
 * waits there while the others go on. Never passes a limit.
 */
export function shareFuse(
  limitW: PhasePower,
  claims: readonly Claim[],
  fairness: Fairness,
  allW = Number.POSITIVE_INFINITY,
): readonly number[] {
  const room = [...limitW];
  let roomOfAll = allW;
  const powerW = claims.map(() => 0);
  const order = claims
    .map((_, index) => index)
    .sort((a, b) => {
      const [one, other] = [claims[a] as Claim, claims[b] as Claim];
      return other.priority - one.priority || one.arrivedAt - other.arrivedAt || (one.id < other.id ? -1 : 1);
    });
  const roomFor = ({ phases }: Claim): number =>
    Math.max(
      0,
      Math.floor(
        Math.min(
          roomOfAll,
          Math.min(...phases.map((phase) => room[phase - 1] as number)) * phases.length + 1e-9,
        ),
      ),
    );
  const give = (index: number, more: number): void => {
    const { phases } = claims[index] as Claim;
    powerW[index] = (powerW[index] as number) + more;
    roomOfAll -= more;
    for (const phase of phases) room[phase - 1] = (room[phase - 1] as number) - more / phases.length;
  };
  for (const priority of new Set(order.map((index) => (claims[index] as Claim).priority))) {
    const group = order.filter((index) => claims[index]?.priority === priority);
    for (const index of group) {
      const claim = claims[index] as Claim;
      const most = Math.min(claim.wantedW, roomFor(claim));
      if (claim.wantedW < claim.leastW || most < claim.leastW) continue;
      give(index, fairness === 'first-come' ? most : claim.leastW);
    }
    if (fairness !== 'first-come') raise(group.filter((index) => (powerW[index] as number) > 0));
  }
  return powerW;

  /** Raises all that still can, in steps that no phase is too small for. */
  function raise(group: readonly number[]): void {
    let rising = group;
    while (rising.length > 0) {
      const weight = (index: number) => (fairness === 'equal' ? 1 : (claims[index] as Claim).wantedW);
      const weights = [0, 0, 0];
      for (const index of rising) {
        const { phases } = claims[index] as Claim;
        for (const phase of phases)
          weights[phase - 1] = (weights[phase - 1] as number) + weight(index) / phases.length;
      }
      let step = roomOfAll / rising.reduce((sum, index) => sum + weight(index), 0);
      for (const [phase, all] of weights.entries())
        if (all > 0) step = Math.min(step, (room[phase] as number) / all);
      for (const index of rising) {
        const left = (claims[index] as Claim).wantedW - (powerW[index] as number);
        step = Math.min(step, left / weight(index));
      }
      for (const index of rising) {
        const claim = claims[index] as Claim;
        const more = Math.min(
          Math.floor(step * weight(index) + 1e-9),
          claim.wantedW - (powerW[index] as number),
        );
        give(index, Math.max(0, Math.min(more, roomFor(claim))));
      }
      const still = rising.filter((index) => {
        const claim = claims[index] as Claim;
        return (powerW[index] as number) < claim.wantedW && roomFor(claim) >= rising.length;
      });
      rising = still.length < rising.length ? still : [];
    }
  }
}
