import { expect } from 'chai';
import { drawLogo } from '../../src/tenants/logo.ts';
import type { Branding } from '../../src/tenants/branding.ts';
import { type Idp, PASSWORD, startIdp } from '../support/idp.ts';
import { aPng } from '../support/png.ts';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4"/></svg>';

describe('what a tenant puts on our pages', function () {
  this.timeout(30_000);
  let idp: Idp;
  let logoHref: string;
  let cssHref: string;
  before(async () => {
    idp = await startIdp();
    await idp.addTenant('southwind');
    await brand({ accent: '#0b5c55', contact: 'extension 4100', helpUrl: 'https://help.example/' }, SVG);
    const page = await signInPage();
    logoHref = page('.brand img').attr('src') ?? '';
    cssHref = page('link[rel=stylesheet]').eq(1).attr('href') ?? '';
  });
  after(() => idp.close());

  async function brand(changes: Partial<Branding>, file?: string | Buffer): Promise<void> {
    const { tenants, logos } = idp.app.stores;
    const tenant = await tenants.findFresh('northwind');
    if (!tenant) throw new Error('not there');
    const drawn = file === undefined ? null : drawLogo(Buffer.from(file as string));
    const logo = drawn?.ok ? await logos.put(tenant, drawn.picture) : tenant.branding.logo;
    await tenants.saveDetails(tenant, { branding: { ...tenant.branding, ...changes, logo } });
  }

  async function signInPage(tenant = 'northwind') {
    const browser = idp.browser();
    await browser.open(`/password/forgot?tenant=${tenant}`);
    return browser.page();
  }

  const get = (path: string) => fetch(new URL(path, idp.base));

  it('is the logo in the place of the mark, which is the icon too, and two rules of colour behind our own', async () => {
    const page = await signInPage();
    expect(logoHref).to.match(/^\/brand\/northwind\/[\w-]{43}\.svg$/);
    expect(page('link[rel=icon]').attr('href')).to.equal(logoHref);
    expect(page('.brand svg')).to.have.length(0);
    expect(page('.brand img').attr('alt')).to.equal('');
    expect(page('.brand').text().trim()).to.equal('northwind support');
    expect(page('link[rel=stylesheet]').first().attr('href')).to.match(/^\/assets\/style/);
    expect(cssHref).to.match(/^\/brand\/northwind\/[\w-]{22}\.css$/);
    const css = await (await get(cssHref)).text();
    expect(css).to.match(
      /^@media screen\{:root\{--accent:#0b5c55;--accent-hover:#[\da-f]{6};--on-accent:#ffffff\}\}/,
    );
    expect(css).to.match(/prefers-color-scheme:dark/);
  });

  it('is served for good, and harmless when it is opened by itself', async () => {
    for (const [href, type] of [
      [logoHref, 'image/svg+xml'],
      [cssHref, 'text/css; charset=utf-8'],
    ] as const) {
      const answer = await get(href);
      expect(answer.status).to.equal(200);
      const { headers } = answer;
      expect(headers.get('content-type')).to.equal(type);
      expect(headers.get('content-security-policy')).to.equal("default-src 'none'; sandbox");
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('cross-origin-resource-policy')).to.equal('same-origin');
      expect(headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
      expect(headers.get('set-cookie')).to.equal(null);
    }
    expect(await (await get(logoHref)).text()).to.match(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 4 4" width="64"/,
    );
  });

  it('is nowhere else: not at another tenant, under another ending or name', async () => {
    const other = (href: string) => href.replace('northwind', 'southwind');
    const paths = [
      other(logoHref),
      other(cssHref),
      logoHref.replace('.svg', '.png'),
      logoHref.replace('.svg', '.css'),
      logoHref.replace(/.\.svg/, (end) => (end.startsWith('A') ? 'B.svg' : 'A.svg')),
      cssHref.replace(/.\.css/, (end) => (end.startsWith('A') ? 'B.css' : 'A.css')),
      '/brand/northwind/x.css',
      '/brand/northwind',
      '/brand/nobody/style.css',
      '/brand/northwind/..%2f..%2fassets.svg',
    ];
    for (const path of paths) {
      const answer = await get(path);
      expect(answer.status, path).to.equal(404);
      expect(answer.headers.get('cache-control'), path).to.equal('no-store');
    }
  });

  it('leaves a tenant without any as it was, and pages of nobody too', async () => {
    for (const page of [await signInPage('southwind'), await signInPage('nobody')]) {
      expect(page('.brand img')).to.have.length(0);
      expect(page('.brand svg')).to.have.length(1);
      expect(page('link[rel=stylesheet]')).to.have.length(1);
      expect(page('footer a').first().attr('href')).to.equal('/help');
    }
  });

  it('names on the help page who helps, as text', async () => {
    const page = await signInPage();
    const browser = idp.browser();
    await browser.open(page('footer a').first().attr('href') ?? '');
    const help = browser.page();
    expect(help('#tenant').text()).to.equal('Who helps at northwind support');
    expect(help('#tenant + p').text()).to.equal('extension 4100');
    expect(help('.prose a').attr('href')).to.equal('https://help.example/');
    await browser.open('/help?tenant=nobody');
    expect(browser.page()('#tenant')).to.have.length(0);
  });

  it('is on the pages of the protocol too, where it is known whose they are', async () => {
    await idp.addPerson('ben.ode@northwind.example');
    await idp.addClient({
      client_id: 'own',
      tenant: 'northwind',
      client_secret: 'own-secret-own-secret-own-secret-own',
      redirect_uris: ['https://own.example/callback'],
    });
    const browser = await idp.browser().open('/account/security');
    const src = () => browser.page()('.brand img').attr('src');
    expect(src(), 'nobody is known yet').to.equal(undefined);
    await browser.submit({ email: 'ben.ode@northwind.example', password: PASSWORD });
    expect(src(), 'their own page').to.equal(logoHref);
    await browser.open('/logout');
    expect(browser.heading()).to.equal('Sign out?');
    expect(src()).to.equal(logoHref);
    const stranger = await idp.browser().open('/authorize?client_id=own&response_type=token');
    expect(stranger.status).to.equal(400);
    expect(stranger.page()('.brand img').attr('src')).to.equal(logoHref);
    const unknown = await idp.browser().open('/authorize?client_id=nobody&response_type=code');
    expect(unknown.page()('.brand img')).to.have.length(0);
  });

  it('moves with what is saved: the old colours are gone, a PNG comes under a name of its own', async () => {
    await brand({ accent: '#7a1f5c' }, aPng(120, 40));
    const page = await signInPage();
    const src = page('.brand img').attr('src') ?? '';
    expect(src).to.match(/^\/brand\/northwind\/[\w-]{43}\.png$/);
    expect(page('.brand img').attr('alt'), 'the name drawn out').to.equal('northwind support');
    expect(page('.brand').text().trim()).to.equal('');
    expect((await get(src)).headers.get('content-type')).to.equal('image/png');
    expect((await get(cssHref)).status).to.equal(404);
    expect((await get(page('link[rel=stylesheet]').eq(1).attr('href') ?? '')).status).to.equal(200);
  });
});
