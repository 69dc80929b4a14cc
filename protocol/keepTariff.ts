import type { Tariff } from '@p2p-power/tariff/Tariff';

const capacity = 1_000;
/** Longest tariff that is kept, in characters of JSON. */
const maxLength = 4_000;

const known = new Map<string, Tariff>();
const kept = new WeakSet<Tariff>();

/**
 * The same tariff for the same JSON, frozen through and through: thousands of charges name one tariff,
 * and whatever is worked out of it (its id, its timetable) need be worked out once. Of the object given
 * nothing is kept. Takes only what was checked: the text of anything else might have no end.
 */
export function keepTariff(tariff: Tariff): Tariff {
  const text = JSON.stringify(tariff);
  const found = known.get(text);
  if (found !== undefined) return found;
  if (text.length > maxLength) return tariff;
  const copy = freeze(JSON.parse(text) as Tariff);
  if (known.size >= capacity) known.delete(known.keys().next().value as string);
  known.set(text, copy);
  kept.add(copy);
  return copy;
}

/** Whether nobody can change this tariff any more. */
export const isKept = (tariff: Tariff): boolean => kept.has(tariff);

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
