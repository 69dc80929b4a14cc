import { type Hex, isHex } from '@p2p-power/protocol/Hex';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import type { Backend, HandInResult } from './Ports.ts';

/** The provider did not answer as agreed; trying again later is safe. */
export class BackendFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendFault';
  }
}

const mostAnswerBytes = 16_000_000;
const mostSignals = 8;

/**
 * The provider's HTTP interface as far as a station needs it: `POST /hand-in`, `GET /trust-list`, `GET /signals`.
 * Throws BackendFault on anything but a sound answer in time.
 */
export function httpBackend(
  providerUrl: string,
  {
    timeoutMs = 20_000,
    stationCertificateId,
    sign = async () => ({}),
  }: {
    readonly timeoutMs?: number;
    /** Told when asking for trust list and signals, so that the provider knows that the station lives. */
    readonly stationCertificateId?: Hex;
    /** The headers by which a request is the station's own: the provider gives nobody else its signals (signRequest.ts). */
    readonly sign?: (request: {
      readonly url: string;
      readonly method: string;
      readonly body: string;
    }) => Promise<Readonly<Record<string, string>>>;
  } = {},
): Backend {
  const query = stationCertificateId === undefined ? '' : `?station=${stationCertificateId}`;
  const call = (path: string, init?: RequestInit) => callProvider(providerUrl, path, timeoutMs, init);
  return {
    async handIn(segments) {
      const answer = await call('/hand-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ segments }),
      });
      if (!isRecord(answer) || !Array.isArray(answer.results) || !answer.results.every(isResult))
        throw new BackendFault('POST /hand-in: not the answer that was agreed');
      return answer.results.map(
        ({ segmentId, acknowledgement, refusal, outcomes }: HandInResult): HandInResult => ({
          segmentId,
          ...(acknowledgement && { acknowledgement }),
          ...(refusal && { refusal }),
          outcomes: outcomes ?? [],
        }),
      );
    },
    async fetchSignals(holds) {
      const path = `/signals${query}${holds === undefined ? '' : `&holds=${holds}`}`;
      const headers = await sign({ url: urlAt(providerUrl, path), method: 'GET', body: '' });
      const answer = await call(path, { headers });
      if (!isRecord(answer) || !Array.isArray(answer.signals))
        throw new BackendFault('GET /signals: not the answer that was agreed');
      return answer.signals.slice(0, mostSignals);
    },
    async fetchTrustList() {
      return (await call(`/trust-list${query}`)) as TrustList;
    },
  };
}

export const urlAt = (providerUrl: string, path: string): string =>
  `${providerUrl.replace(/\/+$/, '')}${path}`;

/** One call to the provider, answered with JSON. Throws BackendFault with the provider's own words where it refuses. */
export async function callProvider(
  providerUrl: string,
  path: string,
  timeoutMs: number,
  init: RequestInit = {},
): Promise<unknown> {
  const name = `${init.method ?? 'GET'} ${path}`;
  const url = urlAt(providerUrl, path);
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await readText(response);
    if (!response.ok) throw new BackendFault(`${name}: ${response.status} ${reasonIn(text)}`);
    return text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof BackendFault) throw cause;
    throw new BackendFault(`${name}: ${reasonOf(cause)}`, { cause });
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) throw new BackendFault('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The name and words of a problem document (RFC 9457), or nothing. */
function reasonIn(text: string): string {
  try {
    const problem: unknown = JSON.parse(text);
    if (!isRecord(problem)) return '';
    return [problem.refusal, problem.detail].filter((part) => typeof part === 'string').join(': ');
  } catch {
    return '';
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message;
}

function isResult(value: unknown): boolean {
  return (
    isRecord(value) &&
    isHex(value.segmentId, 32) &&
    (value.refusal === undefined || typeof value.refusal === 'string') &&
    (value.outcomes === undefined || (Array.isArray(value.outcomes) && value.outcomes.every(isOutcome)))
  );
}

function isOutcome(value: unknown): boolean {
  return (
    isRecord(value) &&
    isHex(value.cdrId, 32) &&
    (value.outcome === 'accepted' || value.outcome === 'already-known' || value.outcome === 'refused')
  );
}
