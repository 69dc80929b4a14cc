import { isDeepStrictEqual } from 'node:util';
import type { Hex } from '@p2p-power/protocol/Hex';
import { isValidAt, parseTariff, type Tariff } from '@p2p-power/tariff/Tariff';

/**
 * A tariff that was given for a point's station, itself or by whoever may bring it: the station may offer by it.
 * `tariff` is OCPI JSON; times are epoch seconds. From `until` on the certificate given with it has run out,
 * and no offer by it would be genuine.
 */
export interface HeldTariff {
  readonly tariffId: Hex;
  readonly tariff: unknown;
  readonly givenAt: number;
  readonly until: number;
}

/** Most that are kept of one point; the oldest make room. */
const mostHeld = 32;

/** What a station may hold once `given` was given for it, the last given last. */
export function withGiven(held: readonly HeldTariff[], given: HeldTariff): readonly HeldTariff[] {
  const last = held.at(-1);
  const givenAt = last?.tariffId === given.tariffId ? last.givenAt : given.givenAt;
  const others = held.filter(({ tariffId, until }) => tariffId !== given.tariffId && until > given.givenAt);
  return [...others, { ...given, givenAt }].slice(-mostHeld);
}

/**
 * What it may hold once it showed that it offered by a tariff at an instant: that one, and what was given later.
 * Shown before it was given last, a tariff says nothing of what the station holds since.
 */
export function withShown(held: readonly HeldTariff[], shown: Hex, shownAt: number): readonly HeldTariff[] {
  const index = held.findIndex(({ tariffId, givenAt }) => tariffId === shown && givenAt <= shownAt);
  return index <= 0 ? held : held.slice(index);
}

/**
 * The tariffs by which a station may make an offer now: the one in force, which it may get at any time, and those it may
 * still hold. Each once, that in force first; none where that is not valid now.
 */
export function possibleTariffs(
  inForce: unknown,
  held: readonly Pick<HeldTariff, 'tariff' | 'until'>[],
  now: number,
): readonly { readonly tariff: Tariff; readonly json: unknown }[] {
  const first = readValid(inForce, now);
  if (first === undefined) return [];
  const others = held.flatMap(({ tariff, until }) =>
    until <= now || isDeepStrictEqual(tariff, inForce) ? [] : (readValid(tariff, now) ?? []),
  );
  return [first, ...others.filter(({ tariff }) => tariff.currency === first.tariff.currency)];
}

function readValid(
  json: unknown,
  now: number,
): { readonly tariff: Tariff; readonly json: unknown } | undefined {
  if (json === null || json === undefined) return undefined;
  const parsed = parseTariff(json);
  return parsed.ok && isValidAt(parsed.value, now) ? { tariff: parsed.value, json } : undefined;
}
