import type { Configuration } from 'oidc-provider';

/**
 * Cookies of the provider: `__Host-` where the path is `/`, `__Secure-` where it is narrow. Over
 * plain http browsers refuse both prefixes, so http://localhost has names without.
 * @param keys signing keys, newest first
 */
export function cookieSettings(issuer: URL, keys: readonly string[]): NonNullable<Configuration['cookies']> {
  const secure = issuer.protocol === 'https:';
  const flags = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  return {
    keys: [...keys],
    names: secure
      ? { session: '__Host-session', interaction: '__Secure-sign-in', resume: '__Secure-resume' }
      : { session: 'session', interaction: 'sign-in', resume: 'resume' },
    long: { ...flags, path: '/' },
    short: flags,
  };
}
