import { expect } from 'chai';
import { EVERY_KINDS, includesKind, kindsOf } from '../../src/accounts/kinds.ts';

const key = { kind: 'security-key' } as const;
const app = { kind: 'authenticator-app' } as const;

describe('the kinds of methods that somebody holds', () => {
  it('are one text, however many methods there are and in whatever order', () => {
    expect(kindsOf([])).to.equal('');
    expect(kindsOf([key, key])).to.equal('security-key');
    expect(kindsOf([app, key, app])).to.equal('security-key authenticator-app');
    expect(kindsOf([key, app])).to.equal(kindsOf([app, key]));
  });

  it('tell whether one of them is a given one', () => {
    expect(includesKind(kindsOf([app, key]), 'security-key')).to.equal(true);
    expect(includesKind(kindsOf([app]), 'security-key')).to.equal(false);
    expect(includesKind('', 'security-key')).to.equal(false);
  });

  it('are all known', () => {
    expect(EVERY_KINDS).to.have.members([
      '',
      'security-key',
      'authenticator-app',
      'security-key authenticator-app',
    ]);
  });
});
