import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk } from '../support/walk.ts';
import { codesOn, SECURITY, startOwners, tokenOf, type Owners } from './owners.ts';

const SET_UP = `${SECURITY}/set-up`;
const TIMES = 20;

describe('twenty at once, on the own pages:', function () {
  this.timeout(120_000);
  let owners: Owners;
  let person: Person;
  let browser: PageBrowser;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  async function come(...as: Parameters<Owners['person']>): Promise<void> {
    person = await owners.person(...as);
    browser = await owners.signIn(person);
  }

  /** Tabs of the same browser, showing the same page. */
  const tabs = () =>
    Array.from({ length: TIMES }, () => Object.assign(browser.copy(), { html: browser.html }));

  async function atOnce(one: (tab: PageBrowser, i: number) => Promise<unknown>): Promise<PageBrowser[]> {
    const all = tabs();
    await Promise.all(all.map(one));
    // Too late, or too much at once; never a fault of ours.
    expect(all.map(({ status }) => status).filter((one) => one >= 500 && one !== 503)).to.deep.equal([]);
    return all;
  }

  async function chooseMethod(): Promise<void> {
    await owners.confirm(browser, person, SET_UP);
    await browser.submit({});
    await browser.submit({ saved: 'yes' });
    expect(browser.heading()).to.equal('How do you want to confirm it is you?');
  }

  /** The account tells the truth: what it lists, how many that are, and what was told of it. */
  async function isTrue(methods: number): Promise<void> {
    const now = await owners.now(person);
    expect([now.methods.length, now.methodCount]).to.deep.equal([methods, methods]);
    expect(now.recovery === null, 'recovery codes without a method').to.equal(methods === 0);
    const kept = [
      ...(await owners.stores.securityKeys.list(now)),
      ...(await owners.stores.authenticatorApps.list(now)),
    ].map(({ id }) => id);
    expect(kept).to.have.members(now.methods.map(({ id }) => id));
  }

  it('set-ups that are begun count for nothing, and one list of codes leads on', async () => {
    await come();
    await owners.confirm(browser, person, SET_UP);
    const all = (await atOnce((tab) => tab.submit({}))).filter((tab) => codesOn(tab).length > 0);
    for (const tab of all) await tab.submit({ saved: 'yes' });
    const led = all.filter((tab) => tab.heading() === 'How do you want to confirm it is you?');
    expect(led.length).to.be.at.most(1);
    await isTrue(0);
  });

  it('set-ups of an app that are finished with the same code end with one app', async () => {
    await come();
    await chooseMethod();
    await browser.submit({ method: 'authenticator-app' });
    const code = await owners.appCodeOn(browser);
    await atOnce((tab) => tab.submit({ code }));
    await isTrue(1);
    expect(await owners.mailsTo(person)).to.have.length(1);
  });

  it('set-ups of a key that is named end with one key', async () => {
    await come();
    await chooseMethod();
    await browser.submit({ method: 'security-key' });
    await owners.addKey(browser);
    expect(browser.heading()).to.equal('Name your key');
    await atOnce((tab, i) => tab.submit({ name: `Key ${i}` }));
    await isTrue(1);
    expect(await owners.mailsTo(person)).to.have.length(1);
  });

  for (const tenant of ['northwind', 'strict']) {
    it(`removals of the two last methods leave ${tenant === 'strict' ? 'one where it is required' : 'one or none'}`, async () => {
      await come({ app: true, keys: [{}], codes: true }, tenant);
      const paths = person.account.methods.map(({ id }) => `${SECURITY}/methods/${id}/remove`);
      await owners.confirm(browser, person, paths[0] ?? '');
      const fields = { _csrf: tokenOf(browser), version: String(person.account.credVersion) };
      await atOnce((tab, i) => tab.post(paths[i % 2] ?? '', fields));
      // All came from pages of the same version: only one can have been in time.
      await isTrue(1);
      const told = await owners.told(person, 'method_removed');
      const late = told.filter(([, , reason]) => reason === 'changed_meanwhile');
      expect(told.length - 2 * late.length).to.equal(1);
    });
  }

  it('lists of recovery codes that are made end with the one that is shown', async () => {
    await come({ app: true, codes: true });
    await owners.confirm(browser, person, `${SECURITY}/codes`);
    const all = await atOnce((tab) => tab.submit({}));
    const shown = all.map(codesOn).filter((codes) => codes.length > 0);
    expect(shown.map((codes) => codes.length)).to.deep.equal([15]);
    const now = await owners.now(person);
    expect(now.recovery?.digests).to.have.length(15);
    expect(now.credVersion).to.equal(person.account.credVersion + 1);
    const later = await owners.idp.browser().open(SECURITY);
    await walk(later, { ...person, codes: [shown[0]?.[14] ?? ''] }, { ...owners, by: 'recovery-code' });
    expect(later.heading()).to.equal('Security settings');
  });
});
