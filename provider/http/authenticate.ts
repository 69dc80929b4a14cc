import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { TokenSubject } from '../identity/AccessTokens.ts';
import type { ProviderContext } from '../ProviderContext.ts';
import { driverOf } from '../people/driverOf.ts';
import { operatorOf } from '../people/operatorOf.ts';
import { problem } from './Problem.ts';
import type { ProviderEnv } from './ProviderApp.ts';

/** Names of the security schemes in the API document. */
export const driverSecurity = [{ oidc: [] as string[] }];
export const operatorSecurity = [{ oidc: [] as string[] }];
export const staffSecurity = [{ staff: [] as string[] }];
export const stationSecurity = [{ station: [] as string[] }];
export const peerSecurity = [{ peer: [] as string[] }];

const challenge = { 'www-authenticate': 'Bearer' };

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
function bearerOf(header: string | undefined): string {
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? '')?.[1];
  if (token === undefined) throw problem('not-signed-in', 401, 'an access token is needed', challenge);
  return token;
}

async function subjectOf(context: ProviderContext, header: string | undefined): Promise<TokenSubject> {
  const token = bearerOf(header);
  let subject: TokenSubject | undefined;
  try {
    subject = await context.tokens.check(token);
  } catch (error) {
    context.log.warn({ error: (error as Error).message }, 'identity provider not reachable');
    throw problem('identity-provider-unreachable', 503, 'the sign-in cannot be checked now; try again');
  }
  if (subject === undefined)
    throw problem('access-token-invalid', 401, 'the access token is not valid here, or has run out', {
      'www-authenticate': 'Bearer error="invalid_token"',
    });
  return subject;
}

/**
 * Lets drivers in by their OpenID Connect access token; at the first sign-in the account is made. Who
 * has had the account closed may still read: bills remain to be paid, and to be checked.
 */
export function asDriver(context: ProviderContext): MiddlewareHandler<ProviderEnv> {
  return async (c, next) => {
    const driver = await driverOf(context, await subjectOf(context, c.req.header('authorization')));
    if (driver.closed && c.req.method !== 'GET' && c.req.method !== 'HEAD')
      throw problem('account-closed', 403, 'this account has been closed');
    c.set('driver', { driverId: driver.driverId, name: driver.name });
    await next();
  };
}

/** Lets operators in by their OpenID Connect access token. */
export function asOperator(context: ProviderContext): MiddlewareHandler<ProviderEnv> {
  return async (c, next) => {
    const operator = await operatorOf(context, await subjectOf(context, c.req.header('authorization')));
    if (operator === undefined)
      throw problem('not-an-operator', 403, 'nobody with this sign-in operates points here');
    c.set('operator', operator);
    await next();
  };
}

/** Lets the provider's staff in by the token of the configuration, compared in constant time. */
export function asStaff(context: ProviderContext): MiddlewareHandler<ProviderEnv> {
  const expected = digest(context.config.staffToken);
  return async (c, next) => {
    if (!timingSafeEqual(digest(bearerOf(c.req.header('authorization'))), expected))
      throw problem('not-staff', 401, 'this is not the staff token', challenge);
    await next();
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
