import { expect } from 'chai';
import { emailAddress, personName, teamName } from '../../src/accounts/account-schema.ts';

/** Whatever those in charge type for others stands in mails to them, on pages, in files and in the tokens of apps. */
describe('what people are called', () => {
  const takes = (schema: { safeParse(text: string): { success: boolean } }, texts: readonly string[]) =>
    texts.filter((text) => schema.safeParse(text).success);

  it('is one line that turns nothing around', () => {
    const good = [
      'Ana Ribeiro',
      'Zoë',
      '王 小明',
      'علی\u200cرضا',
      "O'Neill",
      'Anne-Marie D. (Lisbon)',
      'A. B. & C.',
    ];
    const bad = [
      'Ana\nBcc: x',
      'Ana\u0000',
      'Ana\u202egnp',
      'Ana\u2066x',
      'Ana\u2028x',
      'a\tb',
      '\u0007',
      '   ',
    ];
    for (const schema of [personName, teamName]) {
      expect(takes(schema, good)).to.deep.equal(good);
      expect(takes(schema, bad)).to.deep.equal([]);
    }
  });

  it('holds no address: a mail of ours would carry it to whomever somebody likes', () => {
    const bad = [
      'Win at https://evil.example/x',
      'WWW.evil.example',
      'http://evil.example',
      'x www.evil.example',
    ];
    expect(takes(personName, bad)).to.deep.equal([]);
  });

  it('has an email that is one address, and looks like no other', () => {
    const good = ['ana.ribeiro+x@northwind.example', 'ana@bücher.example', "o'neill@northwind.example"];
    expect(takes(emailAddress, good)).to.deep.equal(good);
    const bad = [
      'ana\u200b@northwind.example',
      'ana\u202e@northwind.example',
      'a\u00adna@northwind.example',
      'x,ana@northwind.example',
      'x<ana@northwind.example>',
      'team:ana@northwind.example;',
      '"ana"@northwind.example',
      'ana(x)@northwind.example',
      'ana@[127.0.0.1]',
      'ana@northwind.example\r\nBcc: x@evil.example',
    ];
    expect(takes(emailAddress, bad)).to.deep.equal([]);
  });
});
