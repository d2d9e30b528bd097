import type { Middleware } from 'koa';
import { errors, type Provider } from 'oidc-provider';
import { DomainError } from '../core/errors.ts';
import type { Devices } from '../http/devices.ts';
import { goTo } from '../http/go-to.ts';
import { asTheyAre, type Door, type PageContext, type Row } from '../http/rows.ts';
import { clientName } from '../notifications/client-name.ts';
import { homeOf } from '../provider/clients.ts';
import type { Step } from './next-step.ts';
import { provesSomething, type SessionFacts, type SignInRequest, type Visitor } from './sign-in.ts';
import type { SignIns } from './sign-ins.ts';
import type { Situation } from './situation.ts';

/** The provider, as far as a sign-in needs it. */
export type Interactions = Pick<Provider, 'interactionDetails' | 'interactionResult' | 'Client' | 'Session'>;
type Details = Awaited<ReturnType<Provider['interactionDetails']>>;
type Client = NonNullable<Awaited<ReturnType<Provider['Client']['find']>>>;
type Result = Parameters<Provider['interactionResult']>[2];

export type Journey = ReturnType<typeof createJourney>;
export type JourneyContext = PageContext;

/** What the provider asks of a person: a sign-in, or what an app may know. */
export interface Interaction {
  readonly details: Details;
  readonly client: Client;
}

