import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addCounts,
  countForge,
  countOne,
  countVitest,
  listForgeFailures,
  mindExitCode,
  printCount,
} from './CheckCount.ts';

const vitestReport = (files: readonly { status: string; tests: readonly string[] }[]) =>
  JSON.stringify({
    testResults: files.map((file) => ({
      status: file.status,
      assertionResults: file.tests.map((status) => ({ status })),
    })),
  });

describe('vitest reports', () => {
  test('count each test by its status', () => {
    const report = vitestReport([
      { status: 'passed', tests: ['passed', 'passed', 'pending'] },
      { status: 'failed', tests: ['passed', 'failed', 'todo'] },
    ]);
    expect(countVitest(report)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  test('a file that could not be loaded is one failure', () => {
    expect(countVitest(vitestReport([{ status: 'failed', tests: [] }]))).toEqual({
      passed: 0,
      failed: 1,
      skipped: 0,
    });
  });

  test('a file whose teardown failed after passing tests is a failure too', () => {
    expect(countVitest(vitestReport([{ status: 'failed', tests: ['passed'] }])).failed).toBe(1);
  });

  test('an empty or torn report is one failure', () => {
    for (const torn of ['', '{', 'null', '[]', '{"testResults":{}}'])
      expect(countVitest(torn)).toEqual(countOne(false));
  });
});

describe('forge reports', () => {
  const report = JSON.stringify({
    'test/Clearing.t.sol:ClearingTest': {
      test_results: {
        'test_settle()': { status: 'Success' },
        'testFuzz_claim(uint256)': { status: 'Failure', reason: 'nothing to claim' },
        'test_later()': { status: 'Skipped' },
      },
    },
    'test/ChargeToken.t.sol:ChargeTokenTest': {
      test_results: { 'invariant_supply()': { status: 'Success' } },
    },
  });

  test('count each test by its status', () => {
    expect(countForge(report)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  test('name what failed and why', () => {
    expect(listForgeFailures(report)).toEqual([
      'test/Clearing.t.sol:ClearingTest testFuzz_claim(uint256): nothing to claim',
    ]);
  });

  test('what is no report is one failure', () => {
    for (const torn of ['', 'Compiler run failed', '[]', '{"suite":{}}'])
      expect(countForge(torn).failed).toBe(1);
  });
});

describe('the exit code', () => {
  test('turns a clean count into a failure when the tool failed', () => {
    expect(mindExitCode({ passed: 4, failed: 0, skipped: 0 }, 1).failed).toBe(1);
  });

  test('does not add to failures that are counted already', () => {
    expect(mindExitCode({ passed: 4, failed: 2, skipped: 0 }, 1).failed).toBe(2);
  });

  test('of success does not excuse a run of no test', () => {
    expect(mindExitCode({ passed: 0, failed: 0, skipped: 3 }, 0).failed).toBe(1);
  });
});

test('counts add up in any order and never get lost', () => {
  const count = fc.record({ passed: fc.nat(1e6), failed: fc.nat(1e6), skipped: fc.nat(1e6) });
  fc.assert(
    fc.property(fc.array(count), (counts) => {
      const sum = addCounts(counts);
      expect(addCounts([...counts].reverse())).toEqual(sum);
      expect(sum.passed).toBe(counts.reduce((total, { passed }) => total + passed, 0));
    }),
  );
});

test('the last line is plain', () => {
  expect(printCount({ passed: 12, failed: 0, skipped: 2 })).toBe('12 passed, 0 failed');
});

test('no text makes a counter throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      countVitest(text);
      countForge(text);
      listForgeFailures(text);
    }),
  );
});
