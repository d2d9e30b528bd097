import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { SecondFactorMethod } from '../../src/second-factor/method.ts';
import { addApp, appCode } from './holders.ts';
import { createWorld, keyring, type World } from './world.ts';

describe('an authenticator app', () => {
  let world: World;
  let method: SecondFactorMethod;
  let account: Account;
  let secret: string;
  let id: string;
  before(async () => {
    world = await createWorld();
    const found = world.methods.find((one) => one.id === 'authenticator-app');
    if (!found) throw new Error('no authenticator-app');
    method = found;
  });
  after(() => world.database.drop());
  beforeEach(async () => ({ account, secret, id } = await addApp(world, await world.person())));

  const answer = (code: string, who = account) => method.verify(who, null, { code });
  const later = (steps: number) => void (world.now = new Date(world.now.getTime() + steps * 30_000));
  const rows = () => world.database.connection.collection<{ _id: string }>('authenticator_apps');

  it('takes the code of one step before and one after', async () => {
    expect(await answer(appCode(world, secret, -1))).to.deep.include({ ok: true, credentialId: id });
    expect(await answer(appCode(world, secret, 1))).to.deep.include({ ok: true, credentialId: id });
  });

  it('takes no code of a step older than one it took', async () => {
    expect((await answer(appCode(world, secret, 1))).ok).to.equal(true);
    for (const steps of [1, 0, -1]) {
      expect(await answer(appCode(world, secret, steps))).to.deep.equal({
        ok: false,
        reason: 'used',
        guess: true,
      });
    }
    later(1);
    expect(await answer(appCode(world, secret, 0))).to.include({ reason: 'used' });
    later(1);
    expect((await answer(appCode(world, secret, 0))).ok).to.equal(true);
  });

  it('says "used" of the code that was used, also when its time is over', async () => {
    const code = appCode(world, secret);
    await answer(code);
    later(5);
    expect(await answer(code)).to.deep.equal({ ok: false, reason: 'used', guess: true });
  });

  it('remembers how far the phone is off, and when it was used', async () => {
    await answer(appCode(world, secret, -1));
    const [app] = await world.authenticatorApps.list(account);
    expect(app).to.deep.include({ offsetSteps: -1, lastUsedAt: world.now });
  });

  it('tells about a slow and a fast clock, and accepts nothing by it', async () => {
    const slow = await answer(appCode(world, secret, -14));
    expect(slow).to.deep.equal({ ok: false, reason: 'clock', minutes: -7, guess: true });
    const fast = await answer(appCode(world, secret, 14));
    expect(fast).to.deep.equal({ ok: false, reason: 'clock', minutes: 7, guess: true });
    expect((await answer(appCode(world, secret))).ok).to.equal(true);
  });

  it('never accepts a code that was told to be one of the future, when its time has come', async () => {
    const code = appCode(world, secret, 14);
    await answer(code);
    later(13);
    for (let i = 0; i < 3; i++) {
      expect((await answer(code)).ok).to.equal(false);
      later(1);
    }
    expect((await answer(appCode(world, secret))).ok).to.equal(true);
  });

  it('lets go of such codes when their time is over', async () => {
    await answer(appCode(world, secret, 5));
    later(60);
    await answer(appCode(world, secret, 5));
    const row = (await rows().findOne({ _id: id })) as unknown as { burntTimeSteps: number[] };
    expect(row.burntTimeSteps).to.have.length(1);
  });

  it('has a memory of its own beside a second app', async () => {
    const second = await addApp(world, account);
    expect((await answer(appCode(world, second.secret, 1), second.account)).ok).to.equal(true);
    expect(await answer(appCode(world, secret, 0), second.account)).to.deep.include({
      ok: true,
      credentialId: id,
    });
    expect(await answer(appCode(world, second.secret, 0), second.account)).to.include({ reason: 'used' });
  });

  it('lets one of 50 through who give codes of neighbouring steps at once, newest first', async () => {
    const codes = Array.from({ length: 50 }, (_, i) => appCode(world, secret, (i % 3) - 1));
    const verdicts = await Promise.all(codes.map((code) => answer(code)));
    const winners = verdicts.filter(({ ok }) => ok).length;
    // One for each step, if they come in order; never two for one step.
    expect(winners).to.be.within(1, 3);
    expect((await answer(appCode(world, secret, 1))).ok).to.equal(false);
  });

  it('does not forget what was used when the server starts again', async () => {
    const code = appCode(world, secret);
    await answer(code);
    const row = (await rows().findOne({ _id: id })) as unknown as { lastTimeStep: number };
    expect(row.lastTimeStep).to.equal(Math.floor(world.now.getTime() / 30_000));
  });

  it('lies in the database under a seal that opens nowhere else', async () => {
    const { sealedSecret } = (await rows().findOne({ _id: id })) as unknown as { sealedSecret: string };
    expect(JSON.stringify(await rows().findOne({ _id: id }))).to.not.include(secret);
    expect(world.vault.open(sealedSecret, `totp1|northwind|${account.accountId}|${id}`)).to.equal(secret);
    expect(() => world.vault.open(sealedSecret, `totp1|northwind|other|${id}`)).to.throw('tampered');
  });

  describe('that does not open', () => {
    it('is unavailable, never absent and never "wrong", and raises an alarm', async () => {
      const other = await createWorld(keyring('enc-2'));
      try {
        const foreign = await addApp(other, await other.person());
        const { sealedSecret } = (await other.database.connection
          .collection<{ _id: string }>('authenticator_apps')
          .findOne({ _id: foreign.id })) as unknown as { sealedSecret: string };
        await rows().updateOne({ _id: id }, { $set: { sealedSecret } });
        world.alarms.length = 0;
        expect(method.isHeldBy(account)).to.equal(true);
        for (const attempt of [() => method.begin(account), () => answer('123456')]) {
          let code: unknown;
          await attempt().catch((error: { code: unknown }) => (code = error.code));
          expect(code).to.equal('method_unavailable');
        }
        expect(world.alarms.map(({ problem }) => problem)).to.include('unknown_key');

        const second = await addApp(world, account);
        expect((await answer(appCode(world, second.secret), second.account)).ok).to.equal(true);
      } finally {
        await other.database.drop();
      }
    });
  });

  it('that the account lists and nobody has is unavailable', async () => {
    const listed = await world.list(await world.person(), { lost: 'authenticator-app' });
    let code: unknown;
    await method.begin(listed).catch((error: { code: unknown }) => (code = error.code));
    expect(code).to.equal('method_unavailable');
  });
});
