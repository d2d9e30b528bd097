import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { generate } from 'otplib';
import { epochSeconds, systemClock } from '../../src/core/clock.ts';
import type { Account } from '../../src/accounts/account.ts';
import { appOf, type Tokens } from '../support/bare-browser.ts';
import { PASSWORD, startIdp, type Idp } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { walk, within } from '../support/walk.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const SKIP = 'form[action$="/skip"]';
const ONE = 'urn:stile:acr:1fa';

describe('a set-up that may be put off', () => {
  let idp: Idp;
  let desk: ReturnType<typeof appOf>;
  /** How far the clock is put back; milliseconds. */
  let back = 0;
  const now = () => new Date(systemClock().getTime() - back);
  /** When `dated`, `both` and `led` begin to require: half an hour ago, never at midnight. */
  const minute = Math.floor(systemClock().getTime() / MINUTE) - 30;
  const start = new Date((minute % (24 * 60) === 0 ? minute + 1 : minute) * MINUTE);

  before(async () => {
    idp = await startIdp({ clock: now });
    const required = { secondFactor: 'required' } as const;
    await idp.addTenant('dated', { ...required, effectiveFrom: start });
    await idp.addTenant('counted', { ...required, skips: 2 });
    await idp.addTenant('both', { ...required, effectiveFrom: start, skips: 1 });
    await idp.addTenant('never', { ...required, skips: 0 });
    await idp.addTenant('led', { ...required, effectiveFrom: start, enrolmentProof: 'lead-code' });
    const secret = 'desk-secret-desk-secret-desk-secret';
    desk = appOf(idp, { clientId: 'desk', redirectUri: 'https://desk.example/callback', secret });
  });
  after(() => idp.close());
  beforeEach(() => standAt(new Date(start.getTime() - 9 * DAY)));

  let people = 0;
  const person = async (tenant: string): Promise<Account> =>
    (await idp.addPerson(`ben${(people += 1)}@${tenant}.example`)).account;
  const standAt = (moment: Date) => void (back = systemClock().getTime() - moment.getTime());

  async function signIn({ email }: Account, params: Record<string, string> = {}): Promise<PageBrowser> {
    const browser = await idp.browser().open(desk.authorizeUrl(params));
    return browser.submit({ email, password: PASSWORD });
  }

  const maySkip = (browser: PageBrowser) => browser.page()(SKIP).length === 1;
  const asks = (browser: PageBrowser) =>
    browser.heading().endsWith('asks you to set up two-factor authentication');
  const tokens = async ({ left }: PageBrowser) =>
    (await (await desk.redeem(left?.searchParams.get('code') ?? '')).json()) as Tokens;
  const skipsOf = async (account: Account) => (await idp.app.stores.accounts.find(account))?.skips;

  /** The desk asks without a page. @returns what it is told */
  async function silently(browser: PageBrowser): Promise<string | null> {
    const { left } = await browser.copy().open(desk.authorizeUrl({ prompt: 'none' }));
    return left?.searchParams.get('error') ?? null;
  }

  it('is offered until the day before, with its date, and leads to the app with one factor', async () => {
    const ben = await person('dated');
    for (const days of [9, 1]) {
      standAt(new Date(start.getTime() - days * DAY));
      const browser = await signIn(ben);
      expect([asks(browser), maySkip(browser)]).to.deep.equal([true, true]);
      const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(start);
      expect(browser.html).to.include(`You can skip this until ${date}.`);
      await browser.submit({}, SKIP);
      const { id_token } = await tokens(browser);
      expect(decodeJwt(id_token)).to.deep.include({ acr: ONE, amr: ['pwd'] });
      expect(await silently(browser)).to.equal(null);
    }
  });

  it('tells the hour on its last day', async () => {
    standAt(new Date(start.getTime() - MINUTE));
    const browser = await signIn(await person('dated'));
    const hour = start.toISOString().slice(11, 16);
    expect(browser.html).to.include(`You can skip this until ${hour} UTC today.`);
    expect(maySkip(browser)).to.equal(true);
  });

  for (const [when, later] of [
    ['at its moment', 0],
    ['after it', 30 * MINUTE],
  ] as const) {
    it(`is offered no more ${when}, and what was skipped before is over`, async () => {
      const ben = await person('dated');
      standAt(new Date(start.getTime() - MINUTE));
      const early = await signIn(ben);
      const open = await signIn(ben);
      await early.submit({}, SKIP);
      const given = await tokens(early);
      expect(await silently(early)).to.equal(null);

      standAt(new Date(start.getTime() + later));
      expect(await silently(early)).to.equal('login_required');
      expect(await desk.introspect(given.access_token)).to.deep.equal({ active: false });
      const browser = await signIn(ben);
      expect([asks(browser), maySkip(browser)]).to.deep.equal([true, false]);
      if (later === 0) {
        // The page was open when its time came.
        await open.submit({}, SKIP);
        expect([open.status, open.left]).to.deep.equal([409, null]);
      }
    });
  }

  it('is offered as often as the tenant says, and the session of the last time lives on', async () => {
    const ben = await person('counted');
    for (const words of ['You can skip this 2 more times.', 'You can skip this 1 more time.']) {
      const browser = await signIn(ben);
      expect(browser.html).to.include(words);
      await browser.submit({}, SKIP);
      expect(await silently(browser)).to.equal(null);
    }
    const browser = await signIn(ben);
    expect([asks(browser), maySkip(browser)]).to.deep.equal([true, false]);
    expect(await skipsOf(ben)).to.equal(2);
  });

  it('counts a skip that is sent 20 times once, and lets one of 20 sign-ins have the last', async () => {
    const ben = await person('counted');
    const browser = await signIn(ben);
    const clicks = Array.from({ length: 20 }, () => Object.assign(browser.copy(), { html: browser.html }));
    await Promise.all(clicks.map((click) => click.submit({}, SKIP)));
    expect(await skipsOf(ben)).to.equal(1);
    for (const { status } of clicks) expect(status).to.be.below(500);

    const others = [];
    for (let i = 0; i < 20; i += 1) others.push(await signIn(ben));
    await Promise.all(others.map((other) => other.submit({}, SKIP)));
    expect(others.filter(({ left }) => left?.searchParams.has('code'))).to.have.length(1);
    for (const other of others.filter(({ left }) => left === null)) {
      // Whoever comes after the last one was counted is told that there is no such step.
      if (other.status === 409) continue;
      expect([asks(other), maySkip(other)]).to.deep.equal([true, false]);
    }
    expect(await skipsOf(ben)).to.equal(2);
  }).timeout(60_000);

  it('is asked and counted also of somebody who takes over the browser in the middle of another’s step-up', async () => {
    const ana = await idp.addPerson(`ana${(people += 1)}@northwind.example`, { app: true, keys: [{}] });
    const ben = await person('counted');
    for (const left of [true, true, false]) {
      const browser = await signIn(ana.account);
      await walk(browser, ana, { by: 'authenticator-app', appCode: () => idp.appCode() });
      await browser.open(desk.authorizeUrl({ acr_values: 'phr' }));
      await browser.open(within(browser, 'password?switch=1'));
      await browser.submit({ email: ben.email, password: PASSWORD });
      expect([asks(browser), maySkip(browser)]).to.deep.equal([true, left]);
      if (left) await browser.submit({}, SKIP);
      standAt(new Date(now().getTime() + MINUTE)); // for another app code
    }
    expect(await skipsOf(ben)).to.equal(2);
  });

  it('holds to both limits where both are set', async () => {
    const ben = await person('both');
    await (await signIn(ben)).submit({}, SKIP);
    expect(maySkip(await signIn(ben))).to.equal(false);
    standAt(start);
    expect(maySkip(await signIn(await person('both')))).to.equal(false);
  });

  it('is never offered with no skips at all, and a password alone is nothing then', async () => {
    const ben = await person('never');
    const browser = await signIn(ben);
    expect([asks(browser), maySkip(browser)]).to.deep.equal([true, false]);
    await browser.post(within(browser, 'skip'), {
      _csrf: browser.page()('[name=_csrf]').first().attr('value') ?? '',
    });
    expect([browser.status, browser.left]).to.deep.equal([409, null]);
    expect(await skipsOf(ben)).to.equal(0);
  });

  it('is never offered to somebody who ever had a method', async () => {
    const { accounts } = idp.app.stores;
    for (const tenant of ['dated', 'counted']) {
      const { account } = await idp.addPerson(`had${(people += 1)}@${tenant}.example`, { app: true });
      await accounts.save(account, { methods: [] });
      const browser = await signIn(account);
      expect([asks(browser), maySkip(browser)], tenant).to.deep.equal([true, false]);
    }
  });

  it('ends with the first method: what was skipped elsewhere is over', async () => {
    const ben = await person('dated');
    const elsewhere = await signIn(ben);
    await elsewhere.submit({}, SKIP);
    const browser = await signIn(ben);
    await browser.submit({});
    await browser.submit({ saved: 'yes' });
    await browser.submit({ method: 'authenticator-app' });
    const secret = browser.page()('.secret').text().replaceAll(' ', '');
    await browser.submit({ code: await generate({ secret, epoch: epochSeconds(now()) }) });
    await browser.submit({});
    expect(decodeJwt((await tokens(browser)).id_token).amr).to.have.members(['pwd', 'otp', 'mfa']);
    expect(await silently(elsewhere)).to.equal('login_required');
  });

  it('is not offered where the app itself demands two factors', async () => {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:stile:acr:2fa' } } });
    const browser = await signIn(await person('dated'), { claims });
    expect([asks(browser), maySkip(browser)]).to.deep.equal([true, false]);
  });

  it('is the only way on, until its end, for those who cannot set anything up by themselves', async () => {
    const ben = await person('led');
    const browser = await signIn(ben);
    expect([browser.status, browser.heading()]).to.deep.equal([
      200,
      'led support asks for two-factor authentication',
    ]);
    await browser.submit({}, SKIP);
    expect(browser.left?.searchParams.get('code')).to.be.a('string');
    standAt(start);
    const late = await signIn(ben);
    expect([late.status, maySkip(late)]).to.deep.equal([403, false]);
  });

  it('is put off by nobody but the one whose page it is', async () => {
    const browser = await signIn(await person('dated'));
    await browser.post(within(browser, 'skip'), {});
    expect([browser.status, browser.left]).to.deep.equal([403, null]);
    const stranger = idp.browser();
    await stranger.post(browser.url.pathname, {});
    expect(stranger.status).to.be.within(400, 403);
  });

  it('is told to the audit log', async () => {
    const ben = await person('counted');
    await (await signIn(ben)).submit({}, SKIP);
    const { search } = idp.app.stores.operations;
    const filter = { events: ['second_factor_skipped'], accountId: ben.accountId } as const;
    const { records } = await search.list('counted', filter, { limit: 10 });
    expect(records.map(({ details }) => details)).to.deep.equal(['{"until":null,"left":2}']);
  });
});
