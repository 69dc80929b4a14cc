import { expect, test } from 'vitest';
import { allErrorsAbi } from './ChainClient.ts';
import { chainRefusals } from './ChainRefusal.ts';

test('every error of the contracts has a refusal, and every refusal an error', () => {
  const errors = new Set(allErrorsAbi.map((entry) => (entry.type === 'error' ? entry.name : '')));
  // Raised inside of what the contracts call, so not in their own ABIs.
  const inherited = Object.keys(chainRefusals).filter((name) => !errors.has(name));
  expect([...errors].filter((name) => !Object.hasOwn(chainRefusals, name))).toEqual([]);
  expect(inherited).toEqual([]);
});

test('refusals are named in one way', () => {
  for (const refusal of Object.values(chainRefusals)) expect(refusal).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
