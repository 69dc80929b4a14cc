import { expect, test } from 'vitest';
import { reloadOnce } from './reloadOnce.ts';

function sessionOf(entries = new Map<string, string>()) {
  return {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
  };
}

test('a part that is missing reloads the page once in a session, not for ever', () => {
  const session = sessionOf();
  let reloads = 0;
  const count = () => {
    reloads += 1;
  };
  const page = { session: () => session, reload: count };
  expect([reloadOnce(page), reloadOnce(page), reloadOnce(page)]).toEqual([true, false, false]);
  expect(reloads).toBe(1);
  expect(reloadOnce({ ...page, session: () => sessionOf() })).toBe(true);
});

test.each([
  [
    'denies the session',
    () => {
      throw new DOMException('denied', 'SecurityError');
    },
  ],
  [
    'keeps nothing',
    () => ({
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    }),
  ],
])('a browser that %s is not reloaded at all', (_name, session) => {
  let reloads = 0;
  const count = () => {
    reloads += 1;
  };
  expect(reloadOnce({ session, reload: count })).toBe(false);
  expect(reloads).toBe(0);
});
