import { expect } from 'chai';
import { tokenOf, wayOf } from '../security-settings/owners.ts';
import type { Person } from '../support/idp.ts';
import type { PageBrowser } from '../support/page-browser.ts';
import { aPng } from '../support/png.ts';
import { startConsoles, type Consoles } from './console.ts';

const SETTINGS = '/admin/settings';
const PREVIEW = `${SETTINGS}/preview`;

describe('the page of how a company looks', () => {
  let consoles: Consoles;
  let tenant: string;
  let admin: Person;
  let browser: PageBrowser;
  let count = 0;
  before(async () => void (consoles = await startConsoles()));
  after(() => consoles.close());
  beforeEach(async () => {
    tenant = `settings-${(count += 1)}`;
    await consoles.idp.addTenant(tenant);
    admin = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    browser = await consoles.open(admin, SETTINGS);
  });

  async function now(of = tenant) {
    const found = await consoles.stores.tenants.findFresh(of);
    if (!found) throw new Error('no tenant');
    return found;
  }
  const look = async () => {
    const { name, branding, detailsVersion } = await now();
    return { name, ...branding, version: detailsVersion };
  };
  /** What the form of the page sends, as it stands there, with what was typed. */
  function typed(more: Record<string, string> = {}, file?: Uint8Array | string, name = 'logo.png'): FormData {
    const page = browser.page();
    const form = page('form[action="/admin/settings"]');
    const parts = new FormData();
    for (const input of form.find('input:not([type=file], [type=checkbox]), textarea').toArray())
      parts.set(page(input).attr('name') ?? '', String(page(input).val() ?? ''));
    for (const [field, value] of Object.entries(more)) parts.set(field, value);
    const bytes = file === undefined ? '' : typeof file === 'string' ? file : Uint8Array.from(file);
    parts.set('logo', new Blob([bytes]), file === undefined ? '' : name);
    return parts;
  }
  const send = (path: string, ...fields: Parameters<typeof typed>) => browser.post(path, typed(...fields));
  const alert = () => browser.page()('.alert').first().text().trim().replaceAll(/\s+/g, ' ');
  const problem = (id: string) => browser.page()(`#${id}-error`).text();
  /** Proves who it is on the page that asks for it, and comes back. */
  const prove = () => consoles.confirm(browser, admin, browser.url.pathname);
  const told = async () => {
    const wish = { events: ['tenant_changed'] as const };
    const { records } = await consoles.stores.operations.search.list(tenant, wish, { limit: 100 });
    return records.map(({ result, details }) => ({
      result,
      ...(JSON.parse(details ?? '{}') as { version?: number; before?: object; after?: object }),
    }));
  };
  const full = {
    name: ' Northwind  Care ',
    accent: '0B6E4F',
    signInText: 'Use your work account.\nNot your own.',
    helpUrl: 'https://help.northwind.example/',
    contact: 'The desk, extension 4711',
  };

  it('previews without saving, keeps what was chosen over a proof, saves all in one, and says where it is recorded', async () => {
    await send(PREVIEW, full, aPng(64, 32));
    expect(browser.url.pathname).to.match(/^\/admin\/settings\/drafts\/[\w-]{22}$/);
    expect(alert()).to.include('You have not saved this yet');
    expect(browser.page()('figure.look.next')).to.have.length(2);
    expect(browser.page()('figure.look.next .brand img').attr('src')).to.equal(
      `${browser.url.pathname}/logo`,
    );
    expect((await now()).detailsVersion).to.equal(1);

    await send(SETTINGS);
    expect(wayOf(browser)).to.equal('security-key');
    expect((await now()).detailsVersion).to.equal(1);
    await prove();
    expect(browser.page()('textarea[name=contact]').text().trim()).to.equal(full.contact);
    await send(SETTINGS);
    expect(browser.url.pathname + browser.url.search).to.equal(`${SETTINGS}?saved=yes`);
    expect(browser.page()('#saved a').attr('href')).to.equal('/admin/audit-log?event=tenant_changed');
    const saved = await look();
    expect(saved).to.deep.include({
      name: 'Northwind Care',
      accent: '#0b6e4f',
      signInText: 'Use your work account. Not your own.',
      helpUrl: full.helpUrl,
      contact: full.contact,
      version: 2,
    });
    expect(saved.logo).to.include({ type: 'image/png', width: 64, height: 32 });
    const [event] = await told();
    expect(event).to.deep.include({ result: 'ok', version: 2 });
    expect(event?.before).to.deep.include({ accent: null, logo: null, name: `${tenant} support` });
    expect(event?.after).to.deep.include({ accent: '#0b6e4f', logo: saved.logo?.id });
    expect(JSON.stringify(event).length).to.be.below(1500);
  });

  it('gives colours to a preview by a stylesheet of ours, and none that was not checked', async () => {
    await send(PREVIEW, { accent: '#0b6e4f' });
    const href = browser.page()('link[href^="/admin/settings/look.css"]').attr('href') ?? '';
    await browser.open(href);
    expect(browser.headers.get('content-type')).to.match(/^text\/css/);
    expect(browser.html).to.match(/^\.look\.next\.light\{--accent:#0b6e4f;/);
    expect(browser.html.split('\n')).to.have.length(2);
    await browser.open(`${SETTINGS}/look.css?next=7a7a7a&now=x}body{display:none`);
    expect([browser.status, browser.html]).to.deep.equal([200, '']);
  });

  it('refuses a colour with its contrast, and keeps the file and what else was typed', async () => {
    for (const [accent, words] of [
      ['#ffe100', 'Its contrast is 1.31:1 and has to be 3:1'],
      ['#7a7a7a', 'Its contrast is 4.29:1 and has to be 4.5:1'],
      ['red', 'Enter a colour as #'],
    ] as const) {
      await browser.open(SETTINGS);
      await send(PREVIEW, { ...full, accent }, aPng());
      expect(browser.status).to.equal(422);
      expect(problem('accent'), accent).to.include(words);
      expect(browser.page()('#accent').attr('value')).to.equal(accent);
      expect(browser.page()('.alert a').attr('href')).to.equal('#accent');
      expect(browser.page()('input[name=heldLogo]')).to.have.length(1);
    }
    await consoles.confirm(browser, admin, SETTINGS);
    await send(SETTINGS, { ...full, accent: '#ffe100' });
    expect(browser.status).to.equal(422);
    expect((await now()).detailsVersion).to.equal(1);
  });

  it('refuses what is no logo with the reason, whatever the file is called, and keeps what was typed', async () => {
    const svg = (inside: string) =>
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">${inside}<path d="M0 0h9v9z"/></svg>`;
    for (const [file, words] of [
      [svg('<script>alert(1)</script>'), '“script”'],
      [svg('<foreignObject/>'), '“foreignObject”'],
      ['GIF89a', 'neither a PNG nor an SVG'],
      ['x'.repeat(34_160), '34.2 kB, and a logo may have 20 kB'],
      [aPng().subarray(0, 60), 'damaged'],
      [aPng(2000, 100), 'Choose'],
    ] as const) {
      await browser.open(SETTINGS);
      await send(SETTINGS, full, file, '../../"><img src=x onerror=alert(1)>.png');
      expect(browser.status, words).to.equal(422);
      expect(problem('logo')).to.include(words);
      expect(browser.html).not.to.include('onerror');
      expect(browser.page()('textarea[name=contact]').text().trim()).to.equal(full.contact);
    }
    expect(await look()).to.include({ version: 1, logo: null });
  });

  it('keeps a chosen logo for an hour, for whoever chose it alone', async () => {
    await send(PREVIEW, {}, aPng());
    const { pathname } = browser.url;
    await browser.open(`${pathname}/logo`);
    expect([browser.status, browser.headers.get('content-type')]).to.deep.equal([200, 'image/png']);
    const stranger = await consoles.inCharge('admin', { keys: [{}] });
    const colleague = await consoles.inCharge('admin', { keys: [{}] }, tenant);
    for (const other of [stranger, colleague]) {
      const theirs = await consoles.open(other);
      for (const path of [pathname, `${pathname}/logo`])
        expect((await theirs.open(path)).status).to.equal(404);
    }
    await browser.open(pathname);
    const late = typed();
    consoles.later(3601);
    browser = await consoles.open(admin, SETTINGS);
    expect((await browser.copy().open(pathname)).status).to.equal(404);
    late.set('_csrf', tokenOf(browser));
    await browser.post(PREVIEW, late);
    expect([browser.status, problem('logo')]).to.satisfy(
      ([status, words]: [number, string]) => status === 422 && words.includes('for an hour'),
    );
  });

  it('takes a logo away, leaves alone what did not change, and saves nothing for nothing', async () => {
    await consoles.confirm(browser, admin, `/account/confirm/turn-off`);
    await browser.open(SETTINGS);
    await send(SETTINGS, full, aPng());
    expect((await look()).logo).not.to.equal(null);
    await send(SETTINGS, { contact: '', helpUrl: '' });
    expect(await look()).to.deep.include({ contact: null, helpUrl: null, accent: '#0b6e4f', version: 3 });
    expect((await look()).logo).not.to.equal(null);
    await send(SETTINGS, { removeLogo: 'yes' });
    expect(await look()).to.include({ logo: null, version: 4 });
    await send(SETTINGS);
    expect(await look()).to.include({ version: 4 });
    expect(await told()).to.have.length(3);
  });

  it('lets one of two admins save, and shows the other what was saved meanwhile', async () => {
    await consoles.confirm(browser, admin, `/account/confirm/turn-off`);
    await browser.open(SETTINGS);
    const tabs = ['One', 'Two', 'Three', 'Four'].map((name) => ({
      name,
      tab: browser.copy(),
      form: typed({ name }),
    }));
    await Promise.all(tabs.map(({ tab, form }) => tab.post(SETTINGS, form)));
    const late = tabs.filter(({ tab }) => tab.status === 409);
    expect(late).to.have.length(3);
    const { name } = await look();
    expect(await look()).to.include({ version: 2 });
    for (const { tab, name: theirs } of late) {
      expect(tab.page()('.alert').text()).to.include(name);
      expect(tab.page()('#name').attr('value')).to.equal(theirs);
      expect(tab.page()('input[name=version]').attr('value')).to.equal('2');
    }
    expect((await told()).filter(({ result }) => result === 'ok').length).to.be.at.least(1);
    browser = late[0]?.tab ?? browser;
    await send(SETTINGS);
    expect(await look()).to.include({ name: late[0]?.name, version: 3 });
  });

  it('leaves a picture that nothing names when a process dies before what names it', async () => {
    await consoles.confirm(browser, admin, `/account/confirm/turn-off`);
    await browser.open(SETTINGS);
    const { tenants } = consoles.stores;
    const { saveDetails } = tenants;
    tenants.saveDetails = () => Promise.reject(new Error('the process died'));
    await send(SETTINGS, full, aPng());
    tenants.saveDetails = saveDetails;
    expect(browser.status).to.equal(500);
    expect(await look()).to.include({ version: 1, logo: null, name: `${tenant} support` });
    const { connection } = consoles.idp.database;
    expect(await connection.collection('logos').countDocuments({ tenantId: tenant })).to.equal(1);
    await browser.open(SETTINGS);
    await send(SETTINGS, full, aPng());
    expect((await look()).version).to.equal(2);
    expect(await connection.collection('logos').countDocuments({ tenantId: tenant })).to.equal(1);
  });

  it('wants a form of ours of a size that a logo has, and reaches nobody else', async () => {
    await consoles.confirm(browser, admin, `/account/confirm/turn-off`);
    await browser.open(SETTINGS);
    const form = () => typed({ name: 'Taken over' }, aPng());
    const bad = form();
    bad.set('_csrf', 'x');
    for (const path of [SETTINGS, PREVIEW]) {
      expect((await browser.copy().post(path, bad)).status).to.equal(403);
      expect((await browser.copy().post(path, typed({}, 'x'.repeat(1_100_000)))).status).to.equal(413);
      const twice = form();
      twice.append('name', 'again');
      expect((await browser.copy().post(path, twice)).status).to.equal(400);
      const odd = form();
      odd.set('name[$ne]', '1');
      expect((await browser.copy().post(path, odd)).status).to.equal(400);
      expect((await browser.copy().post(path, typed({ version: 'x' }))).status).to.equal(400);
    }
    await browser.copy().post(SETTINGS, typed({ tenant: 'northwind', tenantId: 'northwind', name: 'Mine' }));
    expect((await now()).name).to.equal('Mine');
    expect(await now('northwind')).to.include({ name: 'northwind support', detailsVersion: 1 });
  });

  it('says what is decided elsewhere, and leads there', () => {
    const page = browser.page();
    expect(page('main a[href="/admin/policy"]')).to.have.length(1);
    expect(page('main').text()).to.include('15 characters where the password stands alone, 8 beside');
  });
});
