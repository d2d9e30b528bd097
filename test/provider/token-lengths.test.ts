import { expect } from 'chai';
import { isOfAnother, randomBits } from '../../src/provider/model-rows.ts';

const token = (length: number) => 'x'.repeat(length);

describe('the length of a token', () => {
  it('carries 256 random bits at least, whatever the model', () => {
    for (const kind of ['AccessToken', 'RefreshToken', 'ClientCredentials', 'AuthorizationCode', ''])
      expect(randomBits(kind), kind).to.be.at.least(256);
  });

  it('spares a look for it among the other models of tokens', () => {
    expect(isOfAnother('RefreshToken', token(43))).to.equal(true);
    expect(isOfAnother('ClientCredentials', token(43))).to.equal(true);
    expect(isOfAnother('AccessToken', token(44))).to.equal(true);
  });

  it('excludes nothing that could be there', () => {
    expect(isOfAnother('AccessToken', token(43))).to.equal(false);
    expect(isOfAnother('RefreshToken', token(44))).to.equal(false);
    expect(isOfAnother('ClientCredentials', token(45))).to.equal(false);
    expect(isOfAnother('Session', token(44))).to.equal(false);
    expect(isOfAnother('AccessToken', token(21))).to.equal(false);
  });
});
