import { levelOfAcr } from '../core/assurance.ts';

/** The values of `claims.id_token.acr`, from the request itself: the library's copy loses them beside `acr_values`. */
function claimedValues(claims: unknown): unknown[] {
  if (typeof claims !== 'string') return [];
  try {
    const { id_token: idToken } = JSON.parse(claims) as {
      id_token?: { acr?: { value?: unknown; values?: unknown } };
    };
    const { value, values } = idToken?.acr ?? {};
    return [value, ...(Array.isArray(values) ? (values as unknown[]) : [])];
  } catch {
    return [];
  }
}

/**
 * The name under which a session's level is told to the app that asks: the first of the names it asked for that
 * means exactly this level, else the session's own. So `https://refeds.org/profile/mfa` comes back to whoever asked
 * for it, and to nobody else.
 * @param acr the session's own name
 */
export function acrName(
  acr: string | undefined,
  params: { acr_values?: unknown; claims?: unknown },
): string | undefined {
  const level = levelOfAcr(acr);
  if (level === null) return acr;
  const wanted = typeof params.acr_values === 'string' ? params.acr_values.split(' ') : [];
  const names = [...claimedValues(params.claims), ...wanted].filter((name) => typeof name === 'string');
  return names.find((name) => levelOfAcr(name) === level) ?? acr;
}
