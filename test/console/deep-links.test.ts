import { expect } from 'chai';
import { consolePages } from '../../src/console/console-routes.ts';
import { createDeepLinks } from '../../src/console/deep-links.ts';
import { startConsoles, type Consoles } from './console.ts';

const links = createDeepLinks(consolePages);
const encoded = (address: string) => Buffer.from(address).toString('base64url');
/** Where a sign-in comes back to that was begun at `path`. */
const backFrom = (path: string, query = '') => links.addressOf(links.stateOf(path, query));

describe('an address of the console that is opened while signed out', () => {
  let consoles: Consoles;
  before(async () => (consoles = await startConsoles()));
  after(() => consoles.close());

  it('is the page that the sign-in comes back to, with its filters', async () => {
    const admin = await consoles.inCharge('admin');
    const ana = await consoles.person({ app: true });
    for (const path of [
      '/admin/agents?q=ana%40&has=none&state=active',
      `/admin/agents/${ana.account.accountId}`,
      '/admin/policy',
      '/admin/audit-log/1',
    ]) {
      const { url, status } = await consoles.open(admin, path);
      expect([url.pathname + url.search, status]).to.deep.equal([path, 200]);
    }
  });

  it('is come back to after a step-up, and after a proof that it wants', async () => {
    const admin = await consoles.inCharge('admin', { app: true });
    const browser = await consoles.signIn(admin);
    const ana = await consoles.person({ app: true });
    const path = `/admin/agents/${ana.account.accountId}/reset`;
    await consoles.confirm(browser, admin, path);
    expect(browser.url.pathname).to.equal(path);
    const second = await consoles.inCharge('admin', { app: true });
    const fresh = await consoles.open(second, path);
    expect(fresh.url.pathname).to.match(/^\/account\/confirm\/agent\.reset\./);
  });

  it('shows nothing of another company', async () => {
    await consoles.idp.addTenant('elsewhere');
    const stranger = await consoles.person({}, 'elsewhere');
    const browser = await consoles.open(
      await consoles.inCharge('admin'),
      `/admin/agents/${stranger.account.accountId}`,
    );
    expect(browser.status).to.equal(404);
    expect(browser.html).not.to.include('elsewhere');
  });

  it('is a page of the console or the overview, whatever was asked for', () => {
    for (const path of [
      '//evil.example',
      '/admin//evil.example',
      '/admin/../account',
      '/admin/agents/..',
      '/admin/agents/%2f%2fevil.example',
      '/admin/agents/%2e%2e',
      '/admin\\evil.example',
      '/admin/agents/a\\b',
      '/admin/agents/a\nb',
      '/administrator',
      '/admin@evil.example',
      '/admin/agents/x/disable/y',
      '/admin/selected-agents',
      `/admin/agents/${'x'.repeat(101)}`,
      '/account/security',
      'https://evil.example/admin',
    ]) {
      expect(backFrom(path), path).to.equal('/admin');
      expect(links.addressOf(encoded(path)), path).to.equal('/admin');
    }
    for (const state of [undefined, '', 'agents', ['a'], {}, '\0', encoded('/admin').repeat(3)])
      expect(links.addressOf(state)).to.equal('/admin');
  });

  it('has its query written anew, and goes without one that is too long', () => {
    expect(backFrom('/admin/agents', 'q=a b&has=%0d%0aSet-Cookie:x#//y')).to.equal(
      '/admin/agents?q=a+b&has=%0D%0ASet-Cookie%3Ax%23%2F%2Fy',
    );
    expect(backFrom('/admin/agents', `q=${'x'.repeat(2000)}`)).to.equal('/admin/agents');
    expect(links.addressOf(encoded('/admin/agents?q=1?r=\\'))).to.equal('/admin/agents?q=1%3Fr%3D%5C');
  });

  it('is the list where it was its file', () => {
    expect(backFrom('/admin/agents.csv', 'has=none')).to.equal('/admin/agents?has=none');
    expect(backFrom('/admin/audit-log.ndjson')).to.equal('/admin/audit-log');
  });
});
