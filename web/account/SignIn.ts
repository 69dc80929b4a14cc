import { isRecord } from '@p2p-power/protocol/SignedObject';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import * as oauth from 'oauth4webapi';
import type { Store } from '../store/Store.ts';

/** Who is signed in, and with what the provider is asked on their behalf. Times in epoch seconds. */
export interface AccountSession {
  readonly subject: string;
  readonly name: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresAt: number;
}

/** The provider's sign-in, from `GET /provider`. */
export interface SignInIssuer {
  readonly issuer: string;
  readonly clientId: string;
  /** The resource that access tokens are for, where the issuer wants it named (RFC 8707). */
  readonly audience?: string;
}

const pendingKey = 'account/sign-in';
const sessionKey = 'account/session';

interface PendingSignIn extends SignInIssuer {
  readonly codeVerifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

/** Unencrypted only towards this very machine, for development. */
function requestOptions(issuer: string): { [oauth.allowInsecureRequests]?: boolean } {
  const { protocol, hostname } = new URL(issuer);
  const isLocal = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return protocol === 'http:' && isLocal ? { [oauth.allowInsecureRequests]: true } : {};
}

async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { algorithm: 'oidc', ...requestOptions(issuer) });
  return oauth.processDiscoveryResponse(url, response);
}

const clientOf = ({ clientId }: SignInIssuer): oauth.Client => ({
  client_id: clientId,
  token_endpoint_auth_method: 'none',
});

/**
 * Begins the sign-in (OpenID Connect, code with PKCE): keeps what the return will be checked against
 * and answers the address to send the browser to.
 */
export async function beginSignIn(
  store: Store,
  issuer: SignInIssuer,
  redirectUri: string,
): Promise<Result<string, 'sign-in-unreachable'>> {
  try {
    const server = await discover(issuer.issuer);
    const codeVerifier = oauth.generateRandomCodeVerifier();
    const pending: PendingSignIn = {
      ...issuer,
      codeVerifier,
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      redirectUri,
    };
    await store.put(pendingKey, pending);
    const url = new URL(server.authorization_endpoint as string);
    const parameters = {
      client_id: issuer.clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid profile email offline_access',
      prompt: 'consent',
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
      ...(issuer.audience !== undefined && { resource: issuer.audience }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return accept(url.href);
  } catch (fault) {
    return refuse('sign-in-unreachable', String((fault as Error).message ?? fault));
  }
}

/** Whether the address is the return from a sign-in. */
export function isSignInReturn(address: string): boolean {
  const { searchParams } = new URL(address);
  return searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'));
}

/** Ends the sign-in that {@link beginSignIn} began: checks the return, fetches and keeps the tokens. */
export async function finishSignIn(
  store: Store,
  address: string,
  now: number,
): Promise<Result<AccountSession, 'sign-in-refused' | 'sign-in-failed'>> {
  const pending = (await store.get(pendingKey)) as PendingSignIn | undefined;
  await store.remove(pendingKey);
  if (pending === undefined) return refuse('sign-in-failed', 'no sign-in was begun here');
  try {
    const server = await discover(pending.issuer);
    const client = clientOf(pending);
    const parameters = oauth.validateAuthResponse(server, client, new URL(address), pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      pending.redirectUri,
      pending.codeVerifier,
      {
        ...requestOptions(pending.issuer),
        ...(pending.audience !== undefined && { additionalParameters: { resource: pending.audience } }),
      },
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: pending.nonce,
      requireIdToken: true,
    });
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    const session: AccountSession = {
      subject: claims?.sub ?? '',
      name: nameOf(claims) || (claims?.sub ?? ''),
      accessToken: tokens.access_token,
      expiresAt: now + (tokens.expires_in ?? 300),
      ...(tokens.refresh_token !== undefined && { refreshToken: tokens.refresh_token }),
    };
    await store.put(sessionKey, session);
    return accept(session);
  } catch (fault) {
    if (fault instanceof oauth.AuthorizationResponseError)
      return refuse('sign-in-refused', fault.error_description ?? fault.error);
    return refuse('sign-in-failed', String((fault as Error).message ?? fault));
  }
}

function nameOf(claims: oauth.IDToken | undefined): string {
  for (const claim of ['name', 'given_name', 'email', 'preferred_username'])
    if (typeof claims?.[claim] === 'string' && claims[claim] !== '') return claims[claim] as string;
  return '';
}

export async function keptSession(store: Store): Promise<AccountSession | undefined> {
  const kept = await store.get(sessionKey);
  return isRecord(kept) && typeof kept.accessToken === 'string'
    ? (kept as unknown as AccountSession)
    : undefined;
}

/** A session whose access token still holds, refreshed where needed; refused where a new sign-in is. */
export async function freshSession(
  store: Store,
  session: AccountSession,
  issuer: SignInIssuer,
  now: number,
): Promise<Result<AccountSession, 'not-signed-in' | 'sign-in-unreachable'>> {
  if (now < session.expiresAt - 30) return accept(session);
  if (session.refreshToken === undefined) return refuse('not-signed-in', 'the session has ended');
  try {
    const server = await discover(issuer.issuer);
    const client = clientOf(issuer);
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      session.refreshToken,
      requestOptions(issuer.issuer),
    );
    const tokens = await oauth.processRefreshTokenResponse(server, client, response);
    const refreshed: AccountSession = {
      ...session,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token ?? session.refreshToken,
      expiresAt: now + (tokens.expires_in ?? 300),
    };
    await store.put(sessionKey, refreshed);
    return accept(refreshed);
  } catch (fault) {
    if (fault instanceof oauth.ResponseBodyError) {
      await store.remove(sessionKey);
      return refuse('not-signed-in', fault.error_description ?? fault.error);
    }
    return refuse('sign-in-unreachable', String((fault as Error).message ?? fault));
  }
}

/** Signing out forgets the tokens here. */
export async function dropSession(store: Store): Promise<void> {
  await store.remove(sessionKey);
}
