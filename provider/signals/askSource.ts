import { isRecord } from '@p2p-power/protocol/SignedObject';
import { fault } from './quarterHours.ts';
import type { SourceAnswer } from './SignalFault.ts';
import type { SourcePorts } from './SignalSource.ts';

/** Most bytes of an answer. */
export const maxAnswerBytes = 4 * 1024 * 1024;
const usualTimeoutMs = 20_000;
/** Nobody is left alone longer than that. */
const maxRetryAfterS = 6 * 3_600;

export interface Question {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Statuses beside 200 whose body is the answer all the same. */
  readonly alsoAnswers?: readonly number[];
}

/**
 * Asks over HTTP and reads the whole answer as text: within a time, up to a size, without following
 * redirects. Details name neither address nor body, because both may hold secrets.
 */
export async function askSource(
  ports: SourcePorts,
  question: Question,
  signal: AbortSignal,
): Promise<SourceAnswer<string>> {
  // Own timer and own race: a signal that only a request holds may be collected, and then nobody hears of it.
  const stopping = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stopping.abort();
  }, ports.timeoutMs ?? usualTimeoutMs);
  const stop = () => stopping.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([answerOf(ports, question, stopping.signal), aborted(stopping.signal)]);
  } catch (error) {
    if (isLate) return fault('source-timeout', 'no whole answer in time');
    return fault('source-unreachable', reasonOf(error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // What is still under way has no reader any more.
    stopping.abort();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
}

async function answerOf(
  ports: SourcePorts,
  question: Question,
  signal: AbortSignal,
): Promise<SourceAnswer<string>> {
  const response = await ports.fetch(
    new Request(question.url, {
      method: question.method ?? 'GET',
      headers: { accept: 'application/json, application/xml;q=0.9', ...question.headers },
      ...(question.body !== undefined && { body: question.body }),
      redirect: 'manual',
      signal,
    }),
  );
  const { status } = response;
  if (status === 200 || question.alsoAnswers?.includes(status)) return readText(response, signal);
  await response.body?.cancel();
  return refusalOf(status, response.headers.get('retry-after'), ports.nowS());
}

/** The same, and the answer is JSON. */
export async function askForJson(
  ports: SourcePorts,
  question: Question,
  signal: AbortSignal,
): Promise<SourceAnswer<unknown>> {
  const answer = await askSource(ports, question, signal);
  return answer.ok ? readJsonText(answer.value) : answer;
}

export function readJsonText(text: string): SourceAnswer<unknown> {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return fault('not-json', `${text.length} characters that are no JSON`);
  }
}

/** A list of objects in untrusted JSON. */
export function recordsOf(json: unknown): readonly Record<string, unknown>[] | undefined {
  return Array.isArray(json) && json.every(isRecord) ? json : undefined;
}

function refusalOf(status: number, retryAfter: string | null, now: number): SourceAnswer<never> {
  const detail = `status ${status}`;
  if (status >= 300 && status < 400) return fault('source-redirects', detail);
  if (status === 401 || status === 403) return fault('source-denies', detail);
  const wait = waitOf(retryAfter, now);
  const name = status === 429 ? 'source-busy' : 'source-failed';
  return { ...fault(name, detail), ...(wait !== undefined && { retryAfterS: wait }) };
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3). */
function waitOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil(Date.parse(header) / 1000) - now;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, seconds), maxRetryAfterS);
}

async function readText(response: Response, signal: AbortSignal): Promise<SourceAnswer<string>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  signal.addEventListener('abort', () => void reader?.cancel().catch(() => undefined), { once: true });
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    length += part.value.length;
    if (length > maxAnswerBytes) {
      await reader?.cancel();
      return fault('answer-too-large', `more than ${maxAnswerBytes} bytes`);
    }
    chunks.push(part.value);
  }
  return { ok: true, value: Buffer.concat(chunks).toString('utf8') };
}

/** What went wrong in words, without the address. */
function reasonOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return 'the connection broke';
}
