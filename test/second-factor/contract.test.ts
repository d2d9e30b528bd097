import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { MethodId } from '../../src/core/method-ids.ts';
import type { Challenge, Form, SecondFactorMethod, Verdict } from '../../src/second-factor/method.ts';
import { type Holder, holders } from './holders.ts';
import { createWorld, type World } from './world.ts';

/** The amr that each method adds. */
const AMR: Partial<Record<MethodId, string[]>> = {
  'security-key': ['hwk', 'user'],
  'authenticator-app': ['otp'],
  'recovery-code': ['recovery_code'],
  'rescue-code': ['rescue_code'],
};

describe('every second factor', () => {
  let world: World;
  before(async () => void (world = await createWorld()));
  after(() => world.database.drop());

  it('is in the list once, best first', () => {
    expect(world.methods.map(({ id }) => id)).to.deep.equal([
      'security-key',
      'authenticator-app',
      'recovery-code',
      'rescue-code',
    ]);
  });

  for (const id of Object.keys(holders) as MethodId[]) {
    describe(id, () => {
      let method: SecondFactorMethod;
      let holder: Holder;
      before(() => {
        const found = world.methods.find((one) => one.id === id);
        if (!found) throw new Error(`${id} is not in the list`);
        method = found;
      });
      beforeEach(async () => {
        const hold = holders[id];
        if (!hold) throw new Error(`nobody holds ${id}`);
        holder = await hold(world);
      });

      const begin = () => method.begin(holder.account);
      const answer = async (form: Form, account: Account = holder.account): Promise<Verdict> => {
        const { challenge } = await begin();
        return method.verify(account, challenge, form);
      };

      it('accepts the right answer, and says truly what was proved', async () => {
        const { challenge, view } = await begin();
        const verdict = await method.verify(holder.account, challenge, holder.right(view));
        expect(verdict).to.deep.include({ ok: true, amr: AMR[id] });
        if (verdict.ok && verdict.credentialId !== null) {
          expect(holder.account.methods.map((one) => one.id)).to.include(verdict.credentialId);
        }
      });

      it('keeps a challenge that is plain JSON', async () => {
        const { challenge, view } = await begin();
        const kept = JSON.parse(JSON.stringify(challenge)) as Challenge;
        expect(kept).to.deep.equal(challenge);
        expect(await method.verify(holder.account, kept, holder.right(view))).to.have.property('ok', true);
      });

      it('refuses a wrong answer as a guess, and the right one still works after it', async () => {
        const first = await begin();
        const wrong = await method.verify(holder.account, first.challenge, holder.wrong(first.view));
        expect(wrong).to.deep.include({ ok: false, guess: true });
        const second = await begin();
        const right = await method.verify(holder.account, second.challenge, holder.right(second.view));
        expect(right.ok).to.equal(true);
      });

      it('refuses the same answer a second time', async () => {
        const { challenge, view } = await begin();
        const form = holder.right(view);
        expect((await method.verify(holder.account, challenge, form)).ok).to.equal(true);
        expect((await method.verify(holder.account, challenge, form)).ok).to.equal(false);
        expect((await answer(form)).ok).to.equal(false);
      });

      it('lets exactly one of 50 through who give the same answer at once', async () => {
        const { challenge, view } = await begin();
        const form = holder.right(view);
        const verdicts = await Promise.all(
          Array.from({ length: 50 }, () => method.verify(holder.account, challenge, form)),
        );
        expect(verdicts.filter(({ ok }) => ok)).to.have.length(1);
      });

      it('calls an empty form no guess', async () => {
        for (const form of [{}, { code: '', response: '' }, { code: '   ' }, { client_state: 'ready' }]) {
          expect(await answer(form)).to.deep.include({ ok: false, guess: false });
        }
      });

      const junk = [
        'x',
        '{}',
        '[]',
        'null',
        '0',
        '"',
        '{"id":{"$ne":null}}',
        '\ud800',
        '\0\0\0\0\0\0',
        'é'.repeat(60_000),
        '['.repeat(50_000),
      ];
      it('calls whatever cannot be an answer malformed and no guess', async () => {
        for (const text of junk) {
          const form = id === 'security-key' ? { response: text } : { code: text };
          const verdict = await answer(form);
          expect(verdict, text.slice(0, 20)).to.deep.equal({ ok: false, reason: 'malformed', guess: false });
        }
      });

      it('is not held by somebody who has set nothing up, and takes no answer for them', async () => {
        const other = await world.person();
        expect(method.isHeldBy(other)).to.equal(false);
        expect(method.isHeldBy(holder.account)).to.equal(true);
        const { challenge, view } = await begin();
        expect((await method.verify(other, challenge, holder.right(view))).ok).to.equal(false);
      });

      it('refuses what belongs to somebody else', async () => {
        const other = await holders[id]?.(world);
        if (!other) throw new Error('no other person');
        const { challenge, view } = await begin();
        expect((await method.verify(holder.account, challenge, other.right(view))).ok).to.equal(false);
        expect((await method.verify(other.account, challenge, holder.right(view))).ok).to.equal(false);
      });

      it('refuses the same account id in another tenant', async () => {
        const { challenge, view } = await begin();
        const elsewhere = { ...holder.account, tenantId: 'fabrikam' };
        let accepted = false;
        try {
          accepted = (await method.verify(elsewhere, challenge, holder.right(view))).ok;
        } catch (error) {
          expect(error).to.have.property('code', 'method_unavailable');
        }
        expect(accepted).to.equal(false);
      });

      it('counts no more once the account has stopped to list it', async () => {
        const { challenge, view } = await begin();
        const without = await world.accounts.save(holder.account, { methods: [], recovery: null });
        if (!without) throw new Error('changed meanwhile');
        expect(method.isHeldBy(without)).to.equal(false);
        expect((await method.verify(without, challenge, holder.right(view))).ok).to.equal(false);
      });
    });
  }
});
