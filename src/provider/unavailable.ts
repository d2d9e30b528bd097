import { errors, Provider } from 'oidc-provider';
import { isDatabaseAway } from '../storage/database.ts';

/** When to try again; seconds. */
const RETRY_AFTER = 2;

/**
 * Tells apps in their own words that the database is away: 503 with Retry-After and `temporarily_unavailable`, or the
 * same as an answer of the authorization endpoint (RFC 6749 4.1.2.1). Anything else that is thrown stays as it is.
 */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!isDatabaseAway(cause)) throw cause;
    Provider.ctx?.set('Retry-After', String(RETRY_AFTER));
    const away = new errors.TemporarilyUnavailable('try again in a moment', { cause: cause as Error });
    throw Object.assign(away, { status: 503, statusCode: 503, expose: true });
  }
}
