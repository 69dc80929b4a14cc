import * as oidc from 'openid-client';

/**
 * Signs somebody in at a development identity provider as a browser does: authorization code with PKCE,
 * the page's form, cookies, redirections. Answers the tokens.
 */
export async function signIn(request: {
  readonly issuer: string;
  readonly clientId: string;
  readonly audience: string;
  readonly redirectUri: string;
  readonly email: string;
  readonly password: string;
  readonly scope?: string;
}): Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers> {
  const settings = await discover(request);
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const start = oidc.buildAuthorizationUrl(settings, {
    redirect_uri: request.redirectUri,
    scope: request.scope ?? 'openid profile email',
    resource: request.audience,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    ...(request.scope?.includes('offline_access') && { prompt: 'consent' }),
  });
  const back = await walk(start, request);
  return oidc.authorizationCodeGrant(
    settings,
    back,
    { pkceCodeVerifier: codeVerifier, expectedState: state, idTokenExpected: true },
    { resource: request.audience },
  );
}

export function discover(request: { readonly issuer: string; readonly clientId: string }) {
  return oidc.discovery(new URL(request.issuer), request.clientId, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
}

async function walk(
  start: URL,
  request: { readonly redirectUri: string; readonly email: string; readonly password: string },
): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < 12; step++) {
    if (url.href.startsWith(request.redirectUri)) return url;
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(body !== undefined && { method: 'POST', body }),
    });
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const page = await response.text();
    const location = response.headers.get('location');
    body = undefined;
    if (location !== null) url = new URL(location, url);
    else if (response.status === 200) {
      url = new URL(/<form method="post" action="([^"]+)"/.exec(page)?.[1] ?? '', url);
      body = new URLSearchParams({ email: request.email, password: request.password });
    } else throw new Error(`the sign-in ends with ${response.status}: ${page.replace(/<[^>]*>|\s+/g, ' ')}`);
  }
  throw new Error('the sign-in goes round in circles');
}
