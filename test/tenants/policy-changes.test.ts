import { expect } from 'chai';
import { policySchema } from '../../src/tenants/policy-schema.ts';
import { withPolicyChanges } from '../../src/tenants/policy-changes.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/tenants/tenant.ts';
import { mayEndSomething, settingsOf } from '../../src/tenants/tenants.ts';

const policy: Policy = {
  ...DEFAULT_POLICY,
  keys: { allowSynced: false, allowModels: [], denyModels: ['cb69481e-8ff7-4039-93ec-0a2729a154a8'] },
  levelOneValidFrom: 7,
  version: 3,
};

describe('changes of a policy', () => {
  it('leave alone what they do not name, also inside keys and session', () => {
    const changes = { secondFactor: 'required', keys: { allowSynced: true }, session: { idleSeconds: 60 } };
    expect(withPolicyChanges(policy, policySchema.parse(changes))).to.deep.equal({
      ...settingsOf(policy),
      secondFactor: 'required',
      keys: { ...policy.keys, allowSynced: true },
      session: { ...policy.session, idleSeconds: 60 },
    });
    expect(withPolicyChanges(policy, {})).to.deep.equal(settingsOf(policy));
    expect(withPolicyChanges(policy, { skips: undefined, keys: { allowSynced: undefined } })).to.deep.equal(
      settingsOf(policy),
    );
  });

  it('take a limit away by null', () => {
    const before = { ...policy, effectiveFrom: new Date('2026-03-01'), skips: 3 };
    expect(withPolicyChanges(before, { effectiveFrom: null, skips: null })).to.include({
      effectiveFrom: null,
      skips: null,
    });
  });

  it('may end something when they demand more, end a time of grace, or bury what was signed in before', () => {
    const required: Policy = { ...policy, secondFactor: 'required' };
    const graceful: Policy = { ...required, effectiveFrom: new Date('2026-03-01') };
    for (const [before, after, expected] of [
      [policy, required, true],
      [policy, graceful, true],
      [graceful, required, true],
      [required, { ...required, skips: 2 }, true],
      [graceful, { ...graceful, effectiveFrom: new Date('2026-03-01'), version: 4 }, false],
      [required, { ...required, allowedMethods: ['security-key'] }, true],
      [required, { ...required, keys: { ...required.keys, allowSynced: true } }, true],
      [policy, { ...policy, allowedMethods: ['security-key'] }, false],
      [required, { ...required, allowedMethods: required.allowedMethods.toReversed() }, false],
      [required, { ...policy, levelOneValidFrom: 8 }, true],
      [policy, { ...policy, skips: 2, version: 4 }, false],
    ] as [Policy, Policy, boolean][]) {
      expect(mayEndSomething(before, after), JSON.stringify([before, after])).to.equal(expected);
    }
  });
});
