import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const INVITE = '/admin/agents/invite';
const typed = { email: 'new.one@northwind.example', name: 'Nova Um', role: 'lead', team: 'Night' };

describe('a form of the console whose proof has run out', () => {
  let consoles: Consoles;
  let admin: Person;
  let browser: PageBrowser;
  let ana: Person;
  before(async () => (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    admin = await consoles.inCharge('admin');
    browser = await consoles.open(admin);
    ana = await consoles.person({ app: true });
  });

  const value = (name: string) => browser.page()(`[name=${name}]`).val() ?? '';
  /** Opens the form, lets the proof run out, and sends it. @returns the page on which it is proved */
  async function sendLate(path: string, fields: Record<string, string>): Promise<string> {
    await consoles.confirm(browser, admin, path);
    const form = browser.page()('form[method=post]').last().attr('action') ?? path;
    const once = browser.page()('input[name=once]').val() as string | undefined;
    consoles.later(601);
    await browser.post(form, { _csrf: tokenOf(browser), ...(once === undefined ? {} : { once }), ...fields });
    expect(wayOf(browser)).to.equal('security-key');
    return browser.url.pathname;
  }
  const prove = (at: string) => consoles.confirm(browser, admin, at);

  it('is there as it was typed after the proof, until it is sent', async () => {
    await prove(await sendLate(INVITE, typed));
    expect(browser.url.pathname).to.equal(INVITE);
    expect([value('email'), value('name'), value('team')]).to.deep.equal([
      typed.email,
      typed.name,
      typed.team,
    ]);
    expect(browser.page()('input[name=role][checked]').val()).to.equal('lead');
    await browser.open(INVITE);
    expect(value('email'), 'opened again').to.equal(typed.email);
    await browser.post(INVITE, { _csrf: tokenOf(browser), ...typed });
    expect(browser.url.pathname).to.match(/\/invitation$/);
    await browser.open(INVITE);
    expect([value('email'), value('name')], 'once it was sent').to.deep.equal(['', '']);
  });

  it('is there for a reset, for a rescue code, for many and for a list', async () => {
    const reset = `/admin/agents/${ana.account.accountId}/reset`;
    await prove(await sendLate(reset, { reason: 'Lost her <phone>' }));
    expect([browser.url.pathname, value('reason')]).to.deep.equal([reset, 'Lost her <phone>']);

    const tenant = await consoles.stores.tenants.findFresh('northwind');
    if (tenant) await consoles.stores.tenants.savePolicy(tenant, { ...tenant.policy, rescueCodes: 'leads' });
    await prove(
      await sendLate(`/admin/agents/${ana.account.accountId}/rescue-code`, {
        reason: 'At the desk',
        hours: '3',
      }),
    );
    expect([value('reason'), value('hours')]).to.deep.equal(['At the desk', '3']);

    const who = ana.account.accountId;
    const many = `/admin/selected-agents/reset?who=${who}`;
    await prove(await sendLate(many, { who, shown: '1', count: '1', reason: 'New keys' }));
    expect([browser.url.pathname + browser.url.search, value('reason')]).to.deep.equal([many, 'New keys']);
  });

  it('is nobody else’s, of no other session and no other page, and gone after ten minutes', async () => {
    const at = await sendLate(INVITE, typed);
    const rows = consoles.idp.database.connection.collection('typed_forms');
    const stored = JSON.stringify(await rows.find({}).toArray());
    expect(stored).not.to.include(typed.email).and.not.include('Nova');
    const second = await consoles.inCharge('admin');
    for (const person of [second, admin]) {
      const other = await consoles.open(person);
      await consoles.confirm(other, person, INVITE);
      expect([other.url.pathname, other.page()('[name=email]').val() ?? '']).to.deep.equal([INVITE, '']);
    }
    await prove(at);
    expect(value('email')).to.equal(typed.email);
    await browser.open('/admin/agents/import');
    expect(browser.html).not.to.include(typed.email);
    const late = await sendLate(INVITE, typed);
    consoles.later(601);
    await prove(late);
    expect([browser.url.pathname, value('email')]).to.deep.equal([INVITE, '']);
  });

  it('comes back to the list of people that was to be invited', async () => {
    await consoles.confirm(browser, admin, '/admin/agents/import');
    const list = 'email,name\nsome.body@northwind.example,Some Body';
    await browser.post('/admin/agents/import', { _csrf: tokenOf(browser), list });
    const preview = browser.url.pathname;
    expect(preview).to.match(/\/import\/[\w-]+$/);
    await prove(await sendLate(preview, {}));
    expect(browser.url.pathname).to.equal(preview);
  });
});
