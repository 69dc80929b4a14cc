import { sql } from 'kysely';
import type { ProviderContext } from '../ProviderContext.ts';
import type { Job } from './Job.ts';

export interface RunningJobs {
  /** Runs a job now and waits for its end; throws what it throws. */
  runNow(name: string): Promise<void>;
  /** Asks running jobs to stop and waits for them. */
  stop(): Promise<void>;
}

/**
 * Runs jobs, each for itself: a fault is logged and counted, and the next run tries again. Of several
 * processes on one database one runs a job at a time (a lock in the database).
 */
export function startJobs(context: ProviderContext, jobs: readonly Job[]): RunningJobs {
  const stopping = new AbortController();
  const loops = jobs.map((job) => runAgainAndAgain(context, job, stopping.signal));
  return {
    async runNow(name) {
      const job = jobs.find((known) => known.name === name);
      if (job === undefined) throw new Error(`there is no job ${name}`);
      await runOnce(context, job, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function runAgainAndAgain(context: ProviderContext, job: Job, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await runOnce(context, job, signal);
    } catch (error) {
      if (!signal.aborted) context.log.warn({ job: job.name, error: wordsOf(error) }, 'job failed');
    }
    await pause(job.everyS(context) * 1000, signal);
  }
}

/** One run under the job's lock; nothing happens where another process has it. */
export async function runOnce(context: ProviderContext, job: Job, signal: AbortSignal): Promise<void> {
  try {
    await context.db.connection().execute(async (held) => {
      const locked = await sql<{ taken: boolean }>`
        select pg_try_advisory_lock(hashtext(${`p2p-power job ${job.name}`})) as taken`.execute(held);
      if (!locked.rows[0]?.taken) return;
      try {
        await job.run(context, signal);
      } finally {
        await sql`select pg_advisory_unlock(hashtext(${`p2p-power job ${job.name}`}))`.execute(held);
      }
    });
    context.metrics.jobs.inc({ job: job.name, outcome: 'done' });
  } catch (error) {
    context.metrics.jobs.inc({ job: job.name, outcome: 'failed' });
    throw error;
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${wordsOf(error.cause)}`;
}

/** Waits, but not past the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
