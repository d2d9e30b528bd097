import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import { levelOrOne, type Level } from '../core/assurance.ts';
import { epochSeconds, type Clock } from '../core/clock.ts';
import { levelOf } from '../core/factors.ts';
import { demandOf, type Demand } from '../core/demand.ts';
import { allowedOf } from '../tenants/allowed.ts';
import { isAlive, levelOwedAtSignIn } from '../tenants/standing.ts';
import type { Policy } from '../tenants/tenant.ts';
import { clientFacts } from './client-facts.ts';
import { dropSession } from './dead-session.ts';
import { signedIn } from './people.ts';

const { base, Check, Prompt } = interactionPolicy;
type Context = KoaContextWithOIDC;

/** The client of the request. The provider has refused requests without one before it asks here. */
function facts({ oidc }: Context) {
  if (!oidc.client) throw new errors.InvalidClient('client is invalid', 'client not found');
  return { ...clientFacts(oidc.client), defaultAcrs: oidc.client.defaultAcrValues };
}

/** How sure this request wants to be, of this person as far as one is known. */
function demand(ctx: Context, clock: Clock): Demand {
  const person = signedIn(ctx);
  const { minimumAcr, defaultAcrs } = facts(ctx);
  return demandOf({
    params: ctx.oidc.params ?? {},
    clientMinimumAcr: minimumAcr,
    clientDefaultAcrs: defaultAcrs,
    owed: person ? levelOwedAtSignIn(person.tenant.policy, person.account, clock()) : 1,
  });
}

/** The most that this person can prove with what they hold. */
function withinReach(account: Account, policy: Policy): Level {
  const held = allowedOf(policy, account.methods);
  return Math.max(1, ...held.map(({ kind }) => levelOf(kind))) as Level;
}

/** The most that anybody of this tenant can prove, be it after setting something up. */
function possible(policy: Policy): Level {
  return Math.max(1, ...policy.allowedMethods.map((id) => levelOf(id))) as Level;
}

/** Whether the `mfa` prompt is due: a demand is not met, and not declined where it may be. */
function owesMore(ctx: Context, clock: Clock): boolean {
  const person = signedIn(ctx);
  if (!person) return false; // the login prompt has answered already
  const { oidc } = ctx;
  const { hard, level } = demand(ctx, clock);
  const reached = levelOrOne(oidc.session?.acr);
  if (reached < hard) {
    const hopeless = possible(person.tenant.policy) < hard;
    if (hopeless && oidc.prompts.has('none')) {
      throw new errors.UnmetAuthenticationRequirements('the tenant admits no way to prove this much');
    }
    return true;
  }
  const declined =
    (oidc as unknown as { result?: { mfa?: { declined?: boolean } } }).result?.mfa?.declined === true;
  return reached < level && !declined && withinReach(person.account, person.tenant.policy) >= level;
}

/**
 * @returns why a session no longer counts, as far as the account and the tenant's policy say: they have ended it, or it
 *   is too old; null = it counts, or there is none
 */
function isOver(ctx: Context, clock: Clock): 'ended' | 'old' | null {
  const person = signedIn(ctx);
  const { session } = ctx.oidc;
  if (!person || !session?.accountId) return null;
  const now = clock();
  const authTime = session.loginTs ?? 0;
  const credential = { level: levelOrOne(session.acr), authTime, sessionUid: session.uid };
  const { policy } = person.tenant;
  if (!isAlive(policy, person.account, credential, now)) return 'ended';
  return epochSeconds(now) - authTime > policy.session.maxSeconds ? 'old' : null;
}

/**
 * Which prompt is due: `login` (nobody, or nobody who still counts), `mfa` (guard and step-up: something is not
 * proved), `consent`. With `prompt=none` the failing check's error goes to the app: `login_required` where a person
 * could mend it.
 */
export function createInteractionPolicy(clock: Clock) {
  const policy = base();
  const login = policy.get('login');
  const consent = policy.get('consent');
  if (!login || !consent) throw new Error('the base policy has changed');

  // Ours compares levels, not names, and steps up instead of starting over.
  login.checks.remove('essential_acr');
  login.checks.remove('essential_acrs');
  login.checks.add(
    new Check(
      'acr_unreachable',
      'nobody can meet the requested acr',
      'unmet_authentication_requirements',
      (ctx) => {
        if (!demand(ctx, clock).unreachable) return false;
        throw new errors.UnmetAuthenticationRequirements('none of the essential acr values is supported');
      },
    ),
  );
  login.checks.add(
    new Check('account_unusable', 'the account cannot be used', 'login_required', async (ctx) => {
      if (!ctx.oidc.session?.accountId || ctx.oidc.account) return false;
      await dropSession(ctx, false);
      return true;
    }),
  );
  login.checks.add(
    new Check('session_not_alive', 'the session is over', 'login_required', async (ctx) => {
      const over = isOver(ctx, clock);
      if (over !== null) await dropSession(ctx, over === 'ended');
      return over !== null;
    }),
  );
  login.checks.add(
    new Check('wrong_tenant', 'the client is for people of another tenant', 'login_required', (ctx) => {
      const { tenantId } = facts(ctx);
      const person = signedIn(ctx);
      return tenantId !== null && person !== undefined && person.account.tenantId !== tenantId;
    }),
  );

  const details = (ctx: Context) => {
    const { level, hard } = demand(ctx, clock);
    return { level, hard };
  };
  const unmet = new Check('acr_unmet', 'a further factor is required', 'login_required', (ctx) =>
    owesMore(ctx, clock),
  );
  policy.add(new Prompt({ name: 'mfa' }, details, unmet), 1);

  // An app of the house asks nobody for consent, also where it says prompt=consent to get offline_access.
  for (const reason of ['consent_prompt', 'native_client_prompt']) {
    const check = consent.checks.get(reason);
    if (!check) throw new Error('the base policy has changed');
    const original = check.check;
    check.check = (ctx) => !facts(ctx).firstParty && original(ctx);
  }
  return policy;
}
