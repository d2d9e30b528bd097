import { expect } from 'chai';
import { accountKey } from '../../src/core/account-ref.ts';
import { startCallers, type Callers } from '../api/callers.ts';
import type { Person } from '../support/idp.ts';
import { walk } from '../support/walk.ts';

describe('the changes that one admin may make within an hour', () => {
  let api: Callers;
  let admin: Person;
  let token: string;
  before(async () => {
    api = await startCallers();
    admin = await api.person('boss@northwind.example', ['admin']);
    token = await api.token(admin);
    const { attempts } = api.idp.app.stores;
    for (let i = 0; i < 99; i += 1) await attempts.reserve('admin', accountKey(admin.account));
  });
  after(() => api.idp.close());

  it('are 100, in console and API together; reading goes on, and so do others', async () => {
    const ana = await api.person('ana@northwind.example', ['agent']);
    const path = `/tenants/northwind/agents/${ana.account.accountId}`;
    const rename = (by: string, name: string) => api.call(by, 'PATCH', path, { name });
    expect((await rename(token, 'Ana R')).status).to.equal(200);
    const refused = await rename(token, 'Ana Ri');
    expect([refused.status, refused.body.code]).to.deep.equal([429, 'too_many_attempts']);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 3600);
    const seen = await api.call(token, 'GET', path);
    expect([seen.status, seen.body.name]).to.deep.equal([200, 'Ana R']);

    const browser = await api.idp.browser().open('/admin/policy');
    await walk(browser, admin, { appCode: () => api.idp.appCode() });
    expect(browser.heading()).to.equal('Two-factor policy');
    await browser.open('/admin/policy/review?secondFactor=required');
    const csrf = browser.page()('input[name=_csrf]').first().attr('value') ?? '';
    await browser.post('/admin/policy', { _csrf: csrf });
    expect([browser.status, browser.heading()]).to.deep.equal([429, 'Too many tries']);

    const other = await api.person('second@northwind.example', ['admin']);
    expect((await rename(await api.token(other), 'Ana Rib')).status).to.equal(200);
    expect((await rename(await api.machineToken(), 'Ana Ribeiro')).status, 'a machine').to.equal(200);
  });
});
