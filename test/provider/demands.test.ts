import { expect } from 'chai';
import { decodeJwt } from 'jose';
import type { Account } from '../../src/accounts/account.ts';
import { appOf, BareBrowser } from '../support/bare-browser.ts';
import { startBareProvider, type BareProvider } from '../support/bare-provider.ts';

const REDIRECT = 'https://desk.example/callback';
const ONE = 'urn:stile:acr:1fa';
const TWO = 'urn:stile:acr:2fa';
const REFEDS = 'https://refeds.org/profile/mfa';
const essential = (...values: string[]) => JSON.stringify({ id_token: { acr: { essential: true, values } } });

describe('what a request demands', () => {
  let op: BareProvider;
  let ana: Account;
  let browser: BareBrowser;
  const app = () => appOf(op, { clientId: 'desk', redirectUri: REDIRECT, secret: 'desk secret' });
  const strict = () => appOf(op, { clientId: 'vault', redirectUri: REDIRECT, secret: 'vault secret' });
  const key = { id: 'k', kind: 'security-key', addedAt: new Date() } as const;
  const authenticator = { id: 'a', kind: 'authenticator-app', addedAt: new Date() } as const;

  before(async () => {
    op = await startBareProvider();
    await op.tenant('northwind');
    await op.tenant('southwind');
    await op.tenant('appsonly', { allowedMethods: ['authenticator-app'] });
    const house = {
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    };
    await op.client({ client_id: 'desk', client_secret: 'desk secret', ...house });
    await op.client({ client_id: 'vault', client_secret: 'vault secret', minimum_acr: TWO, ...house });
    await op.client({
      client_id: 'wishful',
      client_secret: 'wishful secret',
      default_acr_values: [TWO],
      ...house,
    });
    await op.client({ client_id: 'south', client_secret: 'south secret', tenant: 'southwind', ...house });
  });
  after(() => op.close());
  beforeEach(async () => {
    ana = await op.account('northwind');
    browser = new BareBrowser(op);
  });

  const signedIn = async (acr: string, amr: string[], account = ana) => {
    op.state.next = { account, acr, amr };
    await app().signIn(browser);
    op.state.prompts = [];
  };
  const error = async (more: Record<string, string>, who = app()) =>
    (await browser.go(who.authorizeUrl(more))).leaves?.searchParams.get('error');
  const prompts = () => op.state.prompts.map(([prompt]) => prompt);

  for (const [what, more] of [
    ['acr_values', { acr_values: TWO }],
    ['an essential acr', { claims: essential(TWO) }],
    [
      'an essential acr beside acr_values, which make the library drop it',
      { claims: essential(TWO), acr_values: ONE },
    ],
  ] as const) {
    it(`steps a password session up for ${what}, with a new session id and the old auth_time`, async () => {
      ana = await op.account('northwind', { methods: [authenticator], methodCount: 1 });
      op.state.next = { account: ana, acr: TWO, amr: ['pwd', 'otp', 'mfa'], ts: 1_900_000_000 };
      await app().signIn(browser);
      op.state.prompts = [];
      await browser.go(app().authorizeUrl(more));
      expect(prompts(), 'met already').to.deep.equal([]);

      const plain = await op.account('northwind');
      browser = new BareBrowser(op);
      await signedIn(ONE, ['pwd'], plain);
      const before = browser.cookies.get('session')?.value;
      const held = (await op.accounts.find(plain)) ?? plain;
      await op.accounts.save(held, { methods: [authenticator] });
      op.state.next = { account: plain, acr: TWO, amr: ['pwd', 'otp', 'mfa'] };
      const tokens = await app().signIn(browser, more);
      expect(prompts()).to.deep.equal(['mfa']);
      expect(decodeJwt(tokens.id_token).acr).to.equal(TWO);
      expect(browser.cookies.get('session')?.value).not.to.equal(before);
    });
  }

  it('never gives a weaker code for an essential acr, whatever the sign-in brings', async () => {
    op.state.next = { account: ana, acr: ONE, declined: true };
    const answer = browser.go(app().authorizeUrl({ claims: essential(TWO), acr_values: ONE }));
    expect(await answer.catch((reason: Error) => reason.message)).to.equal('redirected for ever');
  });

  it('gives the weaker code that says so when somebody declines what was only asked for', async () => {
    ana = await op.account('northwind', { methods: [key], methodCount: 1 });
    op.state.next = { account: ana, acr: TWO, amr: ['pwd', 'recovery_code', 'mfa'], declined: true };
    const { id_token: token } = await app().signIn(browser, { acr_values: 'phr' });
    expect(decodeJwt(token).acr).to.equal(TWO);
  });

  it('asks nothing more of somebody who holds nothing that would reach what was only asked for', async () => {
    await signedIn(ONE, ['pwd']);
    await app().signIn(browser, { acr_values: TWO });
    expect(prompts()).to.deep.equal([]);
  });

  it('holds to the minimum_acr of a client, also against a request for less', async () => {
    await signedIn(ONE, ['pwd']);
    op.state.next = { account: ana, acr: TWO, amr: ['pwd', 'otp', 'mfa'] };
    const { id_token: token } = await strict().signIn(browser, { acr_values: ONE });
    expect(prompts()).to.deep.equal(['mfa']);
    expect(decodeJwt(token).acr).to.equal(TWO);
  });

  it('meets a lower demand with a higher session and tells the session’s own level', async () => {
    await signedIn('phr', ['pwd', 'hwk', 'user', 'mfa']);
    const { id_token: token } = await app().signIn(browser, { claims: essential(ONE) });
    expect(decodeJwt(token).acr).to.equal('phr');
    expect(prompts()).to.deep.equal([]);
  });

  describe('prompt=none', () => {
    it('answers login_required where a person could mend it', async () => {
      expect(await error({ prompt: 'none' })).to.equal('login_required');
      await signedIn(ONE, ['pwd']);
      expect(await error({ prompt: 'none', claims: essential(TWO) })).to.equal('login_required');
      expect(await error({ prompt: 'none' }, strict())).to.equal('login_required');
    });

    it('answers unmet_authentication_requirements where nobody can: an unknown acr, a method that the tenant forbids', async () => {
      const unknown = { prompt: 'none', claims: essential('urn:example:dna') };
      expect(await error(unknown)).to.equal('unmet_authentication_requirements');
      const lee = await op.account('appsonly', { methods: [authenticator], methodCount: 1 });
      await signedIn(TWO, ['pwd', 'otp', 'mfa'], lee);
      const more = { prompt: 'none', claims: essential('phr') };
      expect(await error(more)).to.equal('unmet_authentication_requirements');
    });

    it('is silent with a session that does', async () => {
      await signedIn(TWO, ['pwd', 'otp', 'mfa']);
      const { id_token: token } = await app().signIn(browser, { prompt: 'none', claims: essential(TWO) });
      expect(decodeJwt(token)).to.include({ acr: TWO });
    });
  });

  it('refuses an essential acr that nobody supports before it asks anything', async () => {
    expect(await error({ claims: essential('urn:example:dna') })).to.equal(
      'unmet_authentication_requirements',
    );
    expect(prompts()).to.deep.equal([]);
  });

  for (const more of [{ prompt: 'login' }, { max_age: '0' }]) {
    it(`asks for a whole new sign-in with ${JSON.stringify(more)}`, async () => {
      await signedIn(TWO, ['pwd', 'otp', 'mfa']);
      await app().signIn(browser, more);
      expect(prompts()).to.deep.equal(['login']);
    });
  }

  it('asks for a new sign-in when the last one is older than max_age', async () => {
    op.state.next = { account: ana, ts: Math.floor(Date.now() / 1000) - 100 };
    await app().signIn(browser);
    op.state.next = { account: ana };
    op.state.prompts = [];
    await app().signIn(browser, { max_age: '1000' });
    expect(prompts()).to.deep.equal([]);
    await app().signIn(browser, { max_age: '50' });
    expect(prompts()).to.deep.equal(['login']);
  });

  describe('by the name of REFEDS', () => {
    const acrOf = async (more: Record<string, string>) => {
      const tokens = await app().signIn(browser, more);
      const again = (await (await app().refresh(tokens.refresh_token ?? '')).json()) as typeof tokens;
      const told = await app().introspect(again.access_token);
      return [decodeJwt(tokens.id_token).acr, decodeJwt(again.id_token).acr, told.acr];
    };

    it('is told back to who asked for it, after a refresh and at introspection too', async () => {
      await signedIn(TWO, ['pwd', 'otp', 'mfa']);
      expect(await acrOf({ acr_values: REFEDS })).to.deep.equal([REFEDS, REFEDS, REFEDS]);
      expect(await acrOf({ claims: essential(REFEDS) })).to.deep.equal([REFEDS, REFEDS, REFEDS]);
      expect(await acrOf({ claims: essential(REFEDS), acr_values: TWO })).to.deep.equal([
        REFEDS,
        REFEDS,
        REFEDS,
      ]);
      expect(await acrOf({})).to.deep.equal([TWO, TWO, TWO]);
    });

    it('gives way to the first name of the same level in the request, and to a higher level', async () => {
      await signedIn(TWO, ['pwd', 'otp', 'mfa']);
      expect((await acrOf({ acr_values: `${TWO} ${REFEDS}` }))[0]).to.equal(TWO);
      browser = new BareBrowser(op);
      await signedIn('phr', ['pwd', 'hwk', 'user', 'mfa']);
      expect((await acrOf({ acr_values: REFEDS }))[0]).to.equal('phr');
    });
  });

  describe('of one tenant', () => {
    const south = () => appOf(op, { clientId: 'south', redirectUri: REDIRECT, secret: 'south secret' });

    it('turns away a session of another tenant, and says so to the sign-in', async () => {
      await signedIn(ONE, ['pwd']);
      op.state.next = { account: ana, error: 'access_denied' };
      expect(await error({}, south())).to.equal('access_denied');
      expect(op.state.prompts).to.deep.equal([['login', 'wrong_tenant']]);
      expect(await error({ prompt: 'none' }, south())).to.equal('login_required');
    });

    it('gives no code to somebody of another tenant, whatever the sign-in brings', async () => {
      op.state.next = { account: ana };
      const answer = browser.go(south().authorizeUrl());
      expect(await answer.catch((reason: Error) => reason.message)).to.equal('redirected for ever');
    });
  });

  it('hands the sign-in of somebody else over on a page of our own', async () => {
    await signedIn(ONE, ['pwd']);
    op.state.next = { account: await op.account('northwind') };
    const { response } = await browser.go(app().authorizeUrl({ prompt: 'login' }));
    const page = await response.text();
    expect(page).to.match(/^our carry page/);
    const form = JSON.parse(page.slice(page.indexOf('{'))) as {
      action: string;
      fields: Record<string, string>;
    };
    expect(form.action).to.equal(`${op.issuer}/logout/confirm`);
    expect(form.fields.logout).to.equal('yes');
  });
});
