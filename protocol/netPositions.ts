/** What a provider issued less what it redeemed: positive is what it owes, negative what it is owed. */
export interface Position {
  /** Party id, e.g. `DEAAA`. */
  readonly providerId: string;
  readonly positionMicro: bigint;
}

/** A bank transfer between two providers. */
export interface NettingTransfer {
  readonly payer: string;
  readonly receiver: string;
  /** Whole cents, more than nothing. */
  readonly amountMicro: bigint;
}

/** The smallest amount that banks move. */
export const centMicro = 10_000n;

interface Share {
  readonly providerId: string;
  /** The most that may be paid or received, in cents. */
  readonly capCents: bigint;
}

/**
 * The bank transfers that clear all positions as far as banks can: the net of every provider against all
 * others together. Pure, so that each provider computes the same from the same positions, in whatever
 * order it has them.
 *
 * - Who is owed something is paid in full, down to the cent; who owes pays in proportion to what it owes
 *   (largest remainder, then party id), never more than that. What is left over are parts of a cent and
 *   what tokens still out require: the positions' sum is the supply.
 * - Where the debtors' whole cents do not reach (each may keep back less than one), it is the creditors
 *   that share, in the same way, what there is.
 * - Each transfer finishes with one of its two sides, so there are fewer than providers with a position.
 *
 * The order is that of the legs: the greatest amounts first. A position that appears twice, or positions
 * that come to less than nothing (no token contract has such), are a bug of the caller.
 */
export function netPositions(positions: readonly Position[]): readonly NettingTransfer[] {
  const ids = new Set(positions.map(({ providerId }) => providerId));
  if (ids.size !== positions.length) throw new Error('a provider has two positions');
  const sumMicro = positions.reduce((sum, { positionMicro }) => sum + positionMicro, 0n);
  if (sumMicro < 0n) throw new Error('positions come to less than nothing');

  const debtors = sharesOf(positions, 1n);
  const creditors = sharesOf(positions, -1n);
  const movedCents = least(sumOf(debtors), sumOf(creditors));
  return matchShares(apportion(debtors, movedCents), apportion(creditors, movedCents));
}

function sharesOf(positions: readonly Position[], sign: bigint): readonly Share[] {
  return positions
    .map(({ providerId, positionMicro }) => ({ providerId, capCents: (positionMicro * sign) / centMicro }))
    .filter(({ capCents }) => capCents > 0n);
}

const sumOf = (shares: readonly Share[]) => shares.reduce((sum, { capCents }) => sum + capCents, 0n);
const least = (one: bigint, other: bigint) => (one < other ? one : other);

/** Code units, not a language's collation: the same everywhere. */
const byId = (one: Share, other: Share) => (one.providerId < other.providerId ? -1 : 1);
const byCap = (one: Share, other: Share) =>
  one.capCents === other.capCents ? byId(one, other) : one.capCents > other.capCents ? -1 : 1;

/** Shares that come to `totalCents` exactly, each in proportion to its cap and not above it. */
function apportion(shares: readonly Share[], totalCents: bigint): readonly Share[] {
  const sumCents = sumOf(shares);
  if (sumCents === 0n) return [];
  const floors = shares.map(({ providerId, capCents }) => ({
    providerId,
    capCents: (capCents * totalCents) / sumCents,
    remainder: (capCents * totalCents) % sumCents,
  }));
  // Fewer cents are left than there are shares with a remainder, and such a share is below its cap.
  let leftCents = totalCents - sumOf(floors);
  const byRemainder = floors.toSorted((one, other) =>
    one.remainder === other.remainder ? byId(one, other) : one.remainder > other.remainder ? -1 : 1,
  );
  return byRemainder.map(({ providerId, capCents }) => {
    const extra = leftCents > 0n ? 1n : 0n;
    leftCents -= extra;
    return { providerId, capCents: capCents + extra };
  });
}

/** Equal amounts first, each a transfer that finishes two sides at once; then the greatest with the greatest. */
function matchShares(payers: readonly Share[], receivers: readonly Share[]): readonly NettingTransfer[] {
  const transfers: NettingTransfer[] = [];
  const paying = payers.filter(({ capCents }) => capCents > 0n).toSorted(byCap);
  const receiving = receivers.filter(({ capCents }) => capCents > 0n).toSorted(byCap);
  const take = (payer: Share, receiver: Share) => {
    const cents = least(payer.capCents, receiver.capCents);
    transfers.push({
      payer: payer.providerId,
      receiver: receiver.providerId,
      amountMicro: cents * centMicro,
    });
    replace(paying, payer, cents);
    replace(receiving, receiver, cents);
  };
  for (const payer of [...paying]) {
    const receiver = receiving.find(({ capCents }) => capCents === payer.capCents);
    if (receiver !== undefined) take(payer, receiver);
  }
  for (let payer = paying[0]; payer !== undefined; payer = paying[0]) {
    const receiver = receiving[0];
    if (receiver === undefined) throw new Error('more is paid than received');
    take(payer, receiver);
  }
  return transfers.toSorted((one, other) =>
    one.amountMicro === other.amountMicro
      ? `${one.payer} ${one.receiver}` < `${other.payer} ${other.receiver}`
        ? -1
        : 1
      : one.amountMicro > other.amountMicro
        ? -1
        : 1,
  );
}

/** Takes cents off a share; in its place by size again, or gone where nothing is left. */
function replace(shares: Share[], share: Share, cents: bigint): void {
  shares.splice(shares.indexOf(share), 1);
  const capCents = share.capCents - cents;
  if (capCents === 0n) return;
  const rest = { ...share, capCents };
  const at = shares.findIndex((other) => byCap(rest, other) < 0);
  shares.splice(at === -1 ? shares.length : at, 0, rest);
}
