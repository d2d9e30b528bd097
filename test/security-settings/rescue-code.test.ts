import { expect } from 'chai';
import { confirmPath, type Goal } from '../../src/security-settings/goal.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { giveCode, giver, holding } from '../support/rescue.ts';
import { SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

const PLAIN = ['set-up', 'turn-off', 'codes', 'sessions', 'password', 'not-me'] as const;

describe('whoever was let in by a rescue code', () => {
  let owners: Owners;
  let lead: Person;
  let person: Person;
  let browser: PageBrowser;
  /** Another one, which nobody has used. */
  let code: string;

  before(async () => {
    owners = await startOwners();
    await owners.idp.addTenant('caring', { rescueCodes: 'leads' });
    lead = await giver(owners.idp, 'caring');
  });
  after(() => owners.close());
  beforeEach(async () => {
    person = await owners.person({ keys: [{}], app: true, codes: true }, 'caring');
    const first = await giveCode(owners.idp, lead, person);
    browser = await owners.signIn(holding(person, first), 'rescue-code');
    expect(browser.url.pathname).to.equal(SECURITY);
    code = await giveCode(owners.idp, lead, person);
  });

  const goals = (): Goal[] => [
    ...PLAIN.map((kind) => ({ kind })),
    ...person.account.methods.flatMap(({ id: methodId }) => [
      { kind: 'remove' as const, methodId },
      { kind: 'rename' as const, methodId },
    ]),
    { kind: 'policy', page: 'review', query: 'secondFactor=required' },
  ];

  it('proves themselves anew by something of their own before every change, and never by such a code', async () => {
    for (const goal of goals()) {
      const at = confirmPath(goal);
      await browser.open(at);
      expect(wayOf(browser), at).to.equal('security-key');
      const _csrf = tokenOf(browser);
      await browser.open(`${at}/ways`);
      expect(browser.page()('.methods').text(), at).not.to.include('team lead');
      await browser.open(`${at}/rescue-code`);
      expect(browser.status, at).to.equal(404);
      await browser.post(`${at}/rescue-code`, { _csrf, code });
      expect(browser.status, at).to.equal(404);
    }
    const { rescue, methods } = await owners.now(person);
    expect([rescue?.code.usedAt, methods.length]).to.deep.equal([null, 2]);
  });

  it('changes nothing without that, whatever form is sent', async () => {
    const [key] = person.account.methods;
    await browser.open(confirmPath({ kind: 'set-up' }));
    const _csrf = tokenOf(browser);
    for (const path of ['set-up', 'set-up/codes', 'turn-off', 'codes', `methods/${key?.id ?? ''}/remove`]) {
      const version = String(person.account.credVersion);
      await browser.post(`${SECURITY}/${path}`, { _csrf, version, saved: 'yes' });
      expect(wayOf(browser) ?? browser.status, path).to.be.oneOf(['security-key', 404, 401]);
    }
    const now = await owners.now(person);
    expect([now.credVersion, now.methods.length, now.recovery?.digests.length]).to.deep.equal([
      person.account.credVersion,
      2,
      15,
    ]);
  });

  it('sees it among what happened', async () => {
    await browser.open(`${SECURITY}/activity`);
    expect(browser.page()('main').text()).to.include('Rescue code used');
  });

  it('removes a lost key by what they still have', async () => {
    const [app, key] = person.account.methods;
    const lost = key?.kind === 'security-key' ? key : app;
    const goal = { kind: 'remove', methodId: lost?.id ?? '' } as const;
    const way = await owners.confirm(browser, person, confirmPath(goal), 'authenticator-app');
    expect(way).to.equal('authenticator-app');
    await browser.submit({});
    expect((await owners.now(person)).methods.map(({ kind }) => kind)).to.deep.equal(['authenticator-app']);
  });
});
