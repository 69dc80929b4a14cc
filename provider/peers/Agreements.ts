import type { ClearingTerms } from '../clearing/ClearingChain.ts';

/** A stretch of time, epoch seconds; `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Beyond every time that can be signed. */
export const endOfTime = Number.MAX_SAFE_INTEGER;

type Validity = Pick<ClearingTerms, 'version' | 'validFrom' | 'endsAt'>;

/**
 * The agreement of a pair that is in force at a time, as `Peering.currentAgreement` says it: the newest
 * version that has begun by then, or none where that one has ended. An ended one does not bring back what
 * it had replaced.
 */
export function agreementAt<Terms extends Validity>(
  agreements: readonly Terms[],
  at: number,
): Terms | undefined {
  let newest: Terms | undefined;
  for (const one of agreements) {
    if (one.validFrom <= at && (newest === undefined || one.version > newest.version)) newest = one;
  }
  return newest !== undefined && newest.endsAt !== 0 && newest.endsAt <= at ? undefined : newest;
}

/**
 * When a charge has to be signed for an agreement to be its own, for ever: the stretches of time in which
 * {@link agreementAt} names it, in order.
 */
export function spansOf<Terms extends Validity>(
  agreements: readonly Terms[],
  agreement: Terms,
): readonly Span[] {
  const bounds = new Set([0, endOfTime]);
  for (const { validFrom, endsAt } of agreements)
    for (const bound of [validFrom, endsAt]) if (bound > 0) bounds.add(Math.min(bound, endOfTime));
  const sorted = [...bounds].sort((one, other) => one - other);
  return sorted.flatMap((from, index) => {
    const to = sorted[index + 1];
    return to !== undefined && agreementAt(agreements, from)?.version === agreement.version
      ? [{ from, to }]
      : [];
  });
}
