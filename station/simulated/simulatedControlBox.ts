import { existsSync, readFileSync } from 'node:fs';
import { writeFileDurably } from '../writeFileDurably.ts';

/** What a grid operator's control box says: an order of so many W for the whole site, none, or nothing at all. */
export type SimulatedOrder = number | 'none' | 'silent';

/** A control box for tests and demos; its order stays over a restart, as the position of a real one's relay does. */
export interface SimulatedControlBox {
  readonly order: () => SimulatedOrder;
  set(order: SimulatedOrder): void;
  /** As a driver answers it (station/Hardware.ts). */
  readonly dimmedToW: () => number | null | undefined;
}

const mostPowerW = 30_000_000;

/** An order out of untrusted JSON; undefined: it is none. */
export const readOrder = (json: unknown): SimulatedOrder | undefined => {
  if (json === 'none' || json === 'silent') return json;
  return Number.isSafeInteger(json) && (json as number) >= 0 && (json as number) <= mostPowerW
    ? (json as number)
    : undefined;
};

/** The box with its order in a file; without one it has none. A file that cannot be read is a silent box. */
export function simulatedControlBox(path: string): SimulatedControlBox {
  let order = existsSync(path) ? read(path) : 'none';
  return {
    order: () => order,
    set(next) {
      writeFileDurably(path, JSON.stringify(next), 0o600);
      order = next;
    },
    dimmedToW() {
      if (order === 'silent') return undefined;
      return order === 'none' ? null : order;
    },
  };
}

function read(path: string): SimulatedOrder {
  try {
    return readOrder(JSON.parse(readFileSync(path, 'utf8'))) ?? 'silent';
  } catch {
    return 'silent';
  }
}
