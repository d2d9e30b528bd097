import type { KoaContextWithOIDC } from 'oidc-provider';
import type { CarryForm, ProtocolProblem, ProviderPages } from './pages.ts';
import type { House } from '../http/brand.ts';
import { renderErrorPage } from '../http/error-pages.ts';
import type { AppState } from '../http/state.ts';

const stateOf = (ctx: KoaContextWithOIDC) => ctx.state as unknown as AppState;

/** The app of the request, as pages name it; null when none is known. */
function appOf({ oidc }: KoaContextWithOIDC): { name: string; homeHref: string | null } | null {
  const client = oidc.client;
  if (!client) return null;
  return { name: client.clientName ?? client.clientId, homeHref: client.clientUri ?? null };
}

const originOf = (address: string): string => {
  const { protocol, origin } = new URL(address);
  return origin === 'null' ? protocol : origin;
};

/**
 * Where a form of the provider may end: at its own action, and, because browsers hold every redirect after it against
 * `form-action` too, at the registered addresses of the app that the request names.
 */
function formTargets({ oidc }: KoaContextWithOIDC, action?: string): string[] {
  const { redirect_uri: back, post_logout_redirect_uri: out } = oidc.params ?? {};
  return [action, back, out].filter((one) => typeof one === 'string').map(originOf);
}

/** Errors that are about who asks: an app we do not know, or an address that it may not use. */
const UNKNOWN_APP = new Set(['invalid_client', 'invalid_redirect_uri']);

/** Who lives where: whose look a page has. */
export interface Residents {
  readonly accounts: { findById(accountId: string): Promise<{ readonly tenantId: string } | null> };
  readonly tenants: { find(tenantId: string): Promise<House | null> };
}

/** The pages of the protocol in our own layout: nothing of the library's HTML reaches anybody. */
export function providerPages(isDatabaseAway: (error: unknown) => boolean, people: Residents): ProviderPages {
  /** Of whoever is signed in, else of the app, where it is a tenant's own. Without a database a page has no look. */
  async function dress(ctx: KoaContextWithOIDC): Promise<void> {
    const { client, session } = ctx.oidc;
    try {
      const account =
        session?.accountId === undefined ? null : await people.accounts.findById(session.accountId);
      const slug = account?.tenantId ?? client?.tenant;
      const tenant = typeof slug === 'string' ? await people.tenants.find(slug) : null;
      if (tenant) stateOf(ctx).tenant = tenant;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
    }
  }

  return {
    async problem(ctx, { error, description, cause }: ProtocolProblem) {
      const state = stateOf(ctx);
      const app = appOf(ctx);
      if (app) state.app = app;
      if (isDatabaseAway(cause)) return renderErrorPage(ctx, 'away', { code: 'unavailable' });
      await dress(ctx);
      if (ctx.status >= 500) {
        state.log.error({ err: cause }, 'fault');
        return renderErrorPage(ctx, 'fault', { code: 'fault' });
      }
      const status = ctx.status;
      const detail = description === undefined ? error : `${error}: ${description}`;
      if (cause.name === 'SessionNotFound') return renderErrorPage(ctx, 'expired', { status, detail });
      const kind =
        UNKNOWN_APP.has(error) || cause.name === 'InvalidRedirectUri' ? 'unknown-app' : 'app-request';
      return renderErrorPage(ctx, kind, { status, detail });
    },

    async signOut(ctx, form) {
      await dress(ctx);
      stateOf(ctx).formTargets.push(...formTargets(ctx));
      stateOf(ctx).render('provider/sign-out.njk', { appName: appOf(ctx)?.name ?? null, form });
    },

    async signedOut(ctx) {
      await dress(ctx);
      const app = appOf(ctx);
      stateOf(ctx).render('provider/signed-out.njk', {
        appName: app?.name ?? null,
        againHref: app?.homeHref ?? null,
      });
    },

    async carry(ctx, form: CarryForm) {
      await dress(ctx);
      stateOf(ctx).formTargets.push(...formTargets(ctx, form.action));
      stateOf(ctx).render('provider/carry.njk', {
        action: form.action,
        fields: Object.entries(form.fields).map(([name, value]) => ({ name, value })),
      });
    },
  };
}
