import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { startConsoles, type Consoles } from '../console/console.ts';
import { codesOn, tokenOf } from '../security-settings/owners.ts';
import type { Tokens } from '../support/bare-browser.ts';
import type { Person } from '../support/idp.ts';
import { saveAs, signInAt, works, type Held } from './held.ts';
import { startListeningApp, type ListeningApp } from './listening-app.ts';

const ROUNDS = 50;
const SET_UP = '/account/security/set-up';

describe('enforcing two factors in the same instant as something else', function () {
  this.timeout(180_000);
  let consoles: Consoles;
  let app: ListeningApp;
  let boss: Person;
  let count = 0;
  before(async () => {
    consoles = await startConsoles();
    app = await startListeningApp(consoles.idp, 'crm');
  });
  after(async () => {
    await consoles.close();
    await app.close();
  });
  beforeEach(async () => {
    const tenant = `race-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    boss = await consoles.inCharge('admin', { keys: [{}] }, tenant);
  });

  const tenantId = () => boss.account.tenantId;
  const save = (secondFactor: 'required' | 'optional') => saveAs(consoles.idp, () => boss)({ secondFactor });

  /** Somebody who is signed in by a password, and is one code away from a method of their own. */
  async function nearlySetUp(): Promise<{ held: Held; finish: () => Promise<unknown> }> {
    const person = await consoles.person({}, tenantId());
    const held = await signInAt(consoles.idp, person, app);
    const browser = held.browser.copy();
    await consoles.confirm(browser, person, SET_UP);
    await browser.submit({});
    expect(codesOn(browser)).to.have.length(15);
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    const code = await consoles.appCodeOn(browser);
    return { held, finish: () => browser.submit({ code }) };
  }

  /** What the browser's session is worth to the app now; null = nothing. */
  async function silently({ browser }: Held): Promise<unknown> {
    const tab = await browser.copy().open(app.http.authorizeUrl({ prompt: 'none' }));
    const code = tab.left?.searchParams.get('code');
    if (!code) return null;
    const { id_token } = (await (await app.http.redeem(code)).json()) as Tokens;
    return decodeJwt(id_token).acr;
  }

  it(`leaves nothing alive below level 2 when a set-up finishes then, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { held, finish } = await nearlySetUp();
      const finishing = finish();
      // Somewhere within the set-up's last step, at another place each time.
      await setTimeout(round % 25);
      await save('required');
      const acr = await silently(held);
      await finishing;
      const now = await consoles.now(held.person);
      expect(acr, `round ${round}, as soon as it is saved`).to.be.oneOf([null, 'urn:stile:acr:2fa']);
      const after = await silently(held);
      expect(after, `round ${round}, when both are done`).to.be.oneOf([null, 'urn:stile:acr:2fa']);
      if (now.methodCount === 0) expect(after).to.equal(null);
      expect(
        await works({ ...held, browser: consoles.idp.browser() }),
        'what was given below it',
      ).to.deep.equal([]);
      await save('optional');
      expect(await silently(held), 'nothing rises again').to.equal(after);
    }
  });

  it('saves the policy of exactly one of two admins, and tells the other', async () => {
    const other = await consoles.inCharge('admin', { keys: [{}] }, tenantId());
    await consoles.person({}, tenantId());
    const address = '/admin/policy/review?secondFactor=required';
    const browsers = [];
    for (const person of [boss, other]) {
      const browser = await consoles.open(person, '/admin/policy');
      await consoles.confirm(browser, person, address);
      browsers.push(browser);
    }
    const forms = browsers.map((browser, at) => ({
      _csrf: tokenOf(browser),
      secondFactor: 'required',
      ...(at === 0 ? {} : { skips: '3' }),
      version: '1',
      shown: at === 0 ? '1' : '0',
      count: '1',
    }));
    await Promise.all(browsers.map((browser, at) => browser.post('/admin/policy', forms[at] ?? {})));
    const answers = browsers.map(({ status, url }) => [status, url.search.startsWith('?saved=')]);
    expect(answers).to.have.deep.members([
      [200, true],
      [409, false],
    ]);
    const saved = await consoles.stores.tenants.findFresh(tenantId());
    const won = answers[0]?.[0] === 200 ? null : 3;
    expect([saved?.policy.version, saved?.policy.skips]).to.deep.equal([2, won]);
    const loser = browsers[answers[0]?.[0] === 200 ? 1 : 0];
    expect(loser?.page()('h1').text()).to.not.equal('');
  });
});
