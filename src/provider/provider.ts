import { Provider } from 'oidc-provider';
import { inRequest } from '../storage/read-ahead.ts';
import { acrName } from './acr-name.ts';
import { cookieSigner } from './cookie-signer.ts';
import { secretMatches } from './clients.ts';
import { standAt } from './own-address.ts';
import { carryPages } from './pages.ts';
import type { LogoutSender } from './logout-sender.ts';
import { providerSettings, type ProviderOptions } from './settings.ts';

/** A logout token that is owed to an app (OpenID Connect Back-Channel Logout 1.0). */
export interface OwedLogout {
  readonly clientId: string;
  readonly accountId: string;
  readonly sid: string;
}

export interface ProviderFactoryOptions extends ProviderOptions {
  /** Adds our own middleware and routes, which run before the provider's, and listeners. Called for each instance. */
  readonly mount?: (provider: Provider) => void;
  /**
   * Takes the logout tokens that a sign-out owes, so that a slow app holds nobody up; absent = they are sent at once,
   * in parallel, each for at most 2.5 s, and a failed one is not tried again.
   */
  readonly owe?: (logout: OwedLogout) => Promise<void>;
}

/**
 * Builds the provider, which is the Koa application itself. Its state is in the store, so any number of instances,
 * old and new keys beside each other, serve the same people.
 */
export function createProvider(options: ProviderFactoryOptions): Provider {
  const { config, keys, pages, mount, owe } = options;
  const provider = new Provider(config.issuer.href.replace(/\/$/, ''), providerSettings(options));
  standAt(provider, config.issuer);
  provider.keys = cookieSigner(keys.cookies);
  provider.proxy = config.trustedProxies > 0;
  provider.maxIpsCount = config.trustedProxies;

  provider.use((_ctx, next) => inRequest(next));
  mount?.(provider);
  provider.use(carryPages(pages));
  adapt(provider, owe);
  return provider;
}

/** What the library offers no setting for, changed on the classes of this one instance. */
function adapt(provider: Provider, owe: ProviderFactoryOptions['owe']): void {
  const { Client, OIDCContext } = provider;

  // The database holds a digest of the secret.
  Client.prototype.compareClientSecret = function (actual) {
    return secretMatches(this.clientSecret, actual);
  };

  // Every ID token says which session it belongs to, whether or not its client listens for sign-outs.
  Client.prototype.includeSid = () => true;

  // The name that the app used for this level; copied to the code, and from there to every token made from it.
  Object.defineProperty(OIDCContext.prototype, 'acr', {
    configurable: true,
    get(this: InstanceType<typeof OIDCContext>) {
      return acrName(this.session?.acr, this.params ?? {});
    },
  });

  // The library sends while it signs somebody out. Ours hands over then, and sends under a name of its own: what a
  // sign-out queues may run in the sign-out's own async context, so the context must not decide which of the two it is.
  const client = Client.prototype as unknown as LogoutSender;
  client.sendLogoutToken = client.backchannelLogout;
  if (!owe) return;
  client.backchannelLogout = async function (accountId, sid) {
    await owe({ clientId: this.clientId, accountId, sid });
  };
}
