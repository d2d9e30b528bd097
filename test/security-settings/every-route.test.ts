import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { mountedRoutes, type MountedRoute } from '../support/mounted.ts';
import { pageOf } from '../support/walk.ts';
import { startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

/** What everybody may see: it tells nothing of anybody. */
const OPEN = ['/account', '/account/signed-in', '/account/security/not-me/done'];
/** Forms that prove something, or end a page that has shown what it did: no proof comes before them. */
const WITHOUT_PROOF = [
  '/account/confirm/:goal/:way',
  '/account/security/codes/new',
  '/account/security/set-up-done',
];

describe('every route about oneself, as the router knows it', () => {
  let owners: Owners;
  let person: Person;
  let browser: PageBrowser;
  let routes: MountedRoute[];

  before(async () => {
    owners = await startOwners();
    routes = mountedRoutes(owners.idp, '/account');
    person = await owners.person({ keys: [{}], codes: true });
    browser = await owners.signIn(person);
  });
  after(() => owners.close());

  const of = (method: string) => [
    ...new Set(routes.filter((route) => route.method === method.toLowerCase()).map(({ path }) => path)),
  ];
  const filled = (path: string) =>
    path
      .replace(':goal', 'turn-off')
      .replace(':way', 'security-key')
      .replace(':id', person.account.methods[0]?.id ?? '')
      .replace(/:\w+/g, 'x');

  it('are those that this test reads', () => {
    expect(of('POST').length).to.be.greaterThan(12);
    expect(of('GET')).to.include.members([...OPEN, '/account/security', '/account/security/password']);
  });

  it('shows nothing to whoever is not signed in', async () => {
    for (const path of of('GET').filter((one) => !OPEN.includes(one))) {
      const nobody = owners.idp.browser();
      await nobody.open(filled(path));
      expect(pageOf(nobody), path).to.equal('password');
    }
  });

  it('takes no form without a session', async () => {
    for (const path of of('POST')) {
      const nobody = owners.idp.browser();
      await nobody.post(filled(path), { _csrf: 'x', version: '1' });
      expect(nobody.status, path).to.equal(401);
    }
  });

  it('takes no form without the token of its session, or from another site', async () => {
    await browser.open('/account/confirm/turn-off/security-key');
    const _csrf = tokenOf(browser);
    expect(_csrf).to.not.equal('');
    for (const path of of('POST')) {
      for (const [fields, headers] of [
        [{}, {}],
        [{ _csrf: 'x' }, {}],
        [{ _csrf }, { 'sec-fetch-site': 'cross-site' }],
        [{ _csrf }, { 'sec-fetch-site': '', origin: 'https://evil.example' }],
        [{ _csrf }, { 'sec-fetch-site': '', origin: 'null' }],
      ] as const) {
        await browser.post(filled(path), { version: '1', ...fields }, headers);
        expect(browser.status, `${path} ${JSON.stringify(headers)}`).to.equal(403);
      }
    }
    expect(await owners.now(person)).to.deep.equal(person.account);
  });

  it('changes nothing before a fresh proof', async () => {
    await browser.open('/account/confirm/turn-off/security-key');
    const _csrf = tokenOf(browser);
    for (const path of of('POST').filter((one) => !WITHOUT_PROOF.includes(one))) {
      await browser.post(filled(path), { _csrf, version: '1' });
      expect([path, wayOf(browser)]).to.deep.equal([path, 'security-key']);
    }
    expect(await owners.now(person)).to.deep.equal(person.account);
  });
});
