import { expect } from 'chai';
import { cookieSigner } from '../../src/provider/cookie-signer.ts';

describe('the signer of cookies', () => {
  const signer = cookieSigner(['newest key', 'older key']);

  it('signs as keygrip 1.1 does, so that cookies stay valid', () => {
    // new Keygrip(['newest key']).sign('session=abc')
    expect(signer.sign('session=abc')).to.equal('Xix4n5NWoQzVnNaVs7gM59fPr7E');
  });

  it('knows cookies that an older key signed, and tells that they want a new signature', () => {
    expect(signer.index('session=abc', signer.sign('session=abc'))).to.equal(0);
    expect(signer.index('session=abc', cookieSigner(['older key']).sign('session=abc'))).to.equal(1);
  });

  it('knows no others', () => {
    const signed = signer.sign('session=abc');
    const forged = [cookieSigner(['other key']).sign('session=abc'), '', signed.slice(1), `${signed}=`];
    for (const digest of forged) expect(signer.verify('session=abc', digest), digest).to.equal(false);
    expect(signer.verify('session=abd', signed)).to.equal(false);
    expect(signer.verify('session=abc', signed)).to.equal(true);
  });

  it('does not begin without a key', () => {
    expect(() => cookieSigner([])).to.throw();
  });
});
