import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { codesOn, SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const CODES = `${SECURITY}/codes`;

describe('new recovery codes', () => {
  let owners: Owners;
  let person: Person;
  let browser: PageBrowser;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());
  beforeEach(async () => {
    person = await owners.person({ keys: [{}], codes: true });
    browser = await owners.signIn(person);
  });

  /** @returns the new codes, as their page shows them */
  async function make(by?: string): Promise<string[]> {
    await owners.confirm(browser, person, CODES, by);
    expect(browser.heading()).to.equal('Make new recovery codes?');
    await browser.submit({});
    return codesOn(browser);
  }

  async function opensWith(code: string): Promise<boolean> {
    const later = await owners.idp.browser().open(SECURITY);
    await walk(later, { ...person, codes: [code] }, { ...owners, by: 'recovery-code' });
    return pageOf(later) === null;
  }

  it('are fifteen, of which each signs in, and the old ones are dead at once', async () => {
    const codes = await make();
    expect(browser.heading()).to.equal('Save your recovery codes');
    expect(browser.html).to.not.include('step 1 of');
    expect(new Set(codes)).to.have.length(15);
    expect(await opensWith(person.codes[0] ?? '')).to.equal(false);
    expect(await opensWith(codes[7] ?? '')).to.equal(true);
    await browser.submit({ saved: 'yes' });
    expect(browser.page()('#saved h2').text()).to.equal(
      'Your new recovery codes are ready. Your old codes no longer work.',
    );
    expect(await owners.told(person, 'recovery_codes_made')).to.have.length(1);
    expect(await owners.mailsTo(person, 1)).to.include(
      'New recovery codes were made. Old ones stopped working',
    );
  });

  it('end every other session', async () => {
    const other = await owners.signIn(person);
    await make();
    await other.open(SECURITY);
    expect(pageOf(other)).to.equal('password');
  });

  it('are shown once, and again only where the tick was missing', async () => {
    const codes = await make();
    await browser.submit({});
    expect([browser.status, browser.page()('[role=alert] h2').text()]).to.deep.equal([
      422,
      'Tell us you saved your codes',
    ]);
    expect(codesOn(browser)).to.deep.equal(codes);
    await browser.open(`${CODES}/new`);
    expect(browser.heading(), 'opened again').to.equal('Make new recovery codes?');
    expect(codesOn(browser)).to.deep.equal([]);
  });

  it('are a file too, with the same numbers, as long as their page may show them', async () => {
    const codes = await make();
    const file = browser.page()('a[download]').attr('href') ?? '';
    const list = browser.page()('input[name=list]').attr('value') ?? '';
    const token = tokenOf(browser);
    await browser.open(file);
    const lines = browser.html.split('\r\n');
    expect(lines[0]).to.equal('northwind support: Recovery codes');
    expect(lines.slice(4, 19)).to.deep.equal(codes.map((code, i) => `${String(i + 1).padStart(2)}. ${code}`));
    const stranger = await owners.signIn(await owners.person());
    const elsewhere = await owners.signIn(person);
    for (const one of [stranger, elsewhere]) {
      await one.open(file);
      expect(one.status).to.equal(404);
    }
    await browser.post(`${CODES}/new`, { _csrf: token, list, saved: 'yes' });
    await browser.open(file);
    expect(browser.status).to.equal(404);
  });

  it('stand nowhere in clear', async () => {
    const codes = await make();
    const { connection } = owners.idp.database;
    const rows = await connection.collection('new_codes').find({}).toArray();
    expect(rows).to.not.have.length(0);
    const text = JSON.stringify([rows, await owners.now(person)]);
    for (const code of codes) {
      expect(text).to.not.include(code);
      expect(text).to.not.include(code.replaceAll('-', ''));
    }
  });

  it('are the same for page and account, however many ask at once', async () => {
    await owners.confirm(browser, person, CODES);
    const fields = { _csrf: tokenOf(browser), version: String(person.account.credVersion) };
    const tabs = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const tab = owners.idp.browser();
        for (const [name, cookie] of browser.cookies) tab.cookies.set(name, cookie);
        await tab.post(CODES, fields);
        return tab;
      }),
    );
    const shown = tabs.map(codesOn).filter((codes) => codes.length > 0);
    expect(shown).to.have.length(1);
    expect(await opensWith(shown[0]?.[3] ?? '')).to.equal(true);
  });

  it('can be had with a recovery code: whoever used the last one would never get any', async () => {
    expect(await make('recovery-code')).to.have.length(15);
  });

  it('are for people who have a method', async () => {
    person = await owners.person();
    browser = await owners.signIn(person);
    await browser.open(CODES);
    expect(browser.url.pathname).to.equal(SECURITY);
    await browser.post(CODES, { _csrf: tokenOf(browser), version: '1' });
    expect((await owners.now(person)).recovery).to.equal(null);
  });

  it('are asked for with the token of the session at every step', async () => {
    await make();
    const [list] = [browser.page()('input[name=list]').attr('value') ?? ''];
    await browser.post(`${CODES}/new`, { list, saved: 'yes' });
    expect(browser.status).to.equal(403);
    const nobody = owners.idp.browser();
    await nobody.post(`${CODES}/new`, { list, saved: 'yes' });
    expect(nobody.status).to.equal(401);
    await nobody.open(`${CODES}/new`);
    expect(pageOf(nobody)).to.equal('password');
    expect(wayOf(nobody)).to.equal(null);
  });
});
