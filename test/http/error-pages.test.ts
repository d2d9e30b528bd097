import { expect } from 'chai';
import Router from '@koa/router';
import { load } from 'cheerio';
import type { Middleware } from 'koa';
import { errors } from 'oidc-provider';
import { DomainError, type ErrorCode } from '../../src/core/errors.ts';
import { KIND_OF } from '../../src/http/error-kinds.ts';
import type { AppState } from '../../src/http/state.ts';
import { DatabaseAway, type Pages, startPages } from '../support/pages.ts';

const SECRET = 'hunter2 mongodb://user:pass@db';

function mount() {
  const router = new Router<AppState>();
  router.get('/code/:code', (ctx) => {
    ctx.state.app = { name: 'Agent Desktop', homeHref: 'https://desk.example' };
    throw new DomainError(ctx.params.code as ErrorCode, { retryAfterSeconds: 230, detail: 'a hint' });
  });
  router.get('/fault', () => {
    throw Object.assign(new Error(SECRET), { status: 400, expose: false, stack: SECRET });
  });
  router.get('/thrown-text', () => {
    throw SECRET as unknown as Error;
  });
  router.get('/away', () => {
    throw new DatabaseAway(SECRET);
  });
  router.get('/no-session', () => {
    throw new errors.SessionNotFound('interaction session not found');
  });
  return [router.routes() as unknown as Middleware<AppState>];
}

describe('error pages', () => {
  let pages: Pages;
  const lines: string[] = [];
  before(
    async () => void (pages = await startPages({ mount, log: { write: (line) => void lines.push(line) } })),
  );
  after(() => pages.close());

  const get = (path: string, accept = 'text/html') =>
    fetch(`${pages.origin}${path}`, { headers: { accept } });

  for (const code of Object.keys(KIND_OF)) {
    it(`tell of ${code} with a title, a reference and no more than one main button`, async () => {
      const answer = await get(`/code/${code}`);
      expect(answer.status).to.be.within(400, 503).and.not.equal(500);
      const page = load(await answer.text());
      expect(page('h1').text()).to.have.length.above(5);
      expect(page('main').text()).to.match(/[2-9a-z]{8}/);
      expect(page('.btn.primary')).to.have.length.below(2);
    });
  }

  it('hold the reference that stands in the log', async () => {
    const page = load(await (await get('/fault')).text());
    const reference = /reference: (\w{8})/.exec(page('main').text())?.[1] ?? '';
    expect(reference).to.match(/^\w{8}$/);
    expect(lines.filter((line) => line.includes(reference))).to.have.length.above(0);
  });

  it("show nothing of an unknown error, also when it pretends to be the client's", async () => {
    for (const path of ['/fault', '/thrown-text']) {
      for (const accept of ['text/html', 'application/json']) {
        const answer = await get(path, accept);
        expect(answer.status).to.equal(500);
        expect(await answer.text())
          .not.to.include('hunter2')
          .and.not.to.include('mongodb');
      }
    }
  });

  it('answer 503 with Retry-After while the database is away, and show nothing of it', async () => {
    const answer = await get('/away');
    expect(answer.status).to.equal(503);
    expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 10);
    const text = await answer.text();
    expect(text).to.include('We are away for a moment');
    expect(text).not.to.include('hunter2');
  });

  it('say how many minutes to wait', async () => {
    const answer = await get('/code/too_many_attempts');
    expect(answer.status).to.equal(429);
    expect(answer.headers.get('retry-after')).to.equal('230');
    expect(await answer.text()).to.include('Wait 4 minutes');
  });

  it('lead back to the app from a sign-in that is over', async () => {
    const page = load(await (await get('/code/sign_in_expired')).text());
    expect(page('.btn.primary').text()).to.equal('Go to Agent Desktop');
    expect(page('.btn.primary').attr('href')).to.equal('https://desk.example');
    expect((await get('/no-session')).status).to.equal(400);
  });

  it('are a problem document for programs', async () => {
    const answer = await get('/code/changed_meanwhile', 'application/json');
    expect(answer.status).to.equal(409);
    expect(answer.headers.get('content-type')).to.equal('application/problem+json');
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).to.include({ status: 409, code: 'changed_meanwhile', detail: 'a hint' });
    expect(problem.reference).to.match(/^\w{8}$/);
  });

  it('tell of an address where nothing is', async () => {
    expect(
      (await get('/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200')).status,
    ).to.equal(404);
    expect(await (await get('/nothing')).text()).to.include('There is no page here');
  });
});
