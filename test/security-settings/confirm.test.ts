import { expect } from 'chai';
import type { AuditEvent } from '../../src/audit/events.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { touchKey, walk } from '../support/walk.ts';
import { SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const SET_UP = '/account/security/set-up';
const CONFIRM = '/account/confirm/set-up';

describe('confirming that it is you', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  const isOpen = (browser: PageBrowser) => browser.status === 200 && browser.url.pathname === SET_UP;
  const events = (person: Person, name: AuditEvent) => owners.told(person, name);

  describe('asks', () => {
    for (const [what, has, first, all] of [
      [
        'a key first, then another way',
        { keys: [{}], app: true, codes: true },
        'security-key',
        ['security-key', 'authenticator-app', 'recovery-code'],
      ],
      ['an app', { app: true }, 'authenticator-app', ['authenticator-app']],
      ['people who hold nothing the password', {}, 'password', ['password']],
    ] as const) {
      it(`${what}, and opens what was wanted`, async () => {
        const person = await owners.person(has);
        const browser = await owners.signIn(person);
        expect(await owners.confirm(browser, person, SET_UP)).to.equal(first);
        expect(isOpen(browser)).to.equal(true);
        await browser.open(`${CONFIRM}/ways`);
        const ways = browser.page()('.methods a').toArray();
        const hrefs = ways.map((one) => browser.page()(one).attr('href'));
        if (first !== 'password') expect(hrefs).to.deep.equal(all.map((way) => `${CONFIRM}/${way}`));
        await browser.open(CONFIRM);
        expect(isOpen(browser), 'asked again').to.equal(true);
      });
    }

    it('says what it is for, who is asked, and leads back', async () => {
      const person = await owners.person({ app: true });
      const browser = await (await owners.signIn(person)).open(SET_UP);
      const page = browser.page();
      expect(page('.purpose').text()).to.include('Confirm it is you');
      expect(page('.who bdi').text()).to.equal(person.account.email);
      expect(page('.after a[href="/account/security"]').text()).to.equal('Cancel');
    });

    it('nobody without a session', async () => {
      const browser = await owners.idp.browser().open(`${CONFIRM}/password`);
      expect(browser.url.pathname).to.match(/^\/sign-in\//);
      await browser.post(`${CONFIRM}/password`, { password: PASSWORD });
      expect([browser.status, browser.heading()]).to.deep.equal([401, 'Sign in first']);
    });
  });

  describe('takes', () => {
    let person: Person;
    let browser: PageBrowser;
    beforeEach(async () => {
      person = await owners.person({ keys: [{}], app: true, codes: true });
      browser = await owners.signIn(person);
      await browser.open(SET_UP);
    });

    for (const way of ['authenticator-app', 'recovery-code'] as const) {
      it(`the ${way} as another way, and says in the log how it was proved`, async () => {
        await owners.confirm(browser, person, SET_UP, way);
        expect(isOpen(browser)).to.equal(true);
        expect(await events(person, 'proof_accepted')).to.deep.equal([['proof_accepted', way, null]]);
      });
    }

    it('no password of somebody who holds a second factor', async () => {
      const fields = { _csrf: tokenOf(browser), password: PASSWORD };
      await browser.post(`${CONFIRM}/password`, fields);
      expect(browser.status).to.equal(404);
      await browser.open(SET_UP);
      expect(wayOf(browser)).to.equal('security-key');
    });

    it('no key of somebody else', async () => {
      const stranger = await owners.person({ keys: [{}] });
      await browser.submit(touchKey(browser, stranger));
      expect(browser.status).to.equal(422);
      await browser.open(SET_UP);
      expect(wayOf(browser)).to.equal('security-key');
      expect(await events(person, 'proof_refused')).to.deep.equal([
        ['proof_refused', 'security-key', 'not-yours'],
      ]);
    });

    it('no touch for a page that was shown in another session', async () => {
      const fields = touchKey(browser, person);
      const elsewhere = await (await owners.signIn(person)).open(SET_UP);
      await elsewhere.submit(fields);
      expect([elsewhere.status, wayOf(elsewhere)]).to.deep.equal([422, 'security-key']);
    });

    it('a touch once', async () => {
      const fields = { _csrf: tokenOf(browser), ...touchKey(browser, person) };
      await browser.submit(fields);
      expect(isOpen(browser)).to.equal(true);
      owners.later(601);
      await browser.post(`${CONFIRM}/security-key`, fields);
      expect(browser.status).to.equal(422);
    });

    it('a code that was sent twice by a double click as one', async () => {
      owners.later(30);
      const fields = { _csrf: tokenOf(browser), code: await owners.appCode() };
      await browser.open(`${CONFIRM}/authenticator-app`);
      for (let i = 0; i < 2; i += 1) {
        await browser.post(`${CONFIRM}/authenticator-app`, fields);
        expect(isOpen(browser)).to.equal(true);
      }
    });

    it('nothing without the token of this very session, or from another site', async () => {
      const touch = touchKey(browser, person);
      const path = `${CONFIRM}/security-key`;
      const other = await (await owners.signIn(await owners.person({ app: true }))).open(SET_UP);
      for (const [fields, headers] of [
        [touch, {}],
        [{ ...touch, _csrf: tokenOf(other) }, {}],
        [{ ...touch, _csrf: tokenOf(browser) }, { 'sec-fetch-site': 'cross-site' }],
        [
          { ...touch, _csrf: tokenOf(browser) },
          { 'sec-fetch-site': '', origin: 'https://evil.example' },
        ],
      ] as const) {
        await browser.open(SET_UP);
        await browser.post(path, { ...fields }, headers);
        expect([browser.status, browser.heading()]).to.deep.equal([
          403,
          'This form did not come from our page',
        ]);
      }
      await browser.open(SET_UP);
      expect(wayOf(browser)).to.equal('security-key');
    });

    it('what it can prove for nothing that is not there', async () => {
      for (const goal of ['nothing', 'constructor', '__proto__']) {
        await browser.open(`/account/confirm/${goal}/security-key`);
        expect(browser.status, goal).to.equal(404);
      }
      await browser.open(`${CONFIRM}/rescue-code`);
      expect(browser.status).to.equal(404);
    });
  });

  describe('is over', () => {
    for (const [what, happens] of [
      ['after ten minutes', async () => owners.later(601)],
      [
        'when the account changes',
        async (person: Person) =>
          void (await owners.stores.accounts.save(await owners.now(person), { name: 'Another Name' })),
      ],
    ] as const) {
      it(what, async () => {
        const person = await owners.person({ keys: [{}] });
        const browser = await owners.signIn(person);
        await owners.confirm(browser, person, SET_UP);
        expect(isOpen(browser)).to.equal(true);
        await happens(person);
        await browser.open(SET_UP);
        expect(wayOf(browser)).to.equal('security-key');
      });
    }

    it('in every other session of the same person', async () => {
      const person = await owners.person({ keys: [{}] });
      const browser = await owners.signIn(person);
      const other = await owners.signIn(person);
      await owners.confirm(browser, person, SET_UP);
      await other.open(SET_UP);
      expect([isOpen(browser), wayOf(other)]).to.deep.equal([true, 'security-key']);
    });
  });

  it('takes ten wrong answers in a quarter of an hour, however many come at once', async () => {
    const person = await owners.person();
    const browser = await (await owners.signIn(person)).open(SET_UP);
    const fields = { _csrf: tokenOf(browser), password: 'not the password' };
    const tries = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const one = owners.idp.browser();
        for (const [name, cookie] of browser.cookies) one.cookies.set(name, cookie);
        await one.post(`${CONFIRM}/password`, fields);
        return one.status;
      }),
    );
    const count = (status: number) => tries.filter((one) => one === status).length;
    expect([count(422), count(429)]).to.deep.equal([10, 10]);
    await browser.post(`${CONFIRM}/password`, { ...fields, password: PASSWORD });
    expect(browser.status).to.equal(429);
    owners.later(15 * 60);
    await owners.confirm(browser, person, SET_UP);
    expect(isOpen(browser)).to.equal(true);
  });

  it('tells the owner of the third wrong answer in a row, counted with those of sign-ins', async () => {
    const subject = 'Someone knows your password and failed the second step 3 times';
    const person = await owners.person({ keys: [{}], app: true });
    const stranger = await owners.person({ keys: [{}] });
    const browser = await (await owners.signIn(person)).open(SET_UP);
    await browser.submit(touchKey(browser, stranger));
    await browser.open(`${CONFIRM}/authenticator-app`);
    await browser.submit({ code: '000000' });
    expect([browser.status, await owners.mailsTo(person, 0)]).to.deep.equal([422, []]);
    const elsewhere = await owners.idp.browser().open(SECURITY);
    await walk(elsewhere, person, { ...owners, until: 'security-key' });
    await elsewhere.submit(touchKey(elsewhere, stranger));
    expect(await owners.mailsTo(person)).to.deep.equal([subject]);
    await browser.submit({ code: '000000' });
    expect(await owners.mailsTo(person)).to.deep.equal([subject]);
  });

  it('tells the owner when a recovery code was used for it', async () => {
    const person = await owners.person({ app: true, codes: true });
    const browser = await owners.signIn(person);
    await owners.confirm(browser, person, SET_UP, 'recovery-code');
    expect(await events(person, 'recovery_code_used')).to.deep.equal([['recovery_code_used', null, null]]);
    expect((await owners.now(person)).recovery?.digests).to.have.length(14);
    const subjects = await owners.mailsTo(person);
    expect(subjects).to.deep.equal(['A recovery code was used. 14 left']);
  });
});
