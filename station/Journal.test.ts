import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalJson } from './canonicalJson.ts';
import { entryHash, genesisHash, openJournal } from './Journal.ts';
import { JournalFault } from './JournalFault.ts';
import { memoryJournalStore } from './memoryJournalStore.ts';
import type { JournalEntry, JournalStore } from './Ports.ts';
import { sqliteJournalStore } from './sqliteJournalStore.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fill = (store: JournalStore, count: number) => {
  const journal = openJournal(store);
  for (let number = 1; number <= count; number += 1)
    journal.append(1_000 + number, [{ kind: 'reading', subject: `session ${number % 3}`, body: { number } }]);
  return journal;
};

describe('the chain', () => {
  test('each entry names the hash of the one before', () => {
    const store = memoryJournalStore();
    fill(store, 3);
    expect(store.entries.map(({ previousHash }) => previousHash)).toEqual([
      genesisHash,
      store.entries[0]?.hash,
      store.entries[1]?.hash,
    ]);
  });

  test('its hash is the one written down', () => {
    const entry: Omit<JournalEntry, 'hash'> = {
      number: 1,
      previousHash: genesisHash,
      at: 1_780_272_000,
      kind: 'authorized',
      subject: '0x01',
      body: '{"a":1}',
    };
    expect(entryHash(entry)).toMatchInlineSnapshot(
      `"0x658f72f47ff566a161ecd0b753e3a5144832a91b00926b039e67c2d0926d9c2e"`,
    );
  });

  test('any change of any field of any entry is found', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom('number', 'previousHash', 'at', 'kind', 'subject', 'body', 'hash' as const),
        (index, field) => {
          const store = memoryJournalStore();
          const journal = fill(store, 10);
          const entry = store.entries[index] as JournalEntry;
          const value = entry[field as keyof JournalEntry];
          const spoilt =
            typeof value === 'number' ? value + 1 : value.replace(/.$/, (last) => (last === '1' ? '2' : '1'));
          store.entries[index] = { ...entry, [field]: spoilt };
          expect(() => journal.verifyWhole()).toThrow(JournalFault);
        },
      ),
    );
  });

  test('a missing entry is found, at the end too', () => {
    const store = memoryJournalStore();
    const journal = fill(store, 10);
    store.entries.splice(4, 1);
    expect(() => journal.verifyWhole()).toThrow('entry 5');
    const other = memoryJournalStore();
    const cut = fill(other, 10);
    other.entries.pop();
    expect(() => cut.verifyWhole()).toThrow('ends with entry 9 instead of 10');
  });

  test('opening checks from the checkpoint on, all of it on demand', () => {
    const store = memoryJournalStore();
    fill(store, 10);
    openJournal(store);
    store.entries[2] = { ...(store.entries[2] as JournalEntry), body: '{"number":7}' };
    const reopened = openJournal(store);
    expect(() => reopened.verifyWhole()).toThrow('entry 3');
    // What lies before the checkpoint is checked whenever it is read.
    expect(() => reopened.find('reading', 'session 0')).not.toThrow();
    store.entries[9] = { ...(store.entries[9] as JournalEntry), body: '{}' };
    expect(() => openJournal(store)).toThrow('entry 10');
  });
});

describe('in SQLite', () => {
  test('is there again after it was reopened, and finds by kind and subject', () => {
    const store = sqliteJournalStore(folder);
    fill(store, 7);
    store.keep('name', 'first');
    store.keep('name', 'second');
    store.markAlive(1_234);
    store.tidy();
    store.close();
    const again = sqliteJournalStore(folder);
    const journal = openJournal(again);
    expect(journal.head().nextNumber).toBe(8);
    expect(again.find('reading', 'session 0')?.number).toBe(6);
    expect(again.latest('reading')?.number).toBe(7);
    expect(again.kept('name')).toBe('second');
    expect(again.aliveAt()).toBe(1_234);
    journal.append(9, [{ kind: 'done', subject: 'session 1', body: {} }]);
    expect(new Set(again.subjectsWithout('reading', 'done'))).toEqual(new Set(['session 2', 'session 0']));
    journal.verifyWhole();
    again.close();
  });

  test('writes all entries of one append or none', () => {
    const store = sqliteJournalStore(folder);
    const [first] = fill(store, 1).append(5, [{ kind: 'a', subject: '', body: 1 }]);
    expect(() => store.append([{ ...(first as JournalEntry), number: 3 }, first as JournalEntry])).toThrow(
      JournalFault,
    );
    expect(store.last()?.number).toBe(2);
    store.close();
  });

  test('belongs to one process at a time', () => {
    const store = sqliteJournalStore(folder);
    fill(store, 1);
    expect(() => sqliteJournalStore(folder)).toThrow(/in use by another process.*Stop that station first/s);
    store.close();
  });

  test('refuses a file that is torn, and says what to do', () => {
    const store = sqliteJournalStore(folder);
    fill(store, 200);
    store.tidy();
    store.close();
    const path = join(folder, 'journal.sqlite');
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
    expect(() => {
      const torn = sqliteJournalStore(folder);
      try {
        openJournal(torn);
      } finally {
        torn.close();
      }
    }).toThrow(/Do not delete it/);
    writeFileSync(path, 'no database at all, but long enough to be looked at as one'.repeat(20));
    expect(() => sqliteJournalStore(folder)).toThrow(/cannot be read.*Do not delete it/s);
  });

  test('refuses a tampered entry', () => {
    const store = sqliteJournalStore(folder);
    fill(store, 5);
    store.close();
    const database = new DatabaseSync(join(folder, 'journal.sqlite'));
    database.exec(`UPDATE entries SET body = '{"number":99}' WHERE number = 3`);
    database.close();
    const again = sqliteJournalStore(folder);
    expect(() => openJournal(again)).toThrow(/entry 3 does not fit the chain.*Do not delete it/s);
    again.close();
  });
});

describe('canonical JSON', () => {
  test('has one spelling', () => {
    expect(canonicalJson({ b: [1, { d: null, c: true }], a: 'ü"', left: undefined })).toBe(
      '{"a":"ü\\"","b":[1,{"c":true,"d":null}]}',
    );
    expect(() => canonicalJson(0.5)).toThrow(RangeError);
    expect(() => canonicalJson(1n)).toThrow(TypeError);
  });

  test('reads back as the same value, whatever it is, and is its own fixed point', () => {
    const leaf = fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(leaf, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
    })).value;
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
