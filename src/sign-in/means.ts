import type { Account } from '../accounts/account.ts';
import { amrClaim, isRescued, type Level } from '../core/assurance.ts';
import { epochSeconds } from '../core/clock.ts';
import type { SecondFactorMethod } from '../second-factor/method.ts';
import { openingOf } from '../set-up/set-up.ts';
import { allows, asAllowed } from '../tenants/allowed.ts';
import { graceOf, levelOwedAtSignIn } from '../tenants/standing.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Progress, Settable, Usable } from './next-step.ts';
import { isStepUp, type SignIn, type SignInRequest } from './sign-in.ts';

/** How old the proof may be that a change of one's own sign-in rests on; seconds (rule fresh-proof). */
const FRESH_SECONDS = 10 * 60;

/** What a sign-in owes without regard to its app, and what the person has to meet it with. */
export interface Means extends Pick<Progress, 'fresh' | 'grace' | 'exposed' | 'missing' | 'lacks'> {
  /** By tenant policy and own methods. */
  readonly owed: Level;
  readonly usable: readonly Usable[];
  readonly settable: readonly Settable[];
}

/** Of a sign-in whose person is not known. */
export const NO_MEANS: Means = {
  owed: 1,
  usable: [],
  settable: [],
  fresh: false,
  grace: null,
  exposed: false,
  missing: null,
  lacks: false,
};

interface Person {
  readonly account: Account;
  readonly tenant: Tenant;
}

/** Young enough to change how the person signs in: the password, or a second factor proved in this very sign-in. */
function isFresh({ passwordAt, proofs }: SignIn, { account }: Person, now: Date): boolean {
  const since = passwordAt === null ? Infinity : epochSeconds(now) - passwordAt;
  return since <= FRESH_SECONDS || (account.methodCount > 0 && proofs.some((one) => !one.carried));
}

/** What the person could set up here, and the proof of it that they give first. */
function settableOf(
  { proofs, enrolmentProved }: SignIn,
  { account, tenant }: Person,
  methods: readonly SecondFactorMethod[],
): Pick<Means, 'missing' | 'settable'> {
  const rescued = isRescued(amrClaim(proofs.map(({ amr }) => amr)));
  const stand = { passwordAlone: proofs.length === 0, rescued, enrolmentProved };
  // Where nobody gives such codes there is none to be typed.
  const askable = allows(tenant.policy, 'rescue-code') ? (['email', 'lead-code'] as const) : undefined;
  const { kinds, missing } = openingOf(account, tenant.policy, stand, askable);
  const settable = kinds.flatMap((id): Settable[] => {
    const level = methods.find((method) => method.id === id)?.level;
    return level === undefined ? [] : [{ id, level }];
  });
  return { missing, settable };
}

function usableOf({ account, tenant }: Person, methods: readonly SecondFactorMethod[]): Usable[] {
  // It opens no change, and what comes next for whoever has reported their password is another one.
  const exposed = account.password?.exposedAt !== undefined;
  return methods
    .filter(({ id }) => allows(tenant.policy, id) && !(exposed && id === 'rescue-code'))
    .flatMap((method): Usable[] => {
      const { id, level } = method;
      if (method.isHeldBy(account)) return [{ id, level }];
      return method.isOverFor?.(account) ? [{ id, level, over: true }] : [];
    });
}

/** Pure; everything was read by the caller. @param methods every one there is, best first */
export function meansOf(
  request: SignInRequest,
  signIn: SignIn,
  person: Person,
  { methods, now }: { methods: readonly SecondFactorMethod[]; now: Date },
): Means {
  const { account, tenant } = person;
  const able = asAllowed(tenant.policy, account);
  // A step-up is about what an app asks; a skip is good for one sign-in.
  const asks = !isStepUp(request, signIn) && !signIn.skipped;
  const grace = asks ? graceOf(tenant.policy, account, now) : null;
  const usedUp = grace?.left === 0;
  return {
    owed: usedUp ? 2 : levelOwedAtSignIn(tenant.policy, account, now),
    grace: usedUp ? null : grace,
    exposed: account.password?.exposedAt !== undefined,
    fresh: isFresh(signIn, person, now),
    usable: usableOf({ account: able, tenant }, methods),
    lacks: account.methods.length > 0 && able.methods.length === 0,
    ...settableOf(signIn, person, methods),
  };
}
