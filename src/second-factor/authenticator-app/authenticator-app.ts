import type { Account } from '../../accounts/account.ts';
import type { AccountRef } from '../../core/account-ref.ts';
import type { Clock } from '../../core/clock.ts';
import { DomainError } from '../../core/errors.ts';
import type { SecondFactorMethod, Verdict } from '../method.ts';
import { readAppCode } from './app-code.ts';
import { findClockOffset, matchTimeStep, offsetMinutes, timeStepOf } from './totp.ts';

/** One app as its owner set it up. */
export interface AuthenticatorApp extends AccountRef {
  /** The id in `account.methods`. */
  readonly id: string;
  readonly name: string;
  readonly addedAt: Date;
  readonly lastUsedAt: Date | null;
  /** Steps between the phone's clock and ours at the last success: for display and diagnosis only. */
  readonly offsetSteps: number;
}

/** An app with its secret opened; `secret` is null when it could not be (rule sealed). */
export interface OpenedApp extends AuthenticatorApp {
  /** Base32. */
  readonly secret: string | null;
  /** The newest step whose code was accepted; it and every older one are spent. 0 = none yet. */
  readonly lastTimeStep: number;
}

export interface AuthenticatorAppStore {
  /** Those apps of `who` whose ids are asked for; what is not there is left out. */
  open(who: AccountRef, ids: readonly string[]): Promise<OpenedApp[]>;
  /**
   * Atomic: true for the one caller who moves the app forward to `timeStep`, which must be newer than the last one
   * and not burnt.
   */
  spendTimeStep(
    app: AuthenticatorApp,
    timeStep: number,
    use: { at: Date; offsetSteps: number },
  ): Promise<boolean>;
  /** Makes a step unusable before its time has come. `present` lets go of those whose time is over. */
  burnTimeStep(app: AuthenticatorApp, timeStep: number, present: number): Promise<void>;
}

export interface AuthenticatorAppPorts {
  readonly store: AuthenticatorAppStore;
  readonly clock: Clock;
}

const refused = (reason: 'wrong' | 'used'): Verdict => ({ ok: false, reason, guess: true });

function listedIds(account: Account): string[] {
  return account.methods.filter(({ kind }) => kind === 'authenticator-app').map(({ id }) => id);
}

/** Codes of an app on a phone (TOTP, RFC 6238). Several apps may be set up; a code of any of them will do. */
export function authenticatorApp({ store, clock }: AuthenticatorAppPorts): SecondFactorMethod {
  /**
   * The apps that can be asked now. An app that is listed and cannot be read is never taken for "no app".
   * @throws DomainError method_unavailable when there is none
   */
  async function readable(
    account: Account,
  ): Promise<{ apps: (OpenedApp & { secret: string })[]; all: boolean }> {
    const ids = listedIds(account);
    const opened = await store.open(account, ids);
    const apps = opened.filter((app): app is OpenedApp & { secret: string } => app.secret !== null);
    if (apps.length === 0) throw new DomainError('method_unavailable', { detail: 'authenticator-app' });
    return { apps, all: apps.length === ids.length };
  }

  return {
    id: 'authenticator-app',
    level: 2,
    budget: 'second-factor',
    isHeldBy: (account) => listedIds(account).length > 0,

    async begin(account) {
      await readable(account);
      return { challenge: null, view: {} };
    },

    async verify(account, _challenge, form) {
      if (!this.isHeldBy(account)) return { ok: false, reason: 'not-enrolled', guess: false };
      const typed = readAppCode(form.code);
      if (!typed.ok) return { ok: false, reason: typed.reason, guess: false };

      const now = clock();
      const present = timeStepOf(now);
      const { apps, all } = await readable(account);
      let used = false;
      for (const app of apps) {
        const timeStep = matchTimeStep(app.secret, typed.code, now);
        if (timeStep === null) continue;
        const use = { at: now, offsetSteps: timeStep - present };
        // Matched first, spent last: a stranger's wrong guess must not use up the owner's code.
        if (await store.spendTimeStep(app, timeStep, use))
          return { ok: true, amr: ['otp'], credentialId: app.id };
        used = true;
      }
      if (used) return refused('used');

      for (const app of apps) {
        const offset = findClockOffset(app.secret, typed.code, now);
        if (offset === null) continue;
        if (present + offset === app.lastTimeStep) return refused('used');
        // Told that it is a code of the future, a guesser would only have to wait for its time to come.
        if (offset > 0) await store.burnTimeStep(app, present + offset, present);
        return { ok: false, reason: 'clock', minutes: offsetMinutes(offset), guess: true };
      }
      // The code may be that of the app which cannot be read: that is our trouble, not a wrong code.
      if (!all) throw new DomainError('method_unavailable', { detail: 'authenticator-app' });
      return refused('wrong');
    },
  };
}
