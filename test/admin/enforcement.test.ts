import { expect } from 'chai';
import { startIdp, type Holdings, type Idp, type Person } from '../support/idp.ts';
import { walk } from '../support/walk.ts';
import { ALL, OFFLINE, saveAs, signInAt, until, works, type Held } from './held.ts';
import { startListeningApp, type ListeningApp } from './listening-app.ts';

const REQUIRED = { secondFactor: 'required' } as const;
const OPTIONAL = { secondFactor: 'optional' } as const;

describe('enforcing two factors', function () {
  this.timeout(60_000);
  let idp: Idp;
  let apps: ListeningApp[];
  let boss: Person;

  beforeEach(async () => {
    idp = await startIdp();
    await idp.addTenant('globex');
    apps = await Promise.all(['crm', 'phone', 'wiki'].map((clientId) => startListeningApp(idp, clientId)));
    boss = await idp.addPerson('boss@northwind.example', { app: true });
  });
  afterEach(async () => {
    await idp.close();
    await Promise.all(apps.map((app) => app.close()));
  });

  const appCode = () => idp.appCode();
  const at = (n: number): ListeningApp => {
    const app = apps[n];
    if (!app) throw new Error('no such app');
    return app;
  };
  const add = (email: string, has: Holdings = {}) => idp.addPerson(email, has);

  const signIn = (person: Person, app: ListeningApp, browser = idp.browser(), more = {}) =>
    signInAt(idp, person, app, { browser, more });
  const save = (
    confirmSignedOut: number | null = null,
    changes: typeof REQUIRED | typeof OPTIONAL = REQUIRED,
  ) => saveAs(idp, () => boss)(changes, confirmSignedOut);
  /** A code that was not redeemed yet. */
  async function codeOf({ browser, app }: Held): Promise<string> {
    const tab = await browser.copy().open(app.http.authorizeUrl({ prompt: 'none' }));
    return tab.left?.searchParams.get('code') ?? '';
  }

  it('ends exactly what the preview named: person by person, token by token, logout token by logout token', async () => {
    const key = await add('key@northwind.example', { keys: [{}] });
    const app = await add('app@northwind.example', { app: true });
    const both = await add('both@northwind.example', { app: true, keys: [{}] });
    const saved = await add('saved@northwind.example', { app: true, codes: true });
    const ana = await add('ana@northwind.example');
    const ben = await add('ben@northwind.example');
    const cai = await add('cai@northwind.example');
    const dee = await add('dee@globex.example');

    const kept = [
      await signIn(key, at(0)),
      await signIn(app, at(1)),
      await signIn(both, at(2)),
      await signInAt(idp, saved, at(1), { by: 'recovery-code' }),
      await signIn(dee, at(0)),
      await signIn(dee, at(1), idp.browser(), OFFLINE),
    ];
    const first = await signIn(ana, at(0));
    const gone = [
      first,
      await signIn(ana, at(1), first.browser),
      await signIn(cai, at(2), idp.browser(), OFFLINE),
    ];

    const preview = await idp.app.admin.previewPolicy('northwind', REQUIRED, {
      holding: 'none',
      after: null,
      limit: 50,
    });
    expect(preview).to.include({
      total: 8,
      withKey: 2,
      withAppOnly: 3,
      withoutMethod: 3,
      signedInWithoutMethod: 2,
      signedOut: 3,
    });
    const named = preview.agents.map(({ account, signedOut, apps: where }) => ({
      email: account.email,
      signedOut,
      told: where.filter(({ told }) => told).map(({ clientId }) => clientId),
    }));
    expect(named).to.deep.equal([
      { email: ana.account.email, signedOut: true, told: ['crm', 'phone'] },
      { email: ben.account.email, signedOut: true, told: [] },
      { email: cai.account.email, signedOut: true, told: ['wiki'] },
    ]);

    const codes = new Map<Held, string>();
    for (const held of [...gone, ...kept]) codes.set(held, await codeOf(held));
    expect([...codes.values()]).not.to.include('');
    expect(await save(preview.signedOut)).to.include({ ok: true, signedOut: preview.signedOut });
    for (const [held, code] of codes) {
      const { email } = held.person.account;
      const status = gone.includes(held) ? 400 : 200;
      expect((await held.app.http.redeem(code)).status, `code of ${email}`).to.equal(status);
    }
    for (const held of [...gone, ...kept.slice(-1)]) {
      const { email } = held.person.account;
      const status = gone.includes(held) ? 400 : 200;
      const answer = await held.app.http.refresh(held.tokens.refresh_token ?? '');
      expect(answer.status, `refresh of ${email}`).to.equal(status);
      if (status === 200) held.tokens = (await answer.json()) as Held['tokens'];
    }
    for (const held of gone) expect(await works(held), held.person.account.email).to.deep.equal([]);
    for (const held of kept) expect(await works(held), held.person.account.email).to.deep.equal(ALL);

    await until(() => apps.flatMap(({ told }) => told).length >= gone.length, 'logout tokens');
    await until(async () => {
      const { tenants } = idp.app.stores;
      return (await tenants.cleanUpsOwed()).length === 1;
    }, 'the second round is owed');
    for (const one of apps) {
      const expected = gone
        .filter((held) => held.app === one)
        .map(({ person, sid }) => ({ sub: person.account.accountId, sid }));
      expect(one.told, one.clientId).to.have.deep.members(expected);
    }

    const back = idp.browser();
    await back.open(at(0).http.authorizeUrl());
    await walk(back, ana, { appCode, until: 'set-up' });
    expect(back.left, 'the next sign-in leads to set-up').to.equal(null);
    expect(back.url.pathname).to.match(/\/set-up/);

    await save(null, OPTIONAL);
    for (const held of gone) expect(await works(held), 'nothing rises again').to.deep.equal([]);
    for (const held of kept) expect(await works(held)).to.deep.equal(ALL);
    expect(await works(await signIn(ben, at(0)))).to.deep.equal(ALL);
  });

  it('leaves no live session below level 2, whoever signs in with a password in the same instant', async () => {
    const held: Held[] = [];
    for (let round = 0; round < 50; round += 1) {
      const person = await add(`agent${round}@northwind.example`);
      const signingIn = signIn(person, at(round % 3)).catch(() => null);
      // Somewhere within the sign-in, at another place each time.
      await new Promise((resolve) => setTimeout(resolve, round * 4));
      await save();
      const won = await signingIn;
      if (won) held.push(won);
      for (const one of won ? [won] : []) expect(await works(one), `round ${round}`).to.deep.equal([]);
      await save(null, OPTIONAL);
    }
    expect(held.length, 'some were faster than the save').to.be.within(1, 50);
    for (const one of held) expect(await works(one), 'nor after it').to.deep.equal([]);
  });

  it('is cleaned up after by the next start, when the process died right after the write', async () => {
    const ana = await add('ana@northwind.example');
    const held = await signIn(ana, at(0));
    const { tenants } = idp.app.stores;
    const tenant = await tenants.findFresh('northwind');
    if (!tenant) throw new Error('no tenant');
    const { levelOneValidFrom, version, ...settings } = tenant.policy;
    void [levelOneValidFrom, version];
    await tenants.savePolicy(tenant, { ...settings, ...REQUIRED });
    expect(await works(held), 'dead at once').to.deep.equal([]);
    expect(at(0).told).to.deep.equal([]);
    idp.app.admin.start();
    await until(() => at(0).told.length > 0, 'a logout token');
    expect(at(0).told).to.deep.equal([{ sub: ana.account.accountId, sid: held.sid }]);
    expect(await idp.app.sessions.ofAccount(ana.account.accountId)).to.deep.equal([]);
  });

  it('holds up nobody when an app hangs', async () => {
    const slow = await startListeningApp(idp, 'slow', { hangs: true });
    apps.push(slow);
    const ana = await add('ana@northwind.example');
    const ben = await add('ben@northwind.example');
    const held = [await signIn(ana, slow), await signIn(ben, at(0))];
    await save();
    expect(slow.givenUp(), 'saved before its answer was given up').to.equal(0);
    for (const one of held) expect(await works(one)).to.deep.equal([]);
    await until(() => at(0).told.length === 1 && slow.told.length > 0, 'both were told');
  });
});
