import { expect } from 'chai';
import { METHOD_IDS } from '../../../src/core/method-ids.ts';
import { codeOf, startAgents, truth, TWO, type Agents, type DemandingApp } from '../../sign-in/agents.ts';
import { tokenOf } from '../../security-settings/owners.ts';
import type { Person } from '../../support/idp.ts';
import { openInstallation } from '../../support/provisioning.ts';

const ASKED = 'Enter the word on your toy card';

/** Runs in a copy of the product in which the toy is listed: see toy.test.ts. */
describe('the toy', () => {
  let agents: Agents;
  let app: DemandingApp;
  let person: Person;
  before(async () => {
    agents = await startAgents();
    app = agents.app();
    person = await agents.person({}, 'strict');
  });
  after(() => agents.close());

  const signIn = async () => {
    const browser = await agents.idp.browser().open(app.authorizeUrl());
    return browser.submit({ email: person.account.email, password: 'correct horse battery staple' });
  };

  it('is listed', () => {
    expect(METHOD_IDS).to.include('toy');
  });

  it('is set up on the way to the app, and proves two factors', async () => {
    const browser = await signIn();
    await browser.submit({});
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'toy' });
    expect(browser.heading()).to.equal(ASKED);
    await browser.submit({ code: 'wrong' });
    expect(browser.status).to.equal(422);
    await browser.submit({ code: 'sesame' });
    expect(browser.html).to.include('Next time, use your toy card.');
    await browser.submit({});
    const told = await truth(app, codeOf(browser));
    expect([told.acr, told.amr]).to.deep.equal([TWO, ['pwd', 'toy', 'mfa']]);
  });

  it('is asked for at the next sign-in', async () => {
    const browser = await signIn();
    expect(browser.heading()).to.equal(ASKED);
    await browser.submit({ code: 'wrong' });
    expect([browser.status, codeOf(browser)]).to.deep.equal([422, null]);
    await browser.submit({ code: 'sesame' });
    expect(codeOf(browser)).to.be.a('string');
  });

  it('is on the own pages, and opens a change there', async () => {
    const browser = await signIn();
    await browser.submit({ code: 'sesame' });
    await browser.open('/account/security');
    expect(browser.html).to.include('Toy card');
    await browser.open('/account/security/codes');
    expect(browser.heading()).to.equal(ASKED);
    await browser.submit({ _csrf: tokenOf(browser), code: 'sesame' });
    expect(browser.url.pathname).to.equal('/account/security/codes');
  });

  it('is in the console: among what may be allowed, and with the person who holds it', async () => {
    const { accounts } = agents.idp.app.stores;
    const now = await accounts.find(person.account);
    if (now) await accounts.save(now, { roles: ['admin'] });
    const browser = await signIn();
    await browser.submit({ code: 'sesame' });
    await browser.open('/admin/policy/methods');
    if (browser.heading() === ASKED) await browser.submit({ code: 'sesame' });
    expect(browser.url.pathname).to.equal('/admin/policy/methods');
    expect(browser.page()('#toy').attr('checked')).to.equal('checked');
    await browser.open(`/admin/agents/${person.account.accountId}`);
    expect(browser.html).to.include('Toy card');
  });

  it('comes by the provisioning file', async () => {
    const installation = await openInstallation();
    try {
      const { changes } = await installation.apply({
        tenants: [{ slug: 'north', name: 'North' }],
        accounts: [{ tenant: 'north', email: 'ana@north.example', name: 'Ana', toys: [{ label: 'Card' }] }],
      });
      expect(changes.find(({ kind }) => kind === 'account')?.fields).to.deep.equal(['1 toy']);
      const ana = await installation.stores.accounts.findByEmail('north', 'ana@north.example');
      expect(ana?.methods.map(({ kind }) => String(kind))).to.deep.equal(['toy']);
    } finally {
      await installation.close();
    }
  });
});
