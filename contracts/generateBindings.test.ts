import { expect, test } from 'vitest';
import { generateBindings } from './generateBindings.ts';

test('the committed bindings are what the contracts compile to', () => {
  expect(generateBindings({ check: true })).toEqual([]);
}, 120_000);
