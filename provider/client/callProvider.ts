import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

export interface CallSettings {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Asked at each call; undefined = as anyone. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  readonly fetch?: (
    request: Request,
    init?: { readonly signal: AbortSignal },
  ) => Promise<Response> | Response;
  readonly timeoutMs?: number;
}

/**
 * One call of a provider's interface. A problem document (RFC 9457) becomes the refusal of its name;
 * an answer without content becomes undefined.
 */
export async function callProvider<Value>(
  settings: CallSettings,
  method: string,
  path: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<Result<Value, string>> {
  const answer = await callForText(settings, method, path, { accept: 'application/json', body, contentType });
  if (!answer.ok) return answer;
  const json = parseJson(answer.value);
  if (answer.value !== '' && json === undefined) return refuse('malformed-answer', 'the answer is not JSON');
  return accept(json as Value);
}

/** The same for an answer that is a text, such as CSV: refusals are problem documents all the same. */
export async function callForText(
  settings: CallSettings,
  method: string,
  path: string,
  asked: { readonly accept: string; readonly body?: unknown; readonly contentType?: string },
): Promise<Result<string, string>> {
  const { accept: accepted, body, contentType = 'application/json' } = asked;
  const token = await settings.token?.();
  const headers: Record<string, string> = { accept: accepted };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = contentType;
  const fetch: NonNullable<typeof settings.fetch> =
    settings.fetch ?? ((request, init) => globalThis.fetch(request, init));
  let response: Response;
  let text: string;
  try {
    response = await fetch(
      new Request(`${settings.baseUrl}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
      // A signal that only the request holds may be collected while the body comes, and then nobody hears of it.
      { signal: AbortSignal.timeout(settings.timeoutMs ?? 30_000) },
    );
    text = await response.text();
  } catch (fault) {
    return refuse('provider-unreachable', `${settings.baseUrl}: ${(fault as Error).message}`);
  }
  if (response.ok) return accept(text);
  const { refusal, detail } = (parseJson(text) ?? {}) as { refusal?: unknown; detail?: unknown };
  if (typeof refusal !== 'string')
    return refuse('malformed-answer', `the answer is ${response.status} without a problem document`);
  return refuse(refusal, typeof detail === 'string' ? detail : '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `?a=1&b=2` of those that are given; empty where none is. */
export function queryOf(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
