import type { Account } from '../accounts/account.ts';
import { normaliseEmail } from '../accounts/account.ts';
import type { Attempts, KeyedBudget } from '../attempts/attempts.ts';
import type { Audit } from '../audit/audit.ts';
import { refOf } from '../core/account-ref.ts';
import type { Clock } from '../core/clock.ts';
import { randomId, randomToken, tokenDigest, type Random } from '../core/random.ts';
import type { Notifications } from '../notifications/notifications.ts';
import type { Actor } from '../accounts/actor.ts';
import type { Tenant } from '../tenants/tenant.ts';

/** How long a link works; minutes. Its mail says so. */
export const LINK_MINUTES = { 'password-reset': 30, 'confirm-browser': 15 } as const;

/** What people have mailed to themselves, or others to them. */
export type AskedPurpose = keyof typeof LINK_MINUTES;
/** An invitation is sent by those in charge, and works in its own way (`invitation-links.ts`). */
export type LinkPurpose = AskedPurpose | 'invitation';

/** A link that was mailed, as the database has it: of the token only its digest (rule digests-only). */
export interface MailLink {
  readonly digest: string;
  readonly purpose: LinkPurpose;
  readonly tenantId: string;
  /** Null = nobody has the address that was typed; nobody gets the mail either. */
  readonly accountId: string | null;
  /**
   * The account's when it was asked for: any change of the account ends the link (rule change-ends-all). Null = nobody
   * has the
   * address, or it is an invitation, which the account itself names.
   */
  readonly credVersion: number | null;
  /** The sign-in whose page asked for it; null = none. */
  readonly signInUid: string | null;
  readonly expiresAt: Date;
}

export interface MailLinkStore {
  insert(link: MailLink): Promise<void>;
  /** Takes away the other links of the same purpose and account. */
  endOlder(link: Pick<MailLink, 'digest' | 'accountId' | 'purpose'>): Promise<void>;
  find(digest: string, now: Date): Promise<MailLink | null>;
  /** @returns true for the one caller who takes it away */
  take(digest: string): Promise<boolean>;
}

export interface MailLinkPorts {
  readonly store: MailLinkStore;
  readonly accounts: {
    findByEmail(tenantId: string, email: string): Promise<Account | null>;
    findById(accountId: string): Promise<Account | null>;
  };
  readonly tenants: { find(tenantId: string): Promise<Tenant | null> };
  readonly attempts: Pick<Attempts, 'reserve' | 'refused'>;
  readonly notifications: Notifications;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
}

/** A link that works, and whose it is. */
export interface OpenLink {
  readonly link: MailLink & { readonly purpose: AskedPurpose };
  readonly account: Account;
  readonly tenant: Tenant;
}

export interface Ask {
  readonly purpose: AskedPurpose;
  readonly tenantId: string;
  /** As it was typed; perhaps nobody has it. */
  readonly email: string;
  readonly signInUid: string | null;
  /** Somebody with this email signed in in this browser before. */
  readonly known: boolean;
  readonly by: Actor & {
    /** The client's own IPv4 address or IPv6 /64; for budgets alone. */
    readonly sourceHost: string;
  };
}

const ASKED = { 'password-reset': 'password_reset_asked', 'confirm-browser': 'browser_link_asked' } as const;

export type MailLinks = ReturnType<typeof createMailLinks>;

/** Links by mail that open one thing each. Whether anybody has the address shows nowhere: not in words, not in work. */
export function createMailLinks(ports: MailLinkPorts) {
  const { store, accounts, tenants, attempts, notifications, audit, clock, random } = ports;

  /**
   * What is too much is dropped without a word, and takes no mail away from whoever has the
   * address: else a stranger could keep everybody from their mails without having one sent.
   * @returns the budget that has no more; null = there is room
   */
  async function usedUp({ purpose, tenantId, email, known, by }: Ask): Promise<KeyedBudget | null> {
    // A contact center has hundreds of people behind one address (rule shared-networks).
    if (!known) {
      const network = ['mail-link-network', `${tenantId}|${by.source}`] as const;
      const host = `${tenantId}|${by.sourceHost}`;
      const source = await attempts.reserve('mail-link-source', host, { beside: [network] });
      if (!source.ok) return network;
    }
    const key = `${purpose}|${tenantId}/${normaliseEmail(email)}`;
    const mine = await attempts.reserve('mail-link', key, { beside: [['mail-link-day', key]] });
    return mine.ok ? null : ['mail-link', key];
  }

  return {
    /** Has a link mailed to whoever has this email; one read and the same writes for everybody (rule same-answer). */
    async ask(asked: Ask): Promise<void> {
      const { purpose, tenantId, by } = asked;
      const over = await usedUp(asked);
      const untold = over && (await attempts.refused(...over));
      const found = await accounts.findByEmail(tenantId, asked.email);
      const account = found?.state === 'active' ? found : null;
      // The log keeps its rows for good: what is too much has one a window, with the number of those that had none.
      if (!over || untold !== null)
        await audit.record({
          event: ASKED[purpose],
          tenantId,
          actor: null,
          subject: found && refOf(found),
          result: account && !over ? 'ok' : 'refused',
          reason: over ? 'too_many' : account ? null : found ? `account_${found.state}` : 'unknown_account',
          ...(untold === null ? {} : { details: { budget: over?.[0], untold } }),
          reference: by.reference,
          source: by.source,
        });
      if (over) return;
      const token = randomToken(random);
      const minutes = LINK_MINUTES[purpose];
      const at = clock();
      const accountId = account?.accountId ?? null;
      const digest = tokenDigest(token);
      await store.insert({
        digest,
        purpose,
        tenantId,
        accountId,
        credVersion: account?.credVersion ?? null,
        signInUid: asked.signInUid,
        expiresAt: new Date(at.getTime() + minutes * 60_000),
      });
      const to = { tenantId, accountId: accountId ?? randomId(random) };
      // Of several mails the last counts: an older one may lie in a mailbox that others read. Nobody has no older one.
      await store.endOlder({ digest, purpose, accountId: to.accountId });
      await notifications.notify(to, {
        kind: purpose,
        path: `/link/${token}`,
        minutes,
        at,
        device: by.device,
      });
    },

    /** @returns null when the link never was, is too old, was used, or its account has changed since */
    async open(token: string): Promise<OpenLink | null> {
      const found = await store.find(tokenDigest(token), clock());
      if (!found || found.accountId === null || found.purpose === 'invitation') return null;
      const link = { ...found, purpose: found.purpose };
      const account = await accounts.findById(found.accountId);
      const tenant = await tenants.find(link.tenantId);
      if (!account || !tenant || account.tenantId !== link.tenantId) return null;
      const same = account.state === 'active' && account.credVersion === link.credVersion;
      return same ? { link, account, tenant } : null;
    },
  };
}
