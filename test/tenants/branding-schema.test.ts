import { expect } from 'chai';
import { brandingSchema } from '../../src/tenants/branding-schema.ts';

const said = (branding: unknown): unknown => {
  const parsed = brandingSchema.safeParse(branding);
  return parsed.success ? parsed.data : parsed.error.issues.map(({ message }) => message).join('; ');
};

describe('a brand as somebody gives it', () => {
  it('is taken with its colour in lower case, and blanks around words cut off', () => {
    expect(
      said({ accent: '#3F47C6', signInText: ' Welcome to the late shift ', contact: null }),
    ).to.deep.equal({
      accent: '#3f47c6',
      signInText: 'Welcome to the late shift',
      contact: null,
    });
    expect(said({})).to.deep.equal({});
  });

  it('counts characters as people do, and takes 200 of them', () => {
    expect(said({ signInText: '🎧'.repeat(200) })).to.be.an('object');
    expect(said({ signInText: '🎧'.repeat(201) })).to.equal('must have at most 200 characters');
  });

  for (const text of ['one\ntwo', 'a\u0000b', 'a\u202eb', 'a\u2028b', 'a\u2066b', 'a\tb']) {
    it(`refuses ${JSON.stringify(text)} as text`, () => {
      expect(said({ signInText: text })).to.equal('must be one paragraph of plain text');
    });
  }

  it('leads to help by https only, and gives no password away', () => {
    const https = 'must be an address that begins with https://';
    expect(said({ helpUrl: 'https://help.northwind.example/sign-in?a=b' })).to.be.an('object');
    expect(said({ helpUrl: 'http://help.northwind.example/' })).to.contain(https);
    expect(said({ helpUrl: 'javascript:alert(1)' })).to.contain(https);
    expect(said({ helpUrl: 'data:text/html,x' })).to.contain(https);
    expect(said({ helpUrl: 'help' })).to.contain(https);
    expect(said({ helpUrl: 'https://ana:secret@northwind.example/' })).to.contain('user name');
  });

  it('says what is wrong with a colour, with what was measured', () => {
    expect(said({ accent: 'red' })).to.equal('must be a colour such as #3f47c6');
    expect(said({ accent: '#ffd000' })).to.match(/^the step line .* \(1\.4\d:1, needs 3:1\)/);
    expect(said({ accent: '#7d7d7d' })).to.match(
      /^neither white nor dark text .* \(4\.\d\d:1, needs 4\.5:1\)/,
    );
  });

  it('knows no other key: styles and markup are not for tenants', () => {
    expect(said({ css: 'a{}' })).to.contain('css');
  });
});
