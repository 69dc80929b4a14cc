import type { StudySession } from './StudySession.ts';

/** The powers a car's charger may have: one phase of 16 A or 32 A, three phases of 16 A or 32 A. */
export const CHARGER_POWERS_W: readonly number[] = [3_600, 7_200, 11_000, 22_000];

/** Shorter sessions say nothing of the power: their times are known to the minute only. */
const TELLING_S = 1_800;
/** Mains voltage above 230 V and rounded times make a charger look stronger than it is. */
const TOLERANCE_PER_MILLE = 80;

/**
 * The charging power of each user's car, which sessions do not tell: the least of the usual chargers that gives the
 * highest average power the user was ever seen with (energy by time plugged in, of sessions of half an hour or more).
 */
export function assumePowers(sessions: readonly StudySession[]): ReadonlyMap<string, number> {
  const seenW = new Map<string, number>();
  for (const { user, arrivedAt, leftAt, energyWh } of sessions) {
    const seconds = leftAt - arrivedAt;
    const averageW = seconds < TELLING_S ? 0 : Math.ceil((energyWh * 3_600) / seconds);
    seenW.set(user, Math.max(seenW.get(user) ?? 0, averageW));
  }
  return new Map(
    [...seenW].map(([user, averageW]) => [
      user,
      CHARGER_POWERS_W.find((powerW) => averageW * 1_000 <= powerW * (1_000 + TOLERANCE_PER_MILLE)) ??
        averageW,
    ]),
  );
}
