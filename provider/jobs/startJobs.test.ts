import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestProvider, type TestProvider } from '../testing/testProvider.ts';
import type { Job } from './Job.ts';
import { runOnce, startJobs } from './startJobs.ts';

let provider: TestProvider;
beforeAll(async () => {
  provider = await openTestProvider();
});
afterAll(() => provider.close());

const job = (name: string, run: Job['run'], everyS = 0.01): Job => ({ name, everyS: () => everyS, run });

test('a job runs again and again, also after a fault, until it is stopped', async () => {
  let runs = 0;
  const running = startJobs(provider.context, [
    job('flaky', () => {
      runs += 1;
      return runs % 2 === 0 ? Promise.reject(new Error('away')) : Promise.resolve();
    }),
  ]);
  while (runs < 5) await delay(5);
  await running.stop();
  const counted = runs;
  await delay(50);
  expect(runs).toBe(counted);
  const metrics = await provider.context.metrics.registry.metrics();
  expect(metrics).toContain('p2p_power_jobs_total{job="flaky",outcome="failed"}');
});

test('of two at once one runs, as two processes on one database would', async () => {
  let runs = 0;
  let end = () => {};
  const isEnded = new Promise<void>((resolve) => {
    end = resolve;
  });
  const slow = job('slow', () => {
    runs += 1;
    return isEnded;
  });
  const { signal } = new AbortController();
  const first = runOnce(provider.context, slow, signal);
  while (runs < 1) await delay(5);
  await Promise.all([2, 3].map(() => runOnce(provider.context, slow, signal)));
  expect(runs).toBe(1);
  end();
  await first;
  await runOnce(provider.context, slow, signal);
  expect(runs).toBe(2);
});

test('stopping waits for the run under way, which hears of it', async () => {
  let ended = false;
  const running = startJobs(provider.context, [
    job('patient', async (_context, signal) => {
      while (!signal.aborted) await delay(5);
      await delay(30);
      ended = true;
    }),
  ]);
  await delay(50);
  await running.stop();
  expect(ended).toBe(true);
  await expect(running.runNow('unknown')).rejects.toThrow('there is no job unknown');
});
