import { normaliseEmail } from '../accounts/account.ts';
import type { Attempts, Reservation } from '../attempts/attempts.ts';
import { accountKey, type AccountRef } from '../core/account-ref.ts';
import type { SecondFactorMethod } from '../second-factor/method.ts';
import type { Visitor } from './sign-in.ts';

/** The browser as far as budgets care. */
type Browser = Pick<Visitor, 'source' | 'sourceHost' | 'knownAccounts'>;

/** One guess at a password. It is a failure until `succeed` is called; `failed` charges whom it came from as well. */
export type PasswordGuess =
  | (Extract<Reservation, { ok: false }> & {
      /** This browser is known already, and was wrong too often: being confirmed by mail changes nothing. */
      readonly demoted: boolean;
    })
  | (Extract<Reservation, { ok: true }> & {
      failed(): Promise<void>;
      /** From a browser in which this person signed in before (rule known-browsers). */
      readonly knownDevice: boolean;
    });

/** How long a failure is remembered that concerns nobody; seconds. Until then nothing tells such an email from others. */
const NOBODYS = 365 * 24 * 60 * 60;

const PASSWORD_BUDGETS = ['password-known-device', 'password-unknown-device', 'password-proof'] as const;
const SECOND_BUDGETS = ['second-factor', 'recovery', 'rescue', 'second-step-failures'] as const;

/** Which budgets a guess of a sign-in is charged to (rule budgets, rule shared-networks). */
export function createLimits(attempts: Attempts) {
  const emailKey = (tenantId: string, email: string) => `${tenantId}/${normaliseEmail(email)}`;
  const knows = (visitor: Browser, key: string) => visitor.knownAccounts.includes(key);
  const passwordsOf = ({ tenantId, email }: AccountRef & { email: string }) =>
    PASSWORD_BUDGETS.map((name) => [name, emailKey(tenantId, email)] as const);

  return {
    password: {
      /**
       * By the email as it was typed, so that an unknown one is limited like a known one. Addresses count for unknown
       * browsers alone, and by failures alone: a contact center has hundreds of people behind one address, who begin
       * their shift at the same minute.
       * @param exists somebody has this email; else the failure is forgotten one day
       */
      async reserve(
        tenantId: string,
        email: string,
        visitor: Browser,
        exists: boolean,
      ): Promise<PasswordGuess> {
        const key = emailKey(tenantId, email);
        const demoted = knows(visitor, key);
        if (demoted) {
          const known = await attempts.reserve('password-known-device', key, { trusted: true });
          if (known.ok) return { ...known, knownDevice: true, failed: async () => undefined };
          // Too often wrong: from here on it is treated like a browser that nobody knows.
        }
        const origins = [
          ['source', `${tenantId}|${visitor.sourceHost}`],
          ['source-network', `${tenantId}|${visitor.source}`],
        ] as const;
        const mine = await attempts.reserve('password-unknown-device', key, {
          beside: origins,
          forgetIn: exists ? undefined : NOBODYS,
        });
        if (!mine.ok) return { ...mine, demoted };
        return {
          ...mine,
          knownDevice: false,
          async failed() {
            await Promise.all(origins.map(([name, of]) => attempts.reserve(name, of)));
          },
        };
      },

      /** One guess of somebody who is signed in, on their own pages. */
      proof: ({ tenantId, email }: AccountRef & { email: string }): Promise<Reservation> =>
        attempts.reserve('password-proof', emailKey(tenantId, email)),
    },

    secondFactor: {
      async reserve(
        who: AccountRef & { email: string },
        { budget }: SecondFactorMethod,
        visitor: Browser,
      ): Promise<Reservation> {
        if (budget === null) return { ok: true, failures: 0, succeed: async () => undefined };
        const trusted = knows(visitor, emailKey(who.tenantId, who.email));
        return attempts.reserve(budget, accountKey(who), { trusted });
      },
      async waitOf(
        who: AccountRef & { email: string },
        { budget }: SecondFactorMethod,
        visitor: Browser,
      ): Promise<number> {
        if (budget === null) return 0;
        const trusted = knows(visitor, emailKey(who.tenantId, who.email));
        return attempts.waitOf(budget, accountKey(who), { trusted });
      },
    },

    /** A completed sign-in, or a change after a fresh proof, forgives what failed before it (rule forgiveness). */
    async completed(who: AccountRef & { email: string }): Promise<void> {
      const seconds = SECOND_BUDGETS.map((name) => [name, accountKey(who)] as const);
      await attempts.clearAll([...passwordsOf(who), ...seconds]);
    },

    /**
     * A new password by a mailed link forgives wrong passwords alone. Whoever reads somebody's mails could have as many
     * of them as there are links, and with each the guesses at app codes anew (ADR 8).
     */
    async newPassword(who: AccountRef & { email: string }): Promise<void> {
      await attempts.clearAll(passwordsOf(who));
    },
  };
}
