import { Worker } from 'node:worker_threads';
import type { CourierKeyJson } from '@p2p-power/protocol/CourierKey';
import type { CheckedEvidence, CheckTrust } from './checkEvidence.ts';
import type { CheckedSegment } from './checkSegment.ts';
import { inlineChecks } from './inlineChecks.ts';

/** Judges what is handed in, as far as that needs no database. */
export interface CheckPool {
  checkSegment(segment: unknown): Promise<CheckedSegment>;
  checkEvidence(list: readonly unknown[]): Promise<readonly CheckedEvidence[]>;
  /** From now on believe these keys. */
  setTrust(trust: CheckTrust): void;
  close(): Promise<void>;
}

/** What a worker thread starts with. */
export interface CheckWorkerData {
  readonly trust: CheckTrust;
  /** Those that segments may still be sealed for; secrets, and kept in memory only. */
  readonly courierKeys: readonly CourierKeyJson[];
}

export type CheckTask =
  | { readonly kind: 'segment'; readonly segment: unknown }
  | { readonly kind: 'evidence'; readonly list: readonly unknown[] };

export type CheckMessage =
  | { readonly kind: 'trust'; readonly trust: CheckTrust }
  | (CheckTask & { readonly id: number });

export type CheckAnswer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };

/**
 * A pool of `size` worker threads, each with its own cache of certificates; with `size` 0 everything
 * is done in the calling thread, one after the other, for tests and simulation. A thread that dies
 * fails the tasks it had, which nobody was answered for, and is replaced.
 */
export function openCheckPool(data: CheckWorkerData, size: number): CheckPool {
  if (size === 0) return inlineChecks(data);
  let trust = data.trust;
  let closing = false;
  let nextId = 0;
  const seats = Array.from({ length: size }, () => openSeat());

  function openSeat() {
    const seat = { worker: start(), waiting: new Map<number, Waiting>() };
    return seat;
    function start(): Worker {
      const worker = new Worker(new URL('./checkWorker.ts', import.meta.url), {
        workerData: { trust, courierKeys: data.courierKeys },
      });
      worker.on('message', (answer: CheckAnswer) => {
        const task = seat.waiting.get(answer.id);
        seat.waiting.delete(answer.id);
        if (answer.ok) task?.resolve(answer.result);
        else task?.reject(new Error(answer.message));
      });
      worker.on('error', (error) => fail(error as Error));
      worker.on('exit', () => {
        fail(new Error('a checking thread ended'));
        if (!closing) seat.worker = start();
      });
      return worker;
    }
    function fail(error: Error): void {
      for (const task of seat.waiting.values()) task.reject(error);
      seat.waiting.clear();
    }
  }

  function run<Value>(task: CheckTask): Promise<Value> {
    if (closing) return Promise.reject(new Error('the checking threads are closed'));
    const seat = seats.reduce((least, one) => (one.waiting.size < least.waiting.size ? one : least));
    return new Promise<Value>((resolve, reject) => {
      const id = nextId++;
      seat.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      try {
        seat.worker.postMessage({ ...task, id } satisfies CheckMessage);
      } catch (error) {
        seat.waiting.delete(id);
        throw error;
      }
    });
  }

  return {
    checkSegment: (segment) => run<CheckedSegment>({ kind: 'segment', segment }),
    checkEvidence: (list) => run<readonly CheckedEvidence[]>({ kind: 'evidence', list }),
    setTrust(newTrust) {
      trust = newTrust;
      for (const seat of seats)
        seat.worker.postMessage({ kind: 'trust', trust: newTrust } satisfies CheckMessage);
    },
    async close() {
      closing = true;
      await Promise.all(seats.map((seat) => seat.worker.terminate()));
    },
  };
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}
