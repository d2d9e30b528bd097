import { expect } from 'chai';
import { amrClaim, levelOfAmr, isRescued, showsMethod } from '../../src/core/assurance.ts';
import { METHOD_IDS } from '../../src/core/method-ids.ts';
import { opens, readGoal, type Goal, type ProofMethod } from '../../src/security-settings/goal.ts';

const GOALS = [
  'set-up',
  'turn-off',
  'codes',
  'sessions',
  'password',
  'not-me',
  'invite',
  'invite-many',
  'remove.m1',
  'rename.m1',
  'rescue-code.a1',
  'import.i1',
  'invitation.a1',
  'tenant-settings.d1',
  'policy.review.',
].map((segment): Goal => {
  const goal = readGoal(segment);
  if (!goal) throw new Error(`no goal: ${segment}`);
  return goal;
});

/** Names the goals that a proof opens. */
const opened = (method: string) =>
  GOALS.filter((goal) => opens(method as ProofMethod, goal)).map(({ kind }) => kind);

describe('a factor that is not listed', () => {
  it('opens no change', () => {
    expect(opened('a-new-method')).to.deep.equal([]);
    expect(opened('')).to.deep.equal([]);
    expect(opened('toString')).to.deep.equal([]);
  });

  it('stops whoever makes a claim of its amr value', () => {
    expect(() => amrClaim([['face']])).to.throw('face');
    expect(() => amrClaim([['otp'], ['face']])).to.throw('face');
    expect(() => amrClaim([['hwk', 'toString']])).to.throw('toString');
  });

  it('raises no level, whatever claims it', () => {
    expect(levelOfAmr(['pwd', 'face', 'mfa'])).to.equal(1);
    expect(levelOfAmr(['pwd', 'mfa'])).to.equal(1);
    expect(levelOfAmr(['pwd', 'user', 'mfa'])).to.equal(1);
    expect(showsMethod(['pwd', 'face', 'mfa'])).to.equal(false);
  });
});

describe('the factors that are listed', () => {
  it('reach their levels, and never without `mfa`', () => {
    expect(levelOfAmr(['pwd', 'otp', 'mfa'])).to.equal(2);
    expect(levelOfAmr(['pwd', 'recovery_code', 'mfa'])).to.equal(2);
    expect(levelOfAmr(['pwd', 'rescue_code', 'mfa'])).to.equal(2);
    expect(levelOfAmr(['pwd', 'hwk', 'user', 'mfa'])).to.equal(3);
    expect(levelOfAmr(['pwd', 'otp', 'pop', 'user', 'mfa'])).to.equal(3);
    expect(levelOfAmr(['pwd', 'hwk'])).to.equal(1);
  });

  it('come into the claim in one order, each value once', () => {
    expect(amrClaim([])).to.deep.equal(['pwd']);
    expect(amrClaim([['pwd', 'mfa']])).to.deep.equal(['pwd']);
    expect(
      amrClaim([['user', 'pop'], ['hwk', 'user'], ['rescue_code'], ['recovery_code'], ['otp']]),
    ).to.deep.equal(['pwd', 'otp', 'recovery_code', 'rescue_code', 'hwk', 'pop', 'user', 'mfa']);
  });

  it('are of their own, but for the one that somebody lends', () => {
    expect(isRescued(['pwd', 'rescue_code', 'mfa'])).to.equal(true);
    expect(isRescued(['pwd', 'rescue_code', 'user', 'mfa'])).to.equal(true);
    for (const own of ['otp', 'recovery_code', 'hwk', 'pop'])
      expect(isRescued(['pwd', 'rescue_code', own, 'mfa'])).to.equal(false);
    expect(
      ['otp', 'hwk', 'pop', 'recovery_code', 'rescue_code', 'user'].filter((value) => showsMethod([value])),
    ).to.deep.equal(['otp', 'hwk', 'pop']);
  });

  it('open what is written here, and nothing else', () => {
    const all = GOALS.map(({ kind }) => kind);
    expect(Object.fromEntries(METHOD_IDS.map((id) => [id, opened(id)]))).to.deep.equal({
      'security-key': all,
      'authenticator-app': all,
      'recovery-code': ['set-up', 'codes', 'not-me', 'remove'],
      'rescue-code': [],
    });
    expect(opened('password')).to.deep.equal(['set-up', 'sessions', 'not-me']);
  });
});
