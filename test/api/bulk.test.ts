import { expect } from 'chai';
import { accountKey } from '../../src/core/account-ref.ts';
import type { Person } from '../support/idp.ts';
import { startCallers, type Callers } from './callers.ts';

interface Result {
  id: string;
  result: string;
  reason: string | null;
}

describe('the same to several people by the API', () => {
  let api: Callers;
  let admin: Person;
  let token: string;
  let ana: Person;
  let ben: Person;
  let count = 0;
  before(async () => {
    api = await startCallers();
    admin = await api.person('boss@northwind.example', ['admin']);
    token = await api.token(admin);
  });
  after(() => api.idp.close());
  const agent = (tenant = 'northwind') => api.person(`p${(count += 1)}@${tenant}.example`, ['agent'], {});
  beforeEach(async () => void ([ana, ben] = [await agent(), await agent()]));

  const idOf = ({ account }: Person) => account.accountId;
  const bulk = (by: string, action: string, ...who: (Person | string)[]) =>
    api.call(by, 'POST', '/tenants/northwind/agents/bulk', {
      action,
      agents: who.map((one) => (typeof one === 'string' ? one : idOf(one))),
    });
  const results = ({ body }: Awaited<ReturnType<typeof bulk>>) =>
    (body.agents as Result[]).map(({ result, reason }) =>
      reason === null ? result : `${result}: ${reason}`,
    );
  const now = (who: Person) => api.idp.app.stores.accounts.find(who.account);
  const stateOf = async (who: Person) => (await now(who))?.state;
  async function told(who: Person, event: string): Promise<Record<string, unknown>[]> {
    const path = `/tenants/northwind/audit-events?event=${event}&agent=${idOf(who)}`;
    return (await api.call(token, 'GET', path)).body.events as Record<string, unknown>[];
  }

  it('is done to each for themselves, and says of each what became of it', async () => {
    const held = await api.token(ana, 'plain', 'openid');
    const top = await api.person('top@northwind.example', ['operator']);
    const first = await bulk(token, 'sign-out', ana, top, admin, ben, ana);
    expect(first.status).to.equal(200);
    expect((first.body.agents as Result[]).map(({ id }) => id)).to.deep.equal(
      [ana, top, admin, ben].map(idOf),
    );
    expect(results(first)).to.deep.equal(['done', 'skipped: higher_role', 'skipped: yourself', 'done']);
    const userinfo = { headers: { authorization: `Bearer ${held}` } };
    expect((await fetch(`${api.idp.base}/userinfo`, userinfo)).status).to.equal(401);
    expect(await now(top)).to.deep.equal(top.account);
    expect((await told(top, 'agent_signed_out')).length).to.equal(0);

    expect(results(await bulk(token, 'disable', ana, ben))).to.deep.equal(['done', 'done']);
    expect(results(await bulk(token, 'disable', ana))).to.deep.equal(['skipped: already']);
    expect(results(await bulk(token, 'sign-out', ben))).to.deep.equal(['skipped: not_in_use']);
    const [event] = await told(ana, 'agent_disabled');
    expect(event?.actor).to.deep.include({ accountId: idOf(admin) });
    const details = event?.details as { before: object; after: object };
    expect([details.before, details.after]).to.deep.equal(
      ['active', 'disabled'].map((state) => ({ roles: ['agent'], team: null, state })),
    );
    expect(results(await bulk(token, 'enable', ana, ben))).to.deep.equal(['done', 'done']);
    expect([await stateOf(ana), await stateOf(ben)]).to.deep.equal(['active', 'active']);
  });

  it('knows nobody of another tenant, and tells them from nobody who is not there', async () => {
    const stranger = await agent('globex');
    for (const by of [token, await api.machineToken()]) {
      const answer = await bulk(by, 'disable', stranger, 'of-nobody');
      const reason = { result: 'skipped', reason: 'not_found' };
      expect(answer.body.agents).to.deep.equal([
        { id: idOf(stranger), ...reason },
        { id: 'of-nobody', ...reason },
      ]);
    }
    expect(await now(stranger)).to.deep.equal(stranger.account);
    const log = api.idp.database.connection.collection('audit_events');
    expect(await log.countDocuments({ event: 'agent_disabled', accounts: idOf(stranger) })).to.equal(0);
    const away = await api.call(token, 'POST', '/tenants/globex/agents/bulk', {
      action: 'disable',
      agents: [idOf(stranger)],
    });
    expect(away.status).to.equal(404);
  });

  it('lets leads sign out their own team and nothing else, and machines reach nobody in charge', async () => {
    const lead = await api.token(await api.person(`lead${(count += 1)}@northwind.example`, ['lead']));
    await api.idp.app.stores.accounts.save(ben.account, { team: 'Sales' });
    expect(results(await bulk(lead, 'sign-out', ana, ben, admin))).to.deep.equal([
      'done',
      'skipped: other_team',
      'skipped: higher_role',
    ]);
    expect((await bulk(lead, 'disable', ana)).status).to.equal(403);
    expect((await bulk(lead, 'enable', ana)).status).to.equal(403);
    const machine = await api.machineToken();
    expect(results(await bulk(machine, 'disable', ana, admin))).to.deep.equal([
      'done',
      'skipped: higher_role',
    ]);
    const [event] = await told(ana, 'agent_disabled');
    expect(event).to.deep.include({ actor: null });
    expect(event?.details).to.include({ client: 'machine-northwind' });
    const reader = await api.machineToken('machine-northwind', 'agents:read');
    expect((await bulk(reader, 'sign-out', ana)).status).to.equal(403);
  });

  it('asks for resets with a reason, in the way of the policy, and once for each', async () => {
    const cleo = await api.person(`app${(count += 1)}@northwind.example`, ['agent'], { app: true });
    expect((await bulk(token, 'reset', cleo)).status, 'no reason').to.equal(400);
    await api.call(token, 'PUT', '/tenants/northwind/policy', { resetApproval: 'delay' });
    const reset = () =>
      api.call(token, 'POST', '/tenants/northwind/agents/bulk', {
        action: 'reset',
        agents: [cleo, ana].map(idOf),
        reason: 'phones were lost',
      });
    expect(results(await reset())).to.deep.equal(['done', 'skipped: no_method']);
    expect(results(await reset())).to.deep.equal(['skipped: reset_waiting', 'skipped: no_method']);
    const [event] = await told(cleo, 'two_factor_reset_asked');
    expect(event).to.include({ reason: 'phones were lost', result: 'ok' });
    expect((await now(cleo))?.methodCount, 'waits a day').to.equal(1);
    const lead = await api.token(await api.person(`lead${(count += 1)}@northwind.example`, ['lead']));
    const body = { action: 'reset', agents: [idOf(cleo)], reason: 'x' };
    expect((await api.call(lead, 'POST', '/tenants/northwind/agents/bulk', body)).status).to.equal(403);
  });

  it('takes 1 to 50 ids, and no other words', async () => {
    const fifty = Array.from({ length: 50 }, (_, i) => `id-${i}`);
    expect(results(await bulk(token, 'disable', ...fifty))).to.deep.equal(
      fifty.map(() => 'skipped: not_found'),
    );
    for (const who of [[], [...fifty, 'one-more'], ['../..'], ['$ne'], ['']])
      expect((await bulk(token, 'disable', ...who)).status, who.join()).to.equal(400);
    expect((await bulk(token, 'delete', ana)).status).to.equal(400);
  });

  it('leaves an admin when the only two are named by each other at once', async () => {
    const pair = [
      await api.person('a@globex.example', ['admin']),
      await api.person('b@globex.example', ['admin']),
    ];
    const tokens = await Promise.all(pair.map((one) => api.token(one)));
    const disable = (by: string, ...who: Person[]) =>
      api.call(by, 'POST', '/tenants/globex/agents/bulk', { action: 'disable', agents: who.map(idOf) });
    await Promise.all(tokens.map((by) => disable(by, ...pair)));
    const states = await Promise.all(pair.map(stateOf));
    expect(states.filter((state) => state === 'active').length).to.equal(1);
  });

  it('asked for by two at once, happens once to each', async () => {
    const second = await api.token(await api.person(`b${(count += 1)}@northwind.example`, ['admin']));
    const many = await Promise.all(Array.from({ length: 6 }, () => agent()));
    const both = await Promise.all([token, second].map((by) => bulk(by, 'disable', ...many)));
    for (const [at, person] of many.entries()) {
      const each = both.map((answer) => results(answer)[at]);
      expect(each, String(each)).to.include('done');
      expect(each.filter((one) => one === 'done').length, String(each)).to.equal(1);
      expect(each.find((one) => one !== 'done')).to.match(/^failed: changed_meanwhile$|^skipped: already$/);
      const happened = (await told(person, 'agent_disabled')).filter(({ result }) => result === 'ok');
      const overtaken = (await told(person, 'agent_disabled')).filter(({ result }) => result === 'refused');
      expect(happened.length - overtaken.length).to.equal(1);
      expect(await stateOf(person)).to.equal('disabled');
    }
  });

  it('counts people and not requests, and stops at the limit of an hour', async () => {
    const busy = await api.person(`c${(count += 1)}@northwind.example`, ['admin']);
    const theirs = await api.token(busy);
    const { attempts } = api.idp.app.stores;
    for (let i = 0; i < 98; i += 1) await attempts.reserve('admin', accountKey(busy.account));
    const cleo = await agent();
    expect(results(await bulk(theirs, 'disable', ana, ben, cleo))).to.deep.equal([
      'done',
      'done',
      'failed: too_many_attempts',
    ]);
    expect(await stateOf(cleo)).to.equal('active');
    const next = await bulk(theirs, 'disable', cleo);
    expect([next.status, next.body.code]).to.deep.equal([429, 'too_many_attempts']);
  });
});
