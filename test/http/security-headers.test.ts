import { expect } from 'chai';
import Router from '@koa/router';
import type { Middleware } from 'koa';
import { DomainError } from '../../src/core/errors.ts';
import type { AppState } from '../../src/http/state.ts';
import { DatabaseAway, type Pages, startPages } from '../support/pages.ts';

/** A provider's page as the library makes it: it extends the policy that it finds. */
const libraryPage: Middleware<AppState> = (ctx) => {
  const policy = ctx.response.get('Content-Security-Policy');
  ctx.set('Content-Security-Policy', policy.replace('script-src', "script-src 'sha256-abc'"));
  ctx.state.formTargets.push('https://desk.example', 'https://desk.example');
  ctx.body = 'library';
};

function mount() {
  const router = new Router<AppState>();
  router.get('/library', libraryPage);
  router.get('/throws', () => {
    throw new Error('a secret');
  });
  router.get('/away', () => {
    throw new DatabaseAway();
  });
  router.get('/refused', () => {
    throw new DomainError('forbidden');
  });
  return [router.routes() as unknown as Middleware<AppState>];
}

/** A policy by directive. */
function directives(answer: Response): Record<string, string> {
  const policy = answer.headers.get('content-security-policy') ?? '';
  const pairs = policy.split(';').map((one) => /^(\S+) (.*)$/.exec(one.trim()) ?? []);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

describe('security headers', () => {
  let pages: Pages;
  before(async () => void (pages = await startPages({ mount })));
  after(() => pages.close());

  const everywhere = [
    '/help',
    '/__gallery/sign-in-default',
    '/nothing-here',
    '/throws',
    '/away',
    '/refused',
    '/library',
  ];
  for (const path of [...everywhere, '/.well-known/security.txt', '/.well-known/change-password']) {
    it(`are on ${path}`, async () => {
      const answer = await fetch(`${pages.origin}${path}`, { redirect: 'manual' });
      const policy = directives(answer);
      expect(policy['default-src']).to.equal("'none'");
      expect(policy['script-src']).to.match(/'nonce-[\w-]{22}'/);
      expect(policy['style-src']).to.equal("'self'");
      expect(policy['base-uri']).to.equal("'none'");
      expect(policy['frame-ancestors']).to.equal("'none'");
      expect(policy['form-action']).to.match(/^'self'/);
      expect(answer.headers.get('x-content-type-options')).to.equal('nosniff');
      expect(answer.headers.get('referrer-policy')).to.equal('no-referrer');
      expect(answer.headers.get('cross-origin-opener-policy')).to.equal('same-origin');
      expect(answer.headers.get('cross-origin-resource-policy')).to.equal('same-origin');
      expect(answer.headers.get('x-frame-options')).to.equal('DENY');
      expect(answer.headers.get('cache-control')).to.equal('no-store');
      expect(answer.headers.get('permissions-policy')).to.include('publickey-credentials-get=(self)');
      expect(answer.headers.get('permissions-policy')).to.include('camera=()');
      expect(answer.headers.has('x-powered-by')).to.equal(false);
    });
  }

  it('keep what the provider adds to the policy, and name the app once as a target of forms', async () => {
    const policy = directives(await fetch(`${pages.origin}/library`));
    expect(policy['script-src']).to.match(/^'sha256-abc' 'nonce-/);
    expect(policy['form-action']).to.equal("'self' https://desk.example");
  });

  it('use a new nonce for each answer, the one in its script', async () => {
    const one = await fetch(`${pages.origin}/__gallery/sign-in-default`);
    const other = await fetch(`${pages.origin}/__gallery/sign-in-default`);
    const nonce = /nonce-([\w-]+)/.exec(directives(one)['script-src'] ?? '')?.[1];
    expect(nonce).to.be.a('string');
    expect(await one.text()).to.include(`nonce="${nonce}"`);
    expect(directives(other)['script-src']).not.to.equal(directives(one)['script-src']);
  });

  it('do not promise https where there is none', async () => {
    const answer = await fetch(`${pages.origin}/help`);
    expect(answer.headers.has('strict-transport-security')).to.equal(false);
  });

  it('promise https for a year where the issuer has it', async () => {
    const secure = await startPages({ https: true });
    const answer = await fetch(`${secure.origin}/help`);
    expect(answer.headers.get('strict-transport-security')).to.equal('max-age=31536000; includeSubDomains');
    await secure.close();
  });

  it('leave files cacheable for good, and compressed in the way that the browser takes', async () => {
    const html = await (await fetch(`${pages.origin}/help`)).text();
    const href = /href="(\/assets\/style[^"]+)"/.exec(html)?.[1] ?? '';
    for (const [encoding, expected] of [
      ['br', 'br'],
      ['gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const answer = await fetch(`${pages.origin}${href}`, { headers: { 'accept-encoding': encoding } });
      expect(answer.status).to.equal(200);
      expect(answer.headers.get('content-encoding')).to.equal(expected);
      expect(answer.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
      expect(answer.headers.get('vary')).to.equal('Accept-Encoding');
      expect(answer.headers.get('content-type')).to.equal('text/css; charset=utf-8');
      expect(await answer.text()).to.include('--accent');
    }
  });

  it('do not compress pages, which hold a token beside what people sent (BREACH)', async () => {
    const answer = await fetch(`${pages.origin}/__gallery/sign-in-default`, {
      headers: { 'accept-encoding': 'br, gzip' },
    });
    expect(answer.headers.has('content-encoding')).to.equal(false);
  });
});
