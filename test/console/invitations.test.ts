import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { touchKey } from '../support/walk.ts';
import { startConsoles, type Consoles } from './console.ts';

const INVITE = '/admin/agents/invite';

describe('inviting people in the console', () => {
  let consoles: Consoles;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => {
    consoles = await startConsoles();
    await consoles.idp.addTenant('southwind');
  });
  after(() => consoles.close());
  beforeEach(async () => {
    admin = await consoles.inCharge('admin');
    browser = await consoles.open(admin, '/admin/agents');
  });

  const someEmail = () => `invited-${(count += 1)}@northwind.example`;
  const stored = (email: string, tenantId = 'northwind') =>
    consoles.stores.accounts.findByEmail(tenantId, email);
  const fields = (email: string, more = {}) => ({
    email,
    name: 'Noor Haddad',
    role: 'agent',
    team: '',
    ...more,
  });

  /** Fills in the form and sends it. @returns the account */
  async function invite(email = someEmail(), more = {}) {
    await consoles.confirm(browser, admin, INVITE);
    await browser.submit(fields(email, more));
    const account = await stored(email);
    if (!account) throw new Error(`nobody: ${browser.status} ${browser.heading()}`);
    return account;
  }
  async function linksTo(email: string, least = 1): Promise<string[]> {
    for (let i = 0; i < 100; i += 1) {
      const mails = (await consoles.stores.operations.mailbox?.newest(500)) ?? [];
      const links = mails
        .filter(({ to }) => to === email)
        .flatMap(({ text }) => /\/invite\/[\w-]{43}/.exec(text)?.[0] ?? []);
      if (links.length >= least) return links;
      await setTimeout(50);
    }
    throw new Error('no mail');
  }
  const invitationOf = ({ accountId }: { accountId: string }) => `/admin/agents/${accountId}/invitation`;

  it('begins at the list, wants a fresh proof, mails a link and says how the invitation stands', async () => {
    const href = browser.page()('a.btn.primary').attr('href') ?? '';
    expect(href).to.equal(INVITE);
    await browser.open(href);
    expect(wayOf(browser)).to.equal('security-key');
    const email = someEmail();
    const account = await invite(email, { team: 'Claims', role: 'lead' });
    expect([browser.status, browser.url.pathname]).to.deep.equal([200, invitationOf(account)]);
    expect(browser.page()('#saved h2').text()).to.equal('Invitation sent');
    expect(browser.page()('main').text()).to.match(/The link works until \d+ \w+ \d{4}/);
    expect(account).to.include({ state: 'invited', team: 'Claims' });
    expect(account.roles).to.deep.equal(['lead']);
    const [link = ''] = await linksTo(email);
    const theirs = await consoles.idp.browser().open(link);
    expect(theirs.heading()).to.equal('Welcome to northwind support');
  });

  it('says beside each field what is wrong, keeps what was typed, and changes nothing', async () => {
    await consoles.confirm(browser, admin, INVITE);
    const { email } = admin.account;
    for (const [typed, field] of [
      [fields(email.toUpperCase()), 'email'],
      [fields('nobody'), 'email'],
      [fields(someEmail(), { name: ' ' }), 'name'],
      [fields(someEmail(), { team: 'x'.repeat(65) }), 'team'],
    ] as const) {
      const before = await consoles.stores.roster.count('northwind', {});
      await browser.submit(typed);
      expect([browser.status, browser.page()('.field.invalid input').attr('id')]).to.deep.equal([422, field]);
      expect(browser.page()('#email').attr('value')).to.equal(typed.email);
      expect(await consoles.stores.roster.count('northwind', {})).to.equal(before);
    }
    expect(await consoles.now(admin)).to.deep.equal(admin.account);
  });

  it('offers and takes no role above one’s own', async () => {
    await consoles.confirm(browser, admin, INVITE);
    const offered = browser
      .page()('input[name=role]')
      .toArray()
      .map((one) => browser.page()(one).attr('value'));
    expect(offered).to.deep.equal(['agent', 'lead', 'admin']);
    for (const role of ['operator', 'king', '']) {
      const email = someEmail();
      await browser.post(INVITE, { _csrf: tokenOf(browser), ...fields(email, { role }) });
      expect(browser.status, role).to.equal(422);
      expect(await stored(email)).to.equal(null);
    }
  });

  it('sends again, three times an hour, and withdraws', async () => {
    const account = await invite();
    const { email } = account;
    await linksTo(email);
    await consoles.confirm(browser, admin, invitationOf(account));
    const again = () => browser.submit({}, 'form[action$="/send-again"]');
    await again();
    expect(browser.page()('#saved h2').text()).to.equal('Sent again');
    await again();
    await again();
    expect(browser.status).to.equal(200);
    await again();
    expect([browser.status, browser.page()('.alert h2').text()]).to.deep.equal([
      429,
      'Three emails in an hour are enough',
    ]);
    const [newest = ''] = await linksTo(email, 4);
    await browser.submit({}, 'form[action$="/withdraw"]');
    expect([browser.status, browser.url.href]).to.match(/200,.*\/admin\/agents\?state=invited$/);
    expect(await stored(email)).to.equal(null);
    expect((await consoles.idp.browser().open(newest)).status).to.equal(410);
  });

  it('mails those whom a file has as invited', async () => {
    const { account } = await consoles.person({});
    await consoles.stores.accounts.save(account, { state: 'invited', password: null });
    await browser.open(invitationOf(account));
    expect(browser.page()('main').text()).to.include('No email has been sent to');
    await browser.submit({}, 'form[action$="/send-again"]');
    // Reading wants no proof; once it was given, the page is there again.
    await browser.submit(touchKey(browser, admin));
    expect(browser.url.pathname).to.equal(invitationOf(account));
    await browser.submit({}, 'form[action$="/send-again"]');
    expect(browser.page()('#saved h2').text()).to.equal('Sent again');
    expect(await linksTo(account.email)).to.have.length(1);
  });

  it('does nothing without a fresh proof, without the token, and for another session', async () => {
    const account = await invite();
    const email = someEmail();
    const good = { _csrf: tokenOf(browser), ...fields(email) };
    await browser.post(INVITE, { ...good, _csrf: 'x' });
    expect(browser.status).to.equal(403);
    const other = await consoles.inCharge('admin');
    const theirs = await consoles.open(other);
    await theirs.post(INVITE, good);
    expect(theirs.status).to.equal(403);
    consoles.later(601);
    for (const path of [INVITE, `${invitationOf(account)}/send-again`, `${invitationOf(account)}/withdraw`]) {
      await browser.post(path, good);
      expect(wayOf(browser), path).to.equal('security-key');
    }
    expect(await stored(email)).to.equal(null);
    expect(await stored(account.email)).to.include({ state: 'invited' });
  });

  it('reaches nobody of another tenant, nobody above, and no one who has accepted', async () => {
    const south = await consoles.inCharge('admin', { keys: [{}] }, 'southwind');
    const account = await invite();
    const theirs = await consoles.open(south);
    await consoles.confirm(theirs, south, INVITE);
    const _csrf = tokenOf(theirs);
    const operator = await consoles.idp.addPerson(someEmail());
    await consoles.stores.accounts.save(operator.account, {
      roles: ['operator'],
      state: 'invited',
      password: null,
    });
    const active = await consoles.person({});
    for (const what of ['', '/send-again', '/withdraw']) {
      const method = what === '' ? 'open' : 'post';
      const go = async (at: PageBrowser, { accountId }: { accountId: string }, token: string) => {
        const path = `${invitationOf({ accountId })}${what}`;
        return method === 'open' ? at.open(path) : at.post(path, { _csrf: token });
      };
      expect((await go(theirs, account, _csrf)).status, what).to.equal(404);
      expect((await go(browser, { accountId: '%2e%2e' }, tokenOf(browser))).status, what).to.be.within(
        400,
        404,
      );
      await consoles.confirm(browser, admin, INVITE);
      expect((await go(browser, operator.account, tokenOf(browser))).status, what).to.equal(403);
      await consoles.confirm(browser, admin, INVITE);
      await go(browser, active.account, tokenOf(browser));
      expect([browser.status, browser.url.pathname], what).to.deep.equal([200, '/admin/agents']);
    }
    expect(await stored(account.email)).to.deep.equal(account);
    expect(await consoles.now(active)).to.deep.equal(active.account);
    expect(await consoles.stores.accounts.find(operator.account)).to.include({ state: 'invited' });
  });
});
