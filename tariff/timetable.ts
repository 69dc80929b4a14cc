import type { LocalTime } from './localTime.ts';
import type {
  PriceComponent,
  PriceComponentType,
  Tariff,
  TariffElement,
  TariffRestrictions,
} from './Tariff.ts';

/** A price component in force, and the element that it stands in. */
export interface ActiveComponent {
  readonly elementIndex: number;
  readonly component: PriceComponent;
  readonly restrictions: TariffRestrictions | undefined;
}

/** The components in force together, at most one a dimension. */
export type ActiveComponents = Readonly<Partial<Record<PriceComponentType, ActiveComponent>>>;

export const DIMENSIONS: readonly PriceComponentType[] = ['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT'];

/** What the restrictions on a session ask of a moment of it: whether something reaches a bound. */
export interface SessionMoment {
  readonly durationS: number;
  readonly energyReaches: (energyWh: number) => boolean;
  readonly powerReaches: (powerW: number) => boolean;
  readonly currentReaches: (currentMa: number) => boolean;
}

/** What of a tariff bears on the question which component is in force when. */
export interface Timetable {
  /** Per dimension the candidates in order of precedence; none stands behind an unrestricted one. */
  readonly candidates: Readonly<Record<PriceComponentType, readonly ActiveComponent[]>>;
  /** Seconds after local midnight at which the answer may change, but for the day's end, ascending; empty if it never does. */
  readonly marks: readonly number[];
  /** The answer, if it never changes. */
  readonly always: ActiveComponents | undefined;
  /** Whether it depends on the clock alone, and not on how the session goes. */
  readonly isByClock: boolean;
  /** Durations (s) and energies (Wh) of a session at which the answer may change, ascending. */
  readonly durationsS: readonly number[];
  readonly energiesWh: readonly number[];
}

/** Whose components are asked for: those of a charging session, or of a reservation. */
export type TimetableUse = 'session' | 'reservation' | 'expired-reservation';

const timetables = new WeakMap<Tariff, Partial<Record<TimetableUse, Timetable>>>();

/** The timetable of a tariff, worked out once. */
export function timetableOf(tariff: Tariff, use: TimetableUse = 'session'): Timetable {
  const known = timetables.get(tariff) ?? {};
  const found = known[use];
  if (found !== undefined) return found;
  const made = readTimetable(elementsFor(tariff, use));
  timetables.set(tariff, { ...known, [use]: made });
  return made;
}

type Numbered = readonly [elementIndex: number, element: TariffElement];

/**
 * The elements that apply, in order of precedence. For an expired reservation those for expired ones go
 * first, wherever they stand (OCPI 2.2.1 mod_tariffs, ReservationRestrictionType).
 */
function elementsFor(tariff: Tariff, use: TimetableUse): readonly Numbered[] {
  const all = [...tariff.elements.entries()];
  const of = (reservation: TariffRestrictions['reservation']) =>
    all.filter(([, { restrictions }]) => restrictions?.reservation === reservation);
  if (use === 'session') return of(undefined);
  return use === 'reservation' ? of('RESERVATION') : [...of('RESERVATION_EXPIRES'), ...of('RESERVATION')];
}

function readTimetable(elements: readonly Numbered[]): Timetable {
  const candidates: Record<PriceComponentType, ActiveComponent[]> = {
    ENERGY: [],
    TIME: [],
    PARKING_TIME: [],
    FLAT: [],
  };
  const marks = new Set<number>();
  const durationsS = new Set<number>();
  const energiesWh = new Set<number>();
  let isByClock = true;
  for (const [elementIndex, { priceComponents, restrictions }] of elements) {
    for (const component of priceComponents) {
      const earlier = candidates[component.type];
      const last = earlier.at(-1);
      if (last !== undefined && last.restrictions === undefined) continue;
      earlier.push({ elementIndex, component, restrictions });
      if (restrictions === undefined) continue;
      marks.add((restrictions.startMinute ?? 0) * 60);
      marks.add((restrictions.endMinute ?? 0) * 60);
      for (const bound of [restrictions.minDurationS, restrictions.maxDurationS]) {
        if (bound !== undefined) durationsS.add(bound);
      }
      for (const bound of [restrictions.minEnergyWh, restrictions.maxEnergyWh]) {
        if (bound !== undefined) energiesWh.add(bound);
      }
      isByClock &&= !asksSession(restrictions);
    }
  }
  const ascending = (numbers: ReadonlySet<number>) => [...numbers].sort((a, b) => a - b);
  const always = marks.size > 0 ? undefined : componentsAt(candidates, MIDNIGHT, undefined);
  return {
    candidates,
    marks: ascending(marks),
    always,
    isByClock,
    durationsS: ascending(durationsS),
    energiesWh: ascending(energiesWh),
  };
}

