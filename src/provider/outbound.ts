/** Hosts that are this machine itself. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * The provider's way out: logout tokens and keys of clients. The library hands in a dispatcher that cuts connections
 * to private and loopback addresses; it is left in, but for hosts that the operator named. To all
 * others only https goes, and no redirect is followed anywhere.
 *
 * @param allowed `host` or `host:port`
 */
export function guardedFetch(allowed: readonly string[], fetch: Fetch = globalThis.fetch): Fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const named = allowed.includes(url.hostname) || allowed.includes(url.host);
    if (url.protocol !== 'https:' && !named) throw new Error('only https addresses are called');
    const options: RequestInit & { dispatcher?: unknown } = { ...init, redirect: 'manual' };
    if (named) delete options.dispatcher;
    return fetch(url, options);
  };
}
