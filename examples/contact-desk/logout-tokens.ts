import { jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { CLOCK_TOLERANCE, SIGNATURES } from './signed-tokens.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

const logoutTokenSchema = z
  .looseObject({
    iss: z.string(),
    sub: z.string().optional(),
    sid: z.string().optional(),
    jti: z.string().min(1),
    iat: z.int(),
    exp: z.int(),
    events: z.looseObject({ [EVENT]: z.looseObject({}) }),
    nonce: z.never('must not be there').optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, 'names neither a person nor a session');
export type LogoutToken = z.infer<typeof logoutTokenSchema>;

export interface LogoutTokens {
  /** @throws when the token is not from Stile, not for this app, not a logout token, too old, or was read before */
  read(token: string): Promise<LogoutToken>;
}

/** Checks logout tokens as OpenID Connect Back-Channel Logout 1.0, 2.6 asks. */
export function createLogoutTokens(options: {
  readonly issuer: string;
  readonly clientId: string;
  readonly publishedKeys: JWTVerifyGetKey;
  readonly now: () => Date;
}): LogoutTokens {
  const { issuer, clientId, publishedKeys, now } = options;
  /** `jti` of tokens that were read -> when they end by themselves; seconds since the epoch. */
  const seen = new Map<string, number>();

  function forgetOld(): void {
    const limit = now().getTime() / 1000 - CLOCK_TOLERANCE;
    for (const [jti, exp] of seen) if (exp < limit) seen.delete(jti);
  }

  return {
    async read(token) {
      const { payload } = await jwtVerify(token, publishedKeys, {
        issuer,
        audience: clientId,
        typ: 'logout+jwt',
        algorithms: SIGNATURES,
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        clockTolerance: CLOCK_TOLERANCE,
        currentDate: now(),
      });
      const logout = logoutTokenSchema.parse(payload);
      forgetOld();
      if (seen.has(logout.jti)) throw new Error('this logout token was used before');
      seen.set(logout.jti, logout.exp);
      return logout;
    },
  };
}
