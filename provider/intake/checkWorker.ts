import { parentPort, workerData } from 'node:worker_threads';
import type { CheckAnswer, CheckMessage, CheckWorkerData } from './CheckPool.ts';
import { inlineChecks } from './inlineChecks.ts';

/** The program of a checking thread: answers each task with its number. */
const port = parentPort;
if (port === null) throw new Error('checkWorker.ts runs as a worker thread');

const checks = inlineChecks(workerData as CheckWorkerData);

port.on('message', (message: CheckMessage) => {
  if (message.kind === 'trust') {
    checks.setTrust(message.trust);
    return;
  }
  const result =
    message.kind === 'segment' ? checks.checkSegment(message.segment) : checks.checkEvidence(message.list);
  result.then(
    (value) => port.postMessage({ id: message.id, ok: true, result: value } satisfies CheckAnswer),
    (error: unknown) =>
      port.postMessage({ id: message.id, ok: false, message: String(error) } satisfies CheckAnswer),
  );
});
