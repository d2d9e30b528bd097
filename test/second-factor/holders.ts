import { generateSync } from 'otplib';
import type { Account } from '../../src/accounts/account.ts';
import type { MethodId } from '../../src/core/method-ids.ts';
import { randomId, systemRandom } from '../../src/core/random.ts';
import { newSecret } from '../../src/second-factor/authenticator-app/totp.ts';
import type { Form } from '../../src/second-factor/method.ts';
import { showCode } from '../../src/second-factor/recovery-code/codes.ts';
import { createSoftKey, type SoftKey } from '../support/authenticator.ts';
import { ORIGIN, RP_ID, type World } from './world.ts';

/** Somebody who holds one method, and can answer with it, rightly and wrongly. */
export interface Holder {
  readonly account: Account;
  /** @param view what `begin` showed */
  right(view: Readonly<Record<string, unknown>>): Form;
  /** Well-formed, and not right. */
  wrong(view: Readonly<Record<string, unknown>>): Form;
}

export type OptionsView = {
  challenge: string;
  rpId: string;
  allowCredentials: { id: string; transports: string[] }[];
};

export const optionsOf = (view: Readonly<Record<string, unknown>>) =>
  JSON.parse(String(view.options)) as OptionsView;

export async function addKey(
  world: World,
  account: Account,
  key: SoftKey,
  more: { backupEligible?: boolean } = {},
) {
  const id = randomId();
  const inserted = await world.securityKeys.insert({
    id,
    tenantId: account.tenantId,
    accountId: account.accountId,
    name: 'Blue key',
    credentialId: key.credentialId,
    publicKey: key.publicKey,
    counter: key.counter,
    backupEligible: more.backupEligible ?? false,
    backedUp: false,
    userVerified: false,
    transports: ['usb'],
    aaguid: null,
    addedAt: world.now,
    lastUsedAt: null,
  });
  if (!inserted) throw new Error('the credential is taken');
  return { id, account: await world.list(account, { [id]: 'security-key' }) };
}

export async function addApp(world: World, account: Account, secret = newSecret(systemRandom)) {
  const id = randomId();
  const { tenantId, accountId } = account;
  await world.authenticatorApps.insert({
    id, tenantId, accountId, secret, name: 'Phone', addedAt: world.now, lastTimeStep: 0,
  }); // prettier-ignore
  return { id, secret, account: await world.list(account, { [id]: 'authenticator-app' }) };
}

/** The code that an app shows `steps` steps of 30 s from now. */
export const appCode = (world: World, secret: string, steps = 0) =>
  generateSync({ secret, epoch: Math.floor(world.now.getTime() / 1000) + steps * 30 });

export async function addCodes(world: World, account: Account, count = 3) {
  const codes = world.newRecoveryCodes().slice(0, count);
  const saved = await world.accounts.save(account, { recovery: await world.makeRecoverySet(codes) });
  if (!saved) throw new Error('changed meanwhile');
  return { codes, account: saved };
}

/** @returns a code of 8 hours, as it is read out, and the account that it was given to */
export async function addRescue(world: World, account: Account, id = randomId()) {
  const { rescues, accounts, now } = world;
  const plain = rescues.newCode();
  const until = new Date(now.getTime() + 8 * 60 * 60 * 1000);
  const { credVersion } = account;
  const digest = await rescues.digest(plain);
  const code = { ...digest, id, givenAt: now, expiresAt: until, usedAt: null, credVersion };
  const rescue = { code, gives: [{ id, asked: 'nothing', at: now, until }] };
  if (!(await accounts.giveRescueCode(account, { rescue, owed: [] }))) throw new Error('changed meanwhile');
  return { code: rescues.show(plain), account: { ...account, rescue } };
}

/** How somebody comes to hold each method. A method that is missing here fails the contract. */
export const holders: Partial<Record<MethodId, (world: World) => Promise<Holder>>> = {
  'security-key': async (world) => {
    const key = createSoftKey({ rpId: RP_ID, origin: ORIGIN });
    const { account } = await addKey(world, await world.person(), key);
    return {
      account,
      right: (view) => ({ response: JSON.stringify(key.assertion(optionsOf(view))), client_state: 'ready' }),
      wrong: (view) => ({ response: JSON.stringify(key.assertion(optionsOf(view), { badSignature: true })) }),
    };
  },

  'authenticator-app': async (world) => {
    const { account, secret } = await addApp(world, await world.person());
    const valid = (code: string) =>
      Array.from({ length: 251 }, (_, i) => appCode(world, secret, i - 125)).includes(code);
    return {
      account,
      right: () => ({ code: appCode(world, secret) }),
      wrong: () => {
        let guess = 0;
        while (valid(String(guess).padStart(6, '0'))) guess += 1;
        return { code: String(guess).padStart(6, '0') };
      },
    };
  },

  'recovery-code': async (world) => {
    const { account } = await addApp(world, await world.person());
    const withCodes = await addCodes(world, account);
    return {
      account: withCodes.account,
      right: () => ({ code: showCode(withCodes.codes[0] ?? '') }),
      wrong: () => ({ code: '0000-0000-0000-0000' }),
    };
  },

  'rescue-code': async (world) => {
    const { account } = await addApp(world, await world.person());
    const given = await addRescue(world, account);
    return {
      account: given.account,
      right: () => ({ code: given.code }),
      wrong: () => ({ code: given.code === '0000-0000' ? '0000-0001' : '0000-0000' }),
    };
  },
};
