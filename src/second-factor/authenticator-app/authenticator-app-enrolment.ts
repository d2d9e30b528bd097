import { z } from 'zod';
import type { AccountRef } from '../../core/account-ref.ts';
import type { Clock } from '../../core/clock.ts';
import { type Random, randomId } from '../../core/random.ts';
import type { Account } from '../../accounts/account.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { type Enrolment, tidyName, type View } from '../enrolment.ts';
import { readAppCode } from './app-code.ts';
import { qrPicture } from './qr-picture.ts';
import { findClockOffset, matchTimeStep, newSecret, offsetMinutes, otpauthUri } from './totp.ts';

export interface AuthenticatorAppEnrolmentPorts {
  readonly store: {
    /** @returns false when the id is taken */
    insert(app: AccountRef & NewApp): Promise<boolean>;
    rename(who: AccountRef, id: string, name: string): Promise<boolean>;
    remove(who: AccountRef, id: string): Promise<boolean>;
  };
  /** Seals the secret while it waits with the caller: what is not proved yet is a secret all the same. */
  readonly vault: {
    seal(plain: string, context: string): string;
    open(sealed: string, context: string): string;
  };
  readonly clock: Clock;
  readonly random: Random;
}

interface NewApp {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly addedAt: Date;
  readonly lastTimeStep: number;
}

const DEFAULT_NAME = 'Authenticator app';
const pending = z.strictObject({ id: z.string(), sealed: z.string() });
const context = ({ tenantId, accountId }: AccountRef, id: string) =>
  `totp-new1|${tenantId}|${accountId}|${id}`;

/** @returns the secret for people who type it, in groups of four */
const grouped = (secret: string) => (secret.match(/.{1,4}/g) ?? []).join(' ');

/** Adding an authenticator app: it counts after one correct code, under the rules of a sign-in. */
export function authenticatorAppEnrolment({
  store,
  vault,
  clock,
  random,
}: AuthenticatorAppEnrolmentPorts): Enrolment {
  async function viewOf(account: Account, tenant: Tenant, secret: string): Promise<View> {
    const uri = otpauthUri({ secret, issuer: tenant.name, account: account.email });
    return { uri, picture: await qrPicture(uri), secret: grouped(secret) };
  }

  return {
    id: 'authenticator-app',
    asksName: false,

    async begin(account, tenant) {
      const id = randomId(random);
      const secret = newSecret(random);
      return {
        challenge: { id, sealed: vault.seal(secret, context(account, id)) },
        view: await viewOf(account, tenant, secret),
      };
    },

    // The app on the phone holds the secret by now: a mistyped code must not make it worthless.
    async viewAgain(account, tenant, challenge) {
      const { data } = pending.safeParse(challenge);
      return data ? viewOf(account, tenant, vault.open(data.sealed, context(account, data.id))) : null;
    },

    async finish(account, _tenant, challenge, form) {
      const typed = readAppCode(form.code);
      if (!typed.ok) return { ok: false, reason: typed.reason };
      const { data } = pending.safeParse(challenge);
      if (!data) return { ok: false, reason: 'expired' };
      const secret = vault.open(data.sealed, context(account, data.id));

      const now = clock();
      const timeStep = matchTimeStep(secret, typed.code, now);
      if (timeStep === null) {
        const offset = findClockOffset(secret, typed.code, now);
        return offset === null
          ? { ok: false, reason: 'wrong' }
          : { ok: false, reason: 'clock', minutes: offsetMinutes(offset) };
      }
      const app = {
        id: data.id,
        tenantId: account.tenantId,
        accountId: account.accountId,
        name: tidyName(form.name, DEFAULT_NAME),
        secret,
        addedAt: now,
        // This code is spent: the next sign-in needs the next one (RFC 6238 section 5.2).
        lastTimeStep: timeStep,
      };
      // The id was drawn with the secret: of two that finish the same set-up, one is late.
      if (!(await store.insert(app))) return { ok: false, reason: 'expired' };
      const method = { id: app.id, kind: 'authenticator-app', addedAt: now } as const;
      return { ok: true, method, name: app.name, amr: ['otp'] };
    },

    rename: (account, id, name) => store.rename(account, id, tidyName(name, DEFAULT_NAME)),

    async discard(account, id) {
      await store.remove(account, id);
    },
  };
}
