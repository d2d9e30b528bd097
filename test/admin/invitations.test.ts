import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { startCallers, type Callers } from '../api/callers.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf } from '../support/walk.ts';

const AGENTS = '/tenants/northwind/agents';
const NEW = 'a lantern over quiet water';
const DAY = 24 * 60 * 60;

describe('an invitation', () => {
  let api: Callers;
  let admin: Person;
  let token: string;
  let behind = 20 * DAY * 1000;
  let count = 0;

  before(async () => {
    // The provider reads the machine's own clock, and knows no future.
    api = await startCallers({ clock: () => new Date(Date.now() - behind) });
    admin = await api.person('boss@northwind.example', ['admin']);
  });
  after(() => api.idp.close());
  beforeEach(async () => void (token = await api.token(admin)));
  const later = (seconds: number) => void (behind -= 1000 * seconds);

  const someEmail = () => `new-${(count += 1)}@northwind.example`;
  const newPerson = (email: string, more = {}) => ({ email, name: 'Noor Haddad', ...more });
  const invite = (body: unknown, headers: Record<string, string> = {}, by = token) =>
    api.call(by, 'POST', AGENTS, body, headers);
  const stored = (email: string, tenantId = 'northwind') =>
    api.idp.app.stores.accounts.findByEmail(tenantId, email);

  /** @returns the links in the mails to `email`, newest first */
  async function linksTo(email: string, least = 1): Promise<string[]> {
    for (let i = 0; i < 100; i += 1) {
      const mails = (await api.idp.app.stores.operations.mailbox?.newest(500)) ?? [];
      const mine = mails.filter(({ to }) => to === email);
      const links = mine.flatMap(({ text }) => /\/invite\/[\w-]{43}/.exec(text)?.[0] ?? []);
      if (links.length >= least) return links;
      await setTimeout(50);
    }
    throw new Error('no mail');
  }

  /** Somebody who was invited, their account's id and the mailed link. */
  async function invited(more = {}) {
    const email = someEmail();
    const { status, body } = await invite(newPerson(email, more));
    expect(status, JSON.stringify(body)).to.equal(201);
    const [link = ''] = await linksTo(email);
    return { email, id: String(body.id), link };
  }

  /** Opens a link and goes on to the page of the password. */
  async function open(link: string): Promise<PageBrowser> {
    const browser = await api.idp.browser().open(link);
    return browser.status === 200 ? browser.open('/invite/password') : browser;
  }
  const accept = async (link: string, password = NEW) => (await open(link)).submit({ password });
  const signIn = async (email: string) => {
    const browser = await api.idp.browser().open('/account/security');
    return browser.submit({ email, password: NEW });
  };
  const DEAD = [410, 'This invitation no longer works'];
  const seen = (browser: PageBrowser) => [browser.status, browser.heading()];

  it('makes somebody who is invited, mails them a link, and lets them choose a password and sign in', async () => {
    const { email, link } = await invited({ team: 'Claims', roles: ['lead'] });
    expect(await stored(email)).to.include({ state: 'invited', password: null, team: 'Claims' });
    const browser = await api.idp.browser().open(link);
    expect([browser.url.pathname, ...seen(browser)]).to.deep.equal([
      '/invite',
      200,
      'Welcome to northwind support',
    ]);
    expect(browser.html).to.include('Noor Haddad');
    await browser.open(browser.page()('a.btn').attr('href') ?? '');
    await browser.submit({ password: NEW });
    expect(seen(browser)).to.deep.equal([200, 'Your password is saved']);
    const account = await stored(email);
    expect(account).to.include({ state: 'active', invitation: null });
    expect(account?.roles).to.deep.equal(['lead']);
    await browser.open(browser.page()('a.btn').attr('href') ?? '');
    expect(pageOf(browser), 'it signs nobody in').to.equal('password');
    expect(browser.page()('#email').attr('value')).to.equal(email);
    await browser.submit({ email, password: NEW });
    expect([browser.status, browser.url.pathname]).to.deep.equal([200, '/account/security']);
  });

  it('keeps to the rules of passwords, and a refused one spends nothing', async () => {
    const { link } = await invited();
    const browser = await open(link);
    for (const bad of ['', 'short', 'aaaaaaaaaaaaaaaa', 'Noor Haddad Noor Haddad']) {
      await browser.submit({ password: bad });
      expect([browser.status, browser.url.pathname], bad).to.deep.equal([422, '/invite/password']);
    }
    await browser.submit({ password: NEW });
    expect(browser.heading()).to.equal('Your password is saved');
  });

  it('may be opened by scanners and in any browser, and is used once', async () => {
    const { email, link } = await invited();
    for (let i = 0; i < 3; i += 1) expect(seen(await open(link))[0]).to.equal(200);
    const tab = await open(link);
    expect(tab.url.href).not.to.include(link.slice(8));
    await accept(link);
    const again = await open(link);
    expect(seen(again)).to.deep.equal([410, 'You have a password already']);
    expect(again.page()('a.btn').text()).to.equal('Sign in');
    const { credVersion } = (await stored(email)) ?? {};
    await tab.submit({ password: 'another lantern over the sea' });
    expect(seen(tab)).to.deep.equal([410, 'You have a password already']);
    expect((await stored(email))?.credVersion).to.equal(credVersion);
    expect((await signIn(email)).url.pathname).to.equal('/account/security');
  });

  it('lets one of 10 at once through', async () => {
    const { email, link } = await invited();
    const all = [];
    for (let i = 0; i < 10; i += 1) all.push(await open(link));
    const before = (await stored(email))?.credVersion ?? 0;
    await Promise.all(all.map((one, i) => one.submit({ password: `${NEW} ${i}` })));
    expect(all.filter(({ url }) => url.pathname === '/invite/done')).to.have.length(1);
    expect((await stored(email))?.credVersion).to.equal(before + 1);
  }).timeout(60_000);

  it('outlives a change by those in charge, also in the same moment', async () => {
    const { id, email, link } = await invited();
    const browser = await open(link);
    const renames = [1, 2, 3].map((n) => api.call(token, 'PATCH', `${AGENTS}/${id}`, { name: `Noor ${n}` }));
    await Promise.all([browser.submit({ password: NEW }), ...renames]);
    expect(browser.heading()).to.equal('Your password is saved');
    expect(await stored(email)).to.include({ state: 'active' });
  });

  it('is over after 7 days', async () => {
    const { id, email, link } = await invited();
    later(7 * DAY - 60);
    expect(seen(await open(link))[0]).to.equal(200);
    const waiting = await open(link);
    later(61);
    expect(seen(await open(link))).to.deep.equal(DEAD);
    await waiting.submit({ password: NEW });
    expect(seen(waiting)).to.deep.equal(DEAD);
    expect(await stored(email)).to.include({ state: 'invited', password: null });
    token = await api.token(admin);
    expect((await api.call(token, 'POST', `${AGENTS}/${id}/invitation/send-again`)).status).to.equal(200);
    const [newest = ''] = await linksTo(email, 2);
    expect((await accept(newest)).heading()).to.equal('Your password is saved');
  });

  it('is sent again, three times an hour, and the link before it dies', async () => {
    const { id, email, link } = await invited();
    const again = () => api.call(token, 'POST', `${AGENTS}/${id}/invitation/send-again`);
    expect((await again()).status).to.equal(200);
    const links = await linksTo(email, 2);
    expect(seen(await open(link))).to.deep.equal(DEAD);
    expect(seen(await open(links.find((one) => one !== link) ?? ''))[0]).to.equal(200);
    await again();
    await again();
    const tooMany = await again();
    expect([tooMany.status, tooMany.body.code]).to.deep.equal([429, 'too_many_attempts']);
    expect(Number(tooMany.headers.get('retry-after'))).to.be.within(1, 3600);
    expect(new Set(await linksTo(email, 4)).size).to.equal(4);
  });

  it('reaches an address four times an hour at most, also when it is withdrawn and made anew', async () => {
    const email = someEmail();
    const statuses: number[] = [];
    for (const by of [token, await api.machineToken(), token, await api.machineToken(), token]) {
      const { status, body } = await invite(newPerson(email), {}, by);
      statuses.push(status);
      if (status === 201) await api.call(token, 'POST', `${AGENTS}/${String(body.id)}/invitation/withdraw`);
    }
    expect(statuses).to.deep.equal([201, 201, 201, 201, 429]);
    expect((await stored(email)) ?? null).to.equal(null);
  });

  it('sent again from two places at once leaves one link that works', async () => {
    const { id, email } = await invited();
    const again = () => api.call(token, 'POST', `${AGENTS}/${id}/invitation/send-again`);
    const answers = await Promise.all([again(), again(), again()]);
    const sent = answers.filter(({ status }) => status === 200).length;
    expect(sent).to.be.greaterThan(0);
    const works = [];
    for (const link of await linksTo(email, 1 + sent)) works.push((await open(link)).status === 200);
    expect(works.filter(Boolean)).to.have.length(1);
  });

  it('is withdrawn: the person is gone, the link is dead, and the email is free again', async () => {
    const { id, email, link } = await invited();
    const waiting = await open(link);
    expect((await api.call(token, 'POST', `${AGENTS}/${id}/invitation/withdraw`)).status).to.equal(204);
    expect(await stored(email)).to.equal(null);
    await waiting.submit({ password: NEW });
    expect(seen(waiting)).to.deep.equal(DEAD);
    expect((await api.call(token, 'POST', `${AGENTS}/${id}/invitation/withdraw`)).status).to.equal(404);
    expect((await invite(newPerson(email))).status).to.equal(201);
    expect(seen(await open(link))).to.deep.equal(DEAD);
  });

  it('withdrawn and accepted at once is one of the two', async () => {
    for (let i = 0; i < 5; i += 1) {
      const { id, email, link } = await invited();
      const browser = await open(link);
      const [{ status }] = await Promise.all([
        api.call(token, 'POST', `${AGENTS}/${id}/invitation/withdraw`),
        browser.submit({ password: NEW }),
      ]);
      const account = await stored(email);
      if (status === 204) expect([account, browser.status]).to.deep.equal([null, 410]);
      // 422: the link was faster by so much that there was no invitation left to withdraw.
      else expect([[409, 422].includes(status), account?.state]).to.deep.equal([true, 'active']);
    }
  });

  it('is dead while and after somebody is out of use', async () => {
    const { id, link } = await invited();
    await api.call(token, 'PATCH', `${AGENTS}/${id}`, { state: 'disabled' });
    expect(seen(await open(link))).to.deep.equal(DEAD);
    const back = await api.call(token, 'PATCH', `${AGENTS}/${id}`, { state: 'active' });
    expect(back.body).to.include({ state: 'invited', invitationExpiresAt: null });
    expect(seen(await open(link))).to.deep.equal(DEAD);
    expect((await api.call(token, 'POST', `${AGENTS}/${id}/invitation/send-again`)).status).to.equal(200);
  });

  it('can be neither sent again nor withdrawn once it was accepted', async () => {
    const { id, email, link } = await invited();
    await accept(link);
    for (const what of ['send-again', 'withdraw']) {
      const answer = await api.call(token, 'POST', `${AGENTS}/${id}/invitation/${what}`);
      expect([answer.status, answer.body.detail], what).to.deep.equal([422, 'not_invited']);
    }
    expect(await stored(email)).to.include({ state: 'active' });
  });

  it('is refused for an email that the tenant has, in any spelling, and changes nothing', async () => {
    const { email } = await invited();
    const before = await stored(email);
    for (const same of [email, email.toUpperCase(), ` ${email} `]) {
      const answer = await invite(newPerson(same, { name: 'Somebody Else' }));
      expect([answer.status, answer.body.code, answer.body.detail]).to.deep.equal([
        422,
        'refused',
        'email_taken',
      ]);
    }
    expect(await stored(email)).to.deep.equal(before);
    await linksTo(email);
    const racing = someEmail();
    const answers = await Promise.all(Array.from({ length: 8 }, () => invite(newPerson(racing))));
    const [one, ...others] = answers.map(({ status }) => status).sort();
    expect(one).to.equal(201);
    // At once they also take up the mails that an address gets; whoever was refused gives theirs back.
    for (const other of others) expect(other).to.be.oneOf([422, 429]);
    expect(await linksTo(racing)).to.have.length(1);
  });

  it('sent again with its Idempotency-Key is the same one, also at once', async () => {
    const email = someEmail();
    const key = { 'idempotency-key': 'one' };
    const answers = await Promise.all([1, 2, 3].map(() => invite(newPerson(email), key)));
    answers.push(await invite(newPerson(email), key));
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body.id)}`)).size).to.equal(1);
    expect((await linksTo(email)).length).to.equal(1);
    const other = await invite(newPerson(someEmail()), key);
    expect([other.status, other.body.detail], 'the key of another request').to.deep.equal([422, 'key_used']);
  });

  it('whose mail broke off is mailed when the request is sent again', async () => {
    const { stores } = api.idp.app;
    const email = someEmail();
    const key = { 'idempotency-key': 'broken' };
    const { body } = await invite(newPerson(email), key);
    const [first = ''] = await linksTo(email);
    const account = await stored(email);
    if (!account) throw new Error('nobody');
    // As if the process had died between the account and its mail.
    await stores.accounts.save(account, { invitation: null });
    expect(seen(await open(first))).to.deep.equal(DEAD);
    const again = await invite(newPerson(email), key);
    expect([again.status, again.body.id]).to.deep.equal([201, body.id]);
    const links = await linksTo(email, 2);
    expect((await accept(links.find((one) => one !== first) ?? '')).status).to.equal(200);
  });

  it('gives no role above one’s own, and machines invite no admins', async () => {
    const email = someEmail();
    const machine = await api.machineToken();
    for (const [by, roles] of [
      [token, ['operator']],
      [machine, ['admin']],
    ] as const) {
      const answer = await invite(newPerson(email, { roles }), {}, by);
      expect([answer.status, answer.body.detail]).to.deep.equal([403, 'higher_role']);
    }
    expect(await stored(email)).to.equal(null);
    expect((await invite(newPerson(email, { roles: ['lead'] }), {}, machine)).status).to.equal(201);
  });

  it('reaches nobody of another tenant, by whatever id', async () => {
    const strangers = await api.person('boss@globex.example', ['admin']);
    const theirs = await api.token(strangers);
    const { id, email, link } = await invited();
    const before = await stored(email);
    for (const what of ['send-again', 'withdraw']) {
      for (const slug of ['globex', 'northwind']) {
        const path = `/tenants/${slug}/agents/${id}/invitation/${what}`;
        expect((await api.call(theirs, 'POST', path)).status, path).to.equal(404);
      }
    }
    expect((await invite(newPerson(someEmail()), {}, theirs)).status).to.equal(404);
    expect(await stored(email)).to.deep.equal(before);
    expect(seen(await open(link))[0]).to.equal(200);
    // The same email at another company is another person.
    const there = await api.call(theirs, 'POST', '/tenants/globex/agents', newPerson(email));
    expect(there.status).to.equal(201);
  });

  it('takes no form of another site, and none without the link of its page', async () => {
    const { email, link } = await invited();
    const browser = await open(link);
    const _csrf = browser.page()('input[name=_csrf]').attr('value') ?? '';
    await browser.post('/invite/password', { password: NEW });
    expect(browser.status).to.equal(403);
    await browser.post('/invite/password', { password: NEW, _csrf }, { 'sec-fetch-site': 'cross-site' });
    expect(browser.status).to.equal(403);
    const other = await open((await invited()).link);
    await other.post('/invite/password', { password: NEW, _csrf });
    expect(other.status).to.equal(403);
    const nobody = await api.idp.browser().open('/invite/password');
    expect(seen(nobody)).to.deep.equal(DEAD);
    expect(await stored(email)).to.include({ state: 'invited' });
  });

  it('opens no reset of a password, and a reset’s link accepts nothing', async () => {
    const { email, link } = await invited();
    const token43 = link.slice(8);
    expect((await api.idp.browser().open(`/link/${token43}`)).status).to.equal(410);
    const browser = await api.idp.browser().open('/password/forgot');
    await browser.submit({ email });
    await setTimeout(300);
    const mails = (await api.idp.app.stores.operations.mailbox?.newest(500)) ?? [];
    expect(mails.filter(({ to, text }) => to === email && text.includes('/link/'))).to.deep.equal([]);
    const { account } = await api.person(someEmail(), ['agent'], {});
    await browser.open('/password/forgot');
    await browser.submit({ email: account.email });
    for (let i = 0; i < 60; i += 1) {
      const all = (await api.idp.app.stores.operations.mailbox?.newest(500)) ?? [];
      const reset = all.find(({ to }) => to === account.email);
      const found = /\/link\/([\w-]{43})/.exec(reset?.text ?? '')?.[1];
      if (found !== undefined) {
        expect(seen(await api.idp.browser().open(`/invite/${found}`))).to.deep.equal(DEAD);
        return;
      }
      await setTimeout(50);
    }
    throw new Error('no mail');
  });

  it('is kept nowhere in a form by which its link could be made, and sends no referrer', async () => {
    const { link, id } = await invited();
    const { connection } = api.idp.database;
    for (const name of ['accounts', 'mail_links', 'outbox', 'audit_events']) {
      const rows = await connection.collection(name).find().toArray();
      expect(JSON.stringify(rows), name).not.to.include(link.slice(8));
    }
    const response = await fetch(`${api.idp.base}${link}`, { redirect: 'manual' });
    expect(response.headers.get('referrer-policy')).to.equal('no-referrer');
    expect(response.headers.get('location')).to.equal('/invite');
    const events = await api.call(token, 'GET', `/tenants/northwind/audit-events?agent=${id}`);
    const [event] = events.body.events as Record<string, unknown>[];
    expect(event).to.deep.include({ event: 'agent_invited', details: { roles: ['agent'], team: null } });
  });

  it('is told of in the log, with who accepted and who withdrew', async () => {
    const { id } = await invited();
    await api.call(token, 'POST', `${AGENTS}/${id}/invitation/send-again`);
    await api.call(token, 'POST', `${AGENTS}/${id}/invitation/withdraw`);
    const events = await api.call(token, 'GET', `/tenants/northwind/audit-events?agent=${id}`);
    expect((events.body.events as { event: string }[]).map(({ event }) => event)).to.have.members([
      'agent_invited',
      'invitation_sent_again',
      'invitation_withdrawn',
    ]);
  });
});
