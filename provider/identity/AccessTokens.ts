/** Whom an access token speaks for. */
export interface TokenSubject {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly emailVerified: boolean;
}

/** Checks OpenID Connect access tokens; undefined = not a token of ours, or run out. Throws where the issuer cannot be reached. */
export interface AccessTokens {
  check(token: string): Promise<TokenSubject | undefined>;
}
