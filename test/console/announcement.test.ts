import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const EMAIL = '/admin/policy/email';
const DAY_MS = 24 * 60 * 60 * 1000;

describe('emailing agents before two factors are required', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let ana: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `mails-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    ana = await consoles.person({}, tenant);
    browser = await consoles.open(admin, '/admin/policy');
  });

  /** @returns subjects of all mails about the policy to somebody of this tenant, with whom they went to */
  async function mails(): Promise<string[]> {
    const all = (await consoles.stores.operations.mailbox?.newest(200)) ?? [];
    return all
      .filter(({ to, subject }) => to.endsWith(`@${tenant}.example`) && subject.includes('two-factor auth'))
      .map(({ to, subject }) => `${to}: ${subject}`);
  }
  const events = async () =>
    (await consoles.stores.operations.search.list(tenant, { events: ['policy_announced'] }, { limit: 10 }))
      .records;

  it('asks first, writes to those without a method alone, and tells how many', async () => {
    const invited = await consoles.person({}, tenant);
    await consoles.stores.accounts.save(invited.account, { state: 'invited' });
    await consoles.person({});
    const day = new Date(Date.now() + 10 * DAY_MS).toISOString().slice(0, 10);
    const address = `${EMAIL}?secondFactor=required&from=${day}`;
    await browser.open(address);
    expect(wayOf(browser)).to.equal('security-key');
    await consoles.confirm(browser, admin, address);
    expect(browser.heading()).to.equal('Email 1 agent?');
    expect(await events(), 'asking is not doing').to.deep.equal([]);
    await browser.submit({});
    expect(browser.page()('#saved h2').text()).to.equal('1 email is on its way');
    const [subject] = await consoles.mailsTo(ana);
    expect(subject).to.match(/^From \d+ \w+ \d{4}.* asks for two-factor authentication$/);
    expect(await mails()).to.have.length(1);
    const [event] = await events();
    expect(event?.actor?.accountId).to.equal(admin.account.accountId);
    expect(JSON.parse(event?.details ?? '{}')).to.include({ agents: 1 });
  });

  it('writes to nobody twice on one day, and again on the next', async () => {
    const send = async () => {
      await consoles.confirm(browser, admin, EMAIL);
      await browser.submit({});
    };
    await send();
    await consoles.mailsTo(ana);
    consoles.later(120);
    const ben = await consoles.person({}, tenant);
    await send();
    expect(await consoles.mailsTo(ben), 'who came later').to.have.length(1);
    expect(await mails()).to.have.length(2);
    expect(await events()).to.have.length(2);
  });

  it('sends one walk on its way, however often the button is pressed', async () => {
    await consoles.confirm(browser, admin, EMAIL);
    const form = { _csrf: tokenOf(browser), from: '' };
    await Promise.all(Array.from({ length: 10 }, () => browser.copy().post(EMAIL, form)));
    await consoles.mailsTo(ana);
    expect(await mails()).to.have.length(1);
  });

  it('goes through many people in steps', async () => {
    const { announcement } = consoles.idp.app.admin;
    const { password } = ana.account;
    const has = password ? { password } : {};
    const people = await Promise.all(Array.from({ length: 120 }, () => consoles.person(has, tenant)));
    const occasion = { editor: { kind: 'person', who: admin.account }, reference: 'r', source: 's' } as const;
    expect(await announcement.begin(tenant, null, occasion)).to.equal(people.length + 1);
    for (let i = 0; i < 100 && (await mails()).length < 121; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await mails()).to.have.length(121);
  });

  it('does nothing without a fresh proof, or where everybody has a method', async () => {
    await consoles.confirm(browser, admin, EMAIL);
    const form = { _csrf: tokenOf(browser), from: '' };
    consoles.later(601);
    await browser.post(EMAIL, form);
    expect(wayOf(browser)).to.equal('security-key');
    expect(await events()).to.deep.equal([]);
    await consoles.idp.addMethods(ana, { app: true });
    await consoles.confirm(browser, admin, EMAIL);
    expect(browser.url.pathname).to.equal('/admin/policy');
  });
});
