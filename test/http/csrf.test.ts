import { expect } from 'chai';
import Router from '@koa/router';
import type { Middleware } from 'koa';
import { form } from '../../src/http/form.ts';
import type { AppState } from '../../src/http/state.ts';
import { type Mount, type Pages, startPages } from '../support/pages.ts';

const mount: Mount = (csrf) => {
  const router = new Router<AppState>();
  const bind: Middleware<AppState> = (ctx, next) => {
    ctx.state.csrfBinding = String(ctx.query.uid);
    return next();
  };
  router.post('/change', form, bind, csrf.middleware, (ctx) => void (ctx.body = 'changed'));
  router.post('/unbound', form, csrf.middleware, (ctx) => void (ctx.body = 'changed'));
  return [router.routes() as unknown as Middleware<AppState>];
};

describe('protection against foreign forms', () => {
  let pages: Pages;
  before(async () => void (pages = await startPages({ mount })));
  after(() => pages.close());

  /** Posts the token of sign-in `a`, unless told otherwise. */
  function post(headers: Record<string, string>, token = pages.csrf.token('a'), uid = 'a') {
    return fetch(`${pages.origin}/change?uid=${uid}`, {
      method: 'POST',
      body: new URLSearchParams({ _csrf: token }),
      headers,
    });
  }

  it('lets our own page through: by Sec-Fetch-Site, or by Origin where a browser does not send it', async () => {
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).to.equal(200);
    expect((await post({ origin: pages.origin })).status).to.equal(200);
  });

  it('takes the token in a header too', async () => {
    const answer = await fetch(`${pages.origin}/change?uid=a`, {
      method: 'POST',
      body: new URLSearchParams(),
      headers: { origin: pages.origin, 'x-csrf-token': pages.csrf.token('a') },
    });
    expect(answer.status).to.equal(200);
  });

  const foreign: Record<string, Record<string, string>> = {
    'from another site': { 'sec-fetch-site': 'cross-site' },
    'from another site that names our origin': { 'sec-fetch-site': 'cross-site', origin: 'http://localhost' },
    'from a sibling host': { 'sec-fetch-site': 'same-site' },
    'that somebody typed or opened from outside': { 'sec-fetch-site': 'none' },
    'with another origin': { origin: 'https://evil.example' },
    'with an origin that is hidden': { origin: 'null' },
    'that tells nothing of where it comes from': {},
  };
  for (const [what, headers] of Object.entries(foreign)) {
    it(`refuses a form ${what}, even with the right token`, async () => {
      const answer = await post(headers);
      expect(answer.status).to.equal(403);
      expect(await answer.text()).to.include('This form did not come from our page');
    });
  }

  it('refuses a form without a token, with a cut one, and with the one of another sign-in', async () => {
    const ours = { 'sec-fetch-site': 'same-origin' };
    const token = pages.csrf.token('a');
    for (const wrong of [
      '',
      token.slice(0, -4),
      `${token}AAAA`,
      pages.csrf.token('b'),
      pages.csrf.token(''),
    ]) {
      expect((await post(ours, wrong)).status, wrong).to.equal(403);
    }
    expect((await post(ours, token, 'b')).status).to.equal(403);
  });

  it('is a fault of ours, and no way in, when a route forgets what the token is bound to', async () => {
    const answer = await fetch(`${pages.origin}/unbound`, {
      method: 'POST',
      body: new URLSearchParams({ _csrf: pages.csrf.token('undefined') }),
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.status).to.equal(500);
  });
});
