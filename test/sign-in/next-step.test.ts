import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import type { Demand } from '../../src/core/demand.ts';
import { nextStep, type Progress, type Settable, type Usable } from '../../src/sign-in/next-step.ts';
import { ownChange } from '../../src/sign-in/own-change.ts';
import { NOTHING_PROVED, type SignIn } from '../../src/sign-in/sign-in.ts';

const KEY = { id: 'security-key', level: 3 } as const;
const APP = { id: 'authenticator-app', level: 2 } as const;
const CODE = { id: 'recovery-code', level: 2 } as const;

const demand = (hard: Demand['hard']): Demand => ({ level: hard, hard, unreachable: false });
const proof = (...amr: string[]) => ({ amr, carried: false });

function step(
  progress: Partial<Progress>,
  hard: Demand['hard'],
  { usable = [], settable = [KEY, APP] }: { usable?: Usable[]; settable?: Settable[] } = {},
) {
  const all: Progress = {
    ...NOTHING_PROVED,
    passwordAt: 1_800_000_000,
    fresh: true,
    grace: null,
    exposed: false,
    missing: null,
    lacks: false,
    ...progress,
  };
  return nextStep(all, { usable, settable }, demand(hard));
}

describe('the next step of somebody who owes a method', () => {
  it('is to set one up: any where two factors are enough, a key where only a key is', () => {
    const kinds = ['security-key', 'authenticator-app'];
    const enrol = { kind: 'enrol', grace: null, proof: null };
    expect(step({}, 2)).to.deep.equal({ ...enrol, lacks: 'method', kinds });
    expect(step({}, 3)).to.deep.equal({ ...enrol, lacks: 'key', kinds: ['security-key'] });
  });

  it('is a page that says who can help, where nothing that is enough may be set up', () => {
    const enrol = { kind: 'enrol', kinds: [], grace: null, proof: null };
    expect(step({}, 2, { settable: [] })).to.deep.equal({ ...enrol, lacks: 'method' });
    expect(step({}, 3, { settable: [APP] })).to.deep.equal({ ...enrol, lacks: 'key' });
  });

  it('is the password again, when what was proved is too old to change how one signs in', () => {
    expect(step({ fresh: false }, 2)).to.deep.equal({ kind: 'password' });
    expect(step({ fresh: false }, 3, { settable: [] }).kind).to.equal('enrol');
    expect(step({ fresh: false, proofs: [proof('otp')] }, 3).kind).to.equal('password');
  });

  it('is never a set-up before the strongest that the person holds was proved', () => {
    for (const usable of [[APP], [CODE], [APP, CODE]]) {
      expect(step({}, 3, { usable }).kind).to.equal('second-factor');
      expect(step({ proofs: [proof('otp')] }, 3, { usable }).kind).to.equal('enrol');
    }
    expect(step({}, 3, { usable: [KEY, APP] })).to.deep.include({ methods: ['security-key'] });
  });

  it('is to set one up after a recovery code, when the tenant allows nothing any more that they hold', () => {
    const proofs = [proof('recovery_code')];
    expect(step({ lacks: true }, 2, { usable: [CODE] })).to.deep.include({ methods: ['recovery-code'] });
    expect(step({ lacks: true, proofs }, 2, { usable: [CODE] }).kind).to.equal('enrol');
    expect(step({ lacks: true, proofs }, 1, { usable: [CODE] }).kind).to.equal('enrol');
    expect(step({ proofs }, 2, { usable: [CODE] }).kind).to.equal('done');
    expect(
      step({ lacks: true, proofs: [proof('otp')] }, 2).kind,
      'forbidden while it was asked for',
    ).to.equal('enrol');
    const byLead = [proof('rescue_code')];
    expect(step({ lacks: true, proofs: byLead }, 2, { usable: [CODE] }).kind).to.equal('done');
  });

  it('is an offer that can be put off in a time of grace, unless the app demands it', () => {
    const grace = { until: null, left: 2 };
    const kinds = ['security-key', 'authenticator-app'];
    expect(step({ grace }, 1)).to.deep.equal({ kind: 'enrol', lacks: 'method', kinds, grace, proof: null });
    expect(step({ grace }, 2)).to.deep.include({ kind: 'enrol', grace: null });
    expect(step({ grace, fresh: false }, 1).kind).to.equal('password');
    expect(step({ grace, proofs: [proof('otp')] }, 1).kind).to.equal('done');
    expect(step({}, 1).kind).to.equal('done');
  });

  it('is told once what was set up, and then is the app', () => {
    const done = { proofs: [proof('hwk', 'user')], untoldSetUp: 'security-key' } as const;
    expect(step(done, 2, { usable: [KEY], settable: [APP] })).to.deep.equal({
      kind: 'set-up-done',
      method: 'security-key',
      kinds: ['authenticator-app'],
    });
    expect(step({ ...done, untoldSetUp: null }, 2, { usable: [KEY] })).to.deep.include({
      kind: 'done',
      acr: 'phr',
    });
  });
});

describe('the change that a sign-in makes itself', () => {
  const signIn: SignIn = {
    ...NOTHING_PROVED,
    uid: 'u',
    clientId: 'desk',
    tenantId: 'northwind',
    accountId: 'ben',
    credVersion: 7,
    passwordAt: 1_800_000_000,
    expects: { kind: 'security-key', id: 'drawn', amr: ['hwk', 'user'] },
    finished: false,
    version: 3,
    expiresAt: new Date(0),
  };
  const account = (credVersion: number, ...ids: string[]) =>
    ({
      credVersion,
      methods: ids.map((id) => ({ id, kind: 'security-key', addedAt: new Date(0) })),
    }) as unknown as Account;

  it('is known by the method that it announced', () => {
    expect(ownChange(signIn, account(8, 'earlier', 'drawn'))).to.deep.equal({
      credVersion: 8,
      proofs: [{ method: 'security-key', amr: ['hwk', 'user'], credentialId: 'drawn', carried: false }],
      tries: 0,
      expects: null,
      untoldSetUp: 'security-key',
    });
  });

  it('is none that anybody else made, before it or after it', () => {
    expect(ownChange(signIn, account(7))).to.equal(null);
    expect(ownChange(signIn, account(8, 'earlier'))).to.equal(null);
    expect(ownChange(signIn, account(9, 'drawn'))).to.equal(null);
    expect(ownChange({ ...signIn, expects: null }, account(8, 'drawn'))).to.equal(null);
    expect(ownChange({ ...signIn, credVersion: null }, account(1, 'drawn'))).to.equal(null);
  });
});
