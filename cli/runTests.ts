/**
 * The whole test command: types, lint, unused code, the contracts' format, gas and tests, all vitest suites
 * (generated code is compared there) and the end-to-end suites by themselves. Prints as it goes; the last line is `N passed, N failed`
 * and the exit code is 1 when anything failed.
 *
 *   npm test                  everything
 *   npm test -- lint vitest   only the steps whose names begin so
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  addCounts,
  type CheckCount,
  countForge,
  countOne,
  countVitest,
  listForgeFailures,
  mindExitCode,
  printCount,
} from './CheckCount.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One step of the test command: what runs and how its outcome is counted. */
interface TestStep {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Where the tool writes a report; it is told by `--outputFile` or prints it on standard output. */
  readonly report?: 'file' | 'output';
  readonly count?: (report: string) => CheckCount;
  /** After which a step that hangs is ended and has failed. */
  readonly timeoutMs: number;
}

const minutes = (count: number) => count * 60_000;

/** Many tests wait for processes of their own: two cores are busy with two workers, not with one. */
const workers = Math.max(2, availableParallelism() - 1);

const steps: readonly TestStep[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'typecheck'], timeoutMs: minutes(5) },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'], timeoutMs: minutes(3) },
  { name: 'unused', command: ['npm', 'run', '--silent', 'unused'], timeoutMs: minutes(3) },
  {
    name: 'contracts-format',
    command: ['npm', 'run', '--silent', 'format:check', '-w', 'contracts'],
    timeoutMs: minutes(3),
  },
  {
    name: 'contracts-gas',
    command: ['npm', 'run', '--silent', 'snapshot:check', '-w', 'contracts'],
    timeoutMs: minutes(5),
  },
  {
    name: 'forge',
    command: ['node', 'contracts/runForge.ts', 'test', '--json'],
    report: 'output',
    count: countForge,
    timeoutMs: minutes(10),
  },
  {
    name: 'vitest',
    command: [
      'vitest',
      'run',
      '--exclude=cli/e2e/**',
      `--maxWorkers=${workers}`,
      '--reporter=default',
      '--reporter=json',
    ],
    report: 'file',
    count: countVitest,
    timeoutMs: minutes(30),
  },
  {
    name: 'end-to-end',
    command: ['vitest', 'run', 'cli/e2e', '--no-file-parallelism', '--reporter=verbose', '--reporter=json'],
    report: 'file',
    count: countVitest,
    timeoutMs: minutes(10),
  },
];

/** Runs one command to its end; on `report: 'output'` its standard output is kept instead of shown. */
function runCommand(step: TestStep, reportFile: string): Promise<{ exitCode: number; output: string }> {
  const [command, ...args] = step.command;
  const child = spawn(command, step.report === 'file' ? [...args, `--outputFile=${reportFile}`] : args, {
    cwd: root,
    env: {
      ...process.env,
      NO_COLOR: '1',
      PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    },
    stdio: ['ignore', step.report === 'output' ? 'pipe' : 'inherit', 'inherit'],
    // A group of its own, so that a step that hangs is ended with all that it started.
    detached: true,
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const timer = setTimeout(() => {
    console.log(`  ${step.name} did not end within ${step.timeoutMs / 60_000} minutes and is stopped`);
    killGroup(child.pid);
  }, step.timeoutMs);
  running = child.pid;
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      running = undefined;
      resolve({ exitCode: exitCode ?? 1, output });
    });
  });
}

/** The group that runs now. */
let running: number | undefined;

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

async function runStep(step: TestStep, folder: string): Promise<CheckCount> {
  const startedAt = performance.now();
  const reportFile = join(folder, `${step.name}.json`);
  console.log(`\n── ${step.name}: ${step.command.join(' ')}`);
  const { exitCode, output } = await runCommand(step, reportFile);
  const report = step.report === 'file' ? readReport(reportFile) : output;
  const count = mindExitCode(step.count?.(report) ?? countOne(exitCode === 0), exitCode);
  if (step.name === 'forge') {
    for (const failure of listForgeFailures(report)) console.log(`  ✗ ${failure}`);
    if (exitCode !== 0 && count.passed === 0) console.log(report.slice(0, 10_000));
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  console.log(
    `${count.failed === 0 ? '✓' : '✗'} ${step.name}: ${printCount(count)}${skipped} in ${seconds} s`,
  );
  return count;
}

function readReport(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const wanted = process.argv.slice(2);
const chosen = steps.filter(
  ({ name }) => wanted.length === 0 || wanted.some((want) => name.startsWith(want)),
);
const folder = mkdtempSync(join(tmpdir(), 'p2p-power-tests-'));
const counts: CheckCount[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    killGroup(running);
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
try {
  for (const step of chosen) counts.push(await runStep(step, folder));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const total = mindExitCode(addCounts(counts), 0);
console.log(`\n${printCount(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
