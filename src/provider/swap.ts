import type { RequestListener } from 'node:http';
import type { Provider } from 'oidc-provider';

/** Serves through the newest of several providers, so that keys and settings can change while people sign in. */
export interface SwappableProvider {
  readonly current: () => Provider;
  /** From the next request on. Requests that are being answered end with the provider they began with. */
  readonly swap: (next: Provider) => void;
  /** For `http.createServer`. */
  readonly handle: RequestListener;
}

/**
 * Rotation of signing keys, each step a swap: publish `[old, new]`, wait until apps have read it, sign with
 * `[new, old]`, and drop the old one when the last token signed with it has expired.
 */
export function createSwappableProvider(first: Provider): SwappableProvider {
  let provider = first;
  let callback = first.callback();
  return {
    current: () => provider,
    swap: (next) => {
      provider = next;
      callback = next.callback();
    },
    handle: (request, response) => {
      void callback(request, response);
    },
  };
}
