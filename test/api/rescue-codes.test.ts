import { expect } from 'chai';
import { PASSWORD, type Person } from '../support/idp.ts';
import { holding } from '../support/rescue.ts';
import { walk } from '../support/walk.ts';
import { startCallers, type Callers } from './callers.ts';

/** The Idempotency-Key came with another request before. */
const KEY_USED = { status: 422, code: 'refused', detail: 'key_used' };
const HOUR = 3600_000;

describe('giving rescue codes, by the API', () => {
  let api: Callers;
  let offset = 0;
  let lead: Person;
  let token: string;
  let number = 0;

  before(async () => {
    api = await startCallers({ clock: () => new Date(Date.now() + offset) });
    lead = await api.person('lead@northwind.example', ['agent', 'lead']);
  });
  after(() => api.idp.close());
  beforeEach(async () => {
    offset = 0;
    await want('leads');
    token = await api.token(lead);
  });

  const want = async (rescueCodes: 'off' | 'leads' | 'admins') => {
    const tenant = await api.idp.app.stores.tenants.findFresh('northwind');
    if (tenant) await api.idp.app.stores.tenants.savePolicy(tenant, { ...tenant.policy, rescueCodes });
  };
  const agent = (has = {}, tenant = 'northwind') =>
    api.person(`agent${(number += 1)}@${tenant}.example`, ['agent'], { app: true, ...has });
  const inTeam = async (person: Person, team: string | null): Promise<Person> => {
    const { accounts } = api.idp.app.stores;
    const now = await accounts.find(person.account);
    const account = now && (await accounts.save(now, { team }));
    if (!account) throw new Error('changed meanwhile');
    return { ...person, account };
  };
  const give = (to: Person, by = token, body: unknown = { reason: 'left the phone at home' }, headers = {}) =>
    api.call(by, 'POST', `/tenants/northwind/agents/${to.account.accountId}/rescue-codes`, body, headers);
  const rescueOf = async ({ account }: Person) => (await api.idp.app.stores.accounts.find(account))?.rescue;

  it('answers with the code, which signs in, and keeps reason, giver and end in the log', async () => {
    const ana = await agent();
    const answer = await give(ana, token, { reason: 'left the phone at home', hours: 3 });
    expect([answer.status, answer.headers.get('cache-control')]).to.deep.equal([201, 'no-store']);
    const { code, expiresAt, leftThisMonth } = answer.body;
    expect(leftThisMonth).to.equal(2);
    expect(Date.parse(String(expiresAt)) - Date.now()).to.be.within(3 * HOUR - 60_000, 3 * HOUR);
    const browser = await api.idp.browser().open(`${api.idp.base}/account/security`);
    await walk(browser, holding(ana, String(code)), { appCode: api.idp.appCode, by: 'rescue-code' });
    expect(browser.heading()).to.equal('Security settings');
    const { records } = await api.idp.app.stores.operations.search.list(
      'northwind',
      { accountId: ana.account.accountId, events: ['rescue_code_given'] },
      { limit: 5 },
    );
    expect(records[0]).to.include({ result: 'ok', reason: 'left the phone at home' });
    expect(records[0]?.actor?.accountId).to.equal(lead.account.accountId);
    expect(records[0]?.details).to.include(String(expiresAt));
  });

  it('wants a reason, and at most 12 hours, which is what is given when nothing is said', async () => {
    const ana = await agent();
    for (const body of [
      {},
      { reason: ' ' },
      { reason: 'x', hours: 0 },
      { reason: 'x', hours: 13 },
      { reason: 'x', hours: 1.5 },
      { reason: 'x', code: 'AAAA-AAAA' },
      { reason: 'x'.repeat(501) },
    ])
      expect((await give(ana, token, body)).status, JSON.stringify(body)).to.equal(400);
    expect(await rescueOf(ana)).to.equal(undefined);
    const { body } = await give(ana);
    expect(Date.parse(String(body.expiresAt)) - Date.now()).to.be.within(12 * HOUR - 60_000, 12 * HOUR);
  });

  it('gives one person three in a month of the calendar, and the next one after it', async () => {
    const ana = await agent();
    const left = [];
    for (let i = 0; i < 3; i += 1) left.push((await give(ana)).body.leftThisMonth);
    expect(left).to.deep.equal([2, 1, 0]);
    const last = await rescueOf(ana);
    expect((await give(ana)).body).to.include({ status: 422, detail: 'month_limit' });
    expect(await rescueOf(ana)).to.deep.equal(last);
    expect((await give(await agent())).status, 'somebody else').to.equal(201);
    const now = new Date();
    offset = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 15) - now.getTime();
    const { rescueCodes } = api.idp.app.admin;
    const wish = { reason: 'a month before', hours: 1, once: null };
    const occasion = { editor: { kind: 'person', who: lead.account } as const, reference: 'r', source: 's' };
    expect((await rescueCodes.give(ana.account, wish, occasion)).left).to.equal(2);
  });

  it('gives three when 50 ask at once', async () => {
    const ana = await agent();
    const answers = await Promise.all(Array.from({ length: 50 }, () => give(ana)));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(3);
    const others = answers.filter(({ status }) => status !== 201).map(({ status }) => status);
    expect(others.every((status) => [422, 409, 503].includes(status))).to.equal(true);
    expect((await rescueOf(ana))?.gives).to.have.length(3);
  }).timeout(30_000);

  it('shows the code once: the same request sent again is the same code, untold, and counts once', async () => {
    const ana = await agent();
    const key = { 'idempotency-key': 'one' };
    const all = await Promise.all([1, 2, 3, 4].map(() => give(ana, token, undefined, key)));
    expect(all.map(({ status }) => status).sort()).to.deep.equal([200, 200, 200, 201]);
    expect(new Set(all.map(({ body }) => String(body.id))).size).to.equal(1);
    expect(all.filter(({ body }) => body.code !== null)).to.have.length(1);
    expect((await give(ana, token, undefined, { 'idempotency-key': 'two' })).status).to.equal(201);
    const late = await give(ana, token, undefined, key);
    expect([late.status, late.body.code, late.body.leftThisMonth]).to.deep.equal([200, null, 1]);
    for (const other of [{ reason: 'another' }, { reason: 'left the phone at home', hours: 2 }])
      expect((await give(ana, token, other, key)).body, JSON.stringify(other)).to.include(KEY_USED);
    expect((await rescueOf(ana))?.gives).to.have.length(2);
  });

  it('is for whom the tenant trusts with it', async () => {
    const boss = await api.person(`boss${(number += 1)}@northwind.example`, ['admin']);
    const ana = await agent();
    await want('admins');
    expect((await give(ana)).body).to.include({ status: 403, detail: 'role' });
    expect((await give(ana, await api.token(boss))).status).to.equal(201);
    await want('off');
    expect((await give(ana, await api.token(boss))).body).to.include({
      status: 422,
      detail: 'rescue_codes_off',
    });
    await want('leads');
    expect((await give(ana, await api.token(ana))).status, 'an agent').to.equal(403);
    expect((await give(ana, await api.machineToken())).status, 'a machine').to.equal(403);
  });

  it('is never for oneself, for somebody higher or of the same rank, or of another team', async () => {
    const [boss, peer] = [
      await api.person(`boss${(number += 1)}@northwind.example`, ['admin']),
      await api.person(`peer${(number += 1)}@northwind.example`, ['lead']),
    ];
    expect((await give(lead)).body).to.include({ status: 403, detail: 'yourself' });
    for (const who of [boss, peer])
      expect((await give(who)).body).to.include({ status: 403, detail: 'higher_role' });
    const sales = await inTeam(await agent(), 'Sales');
    expect((await give(sales)).body).to.include({ status: 403, detail: 'other_team' });
    expect((await give(sales, await api.token(boss))).status, 'admins know no teams').to.equal(201);
    const salesLead = await inTeam(peer, 'Sales');
    expect((await give(sales, await api.token(salesLead))).status).to.equal(201);
    expect((await give(await agent(), await api.token(salesLead))).body).to.include({ detail: 'other_team' });
    expect(await rescueOf(lead)).to.equal(undefined);
  });

  it('follows the team that an admin puts somebody in', async () => {
    const boss = await api.token(await api.person(`boss${(number += 1)}@northwind.example`, ['admin']));
    const ana = await agent();
    const path = `/tenants/northwind/agents/${ana.account.accountId}`;
    const patched = await api.call(boss, 'PATCH', path, { team: 'Claims' });
    expect([patched.status, patched.body.team]).to.deep.equal([200, 'Claims']);
    expect((await give(ana)).body).to.include({ detail: 'other_team' });
    expect((await api.call(token, 'PATCH', path, { team: null })).status, 'a lead').to.equal(403);
    expect((await api.call(boss, 'PATCH', path, { team: null })).body.team).to.equal(null);
    expect((await give(ana)).status).to.equal(201);
    for (const team of ['', ' ', 'x'.repeat(65), 1])
      expect((await api.call(boss, 'PATCH', path, { team })).status, String(team)).to.equal(400);
  });

  it('knows nobody of another tenant', async () => {
    const stranger = await agent({}, 'globex');
    expect((await give(stranger)).status).to.equal(404);
    const elsewhere = `/tenants/globex/agents/${stranger.account.accountId}/rescue-codes`;
    expect((await api.call(token, 'POST', elsewhere, { reason: 'x' })).status).to.equal(404);
    expect(await rescueOf(stranger)).to.equal(undefined);
  });

  it('gives none to people who cannot sign in, or have nothing that it could stand for', async () => {
    const bare = await api.person(`bare${(number += 1)}@northwind.example`, ['agent'], {});
    expect((await give(bare)).body).to.include({ status: 422, detail: 'nothing_to_open' });
    const ana = await agent();
    await api.idp.app.stores.accounts.save(ana.account, { state: 'disabled' });
    expect((await give(ana)).body).to.include({ status: 422, detail: 'inactive' });
  });

  it('wants a new sign-in for it, and one that was not itself let in by such a code', async () => {
    const boss = await api.person(`boss${(number += 1)}@northwind.example`, ['admin']);
    const helper = await api.person(`lead${(number += 1)}@northwind.example`, ['lead'], { app: true });
    const { body } = await give(helper, await api.token(boss));
    const rescued = await tokenBy(holding(helper, String(body.code)));
    const ana = await agent();
    expect((await api.call(rescued, 'GET', '/tenants/northwind/agents')).status, 'reading').to.equal(200);
    const refused = await give(ana, rescued);
    expect(refused.body).to.include({ status: 401, code: 'insufficient_user_authentication' });
    expect(refused.headers.get('www-authenticate')).to.include('max_age="0"');
    offset = 601_000;
    expect((await give(ana)).status, 'an old sign-in').to.equal(401);
    expect(await rescueOf(ana)).to.equal(undefined);
  });

  /** @returns the access token of somebody who signs in by a rescue code */
  async function tokenBy(person: Person): Promise<string> {
    return api.token(person, 'console', 'openid admin', 'rescue-code');
  }

  it('leaves a sign-in that waits for the code as it is', async () => {
    const ana = await agent();
    const browser = await api.idp.browser().open(`${api.idp.base}/account/security`);
    await browser.submit({ email: ana.account.email, password: PASSWORD });
    const at = browser.url.pathname.replace('authenticator-app', 'rescue-code');
    const { body } = await give(ana);
    await browser.open(at);
    await browser.submit({ code: String(body.code) });
    expect(browser.heading()).to.equal('Security settings');
  });
});
