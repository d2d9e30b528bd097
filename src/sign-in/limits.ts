import { normaliseEmail } from '../accounts/account.ts';
import type { Attempts, Reservation } from '../attempts/attempts.ts';
import { accountKey, type AccountRef } from '../core/account-ref.ts';
import type { SecondFactorMethod } from '../second-factor/method.ts';
import type { Visitor } from './sign-in.ts';

/** The browser as far as budgets care. */
type Browser = Pick<Visitor, 'source' | 'sourceHost' | 'knownAccounts'>;

/** One guess at a password. It is a failure until `succeed` is called; `failed` charges whom it came from as well. */
export type PasswordGuess =
  | Extract<Reservation, { ok: false }>
  | (Extract<Reservation, { ok: true }> & {
      failed(): Promise<void>;
      /** From a browser in which this person signed in before (SECURITY DR-13). */
      readonly knownDevice: boolean;
    });

/** Which budgets a guess of a sign-in is charged to (SECURITY DR-11, DR-12). */
export function createLimits(attempts: Attempts) {
  const emailKey = (tenantId: string, email: string) => `${tenantId}/${normaliseEmail(email)}`;
  const knows = (visitor: Browser, key: string) => visitor.knownAccounts.includes(key);

  return {
    password: {
      /**
       * By the email as it was typed, so that an unknown one is limited like a known one. Addresses count for unknown
       * browsers alone, and by failures alone: a contact center has hundreds of people behind one address, who begin
       * their shift at the same minute.
       */
      async reserve(tenantId: string, email: string, visitor: Browser): Promise<PasswordGuess> {
        const key = emailKey(tenantId, email);
        if (knows(visitor, key)) {
          const known = await attempts.reserve('password-known-device', key, { trusted: true });
          if (known.ok) return { ...known, knownDevice: true, failed: async () => undefined };
          // Too often wrong: from here on it is treated like a browser that nobody knows.
        }
        const origins = [
          ['source', `${tenantId}|${visitor.sourceHost}`],
          ['source-network', `${tenantId}|${visitor.source}`],
        ] as const;
        const mine = await attempts.reserve('password-unknown-device', key, { beside: origins });
        if (!mine.ok) return mine;
        return {
          ...mine,
          knownDevice: false,
          async failed() {
            await Promise.all(origins.map(([name, of]) => attempts.reserve(name, of)));
          },
        };
      },
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

    /** A completed sign-in, or a new password, forgives what failed before it (SECURITY DR-16). */
    async completed(who: AccountRef & { email: string }): Promise<void> {
      const passwords = ['password-known-device', 'password-unknown-device'] as const;
      const seconds = ['second-factor', 'recovery', 'rescue', 'second-step-failures'] as const;
      await attempts.clearAll([
        ...passwords.map((name) => [name, emailKey(who.tenantId, who.email)] as const),
        ...seconds.map((name) => [name, accountKey(who)] as const),
      ]);
    },
  };
}
