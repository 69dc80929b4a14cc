import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type JournalEntry, openAnvilJournal } from './AnvilJournal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hex = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const);
const time = fc.nat({ max: 4_000_000_000 });
const entry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({ kind: fc.constant('genesis' as const), chainId: fc.nat(), at: time }),
  fc.record({ kind: fc.constant('tx' as const), raw: hex }),
  fc.record({ kind: fc.constant('drop' as const), txHash: hex }),
  fc.record({ kind: fc.constant('mine' as const), at: time }),
);

test('cut off at any byte, it opens with the whole entries before the cut and goes on from there', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), fc.nat(), entry, (entries, seed, next) => {
      rmSync(join(folder, 'chain.log'), { force: true });
      const journal = openAnvilJournal(folder);
      for (const one of entries) journal.append(one);
      journal.close();
      const log = join(folder, 'chain.log');
      const bytes = readFileSync(log);
      const kept = bytes.subarray(0, seed % (bytes.length + 1));
      writeFileSync(log, kept);

      const whole = kept.filter((byte) => byte === 0x0a).length;
      const reopened = openAnvilJournal(folder);
      expect(reopened.entries).toEqual(entries.slice(0, whole));
      reopened.append(next);
      reopened.close();
      const again = openAnvilJournal(folder);
      expect(again.entries).toEqual([...entries.slice(0, whole), next]);
      again.close();
    }),
    { numRuns: 60 },
  );
});

test('a line that is no entry is told with its number', () => {
  for (const line of [
    '{}',
    'null',
    '7',
    '{"kind":"mine"}',
    '{"kind":"tx","raw":"zz"}',
    '{"kind":"genesis","at":1}',
  ]) {
    writeFileSync(join(folder, 'chain.log'), '{"kind":"mine","at":1}\n');
    appendFileSync(join(folder, 'chain.log'), `${line}\n`);
    expect(() => openAnvilJournal(folder)).toThrow('chain.log is damaged in line 2');
  }
});
