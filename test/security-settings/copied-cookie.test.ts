import { expect } from 'chai';
import { acrOfLevel } from '../../src/core/assurance.ts';
import { startConsoles, type Consoles } from '../console/console.ts';
import { appOf } from '../support/bare-browser.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import { mailedCodes } from '../support/mailed-codes.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, touchKey, walk } from '../support/walk.ts';
import { SECURITY, tokenOf, wayOf } from './owners.ts';

const SET_UP = `${SECURITY}/set-up`;
const INVITE = '/admin/agents/invite';

describe('a copy of a session cookie', () => {
  let consoles: Consoles;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());

  /** @returns another browser with the very same cookies */
  function copyOf(browser: PageBrowser): PageBrowser {
    const copy = consoles.idp.browser();
    for (const [name, cookie] of browser.cookies) copy.cookies.set(name, cookie);
    return copy;
  }

  /** Whether a browser is asked to sign in wherever it goes. */
  async function isOut(browser: PageBrowser, ...paths: string[]): Promise<boolean> {
    for (const path of [...paths, SECURITY]) {
      await browser.open(path);
      if (!browser.url.pathname.startsWith('/sign-in/')) return false;
    }
    return true;
  }

  const at = ({ status, url }: PageBrowser) => [status, url.pathname];

  /** The six digits that were mailed last. */
  const mailedCode = async (person: Person) => (await mailedCodes(consoles.idp, person))[0] ?? '';

  for (const [way, has] of [
    ['security-key', { keys: [{}], app: true, codes: true }],
    ['authenticator-app', { app: true }],
    ['recovery-code', { app: true, codes: true }],
    ['password', {}],
  ] as const) {
    it(`is signed out once its owner has proved who they are by ${way}`, async () => {
      const person = await consoles.person(has);
      const owner = await consoles.signIn(person);
      const copy = copyOf(owner);
      await copy.open(SECURITY);
      expect(at(copy), 'before').to.deep.equal([200, SECURITY]);
      expect(await consoles.confirm(owner, person, SET_UP, way)).to.equal(way);
      expect(at(owner)).to.deep.equal([200, SET_UP]);
      expect(await isOut(copy, SET_UP, `${SECURITY}/codes`, `${SECURITY}/turn-off`)).to.equal(true);
      await owner.open(SET_UP);
      expect(at(owner), 'the owner').to.deep.equal([200, SET_UP]);
    });
  }

  it('sends no form any more that its owner has proved', async () => {
    const person = await consoles.person({ keys: [{}], app: true });
    const owner = await consoles.signIn(person);
    await owner.open(SET_UP);
    const copy = copyOf(owner);
    const fields = { _csrf: tokenOf(owner), version: String(person.account.credVersion) };
    await consoles.confirm(owner, person, SET_UP);
    for (const path of [SET_UP, `${SECURITY}/turn-off`, `${SECURITY}/sessions/end-others`]) {
      await copy.post(path, fields);
      expect(copy.status, path).to.equal(401);
    }
    const [key] = (await consoles.now(person)).methods;
    await copy.post(`${SECURITY}/methods/${key?.id}/remove`, fields);
    expect(copy.status).to.equal(401);
    expect((await consoles.now(person)).methodCount).to.equal(2);
  });

  it('proves nothing by an answer that its owner has given', async () => {
    const person = await consoles.person({ keys: [{}] });
    const owner = await consoles.signIn(person);
    await owner.open(SET_UP);
    const fields = { _csrf: tokenOf(owner), ...touchKey(owner, person) };
    const copy = copyOf(owner);
    await owner.submit(fields);
    await copy.post('/account/confirm/set-up/security-key', fields);
    expect(copy.status).to.equal(401);
    expect(await isOut(copy, SET_UP)).to.equal(true);
  });

  it('is signed out by the mailed code that its owner types', async () => {
    const person = await consoles.person({}, 'mailing');
    const owner = await consoles.signIn(person);
    await consoles.confirm(owner, person, SET_UP);
    await owner.submit({});
    expect(owner.heading()).to.equal('Check your email');
    const copy = copyOf(owner);
    await owner.submit({ code: await mailedCode(person) });
    expect(at(owner)).to.deep.equal([200, SET_UP]);
    expect(await isOut(copy, SET_UP)).to.equal(true);
    await owner.submit({});
    expect(owner.heading()).to.equal('Save your recovery codes');
  });

  it('invites nobody in the console by what its owner has proved there', async () => {
    const admin = await consoles.inCharge('admin');
    const owner = await consoles.open(admin);
    const copy = copyOf(owner);
    await consoles.confirm(owner, admin, INVITE);
    expect(at(owner)).to.deep.equal([200, INVITE]);
    const fields = {
      _csrf: tokenOf(owner),
      email: 'eve@northwind.example',
      name: 'Eve',
      role: 'admin',
      team: '',
    };
    await copy.post(INVITE, fields);
    expect(copy.status).to.equal(401);
    expect(await isOut(copy, INVITE, '/admin')).to.equal(true);
    expect(await consoles.stores.accounts.findByEmail('northwind', fields.email)).to.equal(null);
    await owner.submit({ ...fields, email: 'noor@northwind.example', role: 'agent' });
    expect(owner.url.pathname).to.match(/\/invitation$/);
  });

  it('is signed out by each further change of its owner, who proves nothing anew', async () => {
    const person = await consoles.person({ keys: [{}], app: true, codes: true });
    const owner = await consoles.signIn(person);
    await consoles.confirm(owner, person, `${SECURITY}/codes`);
    const copy = copyOf(owner);
    await owner.submit({});
    expect(await isOut(copy, `${SECURITY}/codes`)).to.equal(true);
    await owner.open(SET_UP);
    expect([wayOf(owner), ...at(owner)]).to.deep.equal([null, 200, SET_UP]);
  });

  it('is signed out by the step-up of its owner', async () => {
    const person = await consoles.person({ keys: [{}], app: true });
    const owner = await consoles.signIn(person, 'authenticator-app');
    const copy = copyOf(owner);
    const desk = appOf(consoles.idp, { clientId: 'desk', redirectUri: 'https://desk.example/callback' });
    await owner.open(desk.authorizeUrl({ acr_values: acrOfLevel(3) }));
    expect(pageOf(owner)).to.equal('security-key');
    await walk(owner, person, consoles);
    expect(owner.left?.searchParams.has('code')).to.equal(true);
    expect(await isOut(copy)).to.equal(true);
  });

  it('keeps the password as the one thing that lets it in again', async () => {
    const person = await consoles.person();
    const owner = await consoles.signIn(person);
    const copy = copyOf(owner);
    await consoles.confirm(owner, person, SET_UP);
    await copy.open(SECURITY);
    await copy.submit({ email: person.account.email, password: PASSWORD });
    expect(at(copy)).to.deep.equal([200, SECURITY]);
    await copy.open(SET_UP);
    expect(wayOf(copy), 'its own session has proved nothing').to.equal('password');
  });
});
