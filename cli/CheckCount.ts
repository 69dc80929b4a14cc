import { isRecord } from '@p2p-power/protocol/SignedObject';
import { parseJson } from './parseJson.ts';

/** How many tests or checks held and how many did not; skipped ones are neither. */
export interface CheckCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const nothing: CheckCount = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(counts: readonly CheckCount[]): CheckCount {
  return counts.reduce(
    (sum, count) => ({
      passed: sum.passed + count.passed,
      failed: sum.failed + count.failed,
      skipped: sum.skipped + count.skipped,
    }),
    nothing,
  );
}

/** The runner's last line; nothing else may stand on it. */
export function printCount(count: CheckCount): string {
  return `${count.passed} passed, ${count.failed} failed`;
}

/** A check that is one yes or no, such as the type check. */
export function countOne(held: boolean): CheckCount {
  return { ...nothing, passed: held ? 1 : 0, failed: held ? 0 : 1 };
}

/**
 * A test tool's own exit code has the last word: when it says failure, the report counts at least one,
 * and a run in which no test ran has failed.
 */
export function mindExitCode(count: CheckCount, exitCode: number): CheckCount {
  const ranNothing = count.passed + count.failed === 0;
  return count.failed === 0 && (exitCode !== 0 || ranNothing) ? { ...count, failed: 1 } : count;
}

/**
 * Counts the report of `vitest --reporter=json`. A test file that could not even be loaded holds no
 * tests and counts as one failure. What is not a report is one failure.
 */
export function countVitest(reportJson: string): CheckCount {
  const report = parseJson(reportJson);
  if (!isRecord(report) || !Array.isArray(report.testResults)) return countOne(false);
  return addCounts(report.testResults.map(countVitestFile));
}

function countVitestFile(file: unknown): CheckCount {
  if (!isRecord(file) || !Array.isArray(file.assertionResults)) return countOne(false);
  const counts = file.assertionResults.map((test) => countStatus(isRecord(test) ? test.status : undefined));
  const sum = addCounts(counts);
  return file.status === 'failed' && sum.failed === 0 ? { ...sum, failed: 1 } : sum;
}

function countStatus(status: unknown): CheckCount {
  if (status === 'pending' || status === 'skipped' || status === 'todo' || status === 'disabled')
    return { ...nothing, skipped: 1 };
  return countOne(status === 'passed');
}

/** Counts the report of `forge test --json`: suites by name, each with its test results by signature. */
export function countForge(reportJson: string): CheckCount {
  const report = parseJson(reportJson);
  if (!isRecord(report)) return countOne(false);
  return addCounts(Object.values(report).map(countForgeSuite));
}

function countForgeSuite(suite: unknown): CheckCount {
  if (!isRecord(suite) || !isRecord(suite.test_results)) return countOne(false);
  return addCounts(
    Object.values(suite.test_results).map((result) => {
      const status = isRecord(result) ? result.status : undefined;
      return status === 'Skipped' ? { ...nothing, skipped: 1 } : countOne(status === 'Success');
    }),
  );
}

/** Names of forge tests that did not hold, with their reason, for the log. */
export function listForgeFailures(reportJson: string): readonly string[] {
  const report = parseJson(reportJson);
  if (!isRecord(report)) return [];
  return Object.entries(report).flatMap(([suiteName, suite]) =>
    isRecord(suite) && isRecord(suite.test_results)
      ? Object.entries(suite.test_results).flatMap(([test, result]) =>
          isRecord(result) && result.status === 'Failure'
            ? [`${suiteName} ${test}: ${String(result.reason ?? 'no reason given')}`]
            : [],
        )
      : [],
  );
}
