import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Ledger, openLedger } from './LedgerModel.ts';

/** A ledger as JSON text: amounts as `"123n"`, maps and sets as lists, so that a fold can be stopped and taken up again. */
export function encodeLedger(ledger: Ledger): string {
  return JSON.stringify(ledger, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Map) return { map: [...value] };
    if (value instanceof Set) return { set: [...value] };
    return value;
  });
}

/** Reads back what `encodeLedger` wrote. It is our own file: what is checked is that it is whole and of this form. */
export function parseLedger(text: string): Result<Ledger, 'ledger-malformed'> {
  let read: unknown;
  try {
    read = JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'string' && /^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1));
      if (isTagged(value, 'map')) return new Map(value.map);
      if (isTagged(value, 'set')) return new Set(value.set);
      return value;
    });
  } catch (error) {
    return refuse('ledger-malformed', (error as Error).message);
  }
  if (typeof read !== 'object' || read === null) return refuse('ledger-malformed', 'not an object');
  const pattern = openLedger({ consortium: '0x', chargeToken: '0x', clearing: '0x', forcedClaims: '0x' });
  for (const [name, value] of Object.entries(pattern)) {
    const found = (read as Record<string, unknown>)[name];
    const fits =
      value === null
        ? found === null || typeof found === 'string'
        : typeof found === typeof value && found?.constructor === value.constructor;
    if (!fits) return refuse('ledger-malformed', name);
  }
  return accept(read as Ledger);
}

function isTagged<Tag extends 'map' | 'set'>(
  value: unknown,
  tag: Tag,
): value is Record<Tag, [unknown, unknown][]> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 1 &&
    Array.isArray((value as Record<string, unknown>)[tag])
  );
}
