import { expect } from 'chai';
import Koa from 'koa';
import { z } from 'zod';
import { DomainError } from '../../src/core/errors.ts';
import type { Csrf } from '../../src/http/csrf.ts';
import { ERROR_STATUS, KIND_OF } from '../../src/http/error-kinds.ts';
import { formRow, mountRows, type Door, type Row } from '../../src/http/rows.ts';
import type { AppState } from '../../src/http/state.ts';
import { mountedRoutes } from '../support/mounted.ts';
import { startIdp, type Idp } from '../support/idp.ts';

type Guard = 'enter' | 'allow' | 'token' | 'prove' | 'count';

/** What ran for one request, and what it was answered with. */
async function ask(
  row: Row<string>,
  request: { method: string; path: string; body?: string; type?: string },
  stopsAt?: Guard,
): Promise<{ status: number; ran: string[] }> {
  const ran: string[] = [];
  const pass = <Value>(guard: Guard, value: Value): Promise<Value> => {
    ran.push(guard);
    if (guard === stopsAt) throw new DomainError('forbidden');
    return Promise.resolve(value);
  };
  const door: Door<string, string> = {
    prefix: '/door',
    enter: () => pass('enter', 'somebody'),
    allow: (known) => pass('allow', known),
    prove: (known) => pass('prove', known),
    count: () => pass('count', undefined),
  };
  const csrf: Pick<Csrf, 'middleware'> = {
    middleware: async (_ctx, next) => {
      await pass('token', undefined);
      return next();
    },
  };
  const traced = {
    ...row,
    run: (...given: Parameters<typeof row.run>) => (ran.push('run'), row.run(...given)),
  };
  const app = new Koa<AppState>();
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      ctx.status = ERROR_STATUS[KIND_OF[error.code]];
    }
  });
  app.use(mountRows({ door, rows: [traced], csrf }).routes() as never);
  const server = app.listen(0, '127.0.0.1');
  try {
    await new Promise((ready) => server.once('listening', ready));
    const { port } = server.address() as { port: number };
    const { status } = await fetch(`http://127.0.0.1:${port}/door${request.path}`, {
      method: request.method,
      headers: { 'content-type': request.type ?? 'application/x-www-form-urlencoded', accept: 'text/html' },
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status, ran };
  } finally {
    server.close();
  }
}

const ok: Row<string>['run'] = (_guest, ctx) => void (ctx.body = 'done');
const page: Row<string> = { method: 'get', path: '/page', run: ok };
const change: Row<string> = formRow({ path: '/change', input: z.object({ version: z.string() }), run: ok });
const file: Row<string> = { method: 'post', path: '/file', upload: 'text', run: ok };
const send = { method: 'POST', path: '/change', body: 'version=1' };

describe('the guards of a row', () => {
  it('are who asks, the role and the proof for a page', async () => {
    const { status, ran } = await ask(page, { method: 'GET', path: '/page' });
    expect(status).to.equal(200);
    expect(ran).to.deep.equal(['enter', 'allow', 'prove', 'run']);
  });

  it('are the token and the count as well for a form, in this order', async () => {
    const { status, ran } = await ask(change, send);
    expect(status).to.equal(200);
    expect(ran).to.deep.equal(['enter', 'token', 'allow', 'prove', 'count', 'run']);
  });

  it('ask for the role before a file is read, and still for the token', async () => {
    const { ran } = await ask(file, { method: 'POST', path: '/file', body: 'list=x' });
    expect(ran).to.deep.equal(['enter', 'allow', 'token', 'prove', 'count', 'run']);
  });

  for (const guard of ['enter', 'token', 'allow', 'prove', 'count'] as const) {
    it(`let nothing run that is stopped at "${guard}"`, async () => {
      const { status, ran } = await ask(change, send, guard);
      expect(status).to.equal(403);
      expect(ran.at(-1)).to.equal(guard);
    });
  }

  it('ask nobody about a form that cannot be read', async () => {
    for (const body of ['version=%zz', 'a[b]=1', 'version=1&version=2']) {
      const { status, ran } = await ask(change, { ...send, body });
      expect([body, status, ran]).to.deep.equal([body, 400, []]);
    }
    const large = await ask(change, { ...send, body: `version=${'x'.repeat(60 * 1024)}` });
    expect([large.status, large.ran]).to.deep.equal([413, []]);
    const other = await ask(change, { ...send, type: 'application/json', body: '{}' });
    expect([other.status, other.ran]).to.deep.equal([400, []]);
  });

  it('hand no input on that is not what the row wants', async () => {
    const { status, ran } = await ask(change, { ...send, body: 'other=1' });
    expect(status).to.equal(400);
    expect(ran).to.deep.equal(['enter', 'token', 'allow', 'prove', 'count', 'run']);
  });
});

describe('every form of Stile, as the router knows it', () => {
  let idp: Idp;
  before(async () => void (idp = await startIdp()));
  after(() => idp.close());

  const forms = () =>
    ['/sign-in', '/account', '/admin', '/password', '/invite', '/two-factor-reset'].flatMap((prefix) =>
      mountedRoutes(idp, prefix).filter(({ method }) => method === 'post'),
    );
  const filled = (path: string) => path.replace(/:\w+/g, 'x');

  it('is one of those that this test reads', () => {
    expect(forms().length).to.be.greaterThan(60);
  });

  for (const [what, fields, headers] of [
    ['a stranger', { _csrf: 'x' }, {}],
    ['another site', {}, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ] as const) {
    it(`does nothing for ${what}`, async () => {
      for (const { path } of forms()) {
        const browser = idp.browser();
        await browser.post(filled(path), fields, headers);
        expect([path, browser.status >= 400 && browser.status < 500]).to.deep.equal([path, true]);
      }
    });
  }

  it('is refused before anything is looked up when it is too large', async () => {
    for (const { path } of forms().filter(({ path }) => !/import|settings/.test(path))) {
      const browser = idp.browser();
      await browser.post(filled(path), { filler: 'x'.repeat(60 * 1024) });
      expect([path, browser.status]).to.deep.equal([path, 413]);
    }
  });
});
