import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import { mailedCodes } from '../support/mailed-codes.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { codesOn, SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const SET_UP = `${SECURITY}/set-up`;
const CHECK = `${SET_UP}/check-email`;
const AGAIN = 'form[action$="/again"]';

describe('a code by mail before the first method, on the own pages', () => {
  let owners: Owners;
  let person: Person;
  let browser: PageBrowser;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());
  beforeEach(async () => {
    person = await owners.person({}, 'mailing');
    browser = await owners.signIn(person);
  });

  const mailed = (count = 1) => mailedCodes(owners.idp, person, count);

  /** As far as the mailed code. @returns the code */
  async function begin(at = browser, count = 1): Promise<string> {
    await owners.confirm(at, person, SET_UP);
    expect([at.status, at.url.pathname]).to.deep.equal([200, SET_UP]);
    await at.submit({});
    expect(at.heading()).to.equal('Check your email');
    return (await mailed(count))[0] ?? '';
  }

  const other = (code: string) => (code === '123456' ? '654321' : '123456');
  const isSaving = async (at = browser) => {
    await at.open(SET_UP);
    await at.submit({});
    return at.heading() === 'Save your recovery codes';
  };

  it('is asked for once the set-up is begun, and leads through it to "on"', async () => {
    await browser.open(SECURITY);
    expect(browser.page()(`a[href="${SET_UP}"]`)).to.have.length(1);
    await owners.confirm(browser, person, SET_UP);
    expect(await owners.mailsTo(person, 0)).to.deep.equal([]);
    const code = await begin();
    expect(browser.html).to.include('o...@mailing.example');
    await browser.submit({ code: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect(browser.url.pathname).to.equal(SET_UP);
    await browser.submit({});
    expect(codesOn(browser)).to.have.length(15);
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    await browser.submit({ code: await owners.appCodeOn(browser) });
    expect(browser.heading()).to.equal('You are set up');
    expect((await owners.now(person)).methodCount).to.equal(1);
  });

  it('is missed by no page of the set-up, whatever address or form is used', async () => {
    await owners.confirm(browser, person, SET_UP);
    const _csrf = tokenOf(browser);
    for (const page of ['', '/codes', '/method', '/method/authenticator-app', '/name']) {
      await browser.post(`${SET_UP}${page}`, { _csrf, saved: 'yes', method: 'authenticator-app' });
      expect(browser.url.pathname, page).to.equal(CHECK);
      if (page === '') continue;
      await browser.open(`${SET_UP}${page}`);
      expect(browser.url.pathname, page).to.equal(CHECK);
    }
    expect((await owners.now(person)).methodCount).to.equal(0);
    expect(await mailed()).to.have.length(1);
  });

  it('comes after the proof, and is nothing without it', async () => {
    await browser.open(CHECK);
    expect(wayOf(browser)).to.equal('password');
    const code = await begin();
    const fields = { _csrf: tokenOf(browser), code };
    owners.later(601);
    await browser.post(CHECK, fields);
    expect(wayOf(browser)).to.equal('password');
    await owners.confirm(browser, person, SET_UP);
    await browser.post(CHECK, { ...fields, _csrf: tokenOf(browser) });
    expect([browser.status, browser.html.includes('You need a new code')]).to.deep.equal([422, true]);
    expect(await isSaving()).to.equal(false);
  });

  it('takes five answers, then wants a new one, and the old one is dead', async () => {
    const code = await begin();
    for (let i = 0; i < 5; i += 1) {
      for (const empty of ['', 'abcdef']) await browser.submit({ code: empty });
      await browser.submit({ code: other(code) });
      expect(browser.status).to.equal(422);
    }
    await browser.post(CHECK, { _csrf: tokenOf(browser), code });
    expect([browser.status, browser.page()('#code').length]).to.deep.equal([422, 0]);
    await browser.submit({}, AGAIN);
    const [fresh = ''] = await mailed(2);
    await browser.submit({ code: fresh });
    expect(await isSaving()).to.equal(true);
  });

  it('counts 20 answers at once as five', async () => {
    const code = await begin();
    const tabs = Array.from({ length: 20 }, () => Object.assign(browser.copy(), { html: browser.html }));
    await Promise.all(tabs.map((tab) => tab.submit({ code: other(code) })));
    const told = tabs.filter(({ html }) => html.includes('That code is not right'));
    expect(told.length).to.be.within(1, 5);
    await browser.submit({ code });
    expect(browser.status).to.equal(422);
  });

  it('works in the session that asked for it alone', async () => {
    const elsewhere = await owners.signIn(person);
    const code = await begin();
    const theirs = await begin(elsewhere, 2);
    if (code !== theirs) {
      await elsewhere.submit({ code });
      expect(elsewhere.status).to.equal(422);
    }
    await browser.submit({ code });
    expect([await isSaving(), await isSaving(elsewhere)]).to.deep.equal([true, false]);
  });

  it('is over with any change of the account, before it was typed and after', async () => {
    for (const typed of [false, true]) {
      const code = await begin(browser, typed ? 2 : 1);
      if (typed) await browser.submit({ code });
      await owners.stores.accounts.save(await owners.now(person), { name: `Name ${String(typed)}` });
      await owners.confirm(browser, person, SET_UP);
      await browser.post(CHECK, { _csrf: tokenOf(browser), code });
      expect(browser.status).to.equal(422);
      expect(await isSaving()).to.equal(false);
    }
  });

  it('is sent five times an hour at most, with those of sign-ins', async () => {
    await begin();
    for (let i = 0; i < 4; i += 1) await browser.submit({}, AGAIN);
    expect(browser.html).to.include('A new code is on its way');
    await browser.submit({}, AGAIN);
    expect(browser.status).to.equal(429);
    expect(Number(browser.headers.get('retry-after'))).to.be.within(1, 3600);
    expect(await mailed(5)).to.have.length(5);
  });

  it('is not asked of people who prove a second factor', async () => {
    person = await owners.person({ app: true }, 'mailing');
    browser = await owners.signIn(person);
    await owners.confirm(browser, person, SET_UP);
    await browser.submit({});
    expect(browser.heading()).to.equal('How do you want to confirm it is you?');
    await browser.open(CHECK);
    expect(browser.url.pathname).to.equal(SET_UP);
  });

  it('is told to the audit log, and stored nowhere in plain', async () => {
    const code = await begin();
    await browser.submit({ code: other(code) });
    await browser.submit({ code });
    const events = ['enrolment_code_sent', 'enrolment_code_refused', 'enrolment_code_accepted'] as const;
    const told = await owners.told(person, ...events);
    expect(told.map(([event]) => event).reverse()).to.deep.equal([...events]);
    for (const name of ['fresh_proofs', 'audit_events']) {
      const rows = await owners.idp.database.connection.collection(name).find().toArray();
      expect(JSON.stringify(rows), name).not.to.include(`"${code}"`);
    }
  });
});
