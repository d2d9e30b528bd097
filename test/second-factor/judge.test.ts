import { expect } from 'chai';
import type { Verdict } from '../../src/second-factor/method.ts';
import { createJudge, type Answered } from '../../src/second-factor/judge.ts';

const by = { reference: 'r', source: '192.0.2.0/24', device: null };
const RIGHT: Verdict = { ok: true, amr: ['otp'], credentialId: 'a' };
const WRONG: Verdict = { ok: false, reason: 'wrong', guess: true };
const EMPTY: Verdict = { ok: false, reason: 'empty', guess: false };
const USED: Verdict = { ok: false, reason: 'used', guess: true };

/** Judges one answer and writes down what it did, in its order. */
async function run(verdict: Verdict, changes: Partial<Answered> & { proved?: boolean } = {}) {
  const steps: string[] = [];
  const step = async (name: string) => void steps.push(name);
  const judge = createJudge({
    audit: { record: ({ event }) => step(event) },
    notifications: { tell: () => step('told') },
    wrongAnswer: () => step('counted as wrong'),
  });
  const { proved = false, ...rest } = changes;
  const judged = await judge({
    who: { tenantId: 't', accountId: 'a' },
    by,
    async reserve() {
      await step('reserved');
      return { ok: true, failures: 0, succeed: () => step('given back') };
    },
    keeper: {
      async take() {
        await step('taken');
        return { challenge: null };
      },
      forgive: () => step('try given back'),
      isProved: async () => proved,
    },
    async verify() {
      await step('verified');
      return verdict;
    },
    entry: ({ ok }) => ({
      event: ok ? 'proof_accepted' : 'proof_refused',
      tenantId: 't',
      actor: null,
      subject: null,
      result: 'ok',
    }),
    purpose: 'sign-in',
    ...rest,
  });
  return { kind: judged.kind, steps, judged };
}

describe('judging an answer', () => {
  it('reserves the guess and takes the challenge before it compares, and leaves the guess counted until it is given back', async () => {
    const { kind, steps, judged } = await run(RIGHT);
    expect(kind).to.equal('right');
    expect(steps).to.deep.equal(['reserved', 'taken', 'verified', 'proof_accepted']);
    if (judged.kind === 'right') await judged.forgive();
    expect(steps.at(-1)).to.equal('given back');
  });

  it('takes and compares nothing when no guess is left', async () => {
    const refused = { ok: false, retryAfterSeconds: 9, suspended: false } as const;
    const { kind, steps } = await run(RIGHT, { reserve: async () => refused });
    expect([kind, steps]).to.deep.equal(['refused', []]);
  });

  it('keeps a wrong guess counted, logs it and counts it for its owner', async () => {
    const { kind, steps } = await run(WRONG);
    expect(kind).to.equal('wrong');
    expect(steps).to.deep.equal(['reserved', 'taken', 'verified', 'proof_refused', 'counted as wrong']);
  });

  it('gives back what was no guess, and logs nothing', async () => {
    const { kind, steps } = await run(EMPTY);
    expect(kind).to.equal('wrong');
    expect(steps).to.deep.equal(['reserved', 'taken', 'verified', 'given back', 'try given back']);
  });

  it('compares nothing without a challenge', async () => {
    const gone = await run(RIGHT, { keeper: { take: async () => 'expired', isProved: async () => false } });
    expect([gone.kind, gone.steps]).to.deep.equal(['wrong', ['reserved', 'given back']]);
    const over = await run(RIGHT, { keeper: { take: async () => 'over', isProved: async () => false } });
    expect([over.kind, over.steps]).to.deep.equal(['over', ['reserved', 'given back']]);
  });

  it('takes the second click of a double click for what it is, and still counts it', async () => {
    const { kind, steps } = await run(USED, { proved: true });
    expect(kind).to.equal('over');
    expect(steps).to.include('counted as wrong').and.not.include('given back');
    expect((await run(WRONG, { proved: true })).kind).to.equal('wrong');
  });

  it('logs and tells that a code is gone for good', async () => {
    const recovery = await run({ ...RIGHT, codesLeft: 0 });
    expect(recovery.steps.slice(-2)).to.deep.equal(['recovery_code_used', 'told']);
    const rescue = await run({ ...RIGHT, rescueId: 'c' });
    expect(rescue.steps.slice(-2)).to.deep.equal(['rescue_code_used', 'told']);
  });
});
