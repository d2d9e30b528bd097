import { createHash } from 'node:crypto';
import { generateSync } from 'otplib';
import { z } from 'zod';
import type { AccountRef } from '../../core/account-ref.ts';
import { epochSeconds, type Clock } from '../../core/clock.ts';
import type { Provisioner } from '../provisioner.ts';
import type { AuthenticatorApp } from './authenticator-app.ts';
import { isUsableSecret } from './totp.ts';

const entry = z.strictObject({
  label: z.string().trim().min(1).max(60),
  secret: z
    .string()
    .transform((text) => text.replaceAll(/[\s=]/g, '').toUpperCase())
    .refine(isUsableSecret, 'must be base32 of 16 to 64 bytes'),
});

/**
 * One secret of one account has one id, so that a run that was cut off finds what it stored. A secret has 128 random
 * bits or more: its digest tells nothing of it.
 */
function appId({ accountId }: AccountRef, secret: string): string {
  return createHash('sha256')
    .update(`app ${accountId} ${secret}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}

export interface AppShelf {
  /** @returns false when the id is taken */
  insert(
    app: Pick<AuthenticatorApp, 'id' | 'tenantId' | 'accountId' | 'name' | 'addedAt'> & {
      readonly secret: string;
      readonly lastTimeStep: number;
    },
  ): Promise<boolean>;
  rename(who: AccountRef, id: string, name: string): Promise<boolean>;
  remove(who: AccountRef, id: string): Promise<boolean>;
}

/** Authenticator apps that come by the provisioning file, with their secrets. */
export function authenticatorAppProvisioner({
  store,
  clock,
}: {
  readonly store: AppShelf;
  readonly clock: Clock;
}): Provisioner<z.infer<typeof entry>> {
  return {
    kind: 'authenticator-app',
    section: 'authenticatorApps',
    noun: 'app',
    called: 'authenticator app',
    entry,
    told: (who, { secret, label }) => ({ key: appId(who, secret), label }),
    once: ({ secret }) => ({ field: 'secret', value: secret, within: 'account' }),
    find: async ({ tenantId, accountId }, id) => ({ tenantId, accountId, id }),
    async store(who, { label, secret }) {
      const method = { id: appId(who, secret), kind: 'authenticator-app', addedAt: clock() } as const;
      const { tenantId, accountId } = who;
      const row = { tenantId, accountId, id: method.id, name: label, addedAt: method.addedAt };
      // Taken = a run that was cut off has stored it already.
      await store.insert({ ...row, secret, lastTimeStep: 0 });
      return method;
    },
    rename: (who, id, name) => store.rename(who, id, name),
    remove: (who, id) => store.remove(who, id),
    codeAt: ({ secret }, now) => generateSync({ secret, epoch: epochSeconds(now) }),
  };
}
