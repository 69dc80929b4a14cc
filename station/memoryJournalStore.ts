import type { JournalEntry, JournalStore } from './Ports.ts';

/**
 * A journal store in memory, for the simulation and for tests of what comes after a kill: what was
 * appended stays as long as the object, whoever reopens it. `close` closes nothing.
 */
export function memoryJournalStore(): JournalStore & { readonly entries: JournalEntry[] } {
  const entries: JournalEntry[] = [];
  const latest = new Map<string, JournalEntry>();
  const texts = new Map<string, string>();
  let alive: number | undefined;
  const key = (kind: string, subject: string) => `${kind} ${subject}`;
  return {
    entries,
    append(added) {
      for (const entry of added) {
        entries.push(entry);
        latest.set(key(entry.kind, entry.subject), entry);
      }
    },
    last: () => entries.at(-1),
    read: (from, limit) => entries.slice(from - 1, from - 1 + limit),
    find: (kind, subject) => latest.get(key(kind, subject)),
    latest: (kind) => entries.findLast((entry) => entry.kind === kind),
    subjectsWithout: (kind, without) =>
      entries
        .filter((entry) => entry.kind === kind && !latest.has(key(without, entry.subject)))
        .map((entry) => entry.subject),
    keep: (name, text) => {
      texts.set(name, text);
    },
    kept: (name) => texts.get(name),
    markAlive: (at) => {
      alive = at;
    },
    aliveAt: () => alive,
    bytes: () => entries.reduce((sum, entry) => sum + entry.body.length + 200, 0),
    tidy() {},
    close() {},
  };
}
