import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { AccessTokens } from './AccessTokens.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
}

/**
 * Checks JWT access tokens (RFC 9068) of an OpenID Connect issuer: signature by its published keys,
 * issuer, audience, time. The issuer's metadata and keys are fetched when first needed, and kept.
 */
export function oidcAccessTokens(
  settings: OidcSettings,
  ports: { readonly fetch: typeof globalThis.fetch; readonly nowS: () => number },
): AccessTokens {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return {
    async check(token) {
      keys ??= discoverKeys(settings.issuer, ports.fetch);
      keys.catch(() => {
        keys = undefined;
      });
      try {
        const { payload } = await jwtVerify(token, await keys, {
          issuer: settings.issuer,
          audience: settings.audience,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(ports.nowS() * 1000),
          clockTolerance: 30,
        });
        return {
          issuer: settings.issuer,
          subject: payload.sub as string,
          name: textOf(payload.name),
          email: textOf(payload.email),
          emailVerified: payload.email_verified === true,
        };
      } catch (error) {
        if (isTokenFault(error)) return undefined;
        throw error;
      }
    },
  };
}

const textOf = (claim: unknown): string | null =>
  typeof claim === 'string' && claim !== '' ? claim.slice(0, 200) : null;

/** What is wrong with the token itself, as against an issuer that does not answer. */
function isTokenFault(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  );
}

/** The issuer's keys by its metadata (OpenID Connect Discovery 1.0 §4). */
async function discoverKeys(issuer: string, fetch: typeof globalThis.fetch): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the identity provider answers ${response.status}`);
  const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (metadata.issuer !== issuer || typeof metadata.jwks_uri !== 'string')
    throw new Error('the identity provider’s metadata is of another issuer');
  return createRemoteJWKSet(new URL(metadata.jwks_uri), { [customFetch]: fetch });
}
