import { createHash, randomBytes } from 'node:crypto';
import { providerClient } from '@p2p-power/provider/client/ProviderClient';
import { insist } from '../insist.ts';

/** Whom to sign in where. */
interface SignInRequest {
  readonly issuer: string;
  readonly clientId: string;
  /** The resource that the access token is for (RFC 8707). */
  readonly audience: string;
  readonly redirectUri: string;
  readonly email: string;
  readonly password: string;
}

/** Signs a person in with a provider, as its own app would. Answers the access token. */
export async function signInTo(
  providerUrl: string,
  person: { readonly email: string; readonly password: string },
): Promise<string> {
  const { oidc, name } = insist(await providerClient({ baseUrl: providerUrl }).provider(), 'GET /provider');
  if (oidc === null) throw new Error(`${name} has no sign-in`);
  const { email, password } = person;
  return signIn({ ...oidc, redirectUri: `${providerUrl}/`, email, password });
}

/** Most pages and redirections on the way from the sign-in page back to the app. */
const maxSteps = 15;

/**
 * Signs a person in as a browser would: authorization code with PKCE (RFC 6749 §4.1, RFC 7636), cookies,
 * redirections, and the sign-in page's own forms filled in. Answers the access token.
 * Throws where the way ends elsewhere.
 */
async function signIn(request: SignInRequest): Promise<string> {
  const metadata = await fetchJson(`${request.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const start = new URL(textAt(metadata, 'authorization_endpoint'));
  start.search = new URLSearchParams({
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: 'openid profile email',
    resource: request.audience,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const callback = await followToCallback(start, request);
  const code = callback.searchParams.get('code');
  if (code === null || callback.searchParams.get('state') !== state)
    throw new Error(
      `sign-in of ${request.email} failed: ${callback.searchParams.get('error_description') ?? callback.search}`,
    );
  const tokens = await fetchJson(textAt(metadata, 'token_endpoint'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: request.clientId,
      code,
      redirect_uri: request.redirectUri,
      code_verifier: verifier,
      resource: request.audience,
    }).toString(),
  });
  return textAt(tokens, 'access_token');
}

/** Walks redirections and forms until the app's own address is reached. */
async function followToCallback(start: URL, request: SignInRequest): Promise<URL> {
  const cookies = new Map<string, string>();
  let next: { readonly url: URL; readonly body?: string } = { url: start };
  for (let step = 0; step < maxSteps; step += 1) {
    if (next.url.href.startsWith(request.redirectUri)) return next.url;
    const response = await fetch(next.url, {
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(next.body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(next.body !== undefined && { method: 'POST', body: next.body }),
    });
    for (const cookie of response.headers.getSetCookie()) keepCookie(cookies, cookie);
    const location = response.headers.get('location');
    const page = await response.text();
    if (location !== null) next = { url: new URL(location, next.url) };
    else next = fillForm(page, next.url, request);
  }
  throw new Error(`sign-in of ${request.email} did not come back after ${maxSteps} pages`);
}

function keepCookie(cookies: Map<string, string>, header: string): void {
  const [pair = ''] = header.split(';');
  const [name = '', ...value] = pair.split('=');
  if (value.join('=') === '' || /expires=Thu, 01 Jan 1970/i.test(header)) cookies.delete(name.trim());
  else cookies.set(name.trim(), value.join('='));
}

/** The first form of a page, its hidden fields as they are, its others by what they ask for. */
function fillForm(page: string, at: URL, { email, password }: SignInRequest): { url: URL; body: string } {
  const form = /<form[^>]*>[\s\S]*?<\/form>/i.exec(page)?.[0];
  if (form === undefined)
    throw new Error(`sign-in stopped at ${at.pathname}: ${plainText(page).slice(0, 200)}`);
  const action = attribute(form, 'action') ?? at.href;
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input[^>]*>/gi)) {
    const name = attribute(input, 'name');
    if (name === undefined) continue;
    const type = attribute(input, 'type') ?? 'text';
    if (type === 'hidden') fields.set(name, attribute(input, 'value') ?? '');
    else if (type === 'password') fields.set(name, password);
    else if (type === 'text' || type === 'email') fields.set(name, email);
  }
  return { url: new URL(action, at), body: fields.toString() };
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return found
    ?.replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
}

const plainText = (page: string) =>
  page
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

async function fetchJson(url: string, init?: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as Record<string, unknown>;
}

function textAt(json: Record<string, unknown>, name: string): string {
  const value = json[name];
  if (typeof value !== 'string') throw new Error(`the identity provider's answer has no ${name}`);
  return value;
}
