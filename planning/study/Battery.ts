import type { StudyCharge, StudySession } from './StudySession.ts';

/** A car's battery during one charge, Wh: as it came, as it must leave, and what it must never fall below. */
export interface ChargeBattery {
  readonly capacityWh: number;
  readonly levelWh: number;
  readonly targetWh: number;
  readonly reserveWh: number;
}

/** What is assumed of cars that may give back, since no session tells of it. */
export const BATTERY_ASSUMPTIONS = {
  /** One of these for each user, drawn by the seed; a larger one where a session would not fit. */
  capacitiesWh: [40_000, 60_000, 77_000],
  largerWh: [100_000, 150_000, 250_000],
  /** Cars leave with this part of the capacity; with more where the session's energy would have begun below the least. */
  leavesPerMille: 800,
  comesPerMille: 100,
  /** Never below this part, or what the car came with if that is less. */
  reservePerMille: 200,
  /** Each way between meter and battery. */
  chargePerMille: 930,
  dischargePerMille: 930,
  /** Wear for each kWh taken out of the battery to be given back. */
  wearMicroPerKwh: 50_000,
} as const;

/** The capacity of each user's battery, Wh; the same for the same seed and user, whoever else is there. */
export function assumeCapacities(
  sessions: readonly StudySession[],
  seed: number,
): ReadonlyMap<string, number> {
  const { capacitiesWh, largerWh, comesPerMille } = BATTERY_ASSUMPTIONS;
  const largestWh = new Map<string, number>();
  for (const { user, energyWh } of sessions)
    largestWh.set(user, Math.max(largestWh.get(user) ?? 0, energyWh));
  return new Map(
    [...largestWh].map(([user, energyWh]) => {
      const drawn = capacitiesWh[hashOf(user, seed) % capacitiesWh.length] as number;
      const fits = (capacityWh: number) => capacityWh * (1_000 - comesPerMille) >= energyWh * 1_000;
      return [user, [drawn, ...capacitiesWh, ...largerWh].find(fits) ?? energyWh * 2];
    }),
  );
}

/** The battery of a car of some capacity in one charge; it leaves with all that the charge brings, whatever is given back meanwhile. */
export function batteryOf({ needWs }: StudyCharge, capacityWh: number): ChargeBattery {
  const { leavesPerMille, comesPerMille, reservePerMille, chargePerMille } = BATTERY_ASSUMPTIONS;
  const storedWh = Math.floor((needWs * chargePerMille) / 3_600_000);
  const part = (perMille: number) => Math.floor((capacityWh * perMille) / 1_000);
  const levelWh = Math.max(
    part(leavesPerMille) - storedWh,
    Math.min(part(comesPerMille), capacityWh - storedWh),
  );
  const reserveWh = Math.min(part(reservePerMille), levelWh);
  return { capacityWh, levelWh, targetWh: levelWh + storedWh, reserveWh };
}

/** A number of 31 bits from a name and a seed (FNV-1a, then mixed). */
function hashOf(name: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) as number), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) >>> 0;
  return (hash ^ (hash >>> 15)) >>> 1;
}
