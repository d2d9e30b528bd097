import { expect } from 'chai';
import type { Person } from '../support/idp.ts';
import { aPng } from '../support/png.ts';
import { startCallers, type Callers } from './callers.ts';

const SETTINGS = '/tenants/northwind/settings';
const LOGO = `${SETTINGS}/logo`;

describe('the settings of a tenant in the API', () => {
  let api: Callers;
  let machine: string;
  let admin: Person;
  before(async () => {
    api = await startCallers();
    admin = await api.person('boss@northwind.example', ['admin']);
    machine = await api.machineToken();
  });
  after(() => api.idp.close());

  const now = async (tenantId = 'northwind') => {
    const { status, body, headers } = await api.call(machine, 'GET', SETTINGS);
    expect(status, tenantId).to.equal(200);
    return { body, etag: headers.get('etag') ?? '' };
  };
  const put = (path: string, body: unknown, etag?: string) =>
    api.call(machine, 'PUT', path, body, etag === undefined ? {} : { 'if-match': etag });
  const picture = { base64: aPng(64, 32).toString('base64') };

  it('are read with their version, and saved on that version alone; what is left out stays', async () => {
    const { etag } = await now();
    const saved = await put(SETTINGS, { accent: '#0B6E4F', contact: 'The desk' }, etag);
    expect(saved.status).to.equal(200);
    expect(saved.body).to.include({ accent: '#0b6e4f', contact: 'The desk', name: 'northwind support' });
    expect(saved.headers.get('etag')).not.to.equal(etag);
    const late = await put(SETTINGS, { contact: 'Nobody' }, etag);
    expect([late.status, late.body.code]).to.deep.equal([409, 'changed_meanwhile']);
    await put(SETTINGS, { contact: null });
    expect((await now()).body).to.deep.include({ accent: '#0b6e4f', contact: null });
  });

  it('are refused with the number that is too little, and by the name of what is not known', async () => {
    const before = await now();
    for (const [body, words] of [
      [{ accent: '#ffe100' }, '1.31:1, needs 3:1'],
      [{ accent: '#7a7a7a' }, '4.29:1, needs 4.5:1'],
      [{ name: 'x'.repeat(81) }, 'at most 80'],
      [{ name: '' }, 'name'],
      [{ helpUrl: 'http://help.example' }, 'https'],
      [{ logo: null }, 'logo'],
    ] as const) {
      const { status, body: problem } = await put(SETTINGS, body);
      expect([status, problem.code], words).to.deep.equal([400, 'bad_request']);
      expect(problem.detail).to.include(words);
    }
    expect(await now()).to.deep.equal(before);
  });

  it('take a logo, give it back as it is served, and lose it again', async () => {
    const { etag } = await now();
    const saved = await put(LOGO, picture, etag);
    expect(saved.status).to.equal(200);
    expect(saved.body.logo).to.include({ type: 'image/png', width: 64, height: 32 });
    expect((await put(LOGO, picture, etag)).status).to.equal(409);
    const { body: given } = await api.call(machine, 'GET', LOGO);
    expect(Buffer.from(String(given.base64), 'base64').subarray(1, 4).toString()).to.equal('PNG');
    const gone = await api.call(machine, 'DELETE', LOGO, undefined, { 'if-match': (await now()).etag });
    expect([gone.status, gone.body.logo]).to.deep.equal([200, null]);
    expect((await api.call(machine, 'GET', LOGO)).status).to.equal(404);
  });

  it('refuse what is no logo with the reason and its numbers', async () => {
    const before = await now();
    const large = await put(LOGO, { base64: Buffer.alloc(30_000, 'x').toString('base64') });
    expect([large.status, large.body.code]).to.deep.equal([422, 'refused']);
    expect(large.body.refusal).to.deep.equal({ reason: 'too-large', bytes: 30_000 });
    const script = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script/></svg>';
    const unsafe = await put(LOGO, { base64: Buffer.from(script).toString('base64') });
    expect(unsafe.body.refusal).to.include({ reason: 'unsafe', name: 'script' });
    expect((await put(LOGO, { base64: '???' })).status).to.equal(400);
    expect((await put(LOGO, { base64: 'A'.repeat(70_000) })).status).to.equal(413);
    const raw = await fetch(`${api.idp.base}/api/v1${LOGO}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${machine}`, 'content-type': 'image/png' },
      body: Uint8Array.from(aPng()),
    });
    expect(raw.status, 'JSON alone').to.equal(400);
    expect(await now()).to.deep.equal(before);
  });

  it('are another tenant’s for nobody, and those of a reader for reading', async () => {
    const { tenants } = api.idp.app.stores;
    const before = await tenants.findFresh('globex');
    for (const token of [machine, await api.token(admin)]) {
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['PUT', '', { name: 'Taken over' }],
        ['PUT', '/logo', picture],
        ['DELETE', '/logo', undefined],
      ] as const)
        expect((await api.call(token, method, `/tenants/globex/settings${path}`, body)).status).to.equal(404);
    }
    expect(await tenants.findFresh('globex')).to.deep.equal(before);
    const reader = await api.machineToken('machine-northwind', 'policy:read');
    expect((await api.call(reader, 'GET', SETTINGS)).status).to.equal(200);
    expect((await api.call(reader, 'PUT', SETTINGS, {})).status).to.equal(403);
    expect((await api.call(reader, 'DELETE', LOGO)).status).to.equal(403);
  });
});