/** An app as the pages name it and lead back to it. */
export interface AppFacts {
  readonly name: string;
  /** Where a person starts again; null when the app told no address. */
  readonly homeHref: string | null;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export function appFacts(client: Client): AppFacts {
  const { clientId, clientName, initiateLoginUri, clientUri, redirectUris } = client;
  return {
    name: clientName ?? clientId,
    homeHref: homeOf({ initiateLoginUri, clientUri, redirectUri: redirectUris?.[0] }),
  };
}

/** @returns what a form of a sign-in may be redirected to at its end (CSP form-action): the app's own origin */
function formTarget(redirectUri: unknown): string[] {
  if (typeof redirectUri !== 'string') return [];
  const { protocol, origin } = new URL(redirectUri);
  return [origin === 'null' ? protocol : origin];
}

export interface JourneyPorts {
  readonly provider: Interactions;
  readonly signIns: SignIns;
  readonly devices: Devices;
  /** Told of every finished sign-in. */
  finished(visitor: Visitor, request: SignInRequest, situation: Situation): Promise<void>;
}

/**
 * The way of a person through one sign-in, and the only door out of it: `interactionResult` is called here alone, and
 * only a step `done` can carry `login` through it.
 */
export function createJourney({ provider, signIns, devices, finished }: JourneyPorts) {
  /** What a request has read of its interaction, whose request of the app never changes; the door reads it anew. */
  const known = new WeakMap<object, Promise<Interaction>>();

  function interaction(ctx: JourneyContext): Promise<Interaction> {
    const read = known.get(ctx.req) ?? readInteraction(ctx);
    known.set(ctx.req, read);
    return read;
  }

  async function readInteraction(ctx: JourneyContext): Promise<Interaction> {
    const details = await provider.interactionDetails(ctx.req, ctx.res).catch(over(ctx));
    const client = await provider.Client.find(String(details.params.client_id));
    if (!client || details.uid !== ctx.params.uid) throw new DomainError('sign_in_expired');
    ctx.state.csrfBinding = details.uid;
    ctx.state.formTargets.push(...formTarget(details.params.redirect_uri));
    Object.assign(ctx.state, { app: appFacts(client) });
    return { details, client };
  }

  /** What the provider's refusal means: the sign-in is over, or its cookie is not there. */
  function over(ctx: JourneyContext) {
    return async (cause: unknown): Promise<never> => {
      if (!(cause instanceof errors.SessionNotFound)) throw cause;
      // Whoever holds the address of a sign-in that is over may know that it is; it opens nothing.
      const old = ctx.params.uid === undefined ? null : await signIns.recall(ctx.params.uid);
      const app = old && (await provider.Client.find(old.clientId));
      if (app) Object.assign(ctx.state, { app: appFacts(app) });
      throw new DomainError(old?.finished ? 'already_signed_in' : 'sign_in_expired', { cause });
    };
  }

  async function sessionOf(details: Details): Promise<SessionFacts | null> {
    if (details.session?.uid === undefined) return null;
    const session = await provider.Session.findByUid(details.session.uid);
    if (!session?.accountId || session.loginTs === undefined) return null;
    return {
      uid: session.uid,
      accountId: session.accountId,
      amr: session.amr ?? [],
      loginTs: session.loginTs,
    };
  }

  async function leave(ctx: JourneyContext, result: Result): Promise<void> {
    goTo(ctx, await provider.interactionResult(ctx.req, ctx.res, result).catch(over(ctx)));
  }

  const self = {
    interaction,

    /** Who asks for this sign-in and how sure they want to be; the uid comes from the signed cookie. */
    async request(ctx: JourneyContext): Promise<SignInRequest> {
      const { details, client } = await interaction(ctx);
      if (details.prompt.name !== 'login' && details.prompt.name !== 'mfa')
        throw new DomainError('step_out_of_order');
      return {
        uid: details.uid,
        prompt: details.prompt.name,
        client: {
          clientId: client.clientId,
          name: appFacts(client).name,
          tenantId: text(client.tenant) ?? null,
          minimumAcr: text(client.minimum_acr),
          defaultAcrs: client.defaultAcrValues,
        },
        params: details.params,
        session: await sessionOf(details),
      };
    },

    visitor(ctx: JourneyContext): Visitor {
      const { source, sourceHost, reference } = ctx.state;
      const device = clientName(ctx.get('user-agent'));
      const { accounts: knownAccounts, ids: deviceIds } = devices.read(ctx);
      const place = ctx.params.uid ?? reference;
      return { source, sourceHost, reference, device, knownAccounts, deviceIds, place };
    },

    /**
     * Sends the person to the page of the next step, or, when nothing is owed, back to the app.
     * @param known how the sign-in stands, where a write has just told; absent = it is read
     */
    async go(ctx: JourneyContext, known?: Situation): Promise<void> {
      const { details } = await interaction(ctx);
      if (details.prompt.name === 'consent') return goTo(ctx, pageOfSignIn(details.uid, '/consent'));
      const request = await self.request(ctx);
      const situation = known ?? (await signIns.situation(request));
      if (situation.step.kind === 'done') return self.finish(ctx, request, situation);
      return goTo(ctx, pageOfSignIn(details.uid, pageOf(situation.step, details)));
    },

    /** The door. @throws DomainError step_out_of_order when something is owed */
    async finish(ctx: JourneyContext, request: SignInRequest, situation: Situation): Promise<void> {
      const { who, acr, amr, ts, declined, removes } = await signIns.finish(request);
      await finished(self.visitor(ctx), request, situation);
      if (situation.account && provesSomething(request, situation.signIn))
        devices.remember(ctx, situation.account);
      const login = { accountId: who.accountId, acr, amr: [...amr], ts, remember: true };
      const mfa = declined ? { declined: true } : {};
      await leave(ctx, removes ? { login, mfa, removes } : { login, mfa });
    },

    /** The other door: back to the app without a sign-in (OpenID Connect Core 3.1.2.6). */
    async refuse(ctx: JourneyContext, error: string, description: string): Promise<void> {
      await interaction(ctx);
      await leave(ctx, { error, error_description: description });
    },

    /** Third door: the person allowed the app to know something; carries no `login`. */
    async consented(ctx: JourneyContext, grantId: string): Promise<void> {
      await interaction(ctx);
      await leave(ctx, { consent: { grantId } });
    },
  };
  return self;
}

/** @param page below `/sign-in/:uid` */
export const pageOfSignIn = (uid: string, page: string): string =>
  `/sign-in/${encodeURIComponent(uid)}${page}`;

/** The page of a step, below `/sign-in/:uid`. */
function pageOf(step: Exclude<Step, { kind: 'done' }>, details: Details): string {
  switch (step.kind) {
    case 'password':
      return details.prompt.reasons.includes('wrong_tenant') ? '/switch' : '/password';
    case 'second-factor':
      return `/second-factor/${step.methods[0] ?? ''}`;
    case 'enrol':
      return step.kinds.length > 0 ? '/set-up' : '/no-method';
    case 'set-up-done':
      return '/set-up/done';
    case 'new-password':
      return '/new-password';
    case 'ended':
      return '/ended';
    case 'recovery-used':
      return '/recovery-used';
  }
}

/**
 * Where a sign-in begins with the password, the provider's answer leads to that page at once: the address between would
 * only lead on. Outside of the provider, whose cookie names the address without a page.
 */
export const passwordFirst: Middleware = async (ctx, next) => {
  await next();
  const { oidc } = ctx as { oidc?: { entities: { Interaction?: Pick<Details, 'uid' | 'prompt'> } } };
  const begun = oidc?.entities.Interaction;
  if (begun?.prompt.name !== 'login' || begun.prompt.reasons.includes('wrong_tenant')) return;
  const start = `/sign-in/${begun.uid}`;
  if (ctx.response.get('Location') === start) ctx.set('Location', `${start}/password`);
};

const PREFIX = '/sign-in/:uid';

/** Of whatever the provider asks: whoever holds the cookie of the interaction that the address names. */
export const interactionDoor = ({ interaction }: Journey): Door<Interaction> => ({
  prefix: PREFIX,
  enter: interaction,
  prove: asTheyAre,
});

/** Of a sign-in: the same, while a sign-in is what is asked. */
export const signInDoor = ({ request }: Journey): Door<SignInRequest> => ({
  prefix: PREFIX,
  enter: request,
  prove: asTheyAre,
});

/** `/sign-in/:uid`: the address that the provider sends people to. */
export const journeyRows = (journey: Journey): Row<Interaction>[] => [
  { method: 'get', path: '', run: (_asked, ctx) => journey.go(ctx) },
];
