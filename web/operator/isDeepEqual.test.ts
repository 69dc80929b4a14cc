import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDeepEqual } from './isDeepEqual.ts';

const shuffled = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shuffled)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, inner]) => [name, shuffled(inner)]),
        )
      : value;

test('what is copied is the same, whatever the order of its fields', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(isDeepEqual(value, structuredClone(value))).toBe(true);
      expect(isDeepEqual(value, shuffled(value))).toBe(true);
    }),
  );
});

test('two values are the same exactly where the platform says so', () => {
  const small = fc.object({ key: fc.constantFrom('a', 'b'), maxDepth: 2, values: [fc.nat(2), fc.boolean()] });
  fc.assert(
    fc.property(small, small, (one, other) => {
      expect(isDeepEqual(one, other)).toBe(isDeepStrictEqual(one, other));
    }),
  );
});

test.each([
  [[], {}],
  [null, {}],
  [{ a: undefined }, { b: undefined }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [
    [1, 2],
    [2, 1],
  ],
  ['1', 1],
])('%j and %j differ', (one, other) => {
  expect(isDeepEqual(one, other)).toBe(false);
  expect(isDeepEqual(other, one)).toBe(false);
});
