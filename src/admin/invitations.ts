import { createHash } from 'node:crypto';
import type { Account, Role } from '../accounts/account.ts';
import { normaliseEmail } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AccountCommit } from '../accounts/commit.ts';
import { invitedAccount } from '../accounts/new-account.ts';
import type { AuditEntry } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/events.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { refOf, type AccountRef } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { DomainError } from '../core/errors.ts';
import { randomId, randomToken, tokenDigest, type Random } from '../core/random.ts';
import { INVITATION_DAYS } from '../mail-links/invitation-links.ts';
import type { MailLinkStore } from '../mail-links/mail-links.ts';
import type { Notifications } from '../notifications/notifications.ts';
import { nameOf, type Editor, type Occasion } from './occasion.ts';

/** Whom to invite, and as what. */
export interface Invitee {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly team: string | null;
}

export interface InvitationPorts {
  readonly accounts: Pick<Accounts, 'find'>;
  readonly commit: AccountCommit;
  readonly links: Pick<MailLinkStore, 'insert'>;
  readonly attempts: Pick<Attempts, 'reserve'>;
  readonly notifications: Notifications;
  readonly clock: Clock;
  readonly random: Random;
}

export interface InviteBy {
  readonly occasion: Occasion;
  /** Whether they may give these roles to somebody: nobody gives away more than they have. */
  readonly mayGive: (roles: readonly Role[]) => boolean;
  /** The same for a request that is sent again; null = every call is a new one. */
  readonly once: string | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How often it is tried to note that a mail was handed on. */
const TRIES = 3;

/** @returns the id of whom a request invites that names itself by `once`: the same whenever it is sent again */
export function invitedId(tenantId: string, editor: Editor, once: string): string {
  const key = JSON.stringify([tenantId, nameOf(editor), once]);
  return createHash('sha256').update(key).digest('base64url').slice(0, 22);
}

export type Invitations = ReturnType<typeof createInvitations>;

/** Invites people by mail. Who may is decided before (`permissions.ts`), but for the roles that are given. */
export function createInvitations(ports: InvitationPorts) {
  const { accounts, commit, links, attempts, notifications, clock, random } = ports;

  const entryOf = (
    event: AuditEvent,
    who: AccountRef,
    { editor, reference, source }: Occasion,
    details: Readonly<Record<string, unknown>> = {},
  ): AuditEntry => ({
    event,
    tenantId: who.tenantId,
    actor: editor.kind === 'person' ? editor.who : null,
    subject: refOf(who),
    result: 'ok',
    details: { ...(editor.kind === 'client' ? { client: editor.clientId } : {}), ...details },
    reference,
    source,
  });

  /** Notes that the mail is on its way; somebody may change the account, or accept, at the same time. */
  async function noteMailed(account: Account, digest: string): Promise<Account> {
    const mailed = await commit({
      who: account,
      entries: [],
      async write({ save }) {
        let now: Account | null = account;
        for (let tries = 0; now?.invitation?.digest === digest && tries < TRIES; tries += 1) {
          const saved = await save(now, { invitation: { ...now.invitation, mailedAt: clock() } });
          if (saved) return saved;
          now = await accounts.find(account);
        }
        return now;
      },
    });
    return mailed ?? account;
  }

  /**
   * Has a new link mailed: from one conditional write on no older one works. Should it break off, it can be done again.
   * @param entries what the log is told of it
   * @throws DomainError changed_meanwhile
   */
  async function mail(account: Account, entries: readonly AuditEntry[] = []): Promise<Account> {
    const token = randomToken(random);
    const digest = tokenDigest(token);
    const expiresAt = new Date(clock().getTime() + INVITATION_DAYS * DAY_MS);
    const { tenantId, accountId } = account;
    await links.insert({
      digest,
      purpose: 'invitation',
      tenantId,
      accountId,
      credVersion: null,
      signInUid: null,
      expiresAt,
    });
    const saved = await commit({
      who: account,
      entries,
      write: ({ save }) => save(account, { invitation: { digest, expiresAt, mailedAt: null } }),
    });
    if (!saved) throw new DomainError('changed_meanwhile');
    await notifications.notify(refOf(account), {
      kind: 'invitation',
      path: `/invite/${token}`,
      days: INVITATION_DAYS,
    });
    return noteMailed(saved, digest);
  }

  /**
   * One mail more to an address: whoever invites somebody anew who was withdrawn has no more of them than others.
   * @throws DomainError too_many_attempts
   */
  async function makeRoom(tenantId: string, email: string) {
    const room = await attempts.reserve('invitation-mail', `${tenantId}/${normaliseEmail(email)}`);
    if (room.ok) return room;
    throw new DomainError('too_many_attempts', { retryAfterSeconds: room.retryAfterSeconds });
  }

  function asInvited(account: Account): Account {
    if (account.state !== 'invited') throw new DomainError('refused', { detail: 'not_invited' });
    return account;
  }

  /** What the same request made before: its mail is sent if that broke off. */
  async function madeBefore(who: AccountRef, invitee: Invitee): Promise<Account | null> {
    const before = await accounts.find(who);
    if (!before) return null;
    if (before.email !== normaliseEmail(invitee.email))
      throw new DomainError('refused', { detail: 'key_used' });
    if (before.state !== 'invited' || before.invitation?.mailedAt) return before;
    try {
      return await mail(before);
    } catch (error) {
      // Its twin, or whoever takes up what broke off, was faster and has the mail sent.
      if (error instanceof DomainError && error.code === 'changed_meanwhile') return accounts.find(who);
      throw error;
    }
  }

  return {
    /**
     * Adds somebody who chooses a password by the mailed link. The email is theirs alone within the tenant by the
     * unique index, however many ask at once.
     * @throws DomainError refused (`email_taken`, `key_used` when `once` came with another email), forbidden
     * (`higher_role`), too_many_attempts; nothing is changed then
     */
    async invite(
      tenantId: string,
      invitee: Invitee,
      { occasion, mayGive, once }: InviteBy,
    ): Promise<Account> {
      const { email, name, roles, team } = invitee;
      if (!mayGive(roles)) throw new DomainError('forbidden', { detail: 'higher_role' });
      const accountId = once === null ? randomId(random) : invitedId(tenantId, occasion.editor, once);
      const person = { tenantId, accountId, email, name, createdAt: clock() };
      const account = { ...invitedAccount(person, random), roles: [...roles], team };
      const before = once === null ? null : await madeBefore(account, invitee);
      if (before) return before;
      const room = await makeRoom(tenantId, email);
      const added = await commit({
        who: account,
        entries: [entryOf('agent_invited', account, occasion, { roles, team })],
        lost: 'email_taken',
        write: ({ insert }) => insert(account),
      });
      if (added) return mail(account);
      await room.succeed();
      // Sent twice at once: the other one has its mail sent.
      const twin = once === null ? null : await accounts.find(account);
      if (twin?.email === normaliseEmail(email)) return twin;
      throw new DomainError('refused', { detail: 'email_taken' });
    },

    /** How the invitation of somebody stands: `none` was mailed, its time is `over`, or it waits for them. */
    standing({ invitation }: Account): 'none' | 'over' | 'mailed' {
      if (!invitation?.mailedAt) return 'none';
      return invitation.expiresAt <= clock() ? 'over' : 'mailed';
    },

    /**
     * Mails another link, after which the one before it works no more.
     * @throws DomainError refused (`not_invited`), too_many_attempts, changed_meanwhile
     */
    async sendAgain(account: Account, occasion: Occasion): Promise<Account> {
      asInvited(account);
      await makeRoom(account.tenantId, account.email);
      return mail(account, [entryOf('invitation_sent_again', account, occasion)]);
    },

    /** Takes away somebody who has not accepted. @throws DomainError refused (`not_invited`), changed_meanwhile */
    async withdraw(account: Account, occasion: Occasion): Promise<void> {
      asInvited(account);
      const removed = await commit({
        who: account,
        entries: [entryOf('invitation_withdrawn', account, occasion)],
        write: ({ removeInvited }) => removeInvited(account),
      });
      if (!removed) throw new DomainError('changed_meanwhile');
    },
  };
}
