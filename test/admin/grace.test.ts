import { expect } from 'chai';
import { PASSWORD, startIdp, type Idp, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf } from '../support/walk.ts';
import { ALL, saveAs, signInAt, until, works, type Held } from './held.ts';
import { startListeningApp, type ListeningApp } from './listening-app.ts';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const SKIP = 'form[action$="/skip"]';

describe('requiring two factors from a day on', function () {
  this.timeout(60_000);
  let idp: Idp;
  let app: ListeningApp;
  let boss: Person;
  /** How far the clock is put back; milliseconds. */
  let back = 0;
  /** When it begins: twenty minutes ago, so that the clock need not run ahead of the machine's. */
  const start = new Date(Math.floor(Date.now() / SECOND) * SECOND - 20 * 60 * SECOND);
  const standAt = (moment: number) => void (back = Date.now() - moment);

  before(async () => {
    standAt(start.getTime() - 2 * DAY);
    idp = await startIdp({ clock: () => new Date(Date.now() - back) });
    app = await startListeningApp(idp, 'crm');
  });
  after(async () => {
    await idp.close();
    await app.close();
  });
  let count = 0;
  beforeEach(async () => {
    standAt(start.getTime() - 2 * DAY);
    const tenant = `dated-${(count += 1)}`;
    await idp.addTenant(tenant);
    boss = await idp.addPerson(`boss@${tenant}.example`, { app: true });
  });

  const add = (name: string, has = {}) => idp.addPerson(`${name}@${boss.account.tenantId}.example`, has);
  const save = async (changes: Parameters<ReturnType<typeof saveAs>>[0]) => {
    const saved = await saveAs(idp, () => boss)(changes);
    if (!saved.ok) throw new Error('another number');
    // What other processes remember of the policy is older than half a second at most.
    await new Promise((resolve) => setTimeout(resolve, 600));
    return saved.signedOut;
  };
  const dated = { secondFactor: 'required', effectiveFrom: start } as const;

  /** @returns where a sign-in with the password leads: to the app, to a set-up that can be skipped, or to one that cannot */
  async function leadsTo(person: Person): Promise<{ browser: PageBrowser; to: 'app' | 'skip' | 'set-up' }> {
    const browser = await idp.browser().open(app.http.authorizeUrl());
    await browser.submit({ email: person.account.email, password: PASSWORD });
    if (browser.left) return { browser, to: 'app' };
    expect(pageOf(browser)).to.equal('set-up');
    return { browser, to: browser.page()(SKIP).length > 0 ? 'skip' : 'set-up' };
  }

  it('signs nobody out by the save; the day before there is a skip, at the moment and after it there is none', async () => {
    const ana = await add('ana');
    expect(await save(dated)).to.equal(0);
    for (const [moment, to] of [
      [start.getTime() - DAY, 'skip'],
      [start.getTime() - SECOND, 'skip'],
      [start.getTime(), 'set-up'],
      [start.getTime() + SECOND, 'set-up'],
      [start.getTime() + 10 * 60 * SECOND, 'set-up'],
    ] as const) {
      standAt(moment);
      const led = await leadsTo(ana);
      expect(led.to, new Date(moment).toISOString()).to.equal(to);
      if (to !== 'skip') continue;
      await led.browser.submit({}, SKIP);
      expect(led.browser.left?.searchParams.get('code')).to.be.a('string');
    }
  });

  it('ends at its moment what was signed in with a password, with nobody saving anything, and tells the apps', async () => {
    const ana = await add('ana');
    const kim = await add('kim', { keys: [{}] });
    await save(dated);
    standAt(start.getTime() - 8 * SECOND);
    const led = await leadsTo(ana);
    await led.browser.submit({}, SKIP);
    const { left } = led.browser;
    const tokens = (await (
      await app.http.redeem(left?.searchParams.get('code') ?? '')
    ).json()) as Held['tokens'];
    const held: Held = { person: ana, browser: led.browser, app, tokens, sid: null };
    const kept = await signInAt(idp, kim, app);
    app.told.length = 0;
    expect(await works(held)).to.deep.equal(ALL);
    standAt(start.getTime());
    expect(await works(held)).to.deep.equal([]);
    expect(await works(kept)).to.deep.equal(ALL);
    const told = () => app.told.map(({ sub }) => sub);
    await until(() => told().includes(ana.account.accountId), 'a logout token');
    expect(told()).not.to.include(kim.account.accountId);
  });

  it('gives no new time by switching off and on, neither by days nor by skips', async () => {
    const ben = await add('ben');
    await save({ secondFactor: 'required', skips: 2 });
    const once = await leadsTo(ben);
    expect(once.to).to.equal('skip');
    await once.browser.submit({}, SKIP);
    await save({ secondFactor: 'optional' });
    expect((await leadsTo(ben)).to).to.equal('app');
    await save({ secondFactor: 'required' });
    const twice = await leadsTo(ben);
    expect(twice.to, 'the second of two').to.equal('skip');
    await twice.browser.submit({}, SKIP);
    await save({ secondFactor: 'optional' });
    await save({ secondFactor: 'required' });
    expect((await leadsTo(ben)).to, 'there is no third').to.equal('set-up');
  });

  it('leaves somebody who has put it off the day that they were given, whatever day is saved later', async () => {
    const [eve, finn] = [await add('eve'), await add('finn')];
    const first = new Date(start.getTime() - DAY);
    await save({ secondFactor: 'required', effectiveFrom: first });
    const led = await leadsTo(eve);
    await led.browser.submit({}, SKIP);
    await save({ secondFactor: 'optional' });
    await save(dated);
    standAt(first.getTime() - SECOND);
    expect((await leadsTo(eve)).to, 'the second before').to.equal('skip');
    standAt(first.getTime());
    expect((await leadsTo(eve)).to, 'at the moment').to.equal('set-up');
    expect((await leadsTo(finn)).to, 'who was given no other day').to.equal('skip');
    await save({ secondFactor: 'optional' });
    expect((await leadsTo(eve)).to).to.equal('app');
    expect(await save(dated), 'the save tells whom it signs out').to.equal(1);
  });

  it('gives no time to somebody who ever had a method, also when the last one was taken away', async () => {
    const cai = await add('cai', { app: true });
    await idp.app.stores.accounts.save(cai.account, { methods: [], recovery: null });
    await save(dated);
    standAt(start.getTime() - DAY);
    expect((await leadsTo(cai)).to).to.equal('set-up');
  });

  it('signs those out who never had a method, and only then, when the day is moved to the past', async () => {
    const ana = await add('ana');
    const cai = await add('cai', { app: true });
    await idp.app.stores.accounts.save(cai.account, { methods: [], recovery: null });
    expect(await save(dated), 'whoever had one has no time').to.equal(1);
    expect(await save({ effectiveFrom: new Date(start.getTime() - 3 * DAY) })).to.equal(1);
    expect((await leadsTo(ana)).to).to.equal('set-up');
    expect(await save({ skips: 5 }), 'a day that is over stays over').to.equal(0);
    expect((await leadsTo(ana)).to).to.equal('set-up');
  });
});
