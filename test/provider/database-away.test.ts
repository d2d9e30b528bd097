import { expect } from 'chai';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';

describe('the provider without its database', () => {
  let op: BareProvider;
  beforeEach(async () => void (op = await startBareProvider()));

  it('says 503 and when to come back, in the words of OAuth, and redirects nobody to an app that it cannot check', async () => {
    await op.tenant('northwind');
    await op.client({
      client_id: 'desk',
      client_secret: 'desk secret',
      redirect_uris: [REDIRECT],
      first_party: true,
    });
    op.state.next = { account: await op.account('northwind') };
    const app = appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
    const browser = new BareBrowser(op);
    const { access_token: token } = await app.signIn(browser);
    const code = await app.code(browser);
    await op.database.connection.close();
    try {
      for (const answer of [
        await app.redeem(code),
        await app.userinfo(token),
        await app.post('/introspect', { token }),
      ]) {
        expect([answer.status, answer.headers.get('retry-after')], answer.url).to.deep.equal([503, '2']);
        expect(await answer.json()).to.include({ error: 'temporarily_unavailable' });
      }
      const stranger = appOf(op, { clientId: 'unknown', redirectUri: REDIRECT });
      const { response, leaves } = await new BareBrowser(op).go(stranger.authorizeUrl());
      expect([response.status, leaves]).to.deep.equal([503, null]);
      expect(await response.text()).to.contain('our problem page: temporarily_unavailable');
    } finally {
      await op.database.connection.openUri(op.database.uri, { dbName: op.database.name });
      await op.close();
    }
  });
});
