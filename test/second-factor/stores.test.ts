import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { createSoftKey } from '../support/authenticator.ts';
import { addApp, addKey } from './holders.ts';
import { createWorld, ORIGIN, RP_ID, type World } from './world.ts';

describe('what proves a method', () => {
  let world: World;
  before(async () => void (world = await createWorld()));
  after(() => world.database.drop());

  /** The same account id under another tenant, and another account of the same tenant. */
  const strangers = async (account: Account) => [{ ...account, tenantId: 'fabrikam' }, await world.person()];

  it('is a key that only its account can find, use, rename and erase', async () => {
    const { account, id } = await addKey(
      world,
      await world.person(),
      createSoftKey({ rpId: RP_ID, origin: ORIGIN }),
    );
    const [key] = await world.securityKeys.list(account);
    if (!key) throw new Error('no key');
    const proof = { counter: 99, backedUp: false, userVerified: false };
    for (const stranger of await strangers(account)) {
      const { tenantId, accountId } = stranger;
      expect(await world.securityKeys.findMany(stranger, [id])).to.deep.equal([]);
      expect(await world.securityKeys.list(stranger)).to.deep.equal([]);
      expect(await world.securityKeys.use({ ...key, tenantId, accountId }, proof, world.now)).to.equal(false);
      expect(await world.securityKeys.rename(stranger, id, 'mine')).to.equal(false);
      expect(await world.securityKeys.remove(stranger, id)).to.equal(false);
    }
    expect(await world.securityKeys.list(account)).to.deep.equal([key]);
    expect(await world.securityKeys.rename(account, id, 'Green key')).to.equal(true);
    expect(await world.securityKeys.remove(account, id)).to.equal(true);
  });

  it('is an app that only its account can open, spend, burn, rename and erase', async () => {
    const { account, id } = await addApp(world, await world.person());
    const [app] = await world.authenticatorApps.open(account, [id]);
    if (!app) throw new Error('no app');
    for (const stranger of await strangers(account)) {
      const { tenantId, accountId } = stranger;
      const moved = { ...app, tenantId, accountId };
      expect(await world.authenticatorApps.open(stranger, [id])).to.deep.equal([]);
      expect(await world.authenticatorApps.list(stranger)).to.deep.equal([]);
      expect(
        await world.authenticatorApps.spendTimeStep(moved, 9, { at: world.now, offsetSteps: 0 }),
      ).to.equal(false);
      await world.authenticatorApps.burnTimeStep(moved, 10, 9);
      expect(await world.authenticatorApps.rename(stranger, id, 'mine')).to.equal(false);
      expect(await world.authenticatorApps.remove(stranger, id)).to.equal(false);
    }
    expect(await world.authenticatorApps.spendTimeStep(app, 10, { at: world.now, offsetSteps: 0 })).to.equal(
      true,
    );
    expect(await world.authenticatorApps.rename(account, id, 'Work phone')).to.equal(true);
    expect(await world.authenticatorApps.remove(account, id)).to.equal(true);
  });

  it('is told from what never can be one, before it comes in by file', () => {
    const { provisioners, isRecoveryCode } = world.checks;
    const takes = (section: string, entry: Record<string, unknown>) =>
      provisioners.find((one) => one.section === section)?.entry.safeParse(entry).success;
    const isUsablePublicKey = (publicKey: string) =>
      takes('securityKeys', { name: 'Key', credentialId: 'abc', publicKey });
    const isUsableSecret = (secret: string) => takes('authenticatorApps', { label: 'Phone', secret });
    for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
      expect(isUsablePublicKey(createSoftKey({ rpId: RP_ID, origin: ORIGIN, algorithm }).publicKey)).to.equal(
        true,
      );
    }
    for (const text of ['', 'AAAA', 'oWEB', 'not base64!'])
      expect(isUsablePublicKey(text), text).to.equal(false);
    expect([isUsableSecret('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'), isUsableSecret('GEZDGNBV')]).to.deep.equal([
      true,
      false,
    ]);
    expect([isRecoveryCode('abcd-efgh-jkmn-0110'), isRecoveryCode('abcd')]).to.deep.equal([true, false]);
  });
});