const MIDNIGHT = { day: 0, dayOfWeek: 4, secondOfDay: 0 } as const;

/** Whether restrictions depend on how a session goes. */
function asksSession(restrictions: TariffRestrictions): boolean {
  return (
    restrictions.minEnergyWh !== undefined ||
    restrictions.maxEnergyWh !== undefined ||
    restrictions.minCurrentMa !== undefined ||
    restrictions.maxCurrentMa !== undefined ||
    restrictions.minPowerW !== undefined ||
    restrictions.maxPowerW !== undefined ||
    restrictions.minDurationS !== undefined ||
    restrictions.maxDurationS !== undefined
  );
}

/**
 * Per dimension the first candidate whose restrictions all match (OCPI 2.2.1 mod_tariffs, Tariff object).
 * Without a moment of a session those that ask for one match never.
 */
export function componentsAt(
  candidates: Timetable['candidates'],
  local: Pick<LocalTime, 'day' | 'dayOfWeek' | 'secondOfDay'>,
  moment: SessionMoment | undefined,
): ActiveComponents {
  const active: Partial<Record<PriceComponentType, ActiveComponent>> = {};
  for (const type of DIMENSIONS) {
    const found = candidates[type].find(
      ({ restrictions }) =>
        restrictions === undefined ||
        (matchesClock(restrictions, local) && matchesSession(restrictions, moment)),
    );
    if (found !== undefined) active[type] = found;
  }
  return active;
}

/**
 * Whether restrictions match a wall-clock time. An end before the start wraps around midnight; an end
 * of 0 is the end of the day, as 1440 is. The day asked is the one of the instant itself.
 */
function matchesClock(
  restrictions: TariffRestrictions,
  { day, dayOfWeek, secondOfDay }: Pick<LocalTime, 'day' | 'dayOfWeek' | 'secondOfDay'>,
): boolean {
  const { startMinute, endMinute, daysOfWeek, startDay, endDay } = restrictions;
  if (daysOfWeek !== undefined && !daysOfWeek.includes(dayOfWeek)) return false;
  if (startDay !== undefined && day < startDay) return false;
  if (endDay !== undefined && day >= endDay) return false;
  const start = (startMinute ?? 0) * 60;
  const end = (endMinute || 1440) * 60;
  return start <= end ? start <= secondOfDay && secondOfDay < end : start <= secondOfDay || secondOfDay < end;
}

/** Whether restrictions match a moment of a session: least values are inclusive, most values exclusive. */
function matchesSession(restrictions: TariffRestrictions, moment: SessionMoment | undefined): boolean {
  if (!asksSession(restrictions)) return true;
  if (moment === undefined) return false;
  const isBetween = (
    least: number | undefined,
    most: number | undefined,
    reaches: (bound: number) => boolean,
  ) => (least === undefined || reaches(least)) && (most === undefined || !reaches(most));
  const { durationS, energyReaches, powerReaches, currentReaches } = moment;
  return (
    isBetween(restrictions.minDurationS, restrictions.maxDurationS, (bound) => durationS >= bound) &&
    isBetween(restrictions.minEnergyWh, restrictions.maxEnergyWh, energyReaches) &&
    isBetween(restrictions.minPowerW, restrictions.maxPowerW, powerReaches) &&
    isBetween(restrictions.minCurrentMa, restrictions.maxCurrentMa, currentReaches)
  );
}

/** Per dimension the components of a session that can ever be in force, in order of precedence. */
export function candidatesOf(
  tariff: Tariff,
): Readonly<Record<PriceComponentType, readonly ActiveComponent[]>> {
  return timetableOf(tariff).candidates;
}
