import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const DAY = 24 * 60 * 60 * 1000;
const dayIn = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

describe('what else the policy page holds', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `rules-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    await consoles.person({}, tenant);
    browser = await consoles.open(admin, '/admin/policy');
  });

  const policyNow = async () => {
    const found = await consoles.stores.tenants.findFresh(tenant);
    if (!found) throw new Error('no tenant');
    return found.policy;
  };
  const review = (fields: Record<string, string>) =>
    `/admin/policy/review?${new URLSearchParams(fields).toString()}`;
  /** Reviews and saves, as somebody who has just proved that it is them. */
  async function save(fields: Record<string, string>, typed: Record<string, string> = {}): Promise<void> {
    await consoles.confirm(browser, admin, review(fields));
    await browser.submit(typed);
  }
  const alert = () => browser.page()('.alert h2').first().text();

  it('is kept over the proof that it is them, shown with what was before, and saved', async () => {
    const fields = {
      secondFactor: 'optional',
      maxHours: '1.5',
      idleMinutes: '30',
      enrolmentProof: 'email',
      rescueCodes: 'leads',
      resetApproval: 'second-admin',
    };
    await browser.open(review(fields));
    expect(wayOf(browser), 'asks first').to.equal('security-key');
    await consoles.confirm(browser, admin, review(fields));
    expect(browser.heading()).to.equal('Save these changes?');
    const changes = browser.page()('.changes div').toArray();
    const told = changes.map((one) => browser.page()(one).text().replaceAll(/\s+/g, ' ').trim());
    expect(told).to.have.length(5);
    expect(told.join('\n')).to.match(/1\.5 hours \(was: 12 hours\)/);
    expect(told.join('\n')).to.match(/A code by email \(was: Only the password\)/);
    await browser.submit({});
    expect(alert()).to.equal('The policy is saved');
    expect(await policyNow()).to.deep.include({
      secondFactor: 'optional',
      session: { maxSeconds: 5400, idleSeconds: 1800 },
      enrolmentProof: 'email',
      rescueCodes: 'leads',
      resetApproval: 'second-admin',
      version: 2,
    });
  });

  it('gives agents time: nobody is signed out, and the page says until when', async () => {
    const day = dayIn(10);
    await save({ secondFactor: 'required', from: day, skips: '3' });
    expect(alert()).to.equal('Two-factor is required');
    const policy = await policyNow();
    expect([policy.effectiveFrom?.toISOString(), policy.skips]).to.deep.equal([`${day}T00:00:00.000Z`, 3]);
    await browser.open('/admin/policy');
    expect(alert()).to.match(/^Two-factor starts on \d+ \w+ \d{4}$/);
    expect(browser.page()('#scheduled p').text()).to.include('1 agent has no method yet');
    expect(browser.page()('input[name=from]').attr('value')).to.equal(day);

    await save({ from: '', skips: '' }, { count: '1' });
    const ended = await policyNow();
    expect([ended.effectiveFrom, ended.skips], 'the time is over by the save').to.deep.equal([null, null]);
    expect(browser.page()('#saved p').text()).to.match(/^1 agent signed out/);
  });

  it('asks for the number when a time of grace is taken away', async () => {
    await save({ secondFactor: 'required', skips: '2' });
    await consoles.confirm(browser, admin, review({ skips: '' }));
    expect(browser.heading()).to.equal('Save and sign out 1 agent?');
    await browser.submit({ count: '' });
    expect(browser.status).to.equal(422);
    expect((await policyNow()).skips).to.equal(2);
    await browser.submit({ count: '1' });
    expect((await policyNow()).skips).to.equal(null);
  });

  it('is refused beside its field, and comes back as it was typed', async () => {
    const wrong = [
      { from: dayIn(-1) },
      { from: '2026-13-45' },
      { skips: '101' },
      { skips: '1.5' },
      { skips: '-1' },
      { maxHours: '0' },
      { maxHours: '721' },
      { maxHours: 'a day' },
      { idleMinutes: '721' },
      { idleMinutes: '' },
      { enrolmentProof: 'nothing' },
    ];
    for (const fields of wrong) {
      const [[name, value] = ['', '']] = Object.entries(fields);
      await browser.open(review({ ...fields }));
      expect(browser.status, `${name} ${value}`).to.equal(422);
      expect(browser.page()(`.alert a[href="#${name}"]`), `${name} ${value}`).to.have.length(1);
      const input = browser.page()(`input#${name}`);
      if (input.length === 0) continue;
      expect(input.attr('aria-invalid')).to.equal('true');
      expect(input.attr('value') ?? '').to.equal(value);
    }
    expect((await policyNow()).version).to.equal(1);
  });

  it('is not touched where it comes back as it was shown, however exact it was', async () => {
    const { stores } = consoles;
    const found = await stores.tenants.findFresh(tenant);
    if (!found) throw new Error('no tenant');
    const effectiveFrom = new Date(`${dayIn(5)}T08:30:00Z`);
    const session = { maxSeconds: 12_345, idleSeconds: 100 };
    await stores.tenants.savePolicy(found, { ...found.policy, effectiveFrom, session });
    await new Promise((resolve) => setTimeout(resolve, 600));
    await browser.open('/admin/policy');
    const fields = Object.fromEntries(
      ['from', 'maxHours', 'idleMinutes'].map((name) => [
        name,
        browser.page()(`input[name=${name}]`).attr('value') ?? '',
      ]),
    );
    await save({ ...fields, secondFactor: 'optional', rescueCodes: 'admins' });
    const policy = await policyNow();
    expect(policy).to.deep.include({ effectiveFrom, session, rescueCodes: 'admins' });
  });

  it('goes back to the choice when the question is cancelled, and says that nothing is saved', async () => {
    await consoles.confirm(browser, admin, review({ secondFactor: 'required', skips: '4' }));
    const back = browser.page()('a[data-cancel]').attr('href') ?? '';
    await browser.open(back);
    expect(alert()).to.equal('You have not saved this yet');
    expect(browser.page()('input[name=skips]').attr('value')).to.equal('4');
    expect(browser.page()('input[value=required]').is('[checked]')).to.equal(true);
    expect((await policyNow()).version).to.equal(1);
  });

  it('is saved as it was reviewed, or not at all', async () => {
    await consoles.confirm(browser, admin, review({ rescueCodes: 'admins' }));
    const _csrf = tokenOf(browser);
    await browser.post('/admin/policy', { _csrf, rescueCodes: 'admins', version: '7', shown: '0' });
    expect(browser.status).to.equal(409);
    await browser.post('/admin/policy', { _csrf, rescueCodes: 'everybody', version: '1', shown: '0' });
    expect(browser.status).to.equal(422);
    await browser.post('/admin/policy', { _csrf, rescueCodes: 'admins' });
    expect(browser.status).to.equal(400);
    expect((await policyNow()).version).to.equal(1);
  });

  it('says that invited people are not counted', async () => {
    expect(browser.page()('main').text()).not.to.include('invited');
    const invited = await consoles.person({}, tenant);
    await consoles.stores.accounts.save(invited.account, { state: 'invited' });
    await browser.open('/admin/policy');
    expect(browser.page()('main').text()).to.include('1 invited person is not counted');
    await browser.open('/admin');
    expect(browser.page()('main').text()).to.include('1 invited person is not counted');
  });
});
