import { expect } from 'chai';
import type { SecondFactorMethod } from '../../src/second-factor/method.ts';
import { addApp, addCodes } from './holders.ts';
import { createWorld, type World } from './world.ts';

describe('a recovery code', () => {
  let world: World;
  let method: SecondFactorMethod;
  before(async () => {
    world = await createWorld();
    const found = world.methods.find((one) => one.id === 'recovery-code');
    if (!found) throw new Error('no recovery-code');
    method = found;
  });
  after(() => world.database.drop());

  async function holder(count = 3) {
    const { account } = await addApp(world, await world.person());
    return addCodes(world, account, count);
  }

  it('says how many are left, down to none', async () => {
    const { account, codes } = await holder(3);
    const left: unknown[] = [];
    for (const code of codes) {
      const verdict = await method.verify(account, null, { code });
      left.push(verdict.ok && verdict.codesLeft);
    }
    expect(left).to.deep.equal([2, 1, 0]);
    const spent = await world.accounts.find(account);
    expect(spent && method.isHeldBy(spent)).to.equal(false);
  });

  it('of an old set is dead as soon as there is a new one, also for a sign-in that began before', async () => {
    const { account, codes } = await holder();
    const renewed = await addCodes(world, account);
    expect(await method.verify(account, null, { code: codes[0] ?? '' })).to.include({
      ok: false,
      reason: 'wrong',
    });
    const verdict = await method.verify(renewed.account, null, { code: codes[0] ?? '' });
    expect(verdict).to.include({ ok: false, reason: 'wrong' });
  });

  it('is no method by itself', async () => {
    const { account, codes } = await addCodes(world, await world.person());
    expect(method.isHeldBy(account)).to.equal(false);
    expect(await method.verify(account, null, { code: codes[0] ?? '' })).to.include({
      ok: false,
      reason: 'wrong',
    });
  });

  it('costs one computation whether it is right, wrong, spent or nobody’s', async () => {
    const { account, codes } = await holder();
    const nobody = await world.person();
    for (const [who, code] of [
      [account, codes[0]],
      [account, codes[0]],
      [account, '0000000000000000'],
      [nobody, '0000000000000000'],
    ] as const) {
      world.digested.length = 0;
      await method.verify(who, null, { code: code ?? '' });
      expect(world.digested).to.have.length(1);
    }
  });

  it('lies in the database as a digest, and none of the set can be told from another', async () => {
    const { account, codes } = await holder(15);
    expect(account.recovery?.digests).to.have.length(15);
    expect(new Set(account.recovery?.digests).size).to.equal(15);
    for (const code of codes) expect(JSON.stringify(account)).to.not.include(code);
    for (const digest of account.recovery?.digests ?? []) expect(digest).to.match(/^[\w-]{43}$/);
  });

  it('is unavailable when the key of its set is unknown, never "wrong"', async () => {
    const { account, codes } = await holder();
    const { recovery } = account;
    const lost = { ...account, recovery: recovery && { ...recovery, pepperId: 'gone' } };
    let failure: unknown;
    await method
      .verify(lost, null, { code: codes[0] ?? '' })
      .catch((error: { code: unknown }) => (failure = error.code));
    expect(failure).to.equal('method_unavailable');
  });

  it('lets each of different codes through that come at once, and counts them right', async () => {
    const { account, codes } = await holder(15);
    const verdicts = await Promise.all(codes.map((code) => method.verify(account, null, { code })));
    const left = verdicts
      .map((verdict) => (verdict.ok ? verdict.codesLeft : -1))
      .sort((a = 0, b = 0) => a - b);
    expect(left).to.deep.equal(Array.from({ length: 15 }, (_, i) => i));
  });
});
