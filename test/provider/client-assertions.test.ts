import { expect } from 'chai';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe('the assertion of a client that proves itself by a key', () => {
  let op: BareProvider;
  let key: CryptoKey;

  before(async () => {
    op = await startBareProvider();
    await op.tenant('northwind');
    const pair = await generateKeyPair('ES256');
    key = pair.privateKey;
    await op.client({
      client_id: 'machine',
      tenant: 'northwind',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', use: 'sig' }] },
    });
  });
  after(() => op.close());

  async function statusFor(audience: string | string[]): Promise<number> {
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('machine')
      .setSubject('machine')
      .setAudience(audience)
      .setJti(crypto.randomUUID())
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION,
      client_assertion: assertion,
    });
    return (await fetch(`${op.base}/token`, { method: 'POST', body })).status;
  }

  it('is for the issuer', async () => {
    expect(await statusFor(op.issuer)).to.equal(200);
  });

  it('is refused for the token or PAR address, and for any list: it could be meant for another server', async () => {
    const { issuer } = op;
    for (const audience of [
      `${issuer}/token`,
      `${issuer}/par`,
      [issuer],
      [issuer, 'https://other.example'],
      `${issuer}/`,
    ]) {
      expect(await statusFor(audience), String(audience)).to.equal(401);
    }
  });
});
