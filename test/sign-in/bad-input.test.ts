import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { load } from 'cheerio';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, walk } from '../support/walk.ts';
import { BASIC, codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';
import { FORM, ownRoutes, rawRequests, type RawBody } from './raw.ts';

/** A body that no page and no app of ours sends. `to` = the name of the field that matters to whoever reads it. */
type Bad = (to: string) => RawBody;
const typed =
  (type: string, body: string | Buffer): Bad =>
  () => ({ body, headers: { 'content-type': type } });

const BODIES: Record<string, Bad> = {
  'an object for a field': (to) => ({ body: `${to}[$ne]=x` }),
  'an escaped object for a field': (to) => ({ body: `${to}%5B%24gt%5D=` }),
  'a list for a field': (to) => ({ body: `${to}[]=a&${to}[]=b` }),
  'a field twice': (to) => ({ body: `${to}=a&${to}=b` }),
  'a megabyte': (to) => ({ body: `${to}=${'a'.repeat(1_000_000)}` }),
  'an unpacked megabyte': (to) => ({
    body: gzipSync(`${to}=${'a'.repeat(1_000_000)}`),
    headers: { 'content-encoding': 'gzip' },
  }),
  'a lone surrogate': (to) => ({ body: `${to}=%ED%A0%80` }),
  'a NUL': (to) => ({ body: `${to}=a%00b` }),
  'a broken escape': (to) => ({ body: `${to}=%zz` }),
  JSON: typed('application/json', '{"email":{"$ne":null},"code":{"$gt":""},"token":["a"]}'),
  'broken JSON': typed('application/json', '{"email":'),
  'several parts': typed('multipart/form-data; boundary=x', '--x\r\n\r\n--x--'),
  'a text': typed('text/plain', 'email=a'),
};

/** Only the provider looks at the character set: our pages are UTF-8 and their forms are too, whatever is claimed. */
const BODIES_FOR_APPS: Record<string, Bad> = {
  ...BODIES,
  'letters of no known set': typed(`${FORM}; charset=of-ours`, 'token=a'),
};

describe('a bad body', () => {
  let agents: Agents;
  let app: DemandingApp;
  let ana: Person;
  let browser: PageBrowser;
  let raw: ReturnType<typeof rawRequests>;

  before(async () => {
    agents = await startAgents();
    app = agents.app();
    ana = await agents.person({ keys: [{}], app: true, codes: true });
  });
  after(() => agents.close());
  beforeEach(async () => {
    browser = await agents.idp.browser().open(app.authorizeUrl());
    await browser.submit({ email: ana.account.email, password: PASSWORD });
    expect(pageOf(browser)).to.equal('security-key');
    raw = rawRequests(agents.idp, browser);
  });

  /** Everything in the database but the audit log. */
  async function contents(): Promise<Record<string, object[]>> {
    const { connection } = agents.idp.database;
    const all = (await connection.listCollections()).map(({ name }) => name).sort();
    const names = all.filter((name) => !name.startsWith('audit'));
    const rows = names.map(async (name) =>
      connection.collection<object>(name).find({}).sort({ _id: 1 }).toArray(),
    );
    return Object.fromEntries((await Promise.all(rows)).map((found, i) => [names[i], found]));
  }

  for (const [what, bad] of Object.entries(BODIES)) {
    it(`in a form of ours, such as ${what}, gets a page with 400 or 413, and changes nothing`, async () => {
      const before = await contents();
      const posts = ownRoutes(agents.idp, raw.uid()).filter(({ method }) => method === 'POST');
      const forms = posts.map(({ path }) => path).filter((path) => path.startsWith('/sign-in/'));
      expect(forms.length).to.be.greaterThan(7);
      for (const path of forms) {
        const { body, headers } = bad(path.endsWith('/password') ? 'email' : 'code');
        const withToken = typeof body === 'string' && !headers ? `_csrf=${raw.token()}&${body}` : body;
        const answer = await raw.post(path, { body: withToken, ...(headers ? { headers } : {}) });
        expect(answer.status, path).to.be.oneOf([400, 413]);
        const page = load(await answer.text());
        expect(page('h1').text(), path).to.be.oneOf([
          'We could not read this request',
          'That was too much at once',
        ]);
      }
      expect(await contents()).to.deep.equal(before);
    });
  }

  for (const [what, bad] of Object.entries(BODIES_FOR_APPS)) {
    it(`at an endpoint for apps, such as ${what}, gets an error in the words of OAuth`, async () => {
      const before = await contents();
      const endpoints = [
        ['/token', 'code', 'grant_type=authorization_code&redirect_uri=https://desk.example/callback'],
        ['/token', 'refresh_token', 'grant_type=refresh_token'],
        ['/introspect', 'token', 'token_type_hint=access_token'],
        ['/revoke', 'token', 'token_type_hint=access_token'],
        ['/par', 'state', 'response_type=code&client_id=plain'],
        ['/userinfo', 'access_token', 'x=y'],
      ] as const;
      for (const [path, to, rest] of endpoints) {
        const { body, headers } = bad(to);
        const whole = typeof body === 'string' && !headers ? `${rest}&${body}` : body;
        const authorization: Record<string, string> = path === '/userinfo' ? {} : { authorization: BASIC };
        const all = { accept: 'application/json', ...authorization, ...headers };
        const answer = await raw.post(path, { body: whole, headers: all });
        const text = await answer.text();
        // A token that cannot be is one that is not known, which these two do not call an error (RFC 7009, RFC 7662).
        const lenient = ['/introspect', '/revoke'].includes(path) && answer.status === 200;
        if (lenient) {
          expect(text, path).to.be.oneOf(['', '{"active":false}']);
          continue;
        }
        expect(answer.status, `${path} ${to}`).to.be.oneOf(path === '/userinfo' ? [400, 401] : [400]);
        expect(JSON.parse(text), path).to.have.property('error').that.is.a('string');
      }
      expect(await contents()).to.deep.equal(before);
    });
  }

  it('leaves the sign-in as it was: it goes on', async () => {
    for (const bad of Object.values(BODIES)) await raw.post(browser.url.pathname, bad('response'));
    await walk(browser, ana, agents);
    expect(codeOf(browser)).to.be.a('string');
  });
});
