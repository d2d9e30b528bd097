import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { appOf } from '../support/bare-browser.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';

const ANA = 'ana.ribeiro@northwind.example';

describe('a sign-in', () => {
  let idp: Idp;
  let desk: ReturnType<typeof appOf>;
  let codes: readonly string[];

  beforeEach(async () => {
    idp = await startIdp();
    ({ codes } = await idp.addPerson(ANA, { app: true, codes: true }));
    await idp.addPerson('ben.ode@northwind.example');
    desk = appOf(idp, {
      clientId: 'desk',
      redirectUri: 'https://desk.example/callback',
      secret: 'desk-secret-desk-secret-desk-secret',
    });
  });
  afterEach(() => idp.close());

  const start = async (more = {}) => idp.browser().open(desk.authorizeUrl(more));
  const claims = async (code: string | null | undefined) => {
    const answer = (await (await desk.redeem(code ?? '')).json()) as { id_token: string };
    return decodeJwt(answer.id_token);
  };

  it('with the password alone tells one factor', async () => {
    const browser = await start();
    expect(browser.heading()).to.equal('Sign in');
    await browser.submit({ email: 'ben.ode@northwind.example', password: PASSWORD });
    const token = await claims(browser.left?.searchParams.get('code'));
    expect(token.amr).to.deep.equal(['pwd']);
    expect(token.acr).to.equal('urn:stile:acr:1fa');
    expect(token.tenant_id).to.equal('northwind');
  });

  it('asks the app code of somebody who has an app, and tells two factors', async () => {
    const browser = await start();
    await browser.submit({ email: ANA, password: PASSWORD });
    expect(browser.left).to.equal(null);
    expect(browser.heading()).to.equal('Enter the code from your authenticator app');
    await browser.submit({ code: await idp.appCode() });
    const token = await claims(browser.left?.searchParams.get('code'));
    expect(token.amr).to.have.members(['pwd', 'otp', 'mfa']);
    expect(token.acr).to.equal('urn:stile:acr:2fa');
  });

  it('takes a recovery code by "Try another way", says how many are left, and takes it once', async () => {
    const browser = await start();
    await browser.submit({ email: ANA, password: PASSWORD });
    await browser.open(browser.url.pathname.replace(/second-factor.*/, 'second-factor/recovery-code'));
    await browser.submit({ code: codes[0] ?? '' });
    expect(browser.html).to.include('14 codes are left');
    await browser.submit({});
    const token = await claims(browser.left?.searchParams.get('code'));
    expect(token.amr).to.have.members(['pwd', 'recovery_code', 'mfa']);

    const thief = await start();
    await thief.submit({ email: ANA, password: PASSWORD });
    await thief.open(thief.url.pathname.replace(/second-factor.*/, 'second-factor/recovery-code'));
    await thief.submit({ code: codes[0] ?? '' });
    expect(thief.status).to.equal(422);
    expect(thief.left).to.equal(null);
  });

  it('gives neither session nor code after the password alone', async () => {
    const browser = await start();
    await browser.submit({ email: ANA, password: PASSWORD });
    const names = [...browser.cookies.keys()];
    expect(names.some((name) => /session/i.test(name))).to.equal(false);
    await browser.open(desk.authorizeUrl({ prompt: 'none' }));
    expect(browser.left?.searchParams.get('error')).to.equal('login_required');
  });

  it('answers a wrong password and an unknown email alike', async () => {
    const answers: string[] = [];
    for (const email of [ANA, 'nobody@northwind.example']) {
      const browser = await start();
      await browser.submit({ email, password: 'not the password at all' });
      expect(browser.status).to.equal(422);
      const title = browser.page()('[role=alert] h2').text();
      answers.push(title);
    }
    expect(answers[0]).to.equal('The email or password is not right');
    expect(answers[1]).to.equal(answers[0]);
  });

  it('lets one of many parallel uses of one app code through', async () => {
    const code = await idp.appCode();
    const browsers = await Promise.all(
      Array.from({ length: 4 }, async () => (await start()).submit({ email: ANA, password: PASSWORD })),
    );
    await Promise.all(browsers.map((browser) => browser.submit({ code })));
    expect(browsers.filter((browser) => browser.left?.searchParams.has('code'))).to.have.length(1);
  });

  it('starts over after five wrong codes, and says that the account is not locked', async () => {
    const browser = await start();
    await browser.submit({ email: ANA, password: PASSWORD });
    for (let k = 0; k < 5; k += 1) await browser.submit({ code: '000000' });
    expect(browser.html).to.include('Your account is not locked');
    expect(browser.left).to.equal(null);
  });

  it('refuses a form without its token, and one that another site sends', async () => {
    const browser = await start();
    const fields = { email: ANA, password: PASSWORD };
    await browser.post(browser.url.pathname, fields);
    expect(browser.status).to.equal(403);
    const other = await start();
    const token = other.page()('input[name=_csrf]').attr('value') ?? '';
    await other.post(other.url.pathname, { ...fields, _csrf: token }, { 'sec-fetch-site': 'cross-site' });
    expect(other.status).to.equal(403);
  });

  it('shows a page with a next step to whoever opens a sign-in of another browser', async () => {
    const browser = await start();
    const stranger = await idp.browser().open(browser.url.pathname);
    expect(stranger.status).to.equal(400);
    expect(stranger.heading()).not.to.equal('Sign in');
  });

  it('lets nobody in without the second factor that is demanded, and leads them to set one up', async () => {
    const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:stile:acr:2fa' } } });
    const browser = await start({ claims: essential });
    await browser.submit({ email: 'ben.ode@northwind.example', password: PASSWORD });
    expect(browser.heading()).to.equal('Contact Desk asks you to set up two-factor authentication');
    expect(browser.left).to.equal(null);
    expect([...browser.cookies.keys()].some((name) => /session/i.test(name))).to.equal(false);
  });
});
