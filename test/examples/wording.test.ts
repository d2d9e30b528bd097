import { expect } from 'chai';
import { DEMANDS, shortfalls } from '../../examples/contact-desk/demands.ts';
import { ageInWords, levelInWords, signInInWords } from '../../examples/contact-desk/wording.ts';

const KEY = { acr: 'phr', amr: ['pwd', 'hwk', 'user', 'mfa'] };
const APP = { acr: 'urn:stile:acr:2fa', amr: ['pwd', 'otp', 'mfa'] };
const PASSWORD = { acr: 'urn:stile:acr:1fa', amr: ['pwd'] };
const ASKED_AT = 1_800_000_000;

describe('the words of the contact desk', () => {
  it('says when and with what somebody signed in', () => {
    const now = new Date((ASKED_AT + 125) * 1000);
    expect(signInInWords({ ...KEY, auth_time: ASKED_AT }, now)).to.equal(
      'You signed in 2 minutes ago with your password and a security key.',
    );
    expect(signInInWords({ amr: ['pwd', 'recovery_code', 'mfa'] }, now)).to.equal(
      'You signed in with your password and a recovery code.',
    );
  });

  it('names a proof that it does not know instead of hiding it', () => {
    expect(signInInWords({ amr: ['pwd', 'retina'] }, new Date())).to.include('something new ("retina")');
    expect(signInInWords({}, new Date())).to.include('something that Stile did not name');
  });

  const ages: [number, string][] = [
    [-5, 'just now'],
    [59, 'just now'],
    [60, '1 minute ago'],
    [3599, '59 minutes ago'],
    [3600, '1 hour ago'],
    [86_400, '1 day ago'],
  ];
  for (const [seconds, words] of ages) {
    it(`calls ${seconds} seconds "${words}"`, () => expect(ageInWords(seconds)).to.equal(words));
  }

  it('names the three levels and the second name of level 2', () => {
    expect(levelInWords('urn:stile:acr:1fa')).to.equal('Level 1 of 3: password only');
    expect(levelInWords('https://refeds.org/profile/mfa')).to.equal('Level 2 of 3: two factors');
    expect(levelInWords('phr')).to.equal('Level 3 of 3: two factors, safe from phishing');
    expect(levelInWords('gold')).to.equal('A level that the desk does not know');
  });
});

describe('what the contact desk holds against a sign-in', () => {
  it('is nothing when the sign-in is as strong as asked, or stronger', () => {
    expect(shortfalls(PASSWORD, DEMANDS.any, ASKED_AT)).to.deep.equal([]);
    expect(shortfalls(APP, DEMANDS['two-factor'], ASKED_AT)).to.deep.equal([]);
    expect(shortfalls(KEY, DEMANDS['two-factor'], ASKED_AT)).to.deep.equal([]);
    expect(shortfalls(KEY, DEMANDS['security-key'], ASKED_AT)).to.deep.equal([]);
  });

  it('is a lower level than asked', () => {
    expect(shortfalls(PASSWORD, DEMANDS['two-factor'], ASKED_AT)).to.have.length(1);
    expect(shortfalls(APP, DEMANDS['security-key'], ASKED_AT)).to.have.length(1);
  });

  it('is a level that the single proofs do not carry', () => {
    expect(shortfalls({ acr: 'phr', amr: ['pwd', 'otp', 'mfa'] }, DEMANDS.any, ASKED_AT)).to.have.length(1);
    expect(shortfalls({ acr: 'urn:stile:acr:2fa' }, DEMANDS.any, ASKED_AT)).to.have.length(1);
  });

  it('is a level without a name that it knows', () => {
    expect(shortfalls({ amr: KEY.amr }, DEMANDS.any, ASKED_AT)[0]).to.include('"none"');
  });

  it('is a password that was proved before the desk asked for a new sign-in', () => {
    expect(shortfalls({ ...APP, auth_time: ASKED_AT + 1 }, DEMANDS.again, ASKED_AT)).to.deep.equal([]);
    expect(shortfalls({ ...APP, auth_time: ASKED_AT - 31 }, DEMANDS.again, ASKED_AT)).to.have.length(1);
    expect(shortfalls(APP, DEMANDS.again, ASKED_AT)).to.have.length(1);
  });
});
