import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { generate } from 'otplib';
import { epochSeconds, systemClock } from '../../src/core/clock.ts';
import type { Account } from '../../src/accounts/account.ts';
import { createSoftKey } from '../support/authenticator.ts';
import { appOf } from '../support/bare-browser.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { within } from '../support/walk.ts';

const EMAIL = 'ben.ode@strict.example';
const TWO = 'urn:stile:acr:2fa';
const essential = (value: string) => JSON.stringify({ id_token: { acr: { essential: true, value } } });

describe('a sign-in of somebody who owes a method', () => {
  let idp: Idp;
  let desk: ReturnType<typeof appOf>;
  let ben: Account;
  let browser: PageBrowser;
  /** How far the clock is put back; milliseconds. */
  let back = 0;
  const now = () => new Date(systemClock().getTime() - back);

  before(async () => {
    idp = await startIdp({ clock: now });
    await idp.addTenant('strict', { secondFactor: 'required' });
    await idp.addTenant('mailing', { secondFactor: 'required', enrolmentProof: 'lead-code' });
    desk = appOf(idp, {
      clientId: 'desk',
      redirectUri: 'https://desk.example/callback',
      secret: 'desk-secret-desk-secret-desk-secret',
    });
  });
  after(() => idp.close());

  let people = 0;
  beforeEach(async () => {
    back = 0;
    people += 1;
    ({ account: ben } = await idp.addPerson(EMAIL.replace('ben', `ben${people}`)));
    browser = await signIn(ben.email);
  });

  async function signIn(email: string, params: Record<string, string> = {}): Promise<PageBrowser> {
    const opened = await idp.browser().open(desk.authorizeUrl(params));
    return opened.submit({ email, password: PASSWORD });
  }

  const account = async () => (await idp.app.stores.accounts.find(ben)) ?? ben;
  const codesOn = (one: PageBrowser) =>
    one
      .page()('.codes code')
      .toArray()
      .map((code) => one.page()(code).text());
  const token = () => browser.page()('input[name=_csrf]').first().attr('value') ?? '';
  const claims = async () => {
    const code = browser.left?.searchParams.get('code') ?? '';
    const { id_token } = (await (await desk.redeem(code)).json()) as { id_token: string };
    return decodeJwt(id_token);
  };
  const appCodeOn = (one: PageBrowser) =>
    generate({
      secret: one.page()('.secret').text().replaceAll(' ', ''),
      epoch: epochSeconds(now()),
    });

  /** As far as the choice of a method. @returns the codes */
  async function saveCodes(): Promise<string[]> {
    await browser.submit({});
    const codes = codesOn(browser);
    await browser.submit({ saved: 'yes' });
    expect(browser.heading()).to.equal('How do you want to confirm it is you?');
    return codes;
  }

  function newKey() {
    const { hostname, origin } = new URL(idp.issuer);
    return createSoftKey({ rpId: hostname, origin });
  }

  async function touch(key = newKey()): Promise<void> {
    const options = JSON.parse(browser.page()('form[data-options]').attr('data-options') ?? '') as {
      challenge: string;
    };
    await browser.submit({ response: JSON.stringify(key.registration(options)), client_state: 'ready' });
  }

  it('leads from what is asked over codes and app to the desk, which is told two factors', async () => {
    expect(browser.heading()).to.equal('strict support asks you to set up two-factor authentication');
    await browser.submit({});
    expect(browser.heading()).to.equal('Save your recovery codes');
    expect(codesOn(browser)).to.have.length(15);
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    expect(browser.heading()).to.equal('Add your authenticator app');
    expect(browser.page()('.qr').attr('src')).to.match(/^data:image\/svg\+xml;base64,/);
    expect(Buffer.byteLength(browser.html), 'fits one round trip').to.be.below(12 * 1024);
    expect((await account()).methodCount).to.equal(0);

    await browser.submit({ code: await appCodeOn(browser) });
    expect(browser.heading()).to.equal('You are set up');
    expect(browser.html).to.include('Next time, after your password, use your authenticator app.');
    expect((await account()).methodCount).to.equal(1);
    await browser.submit({});
    const told = await claims();
    expect(told.amr).to.have.members(['pwd', 'otp', 'mfa']);
    expect(told.acr).to.equal(TWO);
  });

  it('leads over a key, which gets its name when it was touched', async () => {
    await saveCodes();
    await browser.submit({ method: 'security-key' });
    expect(browser.heading()).to.equal('Add your security key');
    await touch();
    expect(browser.heading()).to.equal('Name your key');
    expect(browser.page()('#name').attr('value')).to.equal('Security key');
    expect((await account()).methodCount).to.equal(0);
    await browser.submit({ name: 'Blue key' });
    expect(browser.heading()).to.equal('You are set up');
    await browser.submit({});
    const told = await claims();
    expect(told.amr).to.have.members(['pwd', 'hwk', 'user', 'mfa']);
    expect(told.acr).to.equal('phr');
    expect((await idp.app.stores.securityKeys.list(ben)).map(({ name }) => name)).to.deep.equal(['Blue key']);
  });

  it('takes a second method right after the first one', async () => {
    await saveCodes();
    await browser.submit({ method: 'security-key' });
    await touch();
    await browser.submit({ name: 'Blue key' });
    await browser.submit({}, 'form[action$="/set-up"]');
    expect(browser.heading()).to.equal('How do you want to confirm it is you?');
    expect(browser.html).to.include('step 1 of 2');
    await browser.submit({ method: 'authenticator-app' });
    await browser.submit({ code: await appCodeOn(browser) });
    expect(browser.heading()).to.equal('You are set up');
    expect(browser.page()('form[action$="/set-up"]')).to.have.length(0);
    await browser.submit({});
    expect((await claims()).amr).to.have.members(['pwd', 'hwk', 'user', 'otp', 'mfa']);
    expect((await account()).methodCount).to.equal(2);
  });

  it('saves codes that sign in once each, and one of each list that was shown before not at all', async () => {
    await browser.submit({});
    const [early = ''] = codesOn(browser);
    await browser.open(browser.url.pathname);
    expect(browser.html).to.include('These are new codes');
    const [code = ''] = codesOn(browser);
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    await browser.submit({ code: await appCodeOn(browser) });
    const later = await signIn(ben.email);
    await later.open(within(later, 'second-factor/recovery-code'));
    await later.submit({ code: early });
    expect(later.status).to.equal(422);
    await later.submit({ code });
    expect(later.html).to.include('14 codes are left');
  });

  it('gives the same codes as a file, as long as their page may show them', async () => {
    await browser.submit({});
    const codes = codesOn(browser);
    const page = browser.url.pathname;
    const form = browser.page()('input[name=list]').attr('value') ?? '';
    await browser.open(browser.page()('a[download]').attr('href') ?? '');
    const lines = browser.html.split('\r\n');
    expect(lines[0]).to.equal('strict support: Recovery codes');
    expect(lines[1]).to.match(new RegExp(`^Account: ${ben.email}. Made on \\d+ \\w+ \\d{4}\\.$`));
    expect(lines.slice(4, 19)).to.deep.equal(codes.map((code, i) => `${String(i + 1).padStart(2)}. ${code}`));
    const file = browser.url.pathname;

    await browser.open(page);
    await browser.open(file);
    expect(browser.status).to.equal(404);
    expect(file).to.include(form);
  });

  it('shows the same codes again when the tick is missing, and no method before it', async () => {
    await browser.submit({});
    const codes = codesOn(browser);
    await browser.submit({});
    expect(browser.status).to.equal(422);
    expect(browser.page()('[role=alert] h2').text()).to.equal('Tell us you saved your codes');
    expect(codesOn(browser)).to.deep.equal(codes);
    for (const page of ['set-up/method', 'set-up/method/security-key', 'set-up/name']) {
      const other = await browser.open(within(browser, page));
      expect(other.heading(), page).to.equal('Save your recovery codes');
      expect(codesOn(other), page).to.not.deep.equal(codes);
    }
  });

  it('does not take codes for saved that another tab has replaced', async () => {
    await browser.submit({});
    const old = browser.page()('input[name=list]').attr('value') ?? '';
    await browser.open(browser.url.pathname);
    await browser.post(browser.url.pathname, { _csrf: token(), list: old, saved: 'yes' });
    expect(browser.heading()).to.equal('Save your recovery codes');
    expect(browser.html).to.include('These are new codes');
  });

  it('says what was wrong with a code, keeps the picture, and goes on with the right one', async () => {
    await saveCodes();
    await browser.submit({ method: 'authenticator-app' });
    const secret = browser.page()('.secret').text();
    const code = await appCodeOn(browser);
    for (const [typed, words] of [
      ['', 'Enter the code'],
      ['12ab', 'Enter the 6 digits, without letters'],
      [code === '000000' ? '000001' : '000000', 'That code is not right'],
    ] as const) {
      await browser.submit({ code: typed });
      expect(browser.status).to.equal(422);
      expect(browser.page()('[role=alert]').text()).to.include(words);
      expect(browser.page()('.secret').text()).to.equal(secret);
    }
    await browser.submit({ code });
    expect(browser.heading()).to.equal('You are set up');
  });

  it('takes no key without an answer, and no answer twice', async () => {
    await saveCodes();
    await browser.submit({ method: 'security-key' });
    const key = newKey();
    const options = JSON.parse(browser.page()('form[data-options]').attr('data-options') ?? '') as {
      challenge: string;
    };
    await browser.submit({ response: '', client_state: 'failed:NotAllowedError' });
    expect(browser.status).to.equal(422);
    expect(browser.page()('[role=alert]').text()).to.include('We did not hear from your key');
    await browser.submit({ response: JSON.stringify(key.registration(options)), client_state: 'ready' });
    expect(browser.page()('[role=alert]').text()).to.include('That did not work');
    expect(await idp.app.stores.securityKeys.list(ben)).to.deep.equal([]);
  });

  it('ends with one method and one way in when 20 finish it at once', async () => {
    await saveCodes();
    await browser.submit({ method: 'authenticator-app' });
    const path = browser.url.pathname;
    const fields = { _csrf: token(), code: await appCodeOn(browser) };
    const copies = Array.from({ length: 20 }, () => browser.copy());
    await Promise.all(copies.map((copy) => copy.post(path, fields)));
    const after = await account();
    expect(after.methodCount).to.equal(1);
    expect(after.credVersion).to.equal(ben.credVersion + 1);
    expect(await idp.app.stores.authenticatorApps.list(ben)).to.have.length(1);
    for (const copy of copies) expect(copy.status, copy.heading()).to.be.below(500);
    await browser.open(within(browser, ''));
    expect(browser.heading()).to.equal('You are set up');
  });

  it('is over for a set-up that began before the password was changed', async () => {
    await saveCodes();
    await browser.submit({ method: 'authenticator-app' });
    const fields = { _csrf: token(), code: await appCodeOn(browser) };
    const { accounts, passwords } = idp.app.stores;
    await accounts.save(await account(), { password: await passwords.hash('another long password of ben') });
    await browser.post(browser.url.pathname, fields);
    expect(browser.heading()).to.equal('Sign in');
    expect((await account()).methodCount).to.equal(0);
    expect(await idp.app.stores.authenticatorApps.list(ben)).to.deep.equal([]);
  });

  it('opens nothing to another browser, to a form without its token, nor to another site', async () => {
    await saveCodes();
    const stranger = await idp.browser().open(within(browser, 'set-up/method'));
    expect(stranger.status).to.equal(400);
    const path = within(browser, 'set-up');
    for (const page of ['', '/codes', '/method', '/method/security-key', '/name', '/done']) {
      await browser.post(`${path}${page}`, {});
      expect(browser.status, page).to.equal(403);
    }
    await browser.open(within(browser, 'set-up/method'));
    const fields = { _csrf: token(), method: 'security-key' };
    await browser.post(browser.url.pathname, fields, { 'sec-fetch-site': 'cross-site' });
    expect(browser.status).to.equal(403);
  });

  it('offers only what the tenant allows and what is enough', async () => {
    const { account: ana } = await idp.addPerson('ana.ribeiro@northwind.example', { app: true });
    browser = await signIn(ana.email, { claims: essential('phr') });
    await browser.submit({ code: await idp.appCode() });
    expect(browser.heading()).to.equal('Contact Desk asks you to set up a security key');
    await browser.submit({});
    expect(
      browser
        .page()('input[type=radio]')
        .toArray()
        .map((one) => one.attribs.value),
    ).to.deep.equal(['security-key']);
    await browser.open(within(browser, 'set-up/method/authenticator-app'));
    expect(browser.status).to.equal(404);
    await browser.open(within(browser, 'set-up/method/security-key'));
    await touch();
    await browser.submit({ name: '' });
    await browser.submit({});
    expect((await claims()).amr).to.have.members(['pwd', 'otp', 'hwk', 'user', 'mfa']);
  });

  it('is no way round the method that somebody has: it is asked first', async () => {
    const { account: ana } = await idp.addPerson('ana.silva@northwind.example', { app: true });
    browser = await signIn(ana.email, { claims: essential('phr') });
    await browser.open(within(browser, 'set-up'));
    expect(browser.heading()).to.equal('Enter the code from your authenticator app');
    await browser.post(within(browser, 'set-up'), { _csrf: token() });
    expect(browser.heading()).to.equal('Enter the code from your authenticator app');
  });

  it('asks the password again when it was proved too long ago in a session', async () => {
    const { account: eva } = await idp.addPerson('eva.lund@northwind.example');
    back = 11 * 60_000;
    browser = await signIn(eva.email);
    expect(browser.left).to.not.equal(null);
    back = 0;
    await browser.open(desk.authorizeUrl({ claims: essential(TWO) }));
    expect(browser.heading()).to.equal('Sign in');
    await browser.open(within(browser, 'set-up'));
    expect(browser.heading()).to.equal('Sign in');
    await browser.submit({ email: eva.email, password: PASSWORD });
    expect(browser.heading()).to.equal('Contact Desk asks you to set up two-factor authentication');
  });

  it('needs no password again right after it was proved', async () => {
    const { account: eva } = await idp.addPerson('eva.holm@northwind.example');
    browser = await signIn(eva.email);
    await browser.open(desk.authorizeUrl({ claims: essential(TWO) }));
    expect(browser.heading()).to.equal('Contact Desk asks you to set up two-factor authentication');
  });

  it('sends people to their admin where the tenant wants more than the password first', async () => {
    await idp.addPerson('kim.berg@mailing.example');
    browser = await signIn('kim.berg@mailing.example');
    expect(browser.status).to.equal(403);
    expect(browser.heading()).to.equal('mailing support asks for two-factor authentication');
    await browser.open(within(browser, 'set-up'));
    expect(browser.status).to.equal(403);
  });

  it('leads back to the app with an error when somebody gives up', async () => {
    await browser.submit({}, 'form[action$="/leave"]');
    expect(browser.left?.searchParams.get('error')).to.equal('unmet_authentication_requirements');
  });
});
