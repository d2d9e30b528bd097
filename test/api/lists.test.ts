import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import type { Person } from '../support/idp.ts';
import { startCallers, type Callers } from './callers.ts';

const AGENTS = '/tenants/northwind/agents';
const EVENTS = '/tenants/northwind/audit-events';

describe('lists, sessions and versions of the API', () => {
  let api: Callers;
  let admin: Person;
  let lead: Person;
  let token: string;

  before(async () => {
    api = await startCallers();
    admin = await api.person('boss@northwind.example', ['admin']);
    lead = await api.person('lead@northwind.example', ['lead']);
    await api.person('ana@northwind.example', ['agent'], {});
    await api.person('dee@globex.example', ['agent'], {});
    token = await api.token(admin);
  });
  after(() => api.idp.close());

  async function file(path: string, accept = '*/*', by = token) {
    const response = await fetch(`${api.idp.base}/api/v1${path}`, {
      headers: { authorization: `Bearer ${by}`, accept },
    });
    const type = response.headers.get('content-type')?.split(';')[0];
    return { status: response.status, type, headers: response.headers, text: await response.text() };
  }
  const events = async (event: string) =>
    (await api.call(token, 'GET', `${EVENTS}?event=${event}`)).body.events as Record<string, unknown>[];

  it('tell events as NDJSON and as CSV, by address or by what is accepted, and record that', async () => {
    const wanted = [
      ['?format=ndjson', '*/*', 'application/x-ndjson'],
      ['', 'application/x-ndjson', 'application/x-ndjson'],
      ['?format=csv', 'application/json', 'text/csv'],
      ['', 'text/csv, application/json;q=0.5', 'text/csv'],
      ['', '*/*', 'application/json'],
      ['?format=json', 'text/csv', 'application/json'],
      ['', 'image/png', 'application/json'],
    ] as const;
    for (const [query, accept, expected] of wanted) {
      const { status, type, text } = await file(`${EVENTS}${query}`, accept);
      expect([status, type], `${query} ${accept}`).to.deep.equal([200, expected]);
      expect(text).to.include('sign_in_completed').and.not.include('globex');
    }
    const exported = await events('audit_exported');
    expect(exported.map(({ details }) => (details as { format: string }).format)).to.have.members([
      'ndjson',
      'ndjson',
      'csv',
      'csv',
    ]);
    expect(exported[0]?.actor).to.deep.include({ accountId: admin.account.accountId });
  });

  it('give the same events in each form', async () => {
    const listed = (await events('sign_in_completed')).map(({ seq, hash }) => [seq, hash]);
    const { text } = await file(`${EVENTS}?event=sign_in_completed&format=ndjson`);
    const lines = text.trimEnd().split('\n');
    const parsed = lines.map((line) => JSON.parse(line) as { seq: number; hash: string });
    expect(parsed.map(({ seq, hash }) => [seq, hash])).to.deep.equal(listed);
    const csv = await file(`${EVENTS}?event=sign_in_completed&format=csv`);
    const rows = parse<Record<string, string>>(csv.text, { columns: true });
    // A seal may begin with a dash, which no spreadsheet shall take for a formula.
    expect(rows.map(({ seq, hash }) => [Number(seq), hash?.replace(/^'/, '')])).to.deep.equal(listed);
    expect(csv.headers.get('content-disposition')).to.equal('attachment; filename="northwind-audit-log.csv"');
  });

  it('give one event by its number, and whether the log is whole', async () => {
    const [newest] = await events('sign_in_completed');
    const one = await api.call(token, 'GET', `${EVENTS}/${String(newest?.seq)}`);
    expect(one.body).to.deep.equal(newest);
    for (const seq of ['0', '999999', 'x', '1e3', '%24ne'])
      expect((await api.call(token, 'GET', `${EVENTS}/${seq}`)).status, seq).to.equal(404);
    const check = async () => (await api.call(token, 'POST', `${EVENTS}/check`)).body;
    expect(await check()).to.deep.include({ whole: true, break: null });
    const rows = api.idp.database.connection.collection('audit_events');
    const first = { tenantId: 'northwind', seq: 1 };
    const before = await rows.findOne(first);
    await rows.updateOne(first, { $set: { reason: 'another' } });
    const { whole, break: found } = await check();
    expect([whole, (found as { seq: number }).seq]).to.deep.equal([false, 1]);
    await rows.updateOne(first, { $set: { reason: before?.reason as unknown } });
    expect(await check()).to.include({ whole: true });
  });

  it('are files for admins alone; people in charge of a team read pages', async () => {
    const theirs = await api.token(lead);
    expect((await file(AGENTS, 'application/json', theirs)).status).to.equal(200);
    const before = (await events('agents_exported')).length;
    for (const [path, accept] of [
      [`${AGENTS}?format=csv`, '*/*'],
      [AGENTS, 'text/csv'],
      [`${EVENTS}?format=csv`, '*/*'],
    ] as const)
      expect((await file(path, accept, theirs)).status, path).to.equal(403);
    expect((await events('agents_exported')).length).to.equal(before);
  });

  it('tell people as CSV, with when they last signed in', async () => {
    const { status, text } = await file(`${AGENTS}?format=csv`);
    expect(status).to.equal(200);
    const rows = parse<Record<string, string>>(text, { columns: true });
    expect(rows.map(({ email }) => email)).to.deep.equal([
      'ana@northwind.example',
      'boss@northwind.example',
      'lead@northwind.example',
    ]);
    expect(rows.map(({ two_factor }) => two_factor)).to.deep.equal(['none', 'key', 'key']);
    expect(rows.map(({ last_sign_in_at }) => last_sign_in_at === '')).to.deep.equal([true, false, false]);
    expect((await file(`${AGENTS}?format=ndjson`)).status).to.equal(400);
  });

  it('show where somebody is signed in, and end one of these', async () => {
    const ben = await api.person('ben@northwind.example', ['agent'], {});
    const [first, second] = [
      await api.token(ben, 'plain', 'openid'),
      await api.token(ben, 'plain', 'openid'),
    ];
    const path = `${AGENTS}/${ben.account.accountId}/sessions`;
    const list = async () => (await api.call(token, 'GET', path)).body.sessions as Record<string, unknown>[];
    const [newer, older] = await list();
    expect(newer).to.have.all.keys('id device methods signedInAt lastUsedAt apps'.split(' '));
    expect(newer?.apps).to.deep.equal(['plain']);
    const alive = async (held: string) =>
      (await fetch(`${api.idp.base}/userinfo`, { headers: { authorization: `Bearer ${held}` } })).status;
    expect([await alive(first), await alive(second)]).to.deep.equal([200, 200]);

    const own = `${AGENTS}/${admin.account.accountId}/sessions/${String(newer?.id)}/end`;
    expect((await api.call(token, 'POST', own)).status, 'a session of somebody else').to.equal(404);
    expect((await list()).length).to.equal(2);
    expect((await api.call(token, 'POST', `${path}/${String(older?.id)}/end`)).status).to.equal(204);
    expect((await list()).map(({ id }) => id)).to.deep.equal([newer?.id]);
    expect([await alive(first), await alive(second)].sort()).to.deep.equal([200, 401]);
    expect((await api.call(token, 'POST', `${path}/${String(older?.id)}/end`)).status).to.equal(404);
    const [told] = await events('session_ended');
    expect(told?.subject).to.deep.include({ accountId: ben.account.accountId });
    expect(told?.actor).to.deep.include({ accountId: admin.account.accountId });
  });

  it('change a person only as they were seen', async () => {
    const cai = await api.person('cai@northwind.example', ['agent'], {});
    const path = `${AGENTS}/${cai.account.accountId}`;
    const etag = (await api.call(token, 'GET', path)).headers.get('etag') ?? '';
    const rename = (name: string, match: string) =>
      api.call(token, 'PATCH', path, { name }, { 'if-match': match });
    const both = await Promise.all([rename('One', etag), rename('Two', etag)]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 409]);
    const [saved] = both.filter(({ status }) => status === 200);
    expect((await rename('Three', etag)).body).to.include({ code: 'changed_meanwhile' });
    expect((await rename('Three', saved?.headers.get('etag') ?? '')).status).to.equal(200);
    expect((await rename('Four', '*')).status).to.equal(200);
  });
});
