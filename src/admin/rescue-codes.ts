import { createHash } from 'node:crypto';
import type { Account, RescueCode } from '../accounts/account.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId } from '../core/random.ts';
import { owing } from '../notifications/owed-mails.ts';
import { holdsAllowed } from '../tenants/allowed.ts';
import type { Policy, Tenant } from '../tenants/tenant.ts';
import { mayGiveRescueCodes, refusalOf, type Refused } from './permissions.ts';
import type { Occasion } from './occasion.ts';

/** How long a code may work; hours. */
export const MOST_HOURS = 12;
/** How many somebody may be given in one month of the calendar, by UTC. */
export const MOST_A_MONTH = 3;
/** How often a write is tried again that somebody else was faster than. */
const TRIES = 10;

/**
 * Why no code can be given. `nothing-to-open`: it would stand for a method that the person does not have.
 * `password-exposed`: they have reported that somebody else may know their password, and chose no other one yet.
 */
export type RescueRefusal =
  Refused | 'off' | 'inactive' | 'nothing-to-open' | 'password-exposed' | 'month-limit';

export interface RescueWish {
  /** Kept in the audit log. */
  readonly reason: string;
  /** 1 to `MOST_HOURS`. */
  readonly hours: number;
  /** The same for a request that is sent again; null = every call is a new one. */
  readonly once: string | null;
}

export interface GivenRescueCode {
  readonly id: string;
  /** As it is read out; null = it was shown before, to whoever sent the same request first. */
  readonly code: string | null;
  readonly until: Date;
  /** How many more the person may be given this month. */
  readonly left: number;
}

export interface RescueCodePorts {
  readonly accounts: {
    find(who: AccountRef): Promise<Account | null>;
  };
  readonly commit: AccountCommit;
  readonly tenants: { findFresh(tenantId: string): Promise<Tenant | null> };
  readonly codes: {
    newCode(): string;
    show(code: string): string;
    /** @throws DomainError busy */
    digest(code: string): Promise<Pick<RescueCode, 'salt' | 'pepperId' | 'digest'>>;
  };
  readonly clock: Clock;
}

const monthOf = (at: Date) => at.toISOString().slice(0, 7);

/** @returns how many codes somebody may still be given this month */
export const leftThisMonth = ({ rescue }: Pick<Account, 'rescue'>, now: Date): number =>
  MOST_A_MONTH - (rescue?.gives ?? []).filter(({ at }) => monthOf(at) === monthOf(now)).length;

/**
 * Whether `actor` may give `target` a code now. Pure; everything was just read.
 * @returns why not; null = allowed
 */
export function rescueRefusalOf(
  actor: Account,
  target: Account,
  policy: Policy,
  now: Date,
): RescueRefusal | null {
  const refused = refusalOf(actor, 'give-rescue-code', target);
  if (refused) return refused;
  if (policy.rescueCodes === 'off') return 'off';
  if (!mayGiveRescueCodes(policy, actor.roles)) return 'role';
  if (target.state !== 'active') return 'inactive';
  // The new password comes first, and a code opens no change: not that one either.
  if (target.password?.exposedAt) return 'password-exposed';
  if (!holdsAllowed(policy, target.methods) && policy.enrolmentProof !== 'lead-code')
    return 'nothing-to-open';
  return leftThisMonth(target, now) > 0 ? null : 'month-limit';
}

function refuse(refusal: RescueRefusal): never {
  const detail = refusal.replaceAll('-', '_');
  switch (refusal) {
    case 'other-tenant':
      throw new DomainError('not_found');
    case 'role':
    case 'yourself':
    case 'higher-role':
    case 'other-team':
      throw new DomainError('forbidden', { detail });
    case 'off':
      throw new DomainError('refused', { detail: 'rescue_codes_off' });
    case 'inactive':
    case 'nothing-to-open':
    case 'password-exposed':
    case 'month-limit':
      throw new DomainError('refused', { detail });
  }
}

