import { ChainFault } from './ChainFault.ts';

/** One question to a node, as viem puts it. */
export type RpcCall = { readonly method: string; readonly params?: unknown };

/** The node answered, with an error of JSON-RPC: a contract's revert (`data`), or the node's own. */
export class RpcAnswerError extends Error {
  override readonly name = 'RpcAnswerError';
  readonly code: number;
  readonly data: unknown;

  constructor(answer: { readonly code: number; readonly message: string; readonly data: unknown }) {
    super(answer.message);
    this.code = answer.code;
    this.data = answer.data;
  }
}

/**
 * Errors that speak of the node and not of the question, so that another node may know better: internal error, too
 * much asked, unknown method, resource not available (JSON-RPC 2.0 section 5.1, EIP-1474).
 */
const nodesOwnCodes: readonly number[] = [-32603, -32601, -32002, -32004, -32005];

export function isNodesOwnError(error: unknown): boolean {
  return error instanceof RpcAnswerError && error.data === undefined && nodesOwnCodes.includes(error.code);
}

/** The node's place without user, password or path, which may hold secrets. */
export function nameEndpoint(url: string): string {
  return new URL(url).host;
}

let askedCount = 0;

/**
 * Puts one question to one node over HTTP. Throws `RpcAnswerError` for an error that the node answered, and the
 * `ChainFault` `rpc-unreachable` for everything that is no answer to this question: silence, HTML, a body without a
 * result, the answer to another question.
 */
export async function askRpc(url: string, call: RpcCall, timeoutMs: number): Promise<unknown> {
  const id = ++askedCount;
  const fail = (detail: string, cause?: unknown) =>
    new ChainFault('rpc-unreachable', `${nameEndpoint(url)}: ${detail}`, { cause });
  let status: number;
  let text: string;
  const { username, password, href } = splitCredentials(url);
  const signal = AbortSignal.timeout(timeoutMs);
  const post = async () => {
    const response = await fetch(href, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(username !== '' && { authorization: `Basic ${btoa(`${username}:${password}`)}` }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method: call.method, params: call.params ?? [] }),
      signal,
    });
    return { status: response.status, text: await response.text() };
  };
  try {
    ({ status, text } = await post().catch((cause) => (wasHungUp(cause) ? post() : Promise.reject(cause))));
  } catch (cause) {
    const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
    throw fail(isTimeout ? `no answer within ${timeoutMs} ms` : 'no connection', cause);
  }
  const answer = parseAnswer(text);
  if (answer === null || answer.id !== id)
    throw fail(`no answer of JSON-RPC to ${call.method} (HTTP ${status})`);
  if (isError(answer.error)) throw new RpcAnswerError({ ...answer.error, data: answer.error.data });
  if (answer.result === undefined) throw fail(`${call.method} was answered without a result`);
  return answer.result;
}

/**
 * A node closes connections that were idle for some seconds, and whoever was busy meanwhile notices by asking. Asking
 * once more is harmless: questions change nothing, and the same signed transaction is the same transaction.
 */
function wasHungUp(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}

function splitCredentials(url: string) {
  const parsed = new URL(url);
  const [username, password] = [decodeURIComponent(parsed.username), decodeURIComponent(parsed.password)];
  parsed.username = '';
  parsed.password = '';
  return { username, password, href: parsed.href };
}

function parseAnswer(text: string): { id?: unknown; result?: unknown; error?: unknown } | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : null;
  } catch {
    return null;
  }
}

function isError(error: unknown): error is { code: number; message: string; data?: unknown } {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'number' && typeof message === 'string';
}
