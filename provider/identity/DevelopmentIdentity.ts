/// <reference path="./oidcProvider.d.ts" />
import { createHash, generateKeyPairSync, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import Provider from 'oidc-provider';
import type { Logger } from 'pino';
import type { Database } from '../database/Database.ts';
import { readOrMake } from '../keys/readOrMake.ts';
import { identityStore } from './identityStore.ts';
import { signInPage } from './signInPage.ts';

/** Somebody who can sign in at the development identity provider. */
export interface DevelopmentPerson {
  readonly name: string;
  readonly email: string;
}

export interface DevelopmentIdentityOptions {
  readonly host: string;
  /** 0 = any that is free. */
  readonly port: number;
  /** How browsers reach it; `http://host:port` by default. */
  readonly publicUrl?: string | undefined;
  readonly providerName: string;
  /** The provider's public address: the resource that access tokens are for, and where the app lives. */
  readonly audience: string;
  /** Further addresses to come back to after signing in. */
  readonly redirectUris: readonly string[];
  readonly people: readonly DevelopmentPerson[];
  readonly password: string;
  /** Where its signing key lives. */
  readonly keyFolder: string;
}

export interface DevelopmentIdentity {
  readonly issuer: string;
  readonly clientId: string;
  close(): Promise<void>;
}

export const developmentClientId = 'p2p-power-app';
const sessionTtlS = 30 * 86_400;
const resourceScope = 'account';

/**
 * A small OpenID Connect provider for development, on a port of its own: authorization code with PKCE
 * for a public browser client, access tokens as JWT (RFC 9068) for the electricity provider (RFC 8707).
 * The people are invented and share a password, which the page shows. Sign-ins outlive a restart.
 */
export async function startDevelopmentIdentity(
  options: DevelopmentIdentityOptions,
  ports: { readonly db: Kysely<Database>; readonly nowS: () => number; readonly log: Logger },
): Promise<DevelopmentIdentity> {
  let answer = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => answer(request, response));
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const issuer = options.publicUrl?.replace(/\/+$/, '') ?? `http://${options.host}:${port}`;
  const provider = new Provider(issuer, configurationOf(options, ports));
  provider.proxy = issuer.startsWith('https:');
  provider.on('server_error', (_context, error) =>
    ports.log.error({ err: error }, 'identity provider fault'),
  );
  const callback = provider.callback();
  answer = (request, response) => {
    if (!request.url?.startsWith('/sign-in/')) return callback(request, response);
    signIn(provider, options, request, response).catch((error: Error) => {
      ports.log.info({ error: error.message }, 'sign-in broken off');
      if (response.headersSent) response.end();
      else
        response
          .writeHead(400, { 'content-type': 'text/html; charset=utf-8' })
          .end('<p>This sign-in has run out. Go back to the app and start again.</p>');
    });
  };
  return {
    issuer,
    clientId: developmentClientId,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function configurationOf(
  options: DevelopmentIdentityOptions,
  ports: { readonly db: Kysely<Database>; readonly nowS: () => number },
): Readonly<Record<string, unknown>> {
  const { audience, people } = options;
  const isLoopback = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(audience);
  const claimsOf = (accountId: string) => {
    const person = people.find(({ email }) => subjectOf(email) === accountId);
    return person && { name: person.name, email: person.email, email_verified: true };
  };
  return {
    adapter: identityStore(ports.db, ports.nowS),
    clients: [
      {
        client_id: developmentClientId,
        client_name: options.providerName,
        // Any port of this very machine (RFC 8252 §7.3), for development.
        application_type: isLoopback ? 'native' : 'web',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [...new Set([`${audience}/`, audience, ...options.redirectUris])],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [JSON.parse(readOrMake(join(options.keyFolder, 'identity.jwk.json'), makeSigningKey))] },
    cookies: { keys: [readOrMake(join(options.keyFolder, 'identity.cookie'), makeSecret).trim()] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    // The app shows the name at once, without a further question.
    conformIdTokenClaims: false,
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: resourceScope,
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 3_600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: (_context: unknown, token: { accountId?: string }) =>
      token.accountId === undefined ? undefined : claimsOf(token.accountId),
    findAccount: (_context: unknown, accountId: string) => {
      const claims = claimsOf(accountId);
      return claims && { accountId, claims: () => ({ sub: accountId, ...claims }) };
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/sign-in/${uid}` },
    clientBasedCORS: () => true,
    issueRefreshToken: (_context: unknown, _client: unknown, code: { scopes: Set<string> }) =>
      code.scopes.has('offline_access'),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 3_600,
      AuthorizationCode: 60,
      IdToken: 3_600,
      Interaction: 3_600,
      Grant: sessionTtlS,
      Session: sessionTtlS,
      RefreshToken: sessionTtlS,
    },
  };
}

/** Who somebody is does not show their address. */
const subjectOf = (email: string) =>
  createHash('sha256')
    .update(`p2p-power development identity ${email.toLowerCase()}`)
    .digest('hex')
    .slice(0, 24);

const makeSecret = () => createHash('sha256').update(makeSigningKey()).digest('hex');

function makeSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' });
}

/** One step of a sign-in: the page, what was filled in, or the consent, which the provider's own app needs none for. */
async function signIn(
  provider: Provider,
  options: DevelopmentIdentityOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uid, prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'consent') {
    const grant = new provider.Grant({
      accountId: session?.accountId as string,
      clientId: params.client_id as string,
    });
    grant.addOIDCScope('openid profile email offline_access');
    grant.addResourceScope(options.audience, resourceScope);
    const grantId = await grant.save(sessionTtlS);
    return provider.interactionFinished(
      request,
      response,
      { consent: { grantId } },
      { mergeWithLastSubmission: true },
    );
  }
  const show = (email: string, complaint?: string) => {
    const page = signInPage({
      ...options,
      action: `/sign-in/${uid}`,
      email,
      ...(complaint !== undefined && { complaint }),
    });
    response
      .writeHead(complaint === undefined ? 200 : 401, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      })
      .end(page);
  };
  if (request.method !== 'POST') return show(textOf(params.login_hint));
  const fields = new URLSearchParams(await readBody(request));
  const email = fields.get('email')?.trim() ?? '';
  const person = options.people.find((known) => known.email.toLowerCase() === email.toLowerCase());
  if (person === undefined || !isSame(fields.get('password') ?? '', options.password))
    return show(email, 'Address and password do not go together.');
  return provider.interactionFinished(request, response, { login: { accountId: subjectOf(person.email) } });
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

const isSame = (one: string, other: string) => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
};

const mostFormBytes = 10_000;

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > mostFormBytes) throw new Error('the form is too large');
  }
  return body;
}
