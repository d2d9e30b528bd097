import { expect } from 'chai';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf, touchKey } from '../support/walk.ts';
import { codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';
import { rawRequests } from './raw.ts';

describe('a bad value', () => {
  let agents: Agents;
  let app: DemandingApp;
  let ana: Person;
  let browser: PageBrowser;
  let raw: ReturnType<typeof rawRequests>;

  before(async () => {
    agents = await startAgents();
    app = agents.app();
    ana = await agents.person({ keys: [{}] });
  });
  after(() => agents.close());
  beforeEach(async () => {
    browser = await agents.idp.browser().open(app.authorizeUrl());
    await browser.submit({ email: ana.account.email, password: PASSWORD });
    expect(pageOf(browser)).to.equal('security-key');
    raw = rawRequests(agents.idp, browser);
  });

  it('in an authorization request gets a page or an error for the app, never a fault', async () => {
    const values = [
      'a\0b', '\u{fffd}', '[object Object]', '{"$ne":null}', '__proto__', 'constructor', '-1', '1e400', '{', '[[[[', 'null',
      '{"id_token":null}', '{"id_token":{"acr":null}}', '{"id_token":{"acr":{"essential":true,"values":{"$ne":1}}}}',
      '{"id_token":{"acr":{"essential":"yes","value":5,"values":"x"}}}', '{"id_token":{"acr":"\\ud800"}}',
      '{"userinfo":[],"id_token":[]}', `${'['.repeat(1000)}${']'.repeat(1000)}`, 'x'.repeat(6000),
    ]; // prettier-ignore
    const names = [
      'acr_values', 'claims', 'max_age', 'prompt', 'login_hint', 'tenant', 'ui_locales', 'scope', 'state', 'nonce', 'resource',
      'response_mode', 'response_type', 'redirect_uri', 'client_id', 'code_challenge', 'code_challenge_method', 'request',
      'request_uri', 'id_token_hint', 'display', 'authorization_details', 'dpop_jkt',
    ]; // prettier-ignore
    for (const name of names) {
      for (const value of values) {
        const { status } = await raw.send(app.authorizeUrl({ [name]: value }), { headers: { cookie: '' } });
        expect(status, `${name}=${value.slice(0, 80)}`).to.be.oneOf([303, 400]);
      }
      const twice = await raw.send(`${app.authorizeUrl()}&${name}=a&${name}=b&${name}[$ne]=c`);
      expect(twice.status, `${name} twice`).to.be.oneOf([303, 400]);
    }
  }).timeout(60_000);

  it('in an address gets 400 or 404', async () => {
    const odd = [
      '%00',
      '%ED%A0%80',
      '%zz',
      '%E0%A4%A',
      '..%2f..',
      '__proto__',
      '$ne',
      '[object Object]',
      'x'.repeat(5000),
    ];
    const places = [
      (one: string) => `/sign-in/${one}`,
      (one: string) => `/sign-in/${one}/password`,
      (one: string) => `/sign-in/${raw.uid()}/${one}`,
      (one: string) => `/sign-in/${raw.uid()}/second-factor/${one}`,
      (one: string) => `/sign-in/${raw.uid()}/second-factor/${one}/options`,
      (one: string) => `/${one}`,
    ];
    for (const one of odd) {
      for (const place of places) {
        expect((await raw.send(place(one))).status, place(one).slice(0, 80)).to.be.oneOf([400, 404]);
        const posted = await raw.post(place(one), { body: `_csrf=${raw.token()}&code=1` });
        expect(posted.status, `POST ${place(one).slice(0, 80)}`).to.be.oneOf([400, 403, 404]);
      }
    }
  });

  it('in a cookie or a header counts for nothing', async () => {
    const names = [
      'session',
      'session.sig',
      'sign-in',
      'sign-in.sig',
      'resume',
      'resume.sig',
      'stile_device',
    ];
    const odd = [
      '',
      '%00',
      '%ED%A0%80',
      '%zz',
      '{"$ne":null}',
      'bm90.bm90',
      'W10.W10',
      '__proto__',
      'x'.repeat(500),
    ];
    for (const one of odd) {
      const headers = { cookie: names.map((name) => `${name}=${one}`).join('; ') };
      expect((await raw.send(app.authorizeUrl(), { headers })).status, one).to.equal(303);
      expect((await raw.send(browser.url.pathname, { headers })).status, one).to.equal(400);
      expect((await raw.send(`/authorize/${raw.uid()}`, { headers })).status, one).to.equal(400);
      const own = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`);
      const known = { cookie: [...own, `stile_device=${one}`].join('; ') };
      expect((await raw.send(`/sign-in/${raw.uid()}/password`, { headers: known })).status, one).to.equal(
        200,
      );
    }
    for (const authorization of [
      'Basic',
      'Basic !!!',
      `Basic ${btoa('\0:\0')}`,
      `Basic ${btoa('%zz:%zz')}`,
      'Bearer',
      'x y',
    ]) {
      const body = 'grant_type=authorization_code&code=x';
      const answer = await raw.post('/token', {
        body,
        headers: { authorization, accept: 'application/json' },
      });
      expect(answer.status, authorization).to.be.oneOf([400, 401]);
      const info = await raw.send('/userinfo', { headers: { authorization, accept: 'application/json' } });
      expect(info.status, authorization).to.be.oneOf([400, 401]);
    }
  });

  it('as the answer of a key is refused like a key that was not touched, and the right answer still counts', async () => {
    const path = browser.url.pathname;
    const right = touchKey(browser, ana);
    const answer = JSON.parse(right.response ?? '') as Record<string, unknown>;
    const odd: unknown[] = [
      null, [], 'x', 5, {}, { ...answer, id: { $ne: 1 } }, { ...answer, id: 'a\0b' }, { ...answer, response: null },
      { ...answer, response: { clientDataJSON: ['a'], authenticatorData: 5, signature: {} } },
      { ...answer, response: { clientDataJSON: '', authenticatorData: '', signature: '' } },
      { ...answer, type: { $gt: '' } },
    ]; // prettier-ignore
    const texts = [
      '{',
      '\ufffd',
      '{"id":"\\ud800"}',
      `${'['.repeat(3000)}`,
      '{"__proto__":{"id":"x"}}',
      ...odd.map((one) => JSON.stringify(one)),
    ];
    for (const response of texts) {
      await browser.post(path, { _csrf: raw.token(), response, client_state: 'ready' });
      expect([browser.status, pageOf(browser)], response.slice(0, 80)).to.deep.equal([422, 'security-key']);
    }
    await browser.submit(touchKey(browser, ana));
    expect(codeOf(browser)).to.be.a('string');
  });
});
