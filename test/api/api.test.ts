import { expect } from 'chai';
import { apiEndpoints } from '../../src/api/wiring.ts';
import { documentedPath } from '../../src/api/openapi.ts';
import type { Person } from '../support/idp.ts';
import { MACHINE_SCOPES, startCallers, type Callers } from './callers.ts';

const POLICY = '/tenants/northwind/policy';
const AGENTS = '/tenants/northwind/agents';

describe('the admin API', () => {
  let api: Callers;
  let offset = 0;
  let admin: Person;
  let ana: Person;
  let dee: Person;
  let adminToken: string;
  let machine: string;

  before(async () => {
    api = await startCallers({ clock: () => new Date(Date.now() + offset) });
    admin = await api.person('boss@northwind.example', ['admin']);
    ana = await api.person('ana@northwind.example', ['agent'], {});
    dee = await api.person('dee@globex.example', ['agent'], {});
    adminToken = await api.token(admin);
    machine = await api.machineToken();
  });
  after(() => api.idp.close());
  afterEach(() => (offset = 0));

  const policyOf = async (tenantId: string) => (await api.idp.app.stores.tenants.findFresh(tenantId))?.policy;

  it('gives the policy with its version, and takes a new one on that version alone', async () => {
    const read = await api.call(adminToken, 'GET', POLICY);
    expect(read.status).to.equal(200);
    expect(read.body).to.include({ secondFactor: 'optional' });
    const etag = read.headers.get('etag') ?? '';
    const saved = await api.call(adminToken, 'PUT', POLICY, { skips: 3 }, { 'if-match': etag });
    expect(saved.status).to.equal(200);
    expect(saved.body).to.include({ skips: 3 });
    expect(saved.headers.get('etag')).to.not.equal(etag);
    const late = await api.call(adminToken, 'PUT', POLICY, { skips: 4 }, { 'if-match': etag });
    expect([late.status, late.body.code]).to.deep.equal([409, 'changed_meanwhile']);
    expect((await api.call(adminToken, 'PUT', POLICY, { skips: 4 }, { 'if-match': '"x"' })).status).to.equal(
      409,
    );
    await api.call(adminToken, 'PUT', POLICY, { skips: null });
  });

  it('takes back whole what it gave, as the version that it was read at', async () => {
    const { body: read } = await api.call(machine, 'GET', POLICY);
    const preview = await api.call(machine, 'POST', `${POLICY}/preview`, {
      ...read,
      secondFactor: 'required',
    });
    expect([preview.status, preview.body.withoutMethod]).to.deep.equal([200, 1]);
    const saved = await api.call(machine, 'PUT', POLICY, { ...read, skips: 2 });
    expect([saved.status, saved.body.skips]).to.deep.equal([200, 2]);
    const late = await api.call(machine, 'PUT', POLICY, { ...read, skips: 5 });
    expect([late.status, late.body.code]).to.deep.equal([409, 'changed_meanwhile']);
    const inForce = { 'if-match': saved.headers.get('etag') ?? '' };
    expect((await api.call(machine, 'PUT', POLICY, { ...read, skips: 5 }, inForce)).status).to.equal(409);
    expect(await policyOf('northwind')).to.include({ skips: 2 });
    const { version } = saved.body;
    expect((await api.call(machine, 'PUT', POLICY, { version, skips: null }, inForce)).status).to.equal(200);
  });

  it('has those emailed who have no method, and says how many they are', async () => {
    const path = `${POLICY}/announcements`;
    const sent = await api.call(machine, 'POST', path, { from: '2027-03-01' });
    expect([sent.status, sent.body]).to.deep.equal([202, { agents: 1 }]);
    const { mailbox } = api.idp.app.stores.operations;
    let subjects: string[] = [];
    for (let tries = 0; tries < 100 && subjects.length === 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const mails = (await mailbox?.newest(50)) ?? [];
      subjects = mails.filter(({ to }) => to === ana.account.email).map(({ subject }) => subject);
    }
    expect(subjects.join()).to.match(/^From 1 March 2027.* asks for two-factor authentication$/);
    expect((await api.call(machine, 'POST', path, { from: 'soon' })).status).to.equal(400);
    const reader = await api.machineToken('machine-northwind', 'policy:read');
    expect((await api.call(reader, 'POST', path, {})).status).to.equal(403);
  });

  it('saves a policy that signs people out only when their number was confirmed rightly', async () => {
    const preview = await api.call(machine, 'POST', `${POLICY}/preview`, { secondFactor: 'required' });
    expect(preview.status).to.equal(200);
    expect(preview.body).to.include({ total: 2, withKey: 1, withoutMethod: 1, signedOut: 1 });
    const [named] = preview.body.agents as { email: string }[];
    expect(named).to.include({ email: 'ana@northwind.example', signedOut: true });
    const wrong = { secondFactor: 'required', confirmSignedOut: 7 };
    const refused = await api.call(machine, 'PUT', POLICY, wrong);
    expect(refused.status).to.equal(409);
    expect(refused.body).to.include({ code: 'signed_out_differs', signedOut: 1 });
    expect(await policyOf('northwind')).to.include({ secondFactor: 'optional' });
    expect((await api.call(machine, 'PUT', POLICY, { ...wrong, confirmSignedOut: 1 })).status).to.equal(200);
    expect(await policyOf('northwind')).to.include({ secondFactor: 'required' });
    await api.call(machine, 'PUT', POLICY, { secondFactor: 'optional' });
  });

  it('refuses a policy that it does not understand, by the name of what is wrong', async () => {
    for (const body of [{ secondFactor: 'maybe' }, { secondfactor: 'required' }, [], 'x', null]) {
      const { status, body: problem, headers } = await api.call(machine, 'PUT', POLICY, body);
      expect([status, problem.code], JSON.stringify(body)).to.deep.equal([400, 'bad_request']);
      expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
    }
  });

  it('lists people by page, with nothing secret', async () => {
    const first = await api.call(machine, 'GET', `${AGENTS}?limit=1`);
    expect(first.status).to.equal(200);
    const [one] = first.body.agents as Record<string, unknown>[];
    expect(one).to.have.all.keys(
      'id email name roles team state invitationExpiresAt methods recoveryCodesLeft createdAt lastSignInAt'.split(
        ' ',
      ),
    );
    const after = encodeURIComponent(String(first.body.next));
    const second = await api.call(machine, 'GET', `${AGENTS}?limit=1&after=${after}`);
    expect((second.body.agents as { email: string }[])[0]?.email).to.equal('boss@northwind.example');
    expect(second.body.next).to.equal(null);
  });

  it('refuses a filter that it does not know: misspelt, it would be answered with everybody', async () => {
    for (const path of [`${AGENTS}?stat=disabled`, `${AGENTS}?email[$ne]=x`, `${POLICY}?version=1`]) {
      const { status, body } = await api.call(machine, 'GET', path);
      expect([status, body.code], path).to.deep.equal([400, 'bad_request']);
    }
  });

  it('signs somebody out everywhere, and disables and enables them', async () => {
    const ben = await api.person('ben@northwind.example', ['agent'], {});
    const held = await api.token(ben, 'plain', 'openid');
    const alive = async () =>
      (await fetch(`${api.idp.base}/userinfo`, { headers: { authorization: `Bearer ${held}` } })).status;
    expect(await alive()).to.equal(200);
    const path = `${AGENTS}/${ben.account.accountId}`;
    expect((await api.call(machine, 'POST', `${path}/sign-out`)).status).to.equal(204);
    expect(await alive()).to.equal(401);
    const disabled = await api.call(machine, 'PATCH', path, { state: 'disabled' });
    expect(disabled.body).to.include({ state: 'disabled' });
    expect((await api.call(machine, 'PATCH', path, { state: 'active' })).body).to.include({
      state: 'active',
    });
    expect(await alive(), 'nothing rises again').to.equal(401);
    const events = await api.call(
      machine,
      'GET',
      `/tenants/northwind/audit-events?agent=${ben.account.accountId}`,
    );
    expect((events.body.events as { event: string }[]).map(({ event }) => event)).to.include.members([
      'agent_signed_out',
      'agent_disabled',
      'agent_enabled',
    ]);
  });

  it('asks for a second factor, and for a newer sign-in before a change (RFC 9470)', async () => {
    const weak = await api.person('weak@northwind.example', ['admin'], {});
    const refused = await api.call(await api.token(weak), 'GET', POLICY);
    expect([refused.status, refused.body.code]).to.deep.equal([401, 'insufficient_user_authentication']);
    expect(refused.headers.get('www-authenticate')).to.include('acr_values="urn:stile:acr:2fa"');
    offset = 601_000;
    expect((await api.call(adminToken, 'GET', POLICY)).status, 'reading').to.equal(200);
    const old = await api.call(adminToken, 'PUT', POLICY, { skips: 9 });
    expect(old.status).to.equal(401);
    expect(old.headers.get('www-authenticate')).to.include('max_age="600"');
    expect(await policyOf('northwind')).to.include({ skips: null });
  });

  it('takes no change by a sign-in with a recovery code, which is for getting back what was lost', async () => {
    const lost = await api.person('lost@northwind.example', ['admin'], { app: true, codes: true });
    const token = await api.token(lost, 'console', 'openid admin', 'recovery-code');
    expect((await api.call(token, 'GET', POLICY)).status, 'reading').to.equal(200);
    const refused = await api.call(token, 'PUT', POLICY, { skips: 9 });
    expect([refused.status, refused.body.code]).to.deep.equal([401, 'insufficient_user_authentication']);
    expect(refused.headers.get('www-authenticate')).to.include('max_age="0"');
    expect(await policyOf('northwind')).to.include({ skips: null });
  });

  it('is closed without a token, with a strange one, and to apps that were not registered for it', async () => {
    for (const token of [null, 'x', 'A'.repeat(43)]) {
      const { status, headers } = await api.call(token, 'GET', POLICY);
      expect(status).to.equal(401);
      expect(headers.get('www-authenticate')).to.match(/^Bearer/);
    }
    const plain = await api.call(await api.token(admin, 'plain'), 'GET', POLICY);
    expect([plain.status, plain.body.code]).to.deep.equal([403, 'insufficient_scope']);
    const shared = await api.machineToken('machine-shared');
    expect((await api.call(shared, 'GET', POLICY)).status, 'a machine of nobody').to.equal(401);
    const reader = await api.machineToken('machine-northwind', 'policy:read');
    expect((await api.call(reader, 'GET', POLICY)).status).to.equal(200);
    expect((await api.call(reader, 'PUT', POLICY, { skips: 1 })).status).to.equal(403);
    expect((await api.machine('plain', MACHINE_SCOPES)).status).to.equal(400);
  });

  it('takes no token whose grant is revoked, also when the token itself is still there', async () => {
    const token = await api.token(admin);
    const { accountId } = admin.account;
    const { provider } = api.idp.app.stores;
    const ids = (await provider.grantsOf(accountId)).map(({ grantId }) => grantId);
    const tokens = api.idp.database.connection.collection('oidc_access_token');
    const late = await tokens.find({ grantId: { $in: ids } }).toArray();
    await provider.revokeGrants(ids);
    // A request that was under way stores what it had made.
    await tokens.insertMany(late);
    const { status, body } = await api.call(token, 'GET', POLICY);
    expect([status, body.code]).to.deep.equal([401, 'invalid_token']);
    adminToken = await api.token(admin);
  });

  it('takes a role away at once', async () => {
    const lea = await api.person('lea@northwind.example', ['admin']);
    const token = await api.token(lea);
    expect((await api.call(token, 'GET', POLICY)).status).to.equal(200);
    const path = `${AGENTS}/${lea.account.accountId}`;
    expect((await api.call(adminToken, 'PATCH', path, { roles: ['agent'] })).status).to.equal(200);
    expect((await api.call(token, 'GET', POLICY)).status).to.equal(403);
  });

  it('gives no role above the own one, changes nobody above, and no role of oneself', async () => {
    const patch = (who: Person, body: unknown, token = adminToken) =>
      api.call(token, 'PATCH', `${AGENTS}/${who.account.accountId}`, body);
    const top = await api.person('top@northwind.example', ['operator']);
    expect((await patch(top, { name: 'x' })).body).to.include({ status: 403, detail: 'higher_role' });
    expect((await patch(ana, { roles: ['operator'] })).body).to.include({
      status: 403,
      detail: 'higher_role',
    });
    expect((await patch(admin, { roles: ['agent'] })).body).to.include({ status: 403, detail: 'yourself' });
    expect((await patch(ana, { roles: ['admin'] }, machine)).body).to.include({ status: 403 });
    expect((await patch(admin, { state: 'disabled' }, machine)).body).to.include({ status: 403 });
  });

  it('knows nothing of another tenant: 404 on every path, and nothing changes', async () => {
    const before = await policyOf('globex');
    for (const token of [adminToken, machine]) {
      for (const [method, path, body] of [
        ['GET', '/tenants/globex/policy', undefined],
        ['PUT', '/tenants/globex/policy', { secondFactor: 'required' }],
        ['POST', '/tenants/globex/policy/preview', {}],
        ['GET', '/tenants/globex/agents', undefined],
        ['GET', '/tenants/globex/audit-events', undefined],
        ...['globex', 'northwind'].flatMap((slug) => [
          ['GET', `/tenants/${slug}/agents/${dee.account.accountId}`, undefined] as const,
          ['PATCH', `/tenants/${slug}/agents/${dee.account.accountId}`, { state: 'disabled' }] as const,
          ['POST', `/tenants/${slug}/agents/${dee.account.accountId}/sign-out`, undefined] as const,
        ]),
      ] as const) {
        const { status, body: problem } = await api.call(token, method, path, body);
        expect([status, problem.code], `${method} ${path}`).to.deep.equal([404, 'not_found']);
      }
    }
    expect(await policyOf('globex')).to.deep.equal(before);
    expect(await api.idp.app.stores.accounts.find(dee.account)).to.deep.equal(dee.account);
  });

  it('describes itself in OpenAPI 3.1', async () => {
    const { status, body } = await api.call(null, 'GET', '/openapi.json');
    expect(status).to.equal(200);
    expect(body).to.include({ openapi: '3.1.0' });
    const { stores, admin: deeds } = api.idp.app;
    const listed = apiEndpoints({ stores, admin: deeds }).map(documentedPath);
    expect(Object.keys(body.paths as object)).to.have.members([...new Set(listed)]);
    expect(listed).to.include.members(['/api/v1/tenants', '/api/v1/tenants/{slug}/agents/{agent}']);
  });
});
