import { acrOfLevel, amrClaim, carriedAmr, levelOfAmr } from '../core/assurance.ts';
import { refOf } from '../core/account-ref.ts';
import { DomainError } from '../core/errors.ts';
import type { Account } from '../accounts/account.ts';
import type { AccountRef } from '../core/account-ref.ts';
import type { SetUpHost, SetUpPlace } from '../set-up/host-routes.ts';
import { openingOf, type ProvedMethod } from '../set-up/set-up.ts';
import { cardOf } from './confirm-routes.ts';
import { shows, type AccountContext, type AccountRow } from './account-routes.ts';
import { goTo } from '../http/go-to.ts';
import { confirmPath } from './goal.ts';
import type { Proofs } from './proofs.ts';
import type { Renewal } from './renewal-routes.ts';
import type { Visit } from './visit.ts';

export interface AccountSetUp {
  readonly enter: (ctx: AccountContext) => Promise<Visit | null>;
  readonly proofs: Proofs;
  readonly sessions: Renewal;
  readonly accounts: { find(who: AccountRef): Promise<Account | null> };
}

interface Place extends SetUpPlace {
  readonly visit: Visit;
}

const GOAL = { kind: 'set-up' } as const;
const BASE = '/account/security/set-up';
/** Where a set-up ends; not below its own pages, whose addresses are not ours to give. */
const DONE = '/account/security/set-up-done';

/** Set-up on the own pages: after a fresh proof, and its end is the list of methods. */
export function accountSetUp({ enter, proofs, sessions, accounts }: AccountSetUp): SetUpHost<Visit, Place> {
  /** What a request has proved, between the moment before it counts and the one after. */
  const proved = new WeakMap<object, ProvedMethod>();

  /** The session is worth what was just proved in it, under a new id (rule level-as-proved). */
  function raise(ctx: AccountContext, { amr }: Visit, method: ProvedMethod): Promise<string | null> {
    const all = amrClaim([carriedAmr(amr), method.amr]);
    return sessions.renew(ctx, { acr: acrOfLevel(levelOfAmr(all)), amr: all });
  }

  return {
    prefix: BASE,
    enter,

    async prove(visit, _row, ctx) {
      const { account, tenant, by, sessionUid } = visit;
      const proof = await proofs.find(visit, GOAL);
      if (!proof) {
        goTo(ctx, confirmPath(GOAL));
        return null;
      }
      const { kinds, missing } = openingOf(account, tenant.policy, {
        passwordAlone: proof.method === 'password',
        enrolmentProved: proof.enrolmentProved ?? null,
      });
      if (kinds.length === 0) throw new DomainError('forbidden');
      return {
        visit,
        tenant,
        kinds,
        missing: missing && proofs.codeSlot(visit, proof),
        by,
        base: BASE,
        line: { stepsDone: 0, stepsTotal: 0 },
        who: cardOf(visit).who,
        whose: {
          owner: { kind: 'session', uid: sessionUid },
          account,
          async aboutToCount(method) {
            if (missing) throw new DomainError('step_out_of_order');
            proved.set(ctx.req, method);
          },
        },
      };
    },

    showStart(ctx, { visit, kinds }) {
      const further = visit.account.methodCount > 0;
      ctx.state.render('security-settings/set-up.njk', { ...cardOf(visit), kinds, further });
    },

    async proved(ctx) {
      await sessions.renew(ctx);
    },

    async end(ctx, { visit }) {
      const added = proved.get(ctx.req);
      const account = await accounts.find(refOf(visit.account));
      if (added && account?.methods.some(({ id }) => id === added.method.id)) {
        await proofs.grant(visit, account, added.method, () => raise(ctx, visit, added));
      }
      goTo(ctx, DONE);
    },
  };
}

/** Done, on the own pages: what was set up last, and a second one, so that nobody is locked out. */
export function accountSetUpDone(): AccountRow[] {
  function show(visit: Visit, ctx: AccountContext): void {
    const { methods } = visit.account;
    const [latest] = [...methods].sort((a, b) => b.addedAt.getTime() - a.addedAt.getTime());
    if (!latest) return goTo(ctx, '/account/security');
    ctx.state.render('set-up/done.njk', {
      ...cardOf(visit),
      cancelHref: null,
      stepsDone: 3,
      stepsTotal: 3,
      method: latest.kind,
      appName: ctx.state.app?.name ?? '',
      addAction: methods.length === 1 ? BASE : null,
    });
  }

  return [
    shows('/security/set-up-done', show),
    { method: 'post', path: '/security/set-up-done', run: (_known, ctx) => goTo(ctx, '/account/security') },
  ];
}
