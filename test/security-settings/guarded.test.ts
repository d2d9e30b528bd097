import { expect } from 'chai';
import type { Account } from '../../src/accounts/account.ts';
import { PASSWORD, type Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { pageOf } from '../support/walk.ts';
import { SECURITY, startOwners, tokenOf, wayOf, type Owners } from './owners.ts';

interface Case {
  readonly what: string;
  /** Of the page, below the settings. */
  readonly page: (account: Account) => string;
  /** Where a proof is asked for; absent = at the page itself, which shows nothing without. */
  readonly gate?: string;
  /** Where the form goes; absent = to its page. */
  readonly action?: string;
  readonly fields: Record<string, string>;
  /** Where it leads when it was done. */
  readonly end: string;
  /** Events of its kind in the log when it was done once. */
  readonly events: number;
}

/** Every change of the account. */
const CASES: readonly Case[] = [
  {
    what: 'remove',
    page: ({ methods: [app] }) => `/methods/${app?.id ?? ''}/remove`,
    fields: {},
    end: SECURITY,
    events: 1,
  },
  {
    what: 'rename',
    page: ({ methods: [, key] }) => `/methods/${key?.id ?? ''}/rename`,
    fields: { name: 'Desk key' },
    end: SECURITY,
    events: 1,
  },
  { what: 'turn off', page: () => '/turn-off', fields: {}, end: SECURITY, events: 2 },
  { what: 'new codes', page: () => '/codes', fields: {}, end: `${SECURITY}/codes/new`, events: 1 },
  {
    what: 'sign out elsewhere',
    page: () => '/sessions',
    gate: '/account/confirm/sessions',
    action: `${SECURITY}/sessions/end-others`,
    fields: {},
    end: `${SECURITY}/sessions`,
    events: 1,
  },
  {
    what: 'change the password',
    page: () => '/password',
    fields: { current: PASSWORD, password: 'a kettle of green ferns' },
    end: SECURITY,
    events: 1,
  },
  {
    what: 'this was not me',
    page: () => '/not-me',
    fields: {},
    end: `${SECURITY}/not-me/done`,
    events: 1,
  },
];
const EVENTS = [
  'method_removed',
  'method_renamed',
  'recovery_codes_made',
  'sessions_ended',
  'password_changed',
  'reported_not_me',
] as const;

for (const { what, page, gate: ownGate, action: ownAction, fields, end, events } of CASES) {
  describe(`the change "${what}"`, () => {
    let owners: Owners;
    let person: Person;
    let browser: PageBrowser;
    /** Of the page, and where its form goes. */
    let path: string;
    let action: string;
    let gate: string;
    before(async () => void (owners = await startOwners()));
    after(() => owners.close());
    beforeEach(async () => {
      person = await owners.person({ app: true, keys: [{}], codes: true });
      browser = await owners.signIn(person);
      path = `${SECURITY}${page(person.account)}`;
      action = ownAction ?? path;
      gate = ownGate ?? path;
      // Somebody to sign out.
      await owners.signIn(person);
    });

    const form = (more: Record<string, string> = {}) => ({
      _csrf: tokenOf(browser),
      version: String(person.account.credVersion),
      ...fields,
      ...more,
    });

    /** Nothing about the account has changed, and nothing that its pages show. */
    async function isUntouched() {
      expect(await owners.now(person)).to.deep.equal(person.account);
      const names = [
        ...(await owners.stores.securityKeys.list(person.account)),
        ...(await owners.stores.authenticatorApps.list(person.account)),
      ].map(({ name }) => name);
      expect(names).to.deep.equal(['Blue key', 'Phone']);
    }

    /** The session's id; null = there is none. */
    const session = () => browser.cookies.get('session')?.value ?? null;

    it('happens with a fresh proof', async () => {
      await owners.confirm(browser, person, gate);
      const before = session();
      expect([browser.status, browser.url.pathname]).to.deep.equal([200, path]);
      await browser.submit(fields, ownAction === undefined ? 'form' : `form[action="${action}"]`);
      expect([browser.status, browser.url.pathname]).to.deep.equal([200, end]);
      if (!end.startsWith(path)) expect(browser.page()('#saved h2').text()).to.not.equal('');
      expect((await owners.now(person)).credVersion).to.equal(person.account.credVersion + 1);
      // Who reported somebody else has no session any more (not-me.test.ts).
      if (what !== 'this was not me') expect(session(), 'an id that leaked').to.not.equal(before);
    });

    it('is in the log: who, how proved, from where, under which reference', async () => {
      await owners.confirm(browser, person, gate);
      await browser.submit(fields, ownAction === undefined ? 'form' : `form[action="${action}"]`);
      const { tenantId, accountId } = person.account;
      const filter = { accountId, events: EVENTS };
      const { records } = await owners.stores.operations.search.list(tenantId, filter, { limit: 10 });
      expect(records).to.have.length(events);
      for (const { actor, subject, result, source, reference, details } of records) {
        expect([actor, subject]).to.deep.equal([
          { tenantId, accountId },
          { tenantId, accountId },
        ]);
        expect([result, source]).to.deep.equal(['ok', '127.0.0.0/24']);
        expect(reference).to.match(/^[a-z0-9]{8}$/);
        expect(JSON.parse(details ?? '{}')).to.include({ provedBy: 'security-key' });
      }
    });

    it('does not happen without one, by page or by direct request', async () => {
      await browser.open(gate);
      expect(wayOf(browser)).to.equal('security-key');
      await browser.post(action, form());
      expect(wayOf(browser)).to.equal('security-key');
      await isUntouched();
    });

    it('does not happen with one that is eleven minutes old', async () => {
      await owners.confirm(browser, person, gate);
      owners.later(601);
      await browser.post(action, form());
      expect(wayOf(browser)).to.equal('security-key');
      await isUntouched();
    });

    it('does not happen with one of another session, or of another person', async () => {
      const stranger = await owners.person({ keys: [{}] });
      const elsewhere = await owners.signIn(person);
      await owners.confirm(elsewhere, person, gate);
      await owners.confirm(await owners.signIn(stranger), stranger, `${SECURITY}/turn-off`);
      await browser.open(gate);
      await browser.post(action, form());
      expect(wayOf(browser)).to.equal('security-key');
      await isUntouched();
    });

    it('does not happen from a page that is out of date', async () => {
      await owners.confirm(browser, person, gate);
      for (const version of [person.account.credVersion - 1, person.account.credVersion + 1]) {
        await browser.post(action, form({ version: String(version) }));
        expect([browser.status, browser.heading()]).to.deep.equal([
          409,
          'Something changed while you were here',
        ]);
        await browser.open(gate);
      }
      for (const version of ['', 'x', '1e3', '9'.repeat(20)]) {
        await browser.post(action, form({ version }));
        expect(browser.status, version).to.equal(400);
        await browser.open(gate);
      }
      await isUntouched();
    });

    it('does not happen without the token of its session, or from another site', async () => {
      await owners.confirm(browser, person, gate);
      const stranger = await owners.signIn(await owners.person({ app: true }));
      await stranger.open(`${SECURITY}/turn-off`);
      const good = form();
      for (const [given, headers] of [
        [{ _csrf: '' }, {}],
        [{ _csrf: tokenOf(stranger) }, {}],
        [{}, { 'sec-fetch-site': 'cross-site' }],
        [{}, { 'sec-fetch-site': 'same-site' }],
        [{}, { 'sec-fetch-site': 'none' }],
        [{}, { 'sec-fetch-site': '', origin: 'https://evil.example' }],
        [{}, { 'sec-fetch-site': '', origin: 'null' }],
      ] as const) {
        await browser.post(action, { ...good, ...given }, headers);
        expect(browser.status, JSON.stringify([given, headers])).to.equal(403);
      }
      await isUntouched();
    });

    it('does not happen without a session', async () => {
      await owners.confirm(browser, person, gate);
      const nobody = owners.idp.browser();
      await nobody.post(action, form());
      expect(nobody.status).to.equal(401);
      await nobody.open(path);
      expect(pageOf(nobody)).to.equal('password');
      await isUntouched();
    });

    it('happens once when twenty ask for it at once', async () => {
      await owners.confirm(browser, person, gate);
      const fine = form();
      const before = (await owners.now(person)).credVersion;
      const statuses = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const one = owners.idp.browser();
          for (const [name, cookie] of browser.cookies) one.cookies.set(name, cookie);
          await one.post(action, fine);
          return one.status;
        }),
      );
      const after = await owners.now(person);
      expect(after.credVersion).to.equal(before + 1);
      expect(after.methodCount).to.equal(after.methods.length);
      expect(statuses).to.include(200);
      // 429: more passwords at once than anybody may try.
      const told = [200, 401, 404, 409, 429];
      expect([...new Set(statuses)].filter((one) => !told.includes(one))).to.deep.equal([]);
      // Who was too late has said so in the log after having announced it.
      const log = await owners.told(person, ...EVENTS);
      const late = log.filter(([, , reason]) => reason === 'changed_meanwhile');
      expect(log.length - 2 * late.length).to.equal(events);
    });
  });
}

