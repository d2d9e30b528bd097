import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { codeOf, startAgents, type Agents, type DemandingApp } from './agents.ts';

describe('the audit log of what the provider does', () => {
  let agents: Agents;
  let app: DemandingApp;
  let ben: Person;
  let browser: PageBrowser;

  before(async () => {
    agents = await startAgents();
    await agents.idp.addClient({
      client_id: 'guest',
      client_secret: 'a secret of this test, long enough',
      client_name: 'Guest book',
      redirect_uris: ['https://desk.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
    });
  });
  after(() => agents.close());
  beforeEach(async () => {
    app = agents.app();
    ben = await agents.person();
    browser = agents.idp.browser();
  });

  async function signIn(at = app, more: Record<string, string> = {}): Promise<void> {
    await browser.open(at.authorizeUrl(more));
    await browser.submit({ email: ben.account.email, password: PASSWORD });
  }

  const eventsOf = async (event: string) => {
    const { tenantId, accountId } = ben.account;
    const { records } = await agents.idp.app.stores.operations.search.list(
      tenantId,
      { accountId },
      { limit: 50 },
    );
    return records.filter((record) => record.event === event);
  };
  /** Some are written beside the answer. */
  async function recorded(event: string, times = 1) {
    for (let i = 0; i < 100; i += 1) {
      const found = await eventsOf(event);
      if (found.length >= times) return found;
      await wait(20);
    }
    throw new Error(`${event} was not recorded`);
  }

  it('tells of a sign-out, by whom and at which app', async () => {
    await signIn();
    await browser.open('/logout?client_id=plain');
    await browser.submit({ logout: 'yes' });
    const [event] = await recorded('signed_out');
    expect(event?.actor?.accountId).to.equal(ben.account.accountId);
    expect(JSON.parse(event?.details ?? '{}')).to.deep.equal({ client: 'plain' });
    expect(event?.reference).to.be.a('string');
  });

  for (const [what, together] of [
    ['one after the other', false],
    ['at the same moment', true],
  ] as const) {
    it(`tells of a code and of a refresh token that came twice, ${what}`, async () => {
      await signIn();
      const code = codeOf(browser) ?? '';
      const twice = async (use: () => Promise<Response>) => {
        const first = use();
        if (!together) await first;
        return Promise.all([first, use()]);
      };
      await twice(() => app.redeem(code));
      const [reused] = await recorded('code_reused');
      expect([reused?.actor, reused?.result]).to.deep.equal([null, 'refused']);
      expect(reused?.subject?.accountId).to.equal(ben.account.accountId);

      await browser.open(app.authorizeUrl());
      const { refresh_token: token = '' } = (await (await app.redeem(codeOf(browser) ?? '')).json()) as {
        refresh_token?: string;
      };
      await twice(() => app.refresh(token));
      expect((await recorded('refresh_token_reused'))[0]?.details).to.include('plain');
    });
  }

  it('tells nothing of tokens that are used as they should be', async () => {
    await signIn();
    const tokens = (await (await app.redeem(codeOf(browser) ?? '')).json()) as { refresh_token?: string };
    expect((await app.refresh(tokens.refresh_token ?? '')).status).to.equal(200);
    expect(await eventsOf('code_reused')).to.deep.equal([]);
    expect(await eventsOf('refresh_token_reused')).to.deep.equal([]);
  });

  it('tells what a person let an app know, and what not', async () => {
    const guest = agents.app('guest');
    await signIn(guest, { scope: 'openid email' });
    expect(browser.heading()).to.equal('Let Guest book use your details?');
    await browser.submit({ action: 'deny' });
    expect(browser.left?.searchParams.get('error')).to.equal('access_denied');
    expect((await recorded('consent_refused'))[0]?.result).to.equal('refused');

    await browser.open(guest.authorizeUrl({ scope: 'openid email' }));
    await browser.submit({ action: 'allow' });
    expect(codeOf(browser)).to.be.a('string');
    const [given] = await recorded('consent_given');
    expect(JSON.parse(given?.details ?? '{}')).to.deep.equal({
      client: 'guest',
      scopes: ['openid', 'email'],
    });

    await browser.open(guest.authorizeUrl({ scope: 'openid email' }));
    expect(codeOf(browser), 'not asked again').to.be.a('string');
  });

  it('counts each event for /metrics', async () => {
    await signIn();
    const { text } = await agents.idp.app.stores.operations.metrics.text();
    expect(text).to.match(
      /stile_audit_events_total\{event="sign_in_completed",method="password",result="ok"\} \d/,
    );
    expect(text).to.match(/stile_hash_queue_depth 0/);
  });
});
