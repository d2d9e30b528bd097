import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { startConsoles, type Consoles } from './console.ts';

const IMPORT = '/admin/agents/import';

describe('inviting many in the console', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `many-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    browser = await consoles.open(admin);
    await consoles.confirm(browser, admin, IMPORT);
  });

  const at = (name: string) => `${name}@${tenant}.example`;
  const stored = (name: string) => consoles.stores.accounts.findByEmail(tenant, at(name));
  const people = () => consoles.stores.roster.count(tenant, {});
  const line = (name: string, ...more: string[]) => [at(name), `${name} Haddad`, ...more].join(',');

  function withFile(content: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}): FormData {
    const parts = new FormData();
    for (const [name, value] of Object.entries({ _csrf: tokenOf(browser), list: '', ...more }))
      parts.set(name, value);
    parts.set('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
    return parts;
  }
  const rows = (id: string) => {
    const page = browser.page();
    return page(`section[aria-labelledby="${id}"] tbody tr`)
      .toArray()
      .map((row) =>
        page(row)
          .children()
          .toArray()
          .map((cell) => page(cell).text()),
      );
  };
  /** Looks until the report is there. */
  async function report(of = browser): Promise<string> {
    for (let i = 0; i < 600; i += 1) {
      await of.open(of.url.pathname);
      if (of.heading() !== 'Invitations are on their way') return of.heading();
      await setTimeout(100);
    }
    throw new Error('never done');
  }
  async function mailsTo(name: string, least = 1): Promise<string[]> {
    for (let i = 0; i < 100; i += 1) {
      const mails = (await consoles.stores.operations.mailbox?.newest(500)) ?? [];
      const mine = mails.filter(({ to }) => to === at(name)).map(({ text }) => text);
      if (mine.length >= least) return mine;
      await setTimeout(50);
    }
    throw new Error('no mail');
  }

  it('shows what is in a file, invites nobody before that is confirmed, and then everybody', async () => {
    const file = `\u{feff}Name;E-mail;x;Team;Role\r\n"Noor; Haddad";${at('noor')};1;Claims;lead\r\n\r\nBo;${at('Bo')};;;\r\n`;
    await browser.post(IMPORT, withFile(file.replace('E-mail', 'Email')));
    expect([browser.status, browser.heading()]).to.deep.equal([200, 'Invite 2 people?']);
    expect(rows('people')).to.have.length(2);
    expect(await people()).to.equal(1);
    await browser.submit({});
    expect(await report()).to.equal('2 people were invited');
    expect(await stored('noor')).to.include({ name: 'Noor; Haddad', state: 'invited', team: 'Claims' });
    expect((await stored('noor'))?.roles).to.deep.equal(['lead']);
    expect(await stored('bo')).to.include({ team: null });
    const [mail = ''] = await mailsTo('noor');
    const theirs = await consoles.idp.browser().open(/\/invite\/[\w-]{43}/.exec(mail)?.[0] ?? '');
    expect(theirs.heading()).to.equal(`Welcome to ${tenant} support`);
  });

  it('takes a pasted list, and says what is wrong with which line', async () => {
    const { email } = admin.account;
    const list = [
      line('good'),
      'nobody,Nobody',
      `${at('nameless')},`,
      line('king', 'king'),
      line('over', 'operator'),
      line('team', 'agent', 'x'.repeat(65)),
      line('GOOD'),
      `${email.toUpperCase()},Boss`,
      line('fine', 'Lead', 'Claims'),
    ].join('\n');
    await browser.submit({ list });
    expect(browser.heading()).to.equal('Invite 2 people?');
    expect(rows('people').map(([, role]) => role)).to.deep.equal(['Agent', 'Team lead']);
    const why = rows('refused').map((row) => row.slice(-2).join(': '));
    expect(why).to.deep.equal([
      '2: Not an email address',
      '3: Not a name: use one line, up to 200 characters, no web address',
      '4: Roles are agent, lead, admin and operator',
      '5: You cannot give this role',
      '6: Not a team: use one line, up to 64 characters',
      '7: This email is in the list twice',
      '8: Somebody has this email already',
    ]);
    await browser.submit({});
    expect(await report()).to.equal('2 people were invited');
    expect(rows('refused')).to.have.length(7);
    expect(await people()).to.equal(3);
    expect(await consoles.now(admin)).to.deep.equal(admin.account);
  });

  it('refuses what is no list, too long or too large, and says why', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => line(`p${i}`)).join('\n');
    for (const [list, words] of [
      ['', 'Choose a file or paste a list'],
      ['email,name\n', 'Choose a file or paste a list'],
      ['Noor Haddad\nBo', 'The first line needs an email, or the names of the columns'],
      [`${at('noor')},"Noor`, 'This cannot be read as CSV. Look for quotes that do not end'],
      [many(501), 'Invite up to 500 people at once'],
    ] as const) {
      await browser.post(IMPORT, withFile('', { list }));
      expect([browser.status, browser.page()('.alert a').text()]).to.deep.equal([422, words]);
    }
    const latin = Uint8Array.from(Buffer.from(line('noël'), 'latin1'));
    await browser.post(IMPORT, withFile(latin));
    expect(browser.status).to.equal(400);
    await consoles.confirm(browser, admin, IMPORT);
    await browser.post(IMPORT, withFile('x'.repeat(1024 * 1024 + 32 * 1024)));
    expect(browser.status).to.equal(413);
    expect(await people()).to.equal(1);
  });

  it('invites many in steps, and twice by the same list is once', async () => {
    const list = Array.from({ length: 120 }, (_, i) => line(`p${i}`)).join('\n');
    await browser.post(IMPORT, withFile(list));
    expect(browser.heading()).to.equal('Invite 120 people?');
    await browser.submit({});
    const running = browser.heading();
    expect(running).to.be.oneOf(['Invitations are on their way', '120 people were invited']);
    expect(await report()).to.equal('120 people were invited');
    expect(await people()).to.equal(121);
    await browser.open(IMPORT);
    await browser.post(IMPORT, withFile(list));
    expect(browser.heading()).to.equal('Nobody can be invited by this list');
    expect(rows('refused')).to.have.length(120);
  }).timeout(120_000);

  it('is started once, by however many at once', async () => {
    await browser.submit({ list: [line('a'), line('b')].join('\n') });
    const form = { _csrf: tokenOf(browser) };
    const path = browser.url.pathname;
    const tabs = Array.from({ length: 5 }, () => browser.copy());
    await Promise.all(tabs.map((tab) => tab.post(path, form)));
    await browser.open(path);
    expect(await report()).to.equal('2 people were invited');
    for (const name of ['a', 'b']) expect(await mailsTo(name)).to.have.length(1);
    await setTimeout(300);
    for (const name of ['a', 'b']) expect(await mailsTo(name)).to.have.length(1);
  });

  it('goes on after a process died half-way, and invites nobody twice', async () => {
    const { imports } = consoles.stores;
    const names = ['a', 'b', 'c'];
    await browser.submit({ list: names.map((name) => line(name)).join('\n') });
    const importId = browser.url.pathname.split('/').at(-1) ?? '';
    await browser.submit({});
    expect(await report()).to.equal('3 people were invited');
    const before = await Promise.all(names.map(stored));
    // As if everybody but the last had been invited, and nothing of it noted.
    const [, , last] = before;
    if (last) await consoles.stores.accounts.removeInvited(last);
    const { connection } = consoles.idp.database;
    await connection
      .collection<{ _id: string }>('imports')
      .updateOne({ _id: importId }, { $set: { state: 'running', outcomes: [], came: 0 } });
    expect((await imports.find(importId))?.state).to.equal('running');
    await Promise.all([1, 2, 3].map(() => consoles.idp.app.admin.imports.step({ importId })));
    expect((await imports.find(importId))?.outcomes).to.deep.equal(['invited', 'invited', 'invited']);
    const after = await Promise.all(names.map(stored));
    expect(after.slice(0, 2)).to.deep.equal(before.slice(0, 2));
    expect(after[2]).to.include({ state: 'invited', accountId: last?.accountId });
    expect(await mailsTo('a')).to.have.length(1);
    expect(await people()).to.equal(4);
  });

  it('stops when whoever started it may not invite any more', async () => {
    const { accounts, imports } = consoles.stores;
    await browser.submit({ list: [line('a'), line('b', 'admin')].join('\n') });
    const importId = browser.url.pathname.split('/').at(-1) ?? '';
    await accounts.save(await consoles.now(admin), { roles: ['lead'] });
    await imports.start(importId, { reference: 'x', source: 'x', expiresAt: new Date(Date.now() + 1e9) });
    await consoles.idp.app.admin.imports.step({ importId });
    expect(await imports.find(importId)).to.deep.include({ state: 'done', outcomes: ['stopped', 'stopped'] });
    expect(await people()).to.equal(1);
  });

  it('gives no role that whoever started it has lost meanwhile', async () => {
    const { accounts, imports } = consoles.stores;
    await accounts.save(await consoles.now(admin), { roles: ['operator'] });
    browser = await consoles.open(admin);
    await consoles.confirm(browser, admin, IMPORT);
    await browser.submit({ list: [line('a', 'operator'), line('b')].join('\n') });
    expect(browser.heading()).to.equal('Invite 2 people?');
    const importId = browser.url.pathname.split('/').at(-1) ?? '';
    await accounts.save(await consoles.now(admin), { roles: ['admin'] });
    await imports.start(importId, { reference: 'x', source: 'x', expiresAt: new Date(Date.now() + 1e9) });
    await consoles.idp.app.admin.imports.step({ importId });
    expect((await imports.find(importId))?.outcomes).to.deep.equal(['role-above', 'invited']);
    expect(await stored('a')).to.equal(null);
  });

  it('tells the list of agents that one is running', async () => {
    await browser.submit({ list: line('a') });
    const { pathname } = browser.url;
    const importId = pathname.split('/').at(-1) ?? '';
    await consoles.stores.imports.start(importId, {
      reference: 'x',
      source: 'x',
      expiresAt: new Date(Date.now() + 1e9),
    });
    await browser.open('/admin/agents');
    expect(browser.page()('#importing a').attr('href')).to.equal(pathname);
    await browser.open(pathname);
    expect(browser.page()('progress').attr('max')).to.equal('1');
  });

  it('is nobody else’s: not of another tenant, nor of another admin', async () => {
    await browser.submit({ list: line('a') });
    const { pathname } = browser.url;
    const strangers = await consoles.inCharge('admin', { keys: [{}] });
    const colleague = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    for (const other of [strangers, colleague]) {
      const theirs = await consoles.open(other);
      await consoles.confirm(theirs, other, IMPORT);
      const form = { _csrf: tokenOf(theirs) };
      expect((await theirs.open(pathname)).status).to.equal(404);
      expect((await theirs.post(pathname, form)).status).to.equal(404);
    }
    expect(await people()).to.equal(2);
    expect(await stored('a')).to.equal(null);
  });

  it('wants a fresh proof and a form of ours, and a list waits for an hour alone', async () => {
    await browser.submit({ list: line('a') });
    const { pathname } = browser.url;
    const form = { _csrf: tokenOf(browser) };
    expect((await browser.post(pathname, { _csrf: 'x' })).status).to.equal(403);
    expect((await browser.post(IMPORT, withFile(line('a'), { _csrf: 'x' }))).status).to.equal(403);
    consoles.later(601);
    for (const path of [IMPORT, pathname]) {
      await browser.post(path, form);
      expect(wayOf(browser), path).to.equal('security-key');
    }
    consoles.later(3001);
    await consoles.open(admin);
    const again = await consoles.open(admin);
    expect((await again.open(pathname)).status).to.equal(404);
    expect(await people()).to.equal(1);
  });
});
