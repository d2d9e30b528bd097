import { normaliseEmail } from '../accounts/account.ts';
import type { Attempts, Reservation } from '../attempts/attempts.ts';
import { accountKey, type AccountRef } from '../core/account-ref.ts';
import type { SecondFactorMethod } from '../second-factor/method.ts';
import type { Visitor } from './sign-in.ts';

/** The browser as far as budgets care. */
type Browser = Pick<Visitor, 'source' | 'sourceHost' | 'knownAccounts' | 'deviceIds' | 'place'>;

/** One guess at a password, charged to the account and to whom it came from. It is a failure until `succeed` is called. */
export type PasswordGuess =
  | (Extract<Reservation, { ok: false }> & {
      /** This browser is known already, and was wrong too often: being confirmed by mail changes nothing. */
      readonly demoted: boolean;
    })
  | (Extract<Reservation, { ok: true }> & {
      /** From a browser in which this person signed in before (rule known-browsers). */
      readonly knownDevice: boolean;
    });

/** How long a failure is remembered that concerns nobody; seconds. Until then nothing tells such an email from others. */
const NOBODYS = 365 * 24 * 60 * 60;

const PASSWORD_BUDGETS = ['password-known-device', 'password-unknown-device', 'password-proof'] as const;
const APP_CODES = ['second-factor', 'second-factor-known-device'] as const;
/** Wrong answers that nothing can be guessed by, or of which they limit nothing. */
const OTHER_SECONDS = ['recovery', 'rescue', 'second-step-failures'] as const;

/** Which budgets a guess of a sign-in is charged to (rule budgets, rule shared-networks). */
export function createLimits(attempts: Attempts) {
  const emailKey = (tenantId: string, email: string) => `${tenantId}/${normaliseEmail(email)}`;
  const browserOf = ({ deviceIds, place }: Pick<Browser, 'deviceIds' | 'place'>, key: string) =>
    deviceIds.get(key) ?? place;
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
          const known = await attempts.reserve('password-known-device', key);
          if (known.ok) return { ...known, knownDevice: true };
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
        return mine.ok ? { ...mine, knownDevice: false } : { ...mine, demoted };
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
        const email = emailKey(who.tenantId, who.email);
        const by = browserOf(visitor, email);
        if (budget === 'second-factor' && knows(visitor, email)) {
          const known = await attempts.reserve('second-factor-known-device', accountKey(who), { by });
          // Too often wrong: from here on it is treated like a browser that nobody knows.
          if (known.ok || !known.suspended) return known;
        }
        return attempts.reserve(budget, accountKey(who), { by });
      },
      async waitOf(
        who: AccountRef & { email: string },
        { budget }: SecondFactorMethod,
        visitor: Browser,
      ): Promise<number> {
        if (budget === null) return 0;
        if (budget === 'second-factor' && knows(visitor, emailKey(who.tenantId, who.email))) {
          const wait = await attempts.waitOf('second-factor-known-device', accountKey(who));
          if (wait < Infinity) return wait;
        }
        return attempts.waitOf(budget, accountKey(who));
      },
    },

    /**
     * A completed sign-in forgives wrong passwords, and of wrong app codes those of its own browser: what others failed
     * it does not explain. Else whoever has the password would get their guesses back each time that the owner signs in
     * (NIST SP 800-63B-4 3.2.2 forgives what comes from the same address; ADR 8).
     */
    async completed(
      who: AccountRef & { email: string },
      visitor: Pick<Browser, 'deviceIds' | 'place'>,
    ): Promise<void> {
      const key = accountKey(who);
      const browser = browserOf(visitor, emailKey(who.tenantId, who.email));
      await attempts.clearAll([
        ...passwordsOf(who),
        ...OTHER_SECONDS.map((name) => [name, key] as const),
        ...APP_CODES.map((name) => [name, key, browser] as const),
      ]);
    },

    /** A new password after a fresh proof forgives everything: whoever guessed at the codes knows the password no more. */
    async newPasswordProved(who: AccountRef & { email: string }): Promise<void> {
      const seconds = [...APP_CODES, ...OTHER_SECONDS].map((name) => [name, accountKey(who)] as const);
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
