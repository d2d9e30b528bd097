import { expect } from 'chai';
import { heldOf, kindsOf } from '../../src/accounts/kinds.ts';

const MODEL = 'cb69481e-8ff7-4039-93ec-0a2729a154a8';
const key = { kind: 'security-key' } as const;
const app = { kind: 'authenticator-app' } as const;

describe('the kinds of methods that somebody holds', () => {
  it('are one text, however many methods there are and in whatever order', () => {
    expect(kindsOf([])).to.equal('');
    expect(kindsOf([key])).to.equal('security-key');
    expect(kindsOf([key, key])).to.equal('security-key security-key');
    expect(kindsOf([key, key, key]), 'more is no other kind').to.equal(kindsOf([key, key]));
    expect(kindsOf([app, key, app])).to.equal('security-key authenticator-app authenticator-app');
    expect(kindsOf([key, app])).to.equal(kindsOf([app, key]));
  });

  it('bring along what a tenant may have rules about', () => {
    const synced = { ...key, synced: true };
    const modern = { ...key, model: MODEL, synced: false };
    expect(kindsOf([synced])).to.equal('security-key/synced');
    expect(kindsOf([app, { ...synced, model: MODEL }, modern])).to.equal(
      `security-key/${MODEL} security-key/synced/${MODEL} authenticator-app`,
    );
    expect(kindsOf([modern, key, synced])).to.equal(kindsOf([synced, modern, key]));
  });

  it('tell what is held', () => {
    const held = [
      { kind: 'security-key', model: null, synced: true },
      { kind: 'security-key', model: MODEL, synced: false },
      { kind: 'authenticator-app', model: null, synced: false },
    ] as const;
    expect(heldOf(kindsOf(held))).to.have.deep.members(held);
    expect(heldOf('')).to.deep.equal([]);
    expect(heldOf('something-else')).to.deep.equal([]);
  });
});
