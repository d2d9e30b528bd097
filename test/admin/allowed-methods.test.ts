import { expect } from 'chai';
import type { PolicyChanges } from '../../src/tenants/policy-schema.ts';
import { startIdp, type Idp, type Person } from '../support/idp.ts';
import { pageOf, walk } from '../support/walk.ts';
import { ALL, saveAs, signInAt, until, works, type Held } from './held.ts';
import { startListeningApp, type ListeningApp } from './listening-app.ts';

const BOUGHT = 'cb69481e-8ff7-4039-93ec-0a2729a154a8';
const OTHER = 'ee882879-721c-4913-9775-3dfcce97072a';
const REQUIRED = { secondFactor: 'required' } as const;
const KEYS_ONLY: PolicyChanges = { allowedMethods: ['security-key', 'recovery-code'] };
const SHARED_DESK: PolicyChanges = { keys: { allowSynced: false } };

describe('methods that a tenant stops to allow', () => {
  let idp: Idp;
  let app: ListeningApp;
  let boss: Person;
  beforeEach(async () => {
    idp = await startIdp();
    app = await startListeningApp(idp, 'crm');
    boss = await idp.addPerson('boss@northwind.example', { keys: [{ aaguid: BOUGHT }] });
  });
  afterEach(async () => {
    await idp.close();
    await app.close();
  });

  const appCode = () => idp.appCode();
  const signIn = (person: Person, by?: string) => signInAt(idp, person, app, by === undefined ? {} : { by });
  const preview = (changes: PolicyChanges) =>
    idp.app.admin.previewPolicy('northwind', changes, { holding: 'left-without', after: null, limit: 50 });
  async function save(changes: PolicyChanges) {
    const saved = await saveAs(idp, () => boss)(changes);
    if (!saved.ok) throw new Error('another number');
    return saved.signedOut;
  }
  /** @returns the page that the next sign-in of `person` stops at; null = it is back at the app */
  async function stopsAt(person: Person, by?: string): Promise<string | null> {
    const browser = idp.browser();
    await browser.open(app.http.authorizeUrl());
    await walk(browser, person, { appCode, until: 'set-up', ...(by === undefined ? {} : { by }) });
    return browser.left ? null : pageOf(browser);
  }

  it('are shown beforehand with the people who are left without one, and sign out exactly these', async () => {
    await save(REQUIRED);
    const people = {
      app: await idp.addPerson('app@northwind.example', { app: true }),
      both: await idp.addPerson('both@northwind.example', { app: true, keys: [{}] }),
      key: await idp.addPerson('key@northwind.example', { keys: [{}] }),
    };
    const held: Record<string, Held> = {
      app: await signIn(people.app),
      both: await signIn(people.both, 'authenticator-app'),
      key: await signIn(people.key),
    };
    const seen = await preview(KEYS_ONLY);
    expect(seen).to.include({ leftWithout: 1, signedOut: 1, withKey: 3, withoutMethod: 1 });
    expect(seen.agents.map(({ account }) => account.email)).to.deep.equal([people.app.account.email]);
    expect(seen.agents[0]).to.deep.include({
      signedIn: true,
      signedOut: true,
      holding: 'none',
      apps: [{ clientId: 'crm', ends: true, told: true }],
    });

    expect(await save(KEYS_ONLY)).to.equal(1);
    for (const [name, one] of Object.entries(held)) {
      expect(await works(one), name).to.deep.equal(name === 'app' ? [] : ALL);
    }
    await until(() => app.told.length > 0, 'a logout token');
    expect(app.told).to.deep.equal([{ sub: people.app.account.accountId, sid: held.app?.sid }]);
    expect(await stopsAt(people.app), 'as somebody without a method').to.equal('set-up');
    expect(await stopsAt(people.both), 'by the key').to.equal(null);

    await save({ secondFactor: 'optional' });
    expect(held.app && (await works(held.app)), 'nothing rises again').to.deep.equal([]);
  });

  it('sign nobody out while two factors are optional, and are asked of nobody any more', async () => {
    const person = await idp.addPerson('app@northwind.example', { app: true });
    const held = await signIn(person);
    expect(await save(KEYS_ONLY)).to.equal(0);
    expect(await works(held)).to.deep.equal(ALL);
    expect(await stopsAt(person), 'a password alone is not enough for them').to.equal('set-up');
    expect(await save(REQUIRED)).to.equal(1);
    expect(await works(held)).to.deep.equal([]);
  });

  it('are keys that are copied between devices, where desks are shared', async () => {
    await save(REQUIRED);
    const synced = await idp.addPerson('synced@northwind.example', { keys: [{ backupEligible: true }] });
    const bound = await idp.addPerson('bound@northwind.example', { keys: [{}] });
    const two = await idp.addPerson('two@northwind.example', { keys: [{ backupEligible: true }], app: true });
    const held = [await signIn(synced), await signIn(bound), await signIn(two)];
    expect(await preview(SHARED_DESK)).to.include({ leftWithout: 1, signedOut: 1, withAppOnly: 1 });
    expect(await save(SHARED_DESK)).to.equal(1);
    expect(await Promise.all(held.map(works))).to.deep.equal([[], ALL, ALL]);
    expect(await stopsAt(synced)).to.equal('set-up');
    expect(await stopsAt(bound)).to.equal(null);
    expect(await stopsAt(two), 'by the app').to.equal(null);
  });

  it('are models on the deny list, and those that are not on an allow list', async () => {
    await save(REQUIRED);
    const other = await idp.addPerson('other@northwind.example', { keys: [{ aaguid: OTHER }] });
    const untold = await idp.addPerson('untold@northwind.example', { keys: [{}] });
    const held = [await signIn(other), await signIn(untold), await signIn(boss)];
    expect(await save({ keys: { denyModels: [OTHER] } })).to.equal(1);
    expect(await Promise.all(held.map(works))).to.deep.equal([[], ALL, ALL]);
    expect(await save({ keys: { denyModels: [], allowModels: [BOUGHT] } })).to.equal(1);
    expect(await Promise.all(held.slice(1).map(works))).to.deep.equal([[], ALL]);
    expect(await stopsAt(untold)).to.equal('set-up');
  });

  it('are not asked, and prove nothing, beside a key of the same person that is allowed', async () => {
    await save({ ...REQUIRED, ...SHARED_DESK });
    const has = { keys: [{ backupEligible: true }, {}] };
    const person = await idp.addPerson('both@northwind.example', has);
    const browser = idp.browser();
    await browser.open(app.http.authorizeUrl());
    await walk(browser, person, { appCode, until: 'security-key' });
    const options = browser.page()('form[data-options]').attr('data-options') ?? '';
    const [synced, bound] = person.keys;
    if (!synced || !bound) throw new Error('no keys');
    expect(options).to.include(bound.credentialId);
    expect(options).not.to.include(synced.credentialId);
    const asked = JSON.parse(options) as { challenge: string };
    await browser.submit({ response: JSON.stringify(synced.assertion(asked)), client_state: 'ready' });
    expect([browser.status, pageOf(browser)]).to.deep.equal([422, 'security-key']);
  });

  it('lead to a new one after a recovery code, and not past it', async () => {
    await save(REQUIRED);
    const person = await idp.addPerson('codes@northwind.example', { app: true, codes: true });
    await save(KEYS_ONLY);
    const browser = idp.browser();
    await browser.open(app.http.authorizeUrl());
    const answered = await walk(browser, person, { appCode, until: 'set-up' });
    expect(answered).to.deep.equal(['password', 'recovery-code']);
    expect(pageOf(browser)).to.equal('set-up');
    expect(browser.left).to.equal(null);
  });

  it('leave the admin who would lock themselves out where they are', async () => {
    await save(REQUIRED);
    const error = await save({ keys: { denyModels: [BOUGHT] } }).catch((one: unknown) => one);
    expect(error).to.include({ code: 'refused', detail: 'own_method_missing' });
  });
});
