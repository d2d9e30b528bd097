import { expect } from 'chai';
import { FACTORS, type Factor } from '../../src/core/factors.ts';
import type { EnrollableId, MethodId } from '../../src/core/method-ids.ts';
import { asListed, checkListed } from '../../src/second-factor/listed.ts';
import type { SecondFactorMethod, Verdict } from '../../src/second-factor/method.ts';

const methods: { id: MethodId; level: 2 | 3 }[] = FACTORS.map(({ id, level }) => ({ id, level }));
const enrolments: { id: EnrollableId }[] = FACTORS.filter((one) => one.enrolled).map(({ id }) => ({ id }));

const claiming = (amr: readonly string[]): SecondFactorMethod =>
  asListed({
    id: 'authenticator-app',
    level: 2,
    budget: 'second-factor',
    isHeldBy: () => true,
    begin: async () => ({ challenge: null, view: {} }),
    verify: async (): Promise<Verdict> => ({ ok: true, amr, credentialId: null }),
  });

const judged = (amr: readonly string[]) =>
  claiming(amr)
    // What is judged here is the claim alone.
    .verify({} as never, null, {})
    .then(({ ok }) => String(ok))
    .catch((error: unknown) => String(error));

describe('the list of factors at the start', () => {
  it('is what runs', () => {
    expect(() => checkListed(methods, enrolments)).not.to.throw();
  });

  it('stops a method that it does not name, and misses one that it names', () => {
    const strange = { id: 'face' as MethodId, level: 3 as const };
    expect(() => checkListed([...methods, strange], enrolments)).to.throw('face');
    expect(() => checkListed(methods.slice(1), enrolments)).to.throw('security-key');
    expect(() => checkListed([...methods, ...methods.slice(0, 1)], enrolments)).to.throw('factors that run');
  });

  it('stops what is set up and not listed as such, and the other way round', () => {
    expect(() => checkListed(methods, [...enrolments, { id: 'rescue-code' as EnrollableId }])).to.throw(
      'rescue-code',
    );
    expect(() => checkListed(methods, enrolments.slice(1))).to.throw('set up');
  });

  it('stops a method of another level', () => {
    const raised = methods.map((one) => (one.id === 'recovery-code' ? { ...one, level: 3 as const } : one));
    expect(() => checkListed(raised, enrolments)).to.throw('recovery-code');
  });

  it('stops an amr value that is missing, shared or not its own', () => {
    const withAmr = (amr: readonly string[]): Factor[] =>
      FACTORS.map((one): Factor => (one.id === 'recovery-code' ? { ...one, amr } : one));
    for (const amr of [[], ['hwk'], ['mfa'], ['pwd']])
      expect(() => checkListed(methods, enrolments, withAmr(amr)), amr.join()).to.throw('amr');
  });
});

describe('a method in the list', () => {
  it('proves what its row says', async () => {
    expect(await judged(['otp'])).to.equal('true');
  });

  it('is stopped when it claims more, or nothing', async () => {
    expect(await judged(['otp', 'hwk'])).to.contain('not listed with');
    expect(await judged(['face'])).to.contain('not listed with');
    expect(await judged([])).to.contain('not listed with');
  });
});
