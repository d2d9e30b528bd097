import { isInCharge, refusalOf, type Action, type RoleHolder } from '../admin/permissions.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import type { PageContext } from '../http/rows.ts';
import {
  CONSOLE_CALLBACK,
  CONSOLE_CLIENT_ID,
  ownSignInAddress,
  type SignInWish,
} from '../provider/own-client.ts';
import type { Sessions } from '../provider/sessions.ts';
import { visitOf } from '../security-settings/door-routes.ts';
import { isFresh, type FreshProofStore } from '../security-settings/fresh-proof.ts';
import type { Goal } from '../security-settings/goal.ts';
import type { Visit } from '../security-settings/visit.ts';
import { holdsAllowed } from '../tenants/allowed.ts';

export type ConsoleContext = PageContext;

export interface DoorPorts {
  readonly sessions: Pick<Sessions, 'current'>;
  readonly proofs: Pick<FreshProofStore, 'find'>;
  readonly audit: Audit;
  /** @throws DomainError too_many_attempts */
  readonly countChange: (who: AccountRef) => Promise<void>;
  readonly issuer: URL;
  readonly clock: Clock;
}

export type ConsoleDoor = ReturnType<typeof createConsoleDoor>;

/** Lets in people in charge who have proved two factors, whatever their tenant asks of others. */
export function createConsoleDoor({ sessions, proofs, audit, countChange, issuer, clock }: DoorPorts) {
  return {
    /**
     * @returns null when nobody is signed in, or with too little
     * @throws DomainError forbidden for people who are in charge of nothing
     */
    async look(ctx: ConsoleContext): Promise<Visit | null> {
      ctx.state.app = { name: 'Stile admin', homeHref: '/admin' };
      const session = await sessions.current(ctx);
      if (!session) return null;
      const visit = visitOf(ctx, session);
      if (!isInCharge(visit.account.roles)) throw new DomainError('forbidden', { detail: 'role' });
      return session.level < 2 ? null : visit;
    },

    /** @param state of the page to come back to (`deep-links.ts`) */
    signInAddress: (state: string, wish: SignInWish = {}): string =>
      ownSignInAddress({ clientId: CONSOLE_CLIENT_ID, callback: CONSOLE_CALLBACK }, issuer, state, wish),

    /**
     * Whether they hold a second factor that counts now: what they proved is over with what they proved it by, be it
     * turned off or forbidden (ADR 13). Their session would go on stepping up with it for ever, so it has to be a new one.
     */
    holdsMethod: ({ account, tenant }: Visit): boolean => holdsAllowed(tenant.policy, account.methods),

    /**
     * Asked anew at each request, with roles that were just read.
     * @param target whom it is done to; null = whether it may be done at all
     * @throws DomainError forbidden
     */
    async check({ account, by }: Visit, action: Action, target: RoleHolder | null = null): Promise<void> {
      const reason = refusalOf(account, action, target);
      if (reason === null) return;
      await audit.record({
        event: 'access_refused',
        tenantId: account.tenantId,
        actor: refOf(account),
        subject: target && refOf(target),
        result: 'refused',
        reason,
        details: { action },
        reference: by.reference,
        source: by.source,
      });
      throw new DomainError('forbidden', { detail: reason });
    },

    /** A stolen session cannot do without end what its owner never does so often. @throws DomainError too_many_attempts */
    countChange: ({ account }: Visit): Promise<void> => countChange(account),

    /** Whether they proved within ten minutes, in this very session, that it is them. */
    async isFresh(visit: Visit, goal: Goal): Promise<boolean> {
      const now = clock();
      const proof = await proofs.find(visit.sessionKey, now);
      return proof !== null && isFresh(proof, visit, goal, now);
    },
  };
}
