import { localTime } from './localTime.ts';
import type { PriceComponent, PriceComponentType, Tariff, TariffRestrictions } from './Tariff.ts';

/** A price component in force, and the element that it stands in. */
export interface ActiveComponent {
  readonly elementIndex: number;
  readonly component: PriceComponent;
  readonly restrictions: TariffRestrictions | undefined;
}

/** A stretch of time, `to` exclusive, over which the same components are in force. */
export interface ActivePeriod extends Readonly<Partial<Record<PriceComponentType, ActiveComponent>>> {
  readonly from: number;
  readonly to: number;
}

const DIMENSIONS: readonly PriceComponentType[] = ['ENERGY', 'TIME', 'PARKING_TIME', 'FLAT'];
const DAY_S = 86_400;

/** What of a tariff bears on the question which component is in force when. */
interface Timetable {
  /** Per dimension the candidates in order of precedence; none stands behind an unrestricted one. */
  readonly candidates: Readonly<Record<PriceComponentType, readonly ActiveComponent[]>>;
  /** Seconds after local midnight at which the answer may change, ascending; empty if it never does. */
  readonly marks: readonly number[];
  /** The answer, if it never changes. */
  readonly always: Omit<ActivePeriod, 'from' | 'to'> | undefined;
}

const timetables = new WeakMap<Tariff, Timetable>();

/**
 * Splits a span of time (epoch seconds) into the periods of a tariff. Per dimension the first element
 * wins that has it and whose restrictions all match, asked again at each boundary in local time
 * (OCPI 2.2.1 mod_tariffs, Tariff object). An empty span gives the one period of its instant.
 */
export function activePeriods(
  tariff: Tariff,
  timeZone: string,
  from: number,
  to: number,
): readonly ActivePeriod[] {
  const timetable = timetableOf(tariff);
  if (timetable.always !== undefined) return [{ ...timetable.always, from, to }];
  const periods: ActivePeriod[] = [];
  let at = from;
  do {
    const { dayOfWeek, secondOfDay, steadyUntil } = localTime(timeZone, at);
    const mark = timetable.marks.find((second) => second > secondOfDay) ?? DAY_S;
    const until = Math.min(at + mark - secondOfDay, steadyUntil, to);
    const period = { ...componentsAt(timetable, dayOfWeek, secondOfDay), from: at, to: until };
    const last = periods.at(-1);
    if (last !== undefined && DIMENSIONS.every((type) => last[type] === period[type])) {
      periods[periods.length - 1] = { ...last, to: until };
    } else periods.push(period);
    at = until;
  } while (at < to);
  return periods;
}

/** Per dimension the components that can ever be in force, in order of precedence. */
export function candidatesOf(
  tariff: Tariff,
): Readonly<Record<PriceComponentType, readonly ActiveComponent[]>> {
  return timetableOf(tariff).candidates;
}

function timetableOf(tariff: Tariff): Timetable {
  let timetable = timetables.get(tariff);
  if (timetable === undefined) {
    timetable = readTimetable(tariff);
    timetables.set(tariff, timetable);
  }
  return timetable;
}

function readTimetable(tariff: Tariff): Timetable {
  const candidates: Record<PriceComponentType, ActiveComponent[]> = {
    ENERGY: [],
    TIME: [],
    PARKING_TIME: [],
    FLAT: [],
  };
  const marks = new Set<number>();
  for (const [elementIndex, { priceComponents, restrictions }] of tariff.elements.entries()) {
    for (const component of priceComponents) {
      const earlier = candidates[component.type];
      const last = earlier.at(-1);
      if (last !== undefined && last.restrictions === undefined) continue;
      earlier.push({ elementIndex, component, restrictions });
      if (restrictions === undefined) continue;
      marks.add(DAY_S);
      marks.add((restrictions.startMinute ?? 0) * 60);
      marks.add((restrictions.endMinute ?? 0) * 60);
    }
  }
  const timetable = { candidates, marks: [...marks].sort((a, b) => a - b), always: undefined };
  return marks.size > 0 ? timetable : { ...timetable, always: componentsAt(timetable, 1, 0) };
}

function componentsAt(timetable: Timetable, dayOfWeek: number, secondOfDay: number) {
  const active: Partial<Record<PriceComponentType, ActiveComponent>> = {};
  for (const type of DIMENSIONS) {
    const found = timetable.candidates[type].find(({ restrictions }) =>
      matches(restrictions, dayOfWeek, secondOfDay),
    );
    if (found !== undefined) active[type] = found;
  }
  return active;
}

/**
 * Whether restrictions match a wall-clock time. An end before the start wraps around midnight; an end
 * of 0 is the end of the day, as 1440 is. The day asked is the one of the instant itself.
 */
function matches(
  restrictions: TariffRestrictions | undefined,
  dayOfWeek: number,
  secondOfDay: number,
): boolean {
  if (restrictions === undefined) return true;
  if (restrictions.daysOfWeek !== undefined && !restrictions.daysOfWeek.includes(dayOfWeek)) return false;
  const start = (restrictions.startMinute ?? 0) * 60;
  const end = (restrictions.endMinute || 1440) * 60;
  return start <= end ? start <= secondOfDay && secondOfDay < end : start <= secondOfDay || secondOfDay < end;
}
