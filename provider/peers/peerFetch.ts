import type { ProviderContext } from '../ProviderContext.ts';
import { signRequest } from './signRequest.ts';

/** A peer that could not be asked: trying again later is safe. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault';
}

export type PeerContext = Pick<
  ProviderContext,
  'db' | 'clock' | 'config' | 'certificateSigner' | 'fetch' | 'random'
>;

/** Where a peer's server is: as configured, else as the consortium says. Throws PeerFault where nobody says. */
export async function peerUrl(context: PeerContext, peer: string): Promise<string> {
  const configured = context.config.peers.find((one) => one.providerId === peer)?.url;
  if (configured !== undefined) return configured;
  const member = await context.db
    .selectFrom('member')
    .select('url')
    .where('provider_id', '=', peer)
    .executeTakeFirst();
  if (member === undefined || member.url === '') throw new PeerFault(`nobody says where ${peer} is`);
  return member.url.replace(/\/+$/, '');
}

/**
 * Asks a peer, signed with our certificate key (RFC 9421). `path` is with query, `init.body` a text.
 * Each call is a new request with a nonce of its own, so that sending the same content again is not a
 * replay. Answers whatever the peer says; throws PeerFault where it cannot be reached.
 */
export async function peerFetch(
  context: PeerContext,
  peer: string,
  path: string,
  init: {
    readonly method?: string;
    readonly body?: string;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Response> {
  const url = `${await peerUrl(context, peer)}${path}`;
  const method = init.method ?? (init.body === undefined ? 'GET' : 'POST');
  const nonce = Buffer.from(context.random.bytes(16)).toString('hex');
  const signed = await signRequest(
    { url, method, ...(init.body !== undefined && { body: init.body }) },
    context.certificateSigner,
    context.clock.nowS(),
    nonce,
  );
  const timeout = AbortSignal.timeout(init.timeoutMs ?? 30_000);
  const signal = init.signal === undefined ? timeout : AbortSignal.any([init.signal, timeout]);
  const request = new Request(signed.url, {
    method,
    headers: signed.headers,
    ...(init.body !== undefined && { body: init.body }),
    redirect: 'error',
  });
  try {
    // A signal that only the request holds may be collected while the body comes, and then nobody hears of it.
    return await context.fetch(request, { signal });
  } catch (cause) {
    throw new PeerFault(`${peer} cannot be reached`, { cause });
  }
}

/** The JSON of a peer's answer; throws PeerFault where it is none or the peer says no to the whole request. */
export async function peerJson(response: Response, peer: string): Promise<unknown> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PeerFault(`${peer} answered ${response.status} and no JSON`, { cause });
  }
  if (response.status === 200) return json;
  const refusal = (json as { refusal?: unknown } | null)?.refusal;
  throw new PeerFault(
    `${peer} answered ${response.status} ${typeof refusal === 'string' ? refusal.slice(0, 80) : ''}`.trim(),
  );
}
