import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import * as oidc from 'openid-client';
import { z } from 'zod';
import type { Demand } from './demands.ts';
import { createLogoutTokens, type LogoutTokens } from './logout-tokens.ts';
import { CLOCK_TOLERANCE, SIGNATURES } from './signed-tokens.ts';

/** What the desk reads of an ID token; the rest is shown as it is. */
const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  sid: z.string().optional(),
  acr: z.string().optional(),
  amr: z.array(z.string()).optional(),
  auth_time: z.int().optional(),
  tenant_id: z.string().optional(),
});
export type SignInClaims = z.infer<typeof claimsSchema>;

/** A person who was sent to Stile and has not come back yet. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly demand: Demand;
  /** Seconds since the epoch. */
  readonly askedAt: number;
}

/** Somebody who is signed in at the desk, and how the desk asked for it. */
export interface SignIn {
  readonly claims: SignInClaims;
  readonly profile: Readonly<Record<string, unknown>>;
  readonly idToken: string;
  readonly refreshToken: string | null;
  readonly demand: Demand;
  /** Seconds since the epoch. */
  readonly askedAt: number;
}

export interface RelyingPartyOptions {
  readonly issuer: URL;
  readonly clientId: string;
  /** Absent for a public client, which proves itself by PKCE alone. */
  readonly clientSecret: string | undefined;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  readonly now: () => Date;
}

const SCOPE = 'openid profile email tenant';

/** Seconds until the desk gives Stile up. */
const TIMEOUT = 5;

interface Connection {
  readonly config: oidc.Configuration;
  readonly publishedKeys: JWTVerifyGetKey;
  readonly logoutTokens: LogoutTokens;
}

/** The desk as an OpenID Connect relying party: the protocol and nothing else. */
export class RelyingParty {
  readonly #options: RelyingPartyOptions;
  #connecting: Promise<Connection> | null = null;

  constructor(options: RelyingPartyOptions) {
    this.#options = options;
  }

  /** Where to send a browser, and what to remember until it comes back. */
  async begin(demand: Demand): Promise<{ url: URL; pending: PendingSignIn }> {
    const { config } = await this.#connect();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(config, {
      scope: SCOPE,
      redirect_uri: this.#options.redirectUri,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...demand.params,
    });
    return { url, pending: { state, nonce, codeVerifier, demand, askedAt: this.#seconds() } };
  }

  /**
   * Turns the answer of Stile into a sign-in. `openid-client` checks state, issuer, nonce and times; the signature is
   * checked here, because the library leaves it out for ID tokens that come straight from the token endpoint.
   *
   * @throws openid-client's and jose's errors; notices.ts tells them apart
   */
  async finish(callback: URL, pending: PendingSignIn): Promise<SignIn> {
    const { config } = await this.#connect();
    const tokens = await oidc.authorizationCodeGrant(config, callback, {
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      pkceCodeVerifier: pending.codeVerifier,
      idTokenExpected: true,
    });
    const idToken = tokens.id_token ?? '';
    const claims = await this.#verified(idToken);
    const profile = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    const refreshToken = tokens.refresh_token ?? null;
    return { claims, profile, idToken, refreshToken, demand: pending.demand, askedAt: pending.askedAt };
  }

  /** New tokens of the same sign-in. @throws when they tell of another person or of another sign-in (Core 12.2) */
  async refresh(signIn: SignIn, refreshToken: string): Promise<SignIn> {
    const { config } = await this.#connect();
    const tokens = await oidc.refreshTokenGrant(config, refreshToken);
    const idToken = tokens.id_token ?? signIn.idToken;
    const claims = tokens.id_token === undefined ? signIn.claims : await this.#verified(idToken);
    const same = (one: SignInClaims) => JSON.stringify([one.sub, one.sid, one.auth_time, one.acr, one.amr]);
    if (same(claims) !== same(signIn.claims)) throw new Error('The new tokens tell of another sign-in.');
    return { ...signIn, claims, idToken, refreshToken: tokens.refresh_token ?? refreshToken };
  }

  /** Where to send a browser so that Stile signs the person out too (RP-Initiated Logout 1.0). */
  async signOutUrl(idToken: string): Promise<URL> {
    const { config } = await this.#connect();
    return oidc.buildEndSessionUrl(config, {
      id_token_hint: idToken,
      post_logout_redirect_uri: this.#options.postLogoutRedirectUri,
    });
  }

  async readLogoutToken(token: string): ReturnType<LogoutTokens['read']> {
    const { logoutTokens } = await this.#connect();
    return logoutTokens.read(token);
  }

  async #verified(idToken: string): Promise<SignInClaims> {
    const { publishedKeys } = await this.#connect();
    const { payload } = await jwtVerify<JWTPayload>(idToken, publishedKeys, {
      issuer: this.#issuer,
      audience: this.#options.clientId,
      algorithms: SIGNATURES,
      clockTolerance: CLOCK_TOLERANCE,
    });
    return claimsSchema.parse(payload);
  }

  /** Asks Stile for its addresses at the first need; as long as Stile is away, every need asks again. */
  #connect(): Promise<Connection> {
    this.#connecting ??= this.#discover().catch((error: unknown) => {
      this.#connecting = null;
      throw error;
    });
    return this.#connecting;
  }

  async #discover(): Promise<Connection> {
    const { issuer, clientId, clientSecret } = this.#options;
    const authentication = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    const config = await oidc.discovery(issuer, clientId, undefined, authentication, {
      timeout: TIMEOUT,
      execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
    });
    const { jwks_uri: jwksUri } = config.serverMetadata();
    if (jwksUri === undefined) throw new Error('Stile does not say where its keys are.');
    const publishedKeys = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: TIMEOUT * 1000 });
    const logoutTokens = createLogoutTokens({
      issuer: this.#issuer,
      clientId,
      publishedKeys,
      now: this.#options.now,
    });
    return { config, publishedKeys, logoutTokens };
  }

  /** The issuer as Stile writes it: an address without a path has no slash at its end. */
  get #issuer(): string {
    return this.#options.issuer.href.replace(/\/$/, '');
  }

  #seconds(): number {
    return Math.floor(this.#options.now().getTime() / 1000);
  }
}
