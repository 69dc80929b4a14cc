import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/** An EVSE-ID (ISO 15118-2 Annex H, eMI3): which charging point in Europe. It has no check digit. */
export interface EvseId {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly operator: string;
  /** What follows the type letter `E`, without separators: 1 to 30 characters. */
  readonly outlet: string;
}

export type EvseIdRefusal = 'not-an-evse-id';

const shape = /^[A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9*]{1,31}$/;

/** Reads an EVSE-ID in any case, with or without `*`. Pools, stations and old DIN ids (`+49*…`) are refused. */
export function parseEvseId(text: unknown): Result<EvseId, EvseIdRefusal> {
  const upper = typeof text === 'string' && text.length <= 40 ? text.toUpperCase() : '';
  const plain = upper.replaceAll('*', '');
  if (!shape.test(upper) || plain.length < 7)
    return refuse('not-an-evse-id', 'an EVSE-ID is country, operator, E and 1 to 31 characters');
  return accept({ country: plain.slice(0, 2), operator: plain.slice(2, 5), outlet: plain.slice(6) });
}

/** Upper case without separators, as signed and compared: `DEICEE45B78C`. */
export const formatEvseId = ({ country, operator, outlet }: EvseId): string =>
  `${country}${operator}E${outlet}`;

/** With separators between its parts, for people: `DE*ICE*E45B78C`. */
export const printEvseId = ({ country, operator, outlet }: EvseId): string =>
  `${country}*${operator}*E${outlet}`;

/** Whether two texts name the same charging point; false where one of them is no EVSE-ID. */
export function isSameEvse(one: string, other: string): boolean {
  const [a, b] = [parseEvseId(one), parseEvseId(other)];
  return a.ok && b.ok && formatEvseId(a.value) === formatEvseId(b.value);
}
