import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { holding } from '../support/rescue.ts';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import { startConsoles, type Consoles } from './console.ts';

const CODE = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/;

describe('giving a rescue code in the console', () => {
  let consoles: Consoles;
  let lead: Person;
  let ana: Person;
  let browser: PageBrowser;
  before(async () => {
    consoles = await startConsoles();
    await consoles.idp.addTenant('caring', { rescueCodes: 'leads' });
    lead = await consoles.inCharge('lead', { keys: [{}] }, 'caring');
  });
  after(() => consoles.close());
  beforeEach(async () => {
    ana = await consoles.person({ app: true }, 'caring');
    browser = await consoles.open(lead);
  });

  const pathOf = ({ account }: Person) => `/admin/agents/${account.accountId}/rescue-code`;
  const shown = () => CODE.exec(browser.page()('.spoken').text())?.[0] ?? '';
  const given = async (who = ana) => (await consoles.now(who)).rescue?.gives.length ?? 0;

  it('wants a fresh proof, a reason and how long, and shows the code once', async () => {
    await browser.open(pathOf(ana));
    expect(wayOf(browser)).to.equal('security-key');
    await consoles.confirm(browser, lead, pathOf(ana));
    expect(browser.heading()).to.equal(`Rescue code for ${ana.account.name}`);
    for (const [fields, ids] of [
      [{ reason: '', hours: '13' }, ['reason', 'hours']],
      [{ reason: ' ', hours: '8' }, ['reason']],
      [{ reason: 'forgot the phone', hours: '0' }, ['hours']],
      [{ reason: 'forgot the phone', hours: 'two' }, ['hours']],
    ] as const) {
      await browser.submit(fields);
      expect(browser.status).to.equal(422);
      const wrong = browser.page()('[aria-invalid]').toArray();
      expect(wrong.map((one) => browser.page()(one).attr('id'))).to.deep.equal(ids);
    }
    expect(await given()).to.equal(0);
    await browser.submit({ reason: 'forgot the phone', hours: '3' });
    expect([browser.status, browser.headers.get('cache-control')]).to.deep.equal([200, 'no-store']);
    const code = shown();
    expect(browser.page()('main').text()).to.match(
      new RegExp(`Read it to ${ana.account.name}; do not write it down or email it.`),
    );
    expect(await consoles.mailsTo(ana)).to.include('A rescue code was made for your caring support account');
    expect(await consoles.told(ana, 'rescue_code_given')).to.deep.equal([
      ['rescue_code_given', null, 'forgot the phone'],
    ]);
    const theirs = await consoles.signIn(holding(ana, code), 'rescue-code');
    expect(theirs.heading()).to.equal('Security settings');
  });

  it('gives no second code when the form is sent again, and says so', async () => {
    await consoles.confirm(browser, lead, pathOf(ana));
    const once = browser.page()('input[name=once]').attr('value') ?? '';
    const form = { _csrf: tokenOf(browser), once, reason: 'forgot the phone', hours: '8' };
    const all = await Promise.all(
      [1, 2, 3].map(async () => {
        const tab = browser.copy();
        await tab.post(pathOf(ana), form);
        return CODE.test(tab.page()('.spoken').text());
      }),
    );
    expect(all.filter(Boolean)).to.have.length(1);
    await browser.post(pathOf(ana), form);
    expect([browser.status, browser.page()('.alert h2').text()]).to.deep.equal([
      200,
      'This code was already shown',
    ]);
    expect(browser.html).not.to.match(CODE);
    expect(await given()).to.equal(1);
  });

  it('says when the month has none left, also to the form that gave the last one', async () => {
    await consoles.confirm(browser, lead, pathOf(ana));
    let form: Record<string, string> = {};
    for (let i = 0; i < 3; i += 1) {
      await browser.open(pathOf(ana));
      const once = browser.page()('input[name=once]').attr('value') ?? '';
      form = { _csrf: tokenOf(browser), once, reason: 'forgot the phone', hours: '8' };
      await browser.post(pathOf(ana), form);
      expect(shown()).not.to.equal('');
    }
    await browser.post(pathOf(ana), form);
    expect(browser.page()('.alert h2').text()).to.equal('This code was already shown');
    await browser.post(pathOf(ana), { ...form, once: 'A'.repeat(22) });
    expect([browser.status, browser.heading()]).to.deep.equal([
      422,
      `${ana.account.name} had 3 rescue codes this month`,
    ]);
    await browser.open(pathOf(ana));
    expect([browser.status, browser.heading()]).to.deep.equal([
      200,
      `${ana.account.name} had 3 rescue codes this month`,
    ]);
    expect(await given()).to.equal(3);
  });

  it('is not for oneself, for somebody higher, of another team or another company', async () => {
    const boss = await consoles.inCharge('admin', { keys: [{}] }, 'caring');
    const sales = await consoles.person({ app: true }, 'caring');
    await consoles.stores.accounts.save(sales.account, { team: 'Sales' });
    const stranger = await consoles.person({ app: true }, 'northwind');
    const bare = await consoles.person({}, 'caring');
    await consoles.confirm(browser, lead, pathOf(ana));
    const form = {
      _csrf: tokenOf(browser),
      once: browser.page()('input[name=once]').attr('value') ?? '',
      reason: 'x',
      hours: '8',
    };
    for (const [who, status, heading] of [
      [lead, 403, 'You cannot give yourself a rescue code'],
      [boss, 403, `You cannot give ${boss.account.name} a rescue code`],
      [sales, 403, `${sales.account.name} is in another team`],
      [stranger, 404, 'There is no page here'],
      [bare, 200, `${bare.account.name} has no second step yet`],
    ] as const) {
      await browser.open(pathOf(who));
      expect([browser.status, browser.heading()]).to.deep.equal([status, heading]);
      await browser.post(pathOf(who), form);
      expect([browser.status, browser.heading()]).to.deep.equal([status === 200 ? 422 : status, heading]);
      expect(await given(who)).to.equal(0);
    }
  });

  it('gives nothing from an old proof, a proof by a code, or without the token of the session', async () => {
    await consoles.confirm(browser, lead, pathOf(ana));
    const once = browser.page()('input[name=once]').attr('value') ?? '';
    const form = { _csrf: tokenOf(browser), once, reason: 'x', hours: '8' };
    await browser.post(pathOf(ana), { ...form, _csrf: 'x' });
    expect(browser.status).to.equal(403);
    consoles.later(601);
    await browser.post(pathOf(ana), form);
    expect(wayOf(browser)).to.equal('security-key');
    const other = await consoles.inCharge('lead', { app: true, codes: true }, 'caring');
    const at = await consoles.open(other);
    await at.open(pathOf(ana));
    await at.open(at.url.pathname.replace(/[^/]+$/, 'recovery-code'));
    expect(at.status).to.equal(404);
    expect(await given()).to.equal(0);
  });
});
