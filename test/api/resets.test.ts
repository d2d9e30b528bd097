import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import { startCallers, type Callers } from './callers.ts';

describe('resetting the two factors of somebody, by the API', () => {
  let api: Callers;
  let offset = 0;
  let admin: Person;
  let second: Person;
  let number = 0;

  before(async () => {
    api = await startCallers({ clock: () => new Date(Date.now() + offset) });
    admin = await api.person('boss@northwind.example', ['admin']);
    second = await api.person('second@northwind.example', ['admin']);
  });
  after(() => api.idp.close());
  afterEach(() => (offset = 0));

  const agent = () =>
    api.person(`agent${(number += 1)}@northwind.example`, ['agent'], { app: true, codes: true });
  const now = async ({ account }: Person) => api.idp.app.stores.accounts.find(account);
  const want = async (resetApproval: 'second-admin' | 'delay' | 'at-once') => {
    const tenant = await api.idp.app.stores.tenants.findFresh('northwind');
    if (tenant) await api.idp.app.stores.tenants.savePolicy(tenant, { ...tenant.policy, resetApproval });
  };
  const pathOf = ({ account }: Person) => `/tenants/northwind/agents/${account.accountId}/two-factor-resets`;
  const ask = (who: Person, token: string, headers = {}) =>
    api.call(token, 'POST', pathOf(who), { reason: 'lost the phone' }, headers);

  it('takes methods and codes away at once, where the tenant wants it so, and ends what is signed in', async () => {
    await want('at-once');
    const ana = await agent();
    const held = await api.token(ana, 'plain', 'openid');
    const answer = await ask(ana, await api.token(admin));
    expect(answer.status).to.equal(201);
    expect(answer.body).to.include({ state: 'done' });
    expect(await now(ana)).to.deep.include({ methods: [], methodCount: 0, recovery: null });
    const { status } = await fetch(`${api.idp.base}/userinfo`, {
      headers: { authorization: `Bearer ${held}` },
    });
    expect(status).to.equal(401);
  });

  it('waits for somebody else than who asked, and happens once', async () => {
    await want('second-admin');
    const ana = await agent();
    const [asker, other] = [await api.token(admin), await api.token(second)];
    const { body } = await ask(ana, asker);
    expect(body).to.include({ state: 'waiting', effectiveAt: null });
    // By this the second one finds it.
    expect((await api.call(other, 'GET', pathOf(ana))).body).to.deep.equal({ resets: [body] });
    const approve = (token: string) => api.call(token, 'POST', `${pathOf(ana)}/${String(body.id)}/approve`);
    expect((await approve(asker)).body).to.include({ status: 403, detail: 'yourself' });
    expect((await approve(await api.machineToken())).status, 'a machine').to.equal(403);
    expect((await now(ana))?.methodCount).to.equal(1);
    const both = await Promise.all([approve(other), approve(other)]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 409]);
    expect((await now(ana))?.methodCount).to.equal(0);
  });

  it('waits for 24 hours, and can be stopped until then', async () => {
    await want('delay');
    const [ana, ben] = [await agent(), await agent()];
    const token = await api.token(admin);
    const asked = await ask(ana, token);
    const other = await ask(ben, token);
    const cancelled = await api.call(token, 'POST', `${pathOf(ben)}/${String(other.body.id)}/cancel`);
    expect(cancelled.body).to.include({ state: 'cancelled' });
    const { resets } = api.idp.app.admin;
    offset = 24 * 3600_000 - 60_000;
    await resets.due(String(asked.body.id));
    expect((await now(ana))?.methodCount, 'a minute before').to.equal(1);
    offset = 24 * 3600_000 + 1000;
    await resets.due(String(asked.body.id));
    await resets.due(String(other.body.id));
    expect((await now(ana))?.methodCount).to.equal(0);
    expect((await now(ben))?.methodCount).to.equal(1);
  });

  it('is stopped by the person with the mailed link, by its button alone', async () => {
    await want('delay');
    const ana = await agent();
    const { body } = await ask(ana, await api.token(admin));
    const id = String(body.id);
    const stranger = await api.idp.browser().open(`/two-factor-reset/${id}`);
    expect(stranger.status, 'the id alone').to.equal(404);
    const secret = (await api.idp.app.stores.resets.find(id))?.linkSecret ?? '';
    const row = await api.idp.database.connection
      .collection('two_factor_resets')
      .findOne({ state: 'waiting' });
    expect(JSON.stringify(row)).to.not.include(secret);
    for (const wrong of ['', 'x'.repeat(secret.length), 'é'.repeat(secret.length)]) {
      const guessed = await api.idp.browser().open(`/two-factor-reset/${id}.${encodeURIComponent(wrong)}`);
      expect(guessed.status, wrong).to.equal(404);
    }
    const browser = await api.idp.browser().open(`/two-factor-reset/${id}.${secret}`);
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'Keep your two-factor methods?']);
    expect(browser.url.pathname, 'no secret stays in the address').to.equal('/two-factor-reset');
    const state = async () => (await api.idp.app.stores.resets.find(String(body.id)))?.state;
    expect(await state()).to.equal('waiting');
    await browser.copy().post(browser.url.pathname, {});
    expect(await state(), 'without the token of the form').to.equal('waiting');
    await browser.submit({});
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'The reset is stopped']);
    expect(await state()).to.equal('cancelled');
    expect((await browser.open(browser.url.pathname)).status).to.equal(404);
    expect((await browser.open(`/two-factor-reset/${id}.${secret}`)).status, 'once more').to.equal(404);
  });

  it('is stopped by the page of its own link, and by no other', async () => {
    await want('delay');
    const token = await api.token(admin);
    const people = [await agent(), await agent()];
    const links: string[] = [];
    for (const one of people) {
      const id = String((await ask(one, token)).body.id);
      links.push(`${id}.${(await api.idp.app.stores.resets.find(id))?.linkSecret ?? ''}`);
    }
    const [first = '', second = ''] = links;
    const page = await api.idp.browser().open(`/two-factor-reset/${first}`);
    const form = { _csrf: page.page()('input[name=_csrf]').attr('value') ?? '' };
    await page.copy().open(`/two-factor-reset/${second}`);
    await page.post('/two-factor-reset', form);
    expect(page.status, 'the other link was opened meanwhile').to.equal(403);
    const states = () =>
      Promise.all(
        links.map(async (one) => (await api.idp.app.stores.resets.find(one.split('.')[0] ?? ''))?.state),
      );
    expect(await states()).to.deep.equal(['waiting', 'waiting']);
    await page.open(`/two-factor-reset/${first}`);
    await page.submit({});
    expect(await states()).to.deep.equal(['cancelled', 'waiting']);
  });

  it('is told once to the person, also when the process died right after it was asked for', async () => {
    await want('delay');
    const [ana, ben] = [await agent(), await agent()];
    const { stores, admin: inCharge } = api.idp.app;
    const { body } = await ask(ana, await api.token(admin));
    const asked = await stores.resets.find(String(body.id));
    if (!asked) throw new Error('it is not there');
    const looks = { kind: 'two-factor-reset', payload: JSON.stringify({ resetId: asked.resetId }) };
    const jobs = await api.idp.database.connection.collection('outbox').find(looks).toArray();
    const soon = Date.now() + 60_000;
    expect(jobs.map(({ dueAt }) => (dueAt as Date).getTime() < soon)).to.have.members([true, false]);
    const { tenantId, accountId } = ben.account;
    await stores.resets.insert({ ...asked, tenantId, accountId, resetId: 'broken-off' });
    for (const id of [asked.resetId, 'broken-off']) await inCharge.resets.due(id);
    const told = async ({ account }: Person) =>
      ((await stores.operations.mailbox?.newest(200)) ?? []).filter(
        ({ to, text }) => to === account.email && text.includes('/two-factor-reset/'),
      );
    for (let i = 0; i < 100 && (await told(ben)).length === 0; i += 1) await setTimeout(50);
    expect([(await told(ana)).length, (await told(ben)).length]).to.deep.equal([1, 1]);
    expect((await told(ben))[0]?.text).to.include('/two-factor-reset/broken-off.');
  });

  it('is one at a time; the same request sent again is the same reset', async () => {
    await want('delay');
    const ana = await agent();
    const token = await api.token(admin);
    const key = { 'idempotency-key': 'one' };
    const all = await Promise.all([1, 2, 3].map(() => ask(ana, token, key)));
    expect(new Set(all.map(({ status, body }) => `${status} ${String(body.id)}`)).size).to.equal(1);
    const tooLong = await ask(ana, token, { 'idempotency-key': 'k'.repeat(201) });
    expect([tooLong.status, tooLong.body.code]).to.deep.equal([400, 'bad_request']);
    const other = await api.call(token, 'POST', pathOf(ana), { reason: 'another' }, key);
    expect([other.status, other.body.detail], 'the key of another request').to.deep.equal([422, 'key_used']);
    const more = await ask(ana, token);
    expect([more.status, more.body.detail]).to.deep.equal([422, 'reset_waiting']);
  });

  it('is never of oneself, never of a higher role, and nothing for agents and leads', async () => {
    const token = await api.token(admin);
    const top = await api.person('top@northwind.example', ['operator']);
    const lead = await api.person('lead@northwind.example', ['lead']);
    const ana = await agent();
    expect((await ask(admin, token)).body).to.include({ status: 403, detail: 'yourself' });
    expect((await ask(top, token)).body).to.include({ status: 403, detail: 'higher_role' });
    for (const who of [lead, ana]) expect((await ask(ana, await api.token(who))).status).to.equal(403);
    expect((await now(admin))?.methodCount).to.equal(1);
    const another = await api.call(token, 'POST', `${pathOf(ana)}/${'x'.repeat(43)}/cancel`);
    expect(another.status).to.equal(404);
  });

  it('is finished by the outbox when the process died between the second yes and the end', async () => {
    await want('second-admin');
    const ana = await agent();
    const { body } = await ask(ana, await api.token(admin));
    const { stores, admin: functions } = api.idp.app;
    await functions.resets.due(String(body.id));
    expect((await now(ana))?.methodCount, 'nobody has agreed').to.equal(1);
    await stores.resets.move(String(body.id), ['waiting'], 'approved');
    await functions.resets.due(String(body.id));
    expect((await now(ana))?.methodCount).to.equal(0);
    expect((await stores.resets.find(String(body.id)))?.state).to.equal('done');
  });
});
