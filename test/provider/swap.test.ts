import { expect } from 'chai';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { signingKey, startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';

describe('a rotation of keys', () => {
  let op: BareProvider;
  before(async () => {
    op = await startBareProvider();
    await op.tenant('northwind');
    await op.client({
      client_id: 'desk',
      client_secret: 'desk secret',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    });
    op.state.next = { account: await op.account('northwind') };
  });
  after(() => op.close());

  it('disturbs no sign-in, refresh or session that is under way', async () => {
    const [old, next] = [op.keys.es256, signingKey('ES256', 'es-2')];
    const steps = [[old, next], [next, old], [next], [old]];
    let turn = 0;
    const timer = setInterval(() => op.swap([...(steps[(turn += 1) % 4] ?? []), op.keys.rs256]), 20);
    try {
      const flows = Array.from({ length: 15 }, async () => {
        const browser = new BareBrowser(op);
        const app = appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
        const tokens = await app.signIn(browser);
        expect((await app.refresh(tokens.refresh_token ?? '')).status).to.equal(200);
        await app.signIn(browser, { prompt: 'none' });
      });
      await Promise.all(flows);
    } finally {
      clearInterval(timer);
    }
    expect(turn).to.be.greaterThan(5);
  });

  it('publishes the new key before it signs with it, and the old one after', async () => {
    const next = signingKey('ES256', 'es-3');
    const app = appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
    const kidOf = async () => decodeProtectedHeader((await app.signIn(new BareBrowser(op))).id_token).kid;
    op.swap([op.keys.es256, next, op.keys.rs256]);
    expect(await kidOf()).to.equal('es-1');
    const before = (await app.signIn(new BareBrowser(op))).id_token;
    op.swap([next, op.keys.es256, op.keys.rs256]);
    expect(await kidOf()).to.equal('es-3');
    await jwtVerify(before, createRemoteJWKSet(new URL(`${op.issuer}/jwks`)));
  });

  it('of the cookies keeps everybody signed in while the old key is there, and nobody after', async () => {
    const browser = new BareBrowser(op);
    const app = appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
    await app.signIn(browser);
    const keys = [op.keys.es256, op.keys.rs256];
    const answer = async () => (await browser.go(app.authorizeUrl({ prompt: 'none' }))).leaves?.searchParams;
    op.swap(keys, ['new cookie key', 'test cookie key']);
    expect((await answer())?.get('code')).to.be.a('string');
    op.swap(keys, ['a wholly other key']);
    expect((await answer())?.get('error')).to.equal('login_required');
    op.swap(keys);
  });
});
