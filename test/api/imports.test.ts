import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import { startCallers, type Callers } from './callers.ts';

interface Row {
  email: string;
  result: string;
  reason: string | null;
  id: string | null;
}

describe('inviting many by the API', () => {
  let api: Callers;
  let admin: Person;
  let token: string;
  let machine: string;
  let count = 0;
  let at: (name: string) => string;
  before(async () => {
    api = await startCallers();
    admin = await api.person('boss@northwind.example', ['admin']);
    token = await api.token(admin);
    machine = await api.machineToken();
  });
  after(() => api.idp.close());
  beforeEach(() => {
    count += 1;
    at = (name) => `${name}-${count}@northwind.example`;
  });

  const IMPORTS = '/tenants/northwind/agents/imports';
  const named = (name: string, more: object = {}) => ({ email: at(name), name: `${name} Haddad`, ...more });
  const send = (by: string, agents: unknown, { key, ...more }: { key?: string; dryRun?: boolean } = {}) =>
    api.call(by, 'POST', IMPORTS, { agents, ...more }, key === undefined ? {} : { 'idempotency-key': key });
  const rowsOf = ({ body }: { body: Record<string, unknown> }) => body.agents as Row[];
  const stored = (name: string) => api.idp.app.stores.accounts.findByEmail('northwind', at(name));

  async function whenDone(by: string, id: unknown): Promise<Row[]> {
    for (let tries = 0; tries < 600; tries += 1) {
      const answer = await api.call(by, 'GET', `${IMPORTS}/${String(id)}`);
      if (answer.body.state === 'done') return rowsOf(answer);
      await setTimeout(50);
    }
    throw new Error('never done');
  }

  it('tells in a dry run what would become of each, and keeps and invites nobody', async () => {
    const before = await api.idp.app.stores.roster.count('northwind', {});
    const rows = [
      named('noor', { role: 'lead', team: 'Claims' }),
      { email: 'nobody', name: 'Nobody' },
      named('nameless', { name: ' ' }),
      named('king', { role: 'king' }),
      named('over', { role: 'operator' }),
      named('team', { team: 'x'.repeat(65) }),
      named('NOOR'),
      { email: admin.account.email.toUpperCase(), name: 'Boss' },
    ];
    const told = await send(token, rows, { dryRun: true });
    expect([told.status, told.body.id, told.body.state]).to.deep.equal([200, null, 'preview']);
    expect(rowsOf(told).map(({ result, reason }) => reason ?? result)).to.deep.equal([
      'ready',
      'bad_email',
      'bad_name',
      'bad_role',
      'higher_role',
      'bad_team',
      'twice',
      'email_taken',
    ]);
    expect(await api.idp.app.stores.roster.count('northwind', {})).to.equal(before);
    expect(await api.idp.database.connection.collection('imports').countDocuments({})).to.equal(0);
  });

  it('invites those with whom nothing is wrong, and says of each what became of it', async () => {
    const began = await send(token, [
      named('noor', { role: 'lead' }),
      { email: 'x', name: 'y' },
      named('bo'),
    ]);
    expect(began.status).to.equal(201);
    expect(began.body.state).to.be.oneOf(['running', 'done']);
    const rows = await whenDone(token, began.body.id);
    expect(rows.map(({ result }) => result)).to.deep.equal(['invited', 'refused', 'invited']);
    const person = await api.call(token, 'GET', `/tenants/northwind/agents/${rows[0]?.id ?? ''}`);
    expect(person.body).to.include({ email: at('noor'), state: 'invited' });
    expect(person.body.roles).to.deep.equal(['lead']);
    const path = `/tenants/northwind/audit-events?event=agent_invited&agent=${rows[2]?.id ?? ''}`;
    const [event] = (await api.call(token, 'GET', path)).body.events as Record<string, unknown>[];
    expect(event?.actor).to.deep.include({ accountId: admin.account.accountId });
  });

  it('sent again with its key is the same one, also at once; another list with it is refused', async () => {
    const key = `list ${count}`;
    const list = [named('ana'), named('ben')];
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(machine, list, { key })));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(5).fill(201));
    const [id, ...others] = [...new Set(answers.map(({ body }) => body.id))];
    expect(others).to.deep.equal([]);
    const rows = await whenDone(machine, id);
    expect(rows.map(({ result }) => result)).to.deep.equal(['invited', 'invited']);
    const again = await send(machine, list, { key });
    expect(again.body).to.deep.equal({ id, state: 'done', agents: rows });
    for (const other of [[named('ana')], [named('ana'), named('eve')]]) {
      const refused = await send(machine, other, { key });
      expect([refused.status, refused.body.code, refused.body.detail]).to.deep.equal([
        422,
        'refused',
        'key_used',
      ]);
    }
    expect(await stored('eve')).to.equal(null);
    // The same words of somebody else are another key.
    const theirs = await send(token, [named('cleo')], { key });
    expect(theirs.body.id).not.to.equal(id);
    expect((await whenDone(token, theirs.body.id))[0]?.result).to.equal('invited');
  });

  it('is taken up by the request that is sent again when its process died before it began', async () => {
    const { imports } = api.idp.app.stores;
    const key = `broken ${count}`;
    const { body } = await send(machine, [named('ana')], { key });
    const [before] = await whenDone(machine, body.id);
    await api.idp.database.connection
      .collection<{ _id: string }>('imports')
      .updateOne({ _id: String(body.id) }, { $set: { state: 'preview', outcomes: [], came: 0 } });
    expect((await send(machine, [named('ana')], { key })).body.id).to.equal(body.id);
    // Its jobs are queued by the same ids as before, and so dropped: this is what they would do.
    expect((await imports.find(String(body.id)))?.state).to.equal('running');
    await api.idp.app.admin.imports.step({ importId: String(body.id) });
    expect(await whenDone(machine, body.id)).to.deep.equal([before]);
  });

  it('is seen by whoever began it alone', async () => {
    const { body } = await send(token, [named('ana')]);
    await whenDone(token, body.id);
    const colleague = await api.token(await api.person(at('colleague'), ['admin']));
    const stranger = await api.machineToken('machine-globex');
    for (const [by, slug] of [
      [colleague, 'northwind'],
      [machine, 'northwind'],
      [stranger, 'globex'],
      [stranger, 'northwind'],
    ] as const) {
      const seen = await api.call(by, 'GET', `/tenants/${slug}/agents/imports/${String(body.id)}`);
      expect([seen.status, seen.body.code], slug).to.deep.equal([404, 'not_found']);
    }
  });

  it('gives no role that a machine may not give, and stops when it loses its scope', async () => {
    const told = await send(machine, [named('ana', { role: 'admin' })], { dryRun: true });
    expect(rowsOf(told)[0]?.reason).to.equal('higher_role');
    const client = { client_id: 'short-lived', client_secret: 'a secret of this test, long enough' };
    const registration = {
      ...client,
      ...{ redirect_uris: [], grant_types: ['client_credentials'], tenant: 'northwind' },
    };
    const row = { line: 1, email: at('ana'), name: 'Ana', role: 'agent', team: null, problem: null } as const;
    const { imports } = api.idp.app.stores;
    for (const [scope, outcome] of [
      ['agents:read', 'stopped'],
      ['agents:write', 'invited'],
    ] as const) {
      await api.idp.addClient({ ...registration, scope });
      await imports.insert({
        importId: `${scope} ${count}`,
        tenantId: 'northwind',
        editor: { kind: 'client', clientId: 'short-lived' },
        state: 'running',
        rows: [row],
        outcomes: [],
        reference: 'x',
        source: 'x',
        expiresAt: new Date(Date.now() + 1e6),
      });
      await api.idp.app.admin.imports.step({ importId: `${scope} ${count}` });
      expect((await imports.find(`${scope} ${count}`))?.outcomes).to.deep.equal([outcome]);
    }
    expect(await stored('ana')).to.include({ state: 'invited' });
  });

  it('takes 1 to 500 people, and no other fields', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ email: `${i}@x.y`, name: 'x' }));
    expect(rowsOf(await send(machine, many(500), { dryRun: true }))).to.have.length(500);
    for (const list of [[], many(501), [{ email: 'a@b.c', name: 'x', state: 'active' }], [null], {}])
      expect((await send(machine, list, { dryRun: true })).status).to.equal(400);
    const long = many(500).map((one) => ({ ...one, team: 'x'.repeat(120) }));
    expect((await send(machine, long, { dryRun: true })).status).to.equal(413);
  });
});
