import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryStore } from './Store.ts';

const key = fc.constantFrom('charge/1', 'charge/2', 'charges', 'key/1', 'settings');
const step = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key, value: fc.integer() }),
  fc.record({ type: fc.constant('remove' as const), key }),
);

test('keeps what was put last and lists by prefix in the order of keys, whatever was done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const store = memoryStore();
      const model = new Map<string, number>();
      for (const done of steps)
        if (done.type === 'put') {
          model.set(done.key, done.value);
          await store.put(done.key, done.value);
        } else {
          model.delete(done.key);
          await store.remove(done.key);
        }
      for (const name of ['charge/1', 'settings', 'nothing'])
        expect(await store.get(name)).toBe(model.get(name));
      for (const prefix of ['', 'charge/', 'charge', 'x'])
        expect(await store.list(prefix)).toEqual(
          [...model].filter(([name]) => name.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
        );
    }),
  );
});

test('keeps a copy, as a database does: what is changed later is not changed in it', async () => {
  const store = memoryStore();
  const record = { state: 'running' };
  await store.put('charge/1', record);
  record.state = 'ended';
  expect(await store.get('charge/1')).toEqual({ state: 'running' });
});
