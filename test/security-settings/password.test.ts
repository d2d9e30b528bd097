import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk, within } from '../support/walk.ts';
import { codesOn, SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const HERE = `${SECURITY}/password`;
const NEXT = 'a kettle of green ferns';

describe('changing the password', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  const cookie = (browser: PageBrowser) => browser.cookies.get('session')?.value;
  const isIn = async (browser: PageBrowser) => pageOf(await browser.open(SECURITY)) === null;
  const said = (browser: PageBrowser) =>
    browser
      .page()('.error')
      .toArray()
      .map((one) => browser.page()(one).text().replace('Error:', '').trim());

  /** Types both passwords into the page, after a proof where one is asked. */
  async function change(browser: PageBrowser, person: Person, next = NEXT, current = PASSWORD) {
    await owners.confirm(browser, person, HERE);
    await browser.submit({ current, password: next });
  }

  it('begins on the settings page, and ends there; the old one is dead, the new one counts', async () => {
    const person = await owners.person({ keys: [{}] });
    const browser = await owners.signIn(person);
    const link = browser.page()(`a[href="${HERE}"]`);
    expect(link.text()).to.equal('Change password');
    await change(browser, person);
    expect(browser.page()('#saved h2').text()).to.equal(
      'Your password is changed. You are signed out everywhere else.',
    );
    expect(await owners.mailsTo(person)).to.include(
      'The password of your northwind support account was changed',
    );
    expect(await owners.told(person, 'password_changed')).to.have.length(1);

    const old = await owners.signIn(person);
    expect([pageOf(old), old.status]).to.deep.equal(['password', 422]);
    const fresh = await owners.signIn({ ...person, password: NEXT });
    expect(fresh.url.pathname).to.equal(SECURITY);
  });

  it('signs out everywhere else, and stays here under a new id', async () => {
    const person = await owners.person({ keys: [{}] });
    const others = [await owners.signIn(person), await owners.signIn(person)];
    const browser = await owners.signIn(person);
    const before = cookie(browser);
    await change(browser, person);
    expect(await Promise.all(others.map(isIn))).to.deep.equal([false, false]);
    expect(await isIn(browser)).to.equal(true);
    expect(cookie(browser)).to.be.a('string').and.not.equal(before);
  });

  it('asks people who hold a second factor for it, and never takes the current password instead', async () => {
    const person = await owners.person({ app: true, codes: true });
    const browser = await owners.signIn(person);
    await browser.open(HERE);
    expect(wayOf(browser)).to.equal('authenticator-app');
    const fields = { _csrf: tokenOf(browser), version: '1', current: PASSWORD, password: NEXT };
    await browser.post(HERE, fields);
    expect(wayOf(browser)).to.equal('authenticator-app');
    // A recovery code is for removing what was lost.
    await browser.open('/account/confirm/password/recovery-code');
    expect(browser.status).to.equal(404);
    expect(await owners.now(person)).to.deep.equal(person.account);
  });

  it('asks people without one for the current password alone', async () => {
    const person = await owners.person();
    const browser = await (await owners.signIn(person)).open(HERE);
    expect(browser.url.pathname).to.equal(HERE);
    await browser.submit({ current: PASSWORD, password: NEXT });
    expect(browser.page()('#saved')).to.have.length(1);
    expect((await owners.signIn({ ...person, password: NEXT })).url.pathname).to.equal(SECURITY);
  });

  it('does not happen with a wrong current password, which is a guess like any other', async () => {
    const person = await owners.person();
    const browser = await (await owners.signIn(person)).open(HERE);
    for (let guess = 0; guess < 10; guess += 1) {
      await browser.submit({ current: `wrong ${guess}`, password: NEXT });
      expect([browser.status, said(browser)]).to.deep.equal([422, ['That is not your current password']]);
    }
    const fields = { _csrf: tokenOf(browser), version: '1', current: PASSWORD, password: NEXT };
    await browser.post(HERE, fields);
    expect(browser.status).to.equal(429);
    expect(await owners.now(person)).to.deep.equal(person.account);
    expect(await owners.told(person, 'proof_refused')).to.have.length(10);
  });

  it('spends no guess on a new password that cannot be taken', async () => {
    const person = await owners.person();
    const browser = await (await owners.signIn(person)).open(HERE);
    for (let guess = 0; guess < 11; guess += 1) await browser.submit({ current: 'wrong', password: 'short' });
    await browser.submit({ current: PASSWORD, password: NEXT });
    expect(browser.page()('#saved')).to.have.length(1);
  });

  describe('wants a new one', () => {
    /** @returns status and what is said beside the fields */
    async function tried(person: Person, next: string, current = PASSWORD) {
      const browser = await owners.signIn(person);
      await change(browser, person, next, current);
      return [browser.status, ...said(browser)];
    }

    it('of 15 characters where it is the only factor, also for people who could take theirs away', async () => {
      for (const has of [{}, { keys: [{}] }]) {
        const person = await owners.person(has);
        expect(await tried(person, 'fern kettle ow')).to.deep.equal([422, 'Use at least 15 characters']);
        expect(await tried(person, 'fern kettle owl')).to.deep.equal([200]);
      }
    });

    it('of 8 where the company always asks for a second one', async () => {
      const person = await owners.person({ keys: [{}] }, 'strict');
      expect(await tried(person, 'fernket')).to.deep.equal([422, 'Use at least 8 characters']);
      expect(await tried(person, 'fernkett')).to.deep.equal([200]);
    });

    it('that is not what everybody tries, in the words of the reason beside its field', async () => {
      const person = await owners.person();
      const local = person.account.email.split('@')[0] ?? '';
      const browser = await (await owners.signIn(person)).open(HERE);
      for (const [next, reason] of [
        ['', 'Enter a new password'],
        ['welcome welcome welcome', 'This repeats itself. Choose another password'],
        ['qwertyuiopasdfghjkl', 'This is mostly a row of keys or letters. Choose another password'],
        [
          `northwind ${local} 2026`,
          'This is mostly names that others know, yours or that of northwind support.',
        ],
        [PASSWORD, 'This is your current password. Choose another one'],
        ['x'.repeat(64) + NEXT.repeat(4), 'Use 128 characters or fewer'],
      ] as const) {
        await browser.submit({ current: PASSWORD, password: next });
        expect(browser.status, next).to.equal(422);
        expect(said(browser).join(), next).to.include(reason);
        const field = browser.page()('#password');
        expect([field.attr('aria-invalid'), field.attr('value')]).to.deep.equal(['true', undefined]);
        expect(field.attr('aria-describedby')).to.equal('password-hint password-error');
        expect(browser.page()('title').text()).to.match(/^Error: /);
      }
      expect(await owners.now(person)).to.deep.equal(person.account);
    });

    it('and takes spaces, other scripts and 128 characters as they are', async () => {
      const next = ` ключ и чайник ${NEXT} `.padEnd(120, 'зелёный ').slice(0, 126) + 'q ';
      const person = await owners.person();
      const browser = await owners.signIn(person);
      await change(browser, person, next);
      expect(browser.status).to.equal(200);
      const trimmed = await owners.signIn({ ...person, password: next.trim() });
      expect(pageOf(trimmed)).to.equal('password');
      expect(pageOf(await owners.signIn({ ...person, password: next }))).to.equal(null);
    });
  });

  describe('ends what was begun before it:', () => {
    it('wrong codes of the second step are forgiven, because nobody who made them gets there now', async () => {
      const person = await owners.person({ app: true, keys: [{}] });
      const browser = await owners.signIn(person);
      const thief = owners.idp.browser();
      await thief.open(SECURITY);
      await walk(thief, person, { until: 'security-key', appCode: owners.appCode });
      const app = thief.url.pathname.replace('security-key', 'authenticator-app');
      for (let guess = 0; guess < 6; guess += 1) {
        await thief.open(app);
        if (pageOf(thief) === 'authenticator-app') await thief.submit({ code: '000000' });
      }
      const waits = async (password: string) => {
        const stranger = owners.idp.browser();
        await stranger.open(SECURITY);
        await walk(stranger, { ...person, password }, { until: 'security-key', appCode: owners.appCode });
        await stranger.open(within(stranger, 'ways'));
        return stranger.html.includes('minute');
      };
      expect(await waits(PASSWORD)).to.equal(true);
      await browser.open('/account/confirm/turn-off/ways');
      expect(browser.html, 'where the person signs in').to.not.include('minute');
      await change(browser, person);
      expect(await waits(NEXT)).to.equal(false);
    });

    it('a sign-in that waits for its second step asks for the password again', async () => {
      const person = await owners.person({ keys: [{}] });
      const thief = owners.idp.browser();
      await thief.open(SECURITY);
      await walk(thief, person, { until: 'security-key', appCode: owners.appCode });
      expect(pageOf(thief)).to.equal('security-key');
      await change(await owners.signIn(person), person);
      await thief.open(thief.url.pathname);
      expect(pageOf(thief)).to.equal('password');
    });

    it('a set-up is dead, whichever page it is at, and leaves nothing', async () => {
      const setUp = `${SECURITY}/set-up`;
      const forms: [string, Record<string, string>][] = [
        [`${setUp}/codes`, { saved: 'yes' }],
        [`${setUp}/method`, { method: 'authenticator-app' }],
      ];
      const person = await owners.person();
      let account: Account = person.account;
      let password = PASSWORD;
      for (const [i] of [...forms, null].entries()) {
        const browser = await owners.signIn({ ...person, account, password });
        const tab = browser.copy();
        await tab.open(setUp);
        if (wayOf(tab) === 'password') await tab.submit({ password });
        await tab.submit({});
        expect(codesOn(tab)).to.have.length(15);
        for (const [, fields] of forms.slice(0, i)) await tab.submit(fields);
        const code = i === forms.length ? { code: await owners.appCodeOn(tab) } : forms[i]?.[1];

        const next = `${NEXT} ${'again '.repeat(i + 1)}`;
        await browser.open(HERE);
        await browser.submit({ current: password, password: next });
        expect(browser.page()('#saved')).to.have.length(1);
        password = next;
        account = await owners.now(person);

        await tab.submit(code ?? {});
        expect(tab.heading(), String(i)).to.not.match(/confirm it is you\?|Add your|You are set up/);
        expect(await owners.now(person)).to.deep.equal(account);
        expect(account.methodCount).to.equal(0);
      }
    });
  });

  it('is where password managers are led to', async () => {
    const person = await owners.person();
    const browser = await owners.idp.browser().open('/.well-known/change-password');
    expect(pageOf(browser)).to.equal('password');
    await walk(browser, person, owners);
    expect(browser.url.pathname).to.equal(HERE);
    const fields = browser.page()('input[autocomplete]').toArray();
    expect(fields.map((one) => browser.page()(one).attr('autocomplete'))).to.deep.equal([
      'username',
      'current-password',
      'new-password',
    ]);
  });

  it('takes 20 wrong current passwords in a row, however slowly, and then a new one by mail alone', async () => {
    const person = await owners.person();
    const browser = await owners.signIn(person);
    const { tenantId, email } = person.account;
    const { attempts } = owners.stores;
    for (let taken = 0; taken < 20;) {
      const one = await attempts.reserve('password-proof', `${tenantId}/${email}`);
      if (one.ok) taken += 1;
      else owners.later(one.retryAfterSeconds);
    }
    await browser.open(HERE);
    await browser.submit({ current: PASSWORD, password: NEXT });
    expect([browser.status, said(browser)]).to.deep.equal([
      422,
      ['There were too many wrong ones. Sign out, then reset your password'],
    ]);
    await browser.open('/account/confirm/set-up/password');
    await browser.submit({ password: PASSWORD });
    expect(browser.status).to.equal(429);
    expect(browser.page()('main a[href="/password/forgot"]').text()).to.equal('Reset your password');
  });
});