describe('the methods of another person', () => {
  let owners: Owners;
  before(async () => void (owners = await startOwners()));
  after(() => owners.close());

  it('are not there, in one’s own company or another, with a fresh proof or without', async () => {
    await owners.idp.addTenant('southwind');
    const person = await owners.person({ keys: [{}] });
    const browser = await owners.signIn(person);
    const others = [await owners.person({ keys: [{}] }), await owners.person({ keys: [{}] }, 'southwind')];
    for (const proof of [false, true]) {
      if (proof) await owners.confirm(browser, person, `${SECURITY}/turn-off`);
      else await browser.open(`${SECURITY}/turn-off`);
      const token = tokenOf(browser);
      for (const other of others) {
        for (const verb of ['remove', 'rename']) {
          const path = `${SECURITY}/methods/${other.account.methods[0]?.id ?? ''}/${verb}`;
          await browser.open(path);
          expect(browser.status, path).to.equal(404);
          await browser.post(path, { _csrf: token, version: '1', name: 'Mine now' });
          expect(browser.status, path).to.equal(404);
        }
        expect(await owners.now(other)).to.deep.equal(other.account);
        const [key] = await owners.stores.securityKeys.list(other.account);
        expect(key?.name).to.equal('Blue key');
      }
    }
  });
});