/** Codes for people who cannot reach their second factor today, from those who know them. */
export function createRescueCodes(ports: RescueCodePorts) {
  const { accounts, commit, tenants, codes, clock } = ports;
  const entryOf = (target: AccountRef, actor: AccountRef, given: RescueCode, occasion: Occasion) => ({
    event: 'rescue_code_given' as const,
    tenantId: target.tenantId,
    actor: refOf(actor),
    subject: refOf(target),
    result: 'ok' as const,
    details: { code: given.id, until: given.expiresAt.toISOString() },
    reference: occasion.reference,
    source: occasion.source,
  });

  /** Everything that decides, read anew. @throws DomainError as `refuse` */
  async function decide(who: AccountRef, actorRef: AccountRef) {
    const [target, actor, tenant] = await Promise.all([
      accounts.find(who),
      accounts.find(actorRef),
      tenants.findFresh(who.tenantId),
    ]);
    if (!target || !actor || !tenant) throw new DomainError('not_found');
    const now = clock();
    return { target, actor, now, refusal: rescueRefusalOf(actor, target, tenant.policy, now) };
  }

  const idOf = (who: AccountRef, actor: AccountRef, once: string | null): string =>
    once === null
      ? randomId()
      : createHash('sha256')
          .update(JSON.stringify([who.tenantId, who.accountId, actor.accountId, once]))
          .digest('base64url');

  /** What tells a request that is sent again from another one that has its `once`. */
  const askedOf = ({ reason, hours }: RescueWish): string =>
    createHash('sha256')
      .update(JSON.stringify([reason, hours]))
      .digest('base64url');

  return {
    /** Whether `actor` could give a code at this moment, and how many are left. Pure but for the clock. */
    outlook(actor: Account, target: Account, policy: Policy) {
      const now = clock();
      return { now, refusal: rescueRefusalOf(actor, target, policy, now), left: leftThisMonth(target, now) };
    },

    /**
     * Gives a code, in the place of the one before. It is shown in the answer and nowhere else: sent again with the
     * same `once`, the answer is the same without it.
     * @throws DomainError not_found, forbidden, refused (`rescue_codes_off`, `inactive`, `nothing_to_open`,
     * `password_exposed`, `month_limit`, `key_used` when `once` came with another wish), busy, changed_meanwhile
     */
    async give(who: AccountRef, wish: RescueWish, occasion: Occasion): Promise<GivenRescueCode> {
      if (occasion.editor.kind !== 'person') throw new DomainError('forbidden');
      const actorRef = occasion.editor.who;
      const id = idOf(who, actorRef, wish.once);
      const asked = askedOf(wish);
      const plain = codes.newCode();
      let digested: Awaited<ReturnType<typeof codes.digest>> | null = null;
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { target, actor, now, refusal } = await decide(who, actorRef);
        const before = target.rescue?.gives.find((give) => give.id === id);
        if (before && before.asked !== asked) throw new DomainError('refused', { detail: 'key_used' });
        if (before) return { id, code: null, until: before.until, left: leftThisMonth(target, now) };
        if (refusal) refuse(refusal);
        const until = new Date(now.getTime() + wish.hours * 60 * 60 * 1000);
        digested ??= await codes.digest(plain);
        const { credVersion } = target;
        const code = { ...digested, id, givenAt: now, expiresAt: until, usedAt: null, credVersion };
        const gives = [
          ...(target.rescue?.gives ?? []).slice(1 - 2 * MOST_A_MONTH),
          { id, asked, at: now, until },
        ];
        const entry = { ...entryOf(target, actor, code, occasion), reason: wish.reason };
        const given = await commit({
          who,
          entries: [entry],
          mails: [owing({ kind: 'rescue-code-given', until, at: now, device: null })],
          write: ({ giveRescueCode }) => giveRescueCode(target, { code, gives }),
        });
        const left = leftThisMonth({ rescue: { code, gives } }, now);
        if (given) return { id, code: codes.show(plain), until, left };
      }
      throw new DomainError('changed_meanwhile');
    },
  };
}
