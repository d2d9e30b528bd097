import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { giveCode, giver, holding } from '../support/rescue.ts';
import { pageOf, walk, within } from '../support/walk.ts';
import {
  codeOf,
  essential,
  startAgents,
  THREE,
  truth,
  TWO,
  type Agents,
  type DemandingApp,
} from './agents.ts';

const HOUR = 60 * 60;

describe('a rescue code', () => {
  let agents: Agents;
  let app: DemandingApp;
  let lead: Person;
  let ana: Person;
  let browser: PageBrowser;

  before(async () => {
    agents = await startAgents();
    await agents.idp.addTenant('caring', { rescueCodes: 'leads' });
    await agents.idp.addTenant('caring-strict', { rescueCodes: 'leads', secondFactor: 'required' });
    lead = await giver(agents.idp, 'caring');
  });
  after(() => agents.close());
  beforeEach(async () => {
    agents.putClockBack(0);
    app = agents.app();
    ana = await agents.person({ keys: [{}], app: true }, 'caring');
    browser = agents.idp.browser();
  });

  const give = (to = ana, hours?: number) => giveCode(agents.idp, lead, to, hours);
  const stored = async ({ account }: Person) => {
    const found = await agents.idp.app.stores.accounts.find(account);
    if (!found) throw new Error('the account is gone');
    return found;
  };
  /** Signs in as far as the second factor, and chooses to type a code. */
  async function toCode(who = ana, at = browser, address = app.authorizeUrl()): Promise<PageBrowser> {
    await at.open(address);
    await walk(at, who, { ...agents, until: 'security-key' });
    return at.open(within(at, 'second-factor/rescue-code'));
  }
  const problem = (at = browser) => at.page()('#problem h2').text();
  /** What the log tells of somebody, oldest first. */
  async function told({ account: { tenantId, accountId } }: Person) {
    const { records } = await agents.idp.app.stores.operations.search.list(
      tenantId,
      { accountId, events: ['rescue_code_given', 'rescue_code_used'] },
      { limit: 20 },
    );
    return [...records].reverse();
  }

  it('signs in from an app to the app, once, and every token says so', async () => {
    const code = await give();
    await browser.open(app.authorizeUrl());
    const pages = await walk(browser, holding(ana, code), { ...agents, by: 'rescue-code' });
    expect(pages).to.deep.equal(['password', 'rescue-code']);
    const { acr, amr } = await truth(app, codeOf(browser));
    expect(acr).to.equal(TWO);
    expect(amr).to.have.members(['pwd', 'rescue_code', 'mfa']);

    const [given, used] = await told(ana);
    expect(given).to.include({ event: 'rescue_code_given', reason: 'forgot the key at home' });
    expect(given?.actor?.accountId).to.equal(lead.account.accountId);
    expect(used).to.include({ event: 'rescue_code_used', method: 'rescue-code' });
    expect(used?.actor?.accountId).to.equal(ana.account.accountId);
    expect(JSON.stringify(await told(ana))).not.to.include(code);
    const mails = await agents.mailsTo(ana, 2);
    expect(mails).to.include('A rescue code was made for your caring support account');
    expect(mails).to.include('A rescue code was used for your caring support account');

    await toCode(ana, agents.idp.browser()).then(async (again) => {
      await again.submit({ code });
      expect([again.status, problem(again), again.left]).to.deep.equal([
        422,
        'That code was used already',
        null,
      ]);
    });
  });

  it('is read the way people write it, and is kept as a digest', async () => {
    const code = await give();
    expect(code).to.match(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const rows = await agents.idp.database.connection.collection('accounts').find().toArray();
    const text = JSON.stringify(rows);
    expect(text).not.to.include(code);
    expect(text).not.to.include(code.replace('-', ''));
    await toCode();
    await browser.submit({ code: ` ${code.toLowerCase().replaceAll('0', 'o').replace('-', ' ')} ` });
    expect(codeOf(browser)).to.be.a('string');
  });

  it('is another way for those who were given one; the key still comes first', async () => {
    const ways = async () => {
      const at = await agents.idp.browser().open(app.authorizeUrl());
      await walk(at, ana, { ...agents, until: 'security-key' });
      expect(pageOf(at)).to.equal('security-key');
      await at.open(within(at, 'ways'));
      return at
        .page()('.methods b')
        .toArray()
        .map((one) => at.page()(one).text());
    };
    expect(await ways()).to.deep.equal(['Security key', 'Authenticator app']);
    await toCode();
    expect([browser.status, browser.left]).to.deep.equal([404, null]);
    await give();
    expect(await ways()).to.deep.equal(['Security key', 'Authenticator app', 'Code from your team lead']);
  });

  it('lets exactly one of 50 in who use it at once', async () => {
    const code = await give();
    // One after the other, so that no password waits for too long.
    const browsers: PageBrowser[] = [];
    for (let i = 0; i < 50; i += 1) browsers.push(await toCode(ana, agents.idp.browser()));
    await Promise.all(browsers.map((at) => at.submit({ code })));
    expect(browsers.filter((at) => codeOf(at) !== null)).to.have.length(1);
    expect((await told(ana)).filter(({ event }) => event === 'rescue_code_used')).to.have.length(1);
  }).timeout(60_000);

  it('is over when its time is, to the second, and says so for a while', async () => {
    agents.putClockBack(12 * HOUR);
    const code = await give(ana, 12);
    agents.putClockBack(1);
    await toCode();
    agents.putClockBack(0);
    await browser.submit({ code });
    expect([browser.status, problem()]).to.deep.equal([422, 'That code no longer works']);
    const late = await toCode(ana, agents.idp.browser());
    await late.submit({ code });
    expect([late.status, problem(late), late.left]).to.deep.equal([422, 'That code no longer works', null]);
    expect((await told(ana)).map(({ event }) => event)).to.deep.equal(['rescue_code_given']);
  });

  it('is no reason to ask for a second factor when it is over', async () => {
    const ben = await agents.person({ app: true }, 'caring');
    agents.putClockBack(2 * HOUR);
    await give(ben, 1);
    agents.putClockBack(0);
    const { stores } = agents.idp.app;
    const tenant = await stores.tenants.findFresh('caring');
    if (!tenant) throw new Error('no tenant');
    await stores.tenants.savePolicy(tenant, { ...tenant.policy, allowedMethods: ['security-key'] });
    await browser.open(app.authorizeUrl());
    await walk(browser, ben, { ...agents, until: 'set-up' });
    expect(pageOf(browser)).to.equal('set-up');
    const now = await stores.tenants.findFresh('caring');
    if (now) await stores.tenants.savePolicy(now, tenant.policy);
  });

  it('is the code of one person, and the newest one', async () => {
    const ben = await agents.person({ app: true }, 'caring');
    const [theirs, first] = [await give(ben), await give()];
    const second = await give();
    await toCode();
    for (const wrong of [theirs, first, '0000-0000']) {
      await browser.submit({ code: wrong });
      expect([browser.status, problem()], wrong).to.deep.equal([422, 'That code is not right']);
    }
    await browser.submit({ code: second });
    expect(codeOf(browser)).to.be.a('string');
  });

  it('ends with any change of the account, and when the tenant gives no more', async () => {
    const code = await give();
    const { stores } = agents.idp.app;
    const changed = await stores.accounts.save(await stored(ana), { name: 'Another Name' });
    expect(changed).not.to.equal(null);
    await toCode();
    await browser.submit({ code });
    expect(problem()).to.equal('That code no longer works');

    const fresh = await give();
    const tenant = await stores.tenants.findFresh('caring');
    if (!tenant) throw new Error('no tenant');
    const open = await toCode(ana, agents.idp.browser());
    await stores.tenants.savePolicy(tenant, { ...tenant.policy, rescueCodes: 'off' });
    await open.submit({ code: fresh });
    expect(open.left).to.equal(null);
    const now = await stores.tenants.findFresh('caring');
    if (now) await stores.tenants.savePolicy(now, tenant.policy);
  });

  it('has a guess budget of its own, and its owner is told of wrong ones', async () => {
    await give();
    for (let i = 0; i < 2; i += 1) {
      const at = await toCode(ana, agents.idp.browser());
      for (let n = 0; n < 5; n += 1) await at.submit({ code: `0000-00${i}${n}` });
      expect(pageOf(at)).to.equal('ended');
    }
    await toCode();
    await browser.submit({ code: '0000-0000' });
    expect([browser.status, problem()]).to.deep.equal([429, 'Too many wrong codes']);
    expect(await agents.mailsTo(ana, 3)).to.include(
      'Someone knows your password and failed the second step 3 times',
    );
    await walk(browser, ana, { ...agents, by: 'authenticator-app' });
    expect(codeOf(browser)).to.be.a('string');
  });

  it('costs nothing when what was typed is empty or no code', async () => {
    const code = await give();
    await toCode();
    for (const none of ['', '   ', 'ABCD', 'ABCD-EFGH-JKMN-PQRS', '$$$$-$$$$']) {
      for (let i = 0; i < 3; i += 1) await browser.submit({ code: none });
      expect(browser.status, none).to.equal(422);
    }
    await browser.submit({ code });
    expect(codeOf(browser)).to.be.a('string');
  });

  it('sets nothing up in its sign-in, though an app demands what the person lacks', async () => {
    const ben = await agents.person({ app: true }, 'caring');
    const code = await give(ben);
    await browser.open(app.authorizeUrl({ claims: essential(THREE) }));
    await walk(browser, ben, { ...agents, until: 'authenticator-app' });
    await browser.open(within(browser, 'second-factor/rescue-code'));
    await browser.submit({ code });
    expect([pageOf(browser), browser.status]).to.deep.equal(['no-method', 403]);
    const _csrf = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
    for (const page of ['set-up', 'set-up/codes', 'set-up/method', 'set-up/method/security-key']) {
      await browser.open(within(browser, page));
      expect(pageOf(browser), page).to.equal('no-method');
      await browser.post(within(browser, page), { _csrf, saved: 'yes', method: 'security-key' });
      expect([pageOf(browser), browser.left], page).to.deep.equal(['no-method', null]);
    }
    expect((await stored(ben)).methods).to.have.length(1);
  });

  it('sets nothing up in a step-up from its session either', async () => {
    const ben = await agents.person({ app: true }, 'caring');
    const code = await give(ben);
    await browser.open(app.authorizeUrl());
    await walk(browser, holding(ben, code), { ...agents, by: 'rescue-code' });
    expect(codeOf(browser)).to.be.a('string');
    await browser.open(app.authorizeUrl({ claims: essential(THREE) }));
    expect(pageOf(browser)).to.equal('no-method');
  });

  it('is no method: whoever has none is asked to set one up, and the code changes nothing', async () => {
    const bare = await agents.person({}, 'caring-strict');
    const boss = await giver(agents.idp, 'caring-strict');
    await browser.open(app.authorizeUrl());
    const refused: unknown = await giveCode(agents.idp, boss, bare).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'refused', detail: 'nothing_to_open' });
    await walk(browser, bare, { ...agents, until: 'set-up' });
    expect(pageOf(browser)).to.equal('set-up');
    await browser.open(within(browser, 'second-factor/rescue-code'));
    expect(pageOf(browser)).to.equal('set-up');
  });
});
