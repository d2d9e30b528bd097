import { expect } from 'chai';
import type { PolicyChanges } from '../../src/tenants/policy-schema.ts';
import { appOf } from '../support/bare-browser.ts';
import { startIdp, type Idp, type Person } from '../support/idp.ts';
import { OFFLINE, signInAt } from './held.ts';
import { startListeningApp, type ListeningApp } from './listening-app.ts';

const REQUIRED: PolicyChanges = { secondFactor: 'required' };
type Wish = Parameters<Idp['app']['admin']['previewPolicy']>[2];

describe('the preview of a policy', () => {
  let idp: Idp;
  let app: ListeningApp;
  before(async () => {
    idp = await startIdp();
    app = await startListeningApp(idp, 'crm');
    await idp.addClient({
      client_id: 'deaf',
      client_secret: 'a secret of this test, long enough',
      redirect_uris: ['https://deaf.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      first_party: true,
    });
  });
  after(async () => {
    await idp.close();
    await app.close();
  });
  let tenantId: string;
  let count = 0;
  beforeEach(async () => {
    tenantId = `preview-${(count += 1)}`;
    await idp.addTenant(tenantId);
  });

  const add = (name: string, has = {}) => idp.addPerson(`${name}@${tenantId}.example`, has);
  const preview = (changes = REQUIRED, wish: Partial<Wish> = {}, tenant = tenantId) =>
    idp.app.admin.previewPolicy(tenant, changes, { holding: 'none', after: null, limit: 50, ...wish });
  const names = ({ agents }: Awaited<ReturnType<typeof preview>>) =>
    agents.map(({ account }) => account.email.split('@')[0]);

  it('counts people in use alone, and names those who hold what is asked for', async () => {
    await add('ana');
    await add('app', { app: true });
    await add('key', { keys: [{}] });
    await add('both', { app: true, keys: [{}] });
    for (const state of ['invited', 'disabled'] as const) {
      await idp.app.stores.accounts.save((await add(state)).account, { state });
    }
    const seen = await preview();
    expect(seen).to.include({
      total: 4,
      withKey: 2,
      withAppOnly: 1,
      withoutMethod: 1,
      signedOut: 1,
      leftWithout: 0,
    });
    expect(names(seen)).to.deep.equal(['ana']);
    expect(names(await preview(REQUIRED, { holding: 'key' }))).to.deep.equal(['both', 'key']);
    expect(names(await preview(REQUIRED, { holding: 'app-only' }))).to.deep.equal(['app']);
    const [both] = (await preview(REQUIRED, { holding: 'key' })).agents;
    expect(both).to.deep.include({
      kinds: ['security-key', 'authenticator-app'],
      signedOut: false,
      apps: [],
    });
  });

  it('comes page by page, with the same numbers on each', async () => {
    for (const name of ['ana', 'ben', 'cai', 'dee', 'eva']) await add(name);
    const seen: (string | undefined)[] = [];
    for (let after: string | null = null; ;) {
      const page: Awaited<ReturnType<typeof preview>> = await preview(REQUIRED, { after, limit: 2 });
      expect(page).to.include({ withoutMethod: 5, signedOut: 5 });
      seen.push(...names(page));
      after = page.next;
      if (after === null) break;
    }
    expect(seen).to.deep.equal(['ana', 'ben', 'cai', 'dee', 'eva']);
  });

  it('tells of each app whether it ends, and whether it is told', async () => {
    const deaf = {
      ...app,
      clientId: 'deaf',
      http: appOf(idp, {
        clientId: 'deaf',
        redirectUri: 'https://deaf.example/callback',
        secret: 'a secret of this test, long enough',
      }),
    };
    const ana: Person = await add('ana');
    const first = await signInAt(idp, ana, app);
    await signInAt(idp, ana, deaf, { browser: first.browser });
    const [agent] = (await preview()).agents;
    expect(agent?.apps).to.deep.equal([
      { clientId: 'crm', ends: true, told: true },
      { clientId: 'deaf', ends: true, told: false },
    ]);
    const later = await preview({ ...REQUIRED, skips: 3 });
    expect(later).to.include({ signedOut: 0, signedInWithoutMethod: 1 });
    expect(later.agents[0]).to.deep.include({
      signedOut: false,
      apps: [
        { clientId: 'crm', ends: false, told: false },
        { clientId: 'deaf', ends: false, told: false },
      ],
    });
  });

  it('sees somebody who is signed in by a refresh token alone', async () => {
    const ana = await add('ana');
    const { browser } = await signInAt(idp, ana, app, { more: OFFLINE });
    const [session] = await idp.app.sessions.ofAccount(ana.account.accountId);
    expect(browser.left, 'is at the app').not.to.equal(null);
    await idp.app.stores.held.endSessions(
      (await idp.app.stores.held.of([ana.account.accountId])).sessions.map(({ rowId }) => rowId),
    );
    expect(session).not.to.equal(undefined);
    const seen = await preview();
    expect(seen).to.include({ signedInWithoutMethod: 1 });
    expect(seen.agents[0]?.apps.map(({ clientId }) => clientId)).to.deep.equal(['crm']);
  });

  it('parts those who have time from those who never get any', async () => {
    await add('ana');
    const had = await add('had', { app: true });
    await idp.app.stores.accounts.save(had.account, { methods: [] });
    const seen = await preview({ ...REQUIRED, effectiveFrom: new Date(Date.now() + 60_000) });
    expect(seen).to.include({ withoutMethod: 2, signedOut: 1 });
    expect(
      seen.agents.map(({ account, signedOut }) => [account.accountId === had.account.accountId, signedOut]),
    ).to.have.deep.members([
      [true, true],
      [false, false],
    ]);
  });

  it('of making two factors optional names nobody who is not dead already', async () => {
    await add('ana');
    const found = await idp.app.stores.tenants.findFresh(tenantId);
    if (!found) throw new Error('no tenant');
    await idp.app.stores.tenants.savePolicy(found, { ...found.policy, secondFactor: 'required', skips: 2 });
    expect(await preview({ secondFactor: 'optional' }), 'a time of grace is buried').to.include({
      signedOut: 1,
    });
    const now = await idp.app.stores.tenants.findFresh(tenantId);
    if (!now) throw new Error('no tenant');
    await idp.app.stores.tenants.savePolicy(now, { ...now.policy, skips: null });
    expect(await preview({ secondFactor: 'optional' })).to.include({ signedOut: 0 });
  });

  it('writes nothing, and knows nothing of a tenant that there is not', async () => {
    await preview();
    expect((await idp.app.stores.tenants.findFresh(tenantId))?.policy.version).to.equal(1);
    const error = await preview(REQUIRED, {}, 'nobody').catch((one: unknown) => one);
    expect(error).to.include({ code: 'not_found' });
  });
});
