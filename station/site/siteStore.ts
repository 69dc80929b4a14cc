import { existsSync, readFileSync } from 'node:fs';
import type { Lease } from '@p2p-power/planning/Lease';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { writeFileDurably } from '../writeFileDurably.ts';

/** What a member of a site must not forget: what it has lent, and the number of its last message then. */
export interface SiteMemory {
  readonly lent: readonly Lease[];
  readonly number: number;
}

export interface SiteStore {
  read(): SiteMemory;
  /** Durable when it returns. */
  keep(memory: SiteMemory): void;
}

/** A site's memory in a file. What cannot be read counts as forgotten: the wait after a start covers that. */
export function siteFile(path: string, { id }: { readonly id: string }): SiteStore {
  return {
    read() {
      if (!existsSync(path)) return { lent: [], number: 0 };
      try {
        const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
        if (isRecord(json) && Array.isArray(json.lent) && Number.isSafeInteger(json.number))
          return { lent: json.lent.filter((lease) => isLeaseOf(id, lease)), number: json.number as number };
      } catch {
        // Torn or foreign: nothing of it is believed.
      }
      return { lent: [], number: 0 };
    },
    keep: (memory) => writeFileDurably(path, JSON.stringify(memory), 0o600),
  };
}

function isLeaseOf(id: string, value: unknown): value is Lease {
  return (
    isRecord(value) &&
    value.from === id &&
    typeof value.to === 'string' &&
    Number.isSafeInteger(value.until) &&
    Array.isArray(value.powerW) &&
    value.powerW.length === 4 &&
    value.powerW.every((one) => Number.isSafeInteger(one) && one >= 0)
  );
}
