import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { once } from 'node:events';
import Router from '@koa/router';
import { bodyParser } from '@koa/bodyparser';
import { expect } from 'chai';
import Koa from 'koa';
import { DomainError } from '../../src/core/errors.ts';
import { createLogger, makeReference, requestLog, safePath, type CountRequest } from '../../src/http/log.ts';
import type { AppState } from '../../src/http/state.ts';

const SECRETS = {
  password: 'correct-horse-battery',
  code: '482913',
  recovery: '7QKX-2M9D-V4TB-8HNC',
  token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ',
  cookie: 'session-cookie-value-0123456789abcdef',
  email: 'ana.ribeiro@northwind.example',
};

/** A server with our request log around routes that fail in ugly ways; `lines` is everything it logged. */
async function serve() {
  const lines: string[] = [];
  const counted: Parameters<CountRequest>[0][] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().trim().split('\n'));
      done();
    },
  });
  const log = createLogger({ level: 'trace', destination });
  const app = new Koa<AppState>();
  app.silent = true;
  app.use(requestLog({ log, count: (request) => counted.push(request) }));
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (err) {
      ctx.state.log.error({ err }, 'request failed');
      ctx.status = err instanceof DomainError ? 422 : 500;
      ctx.body = ctx.state.reference;
    }
  });
  const router = new Router<AppState>();
  router.get('/sign-in/:uid', (ctx) => void (ctx.body = ctx.state.reference));
  router.post('/sign-in/:uid', bodyParser(), (ctx) => {
    const form = ctx.request.body as Record<string, unknown>;
    // The worst that a careless author could do.
    ctx.state.log.warn({ form, ...form, headers: ctx.headers, deep: { form } }, 'careless');
    const duplicate = `E11000 duplicate key error dup key: { email: "${SECRETS.email}" }`;
    const cause = Object.assign(new Error(duplicate), { keyValue: { email: SECRETS.email }, input: form });
    throw new Error(`no token ${SECRETS.token} for ${SECRETS.email} at /cb?code=${SECRETS.code}`, { cause });
  });
  app.use(router.routes());
  const server = createServer(app.callback() as Parameters<typeof createServer>[1]).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { origin: `http://127.0.0.1:${port}`, port, lines, counted, close };
}

describe('the log', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => void (server = await serve()));
  afterEach(() => server.close());

  const parsed = () => server.lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has one line a request: method, route, status, time and the reference that the page shows', async () => {
    const reference = await (await fetch(`${server.origin}/sign-in/abc?code=1`)).text();
    const [line] = parsed();
    expect(line).to.include({ level: 'info', method: 'GET', route: '/sign-in/:uid', status: 200, reference });
    expect(line?.ms).to.be.a('number');
    expect(line).to.not.have.any.keys('path', 'url', 'headers', 'hostname', 'remoteAddress');
  });

  it('holds no secret, whatever is sent and whatever fails', async () => {
    const { password, recovery, token, cookie, email } = SECRETS;
    const form = new URLSearchParams({ password, code: recovery, _csrf: token, response: cookie, email });
    form.set('client_secret', password);
    const query = `code=${SECRETS.code}&id_token_hint=${SECRETS.token}&login_hint=${SECRETS.email}`;
    const headers = { cookie: `_session=${SECRETS.cookie}`, authorization: `Bearer ${SECRETS.token}` };
    await fetch(`${server.origin}/sign-in/abc?${query}`, { method: 'POST', body: form, headers });
    await fetch(`${server.origin}/nowhere/${SECRETS.token}/${encodeURIComponent(SECRETS.email)}?${query}`, {
      headers,
    });
    await fetch(`${server.origin}/%0d%0a%00${SECRETS.recovery}`, { headers });
    await fetch(`${server.origin}/sign-in/abc`, {
      method: 'POST',
      body: '{"a":',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    const everything = server.lines.join('\n');
    expect(server.lines.length).to.be.at.least(6);
    for (const [name, secret] of Object.entries(SECRETS)) expect(everything, name).to.not.include(secret);
    expect(everything).to.not.include('eyJhbGciOiJFUzI1NiJ9').and.not.include('ana.ribeiro');
  });

  it('is not held up by errors that repeat what somebody sent', async () => {
    // Looked through as a whole, each of these takes half a second of the one thread that there is.
    for (let i = 0; i < 80; i += 1) {
      const headers = { 'content-encoding': `${'a'.repeat(14_000)}${SECRETS.cookie}` };
      await fetch(`${server.origin}/sign-in/abc`, {
        method: 'POST',
        body: new URLSearchParams({ a: 'b' }),
        headers,
      });
    }
    const messages = parsed().flatMap(({ err }) => (err as { message: string } | undefined)?.message ?? []);
    expect(messages).to.have.length(80);
    expect(new Set(messages)).to.deep.equal(new Set(['Unsupported Content-Encoding: ']));
  });

  it('still tells where an error happened and what caused it', async () => {
    await fetch(`${server.origin}/sign-in/abc`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
    const failed = parsed().find(({ msg }) => msg === 'request failed');
    const err = failed?.err as { message: string; stack: string[]; cause: { message: string } };
    expect(err.message).to.equal('no token [removed] for [email] at /cb?...');
    expect(err.stack[0]).to.match(/log\.test\.ts/);
    expect(err.cause.message).to.equal('E11000 duplicate key error dup key');
  });

  it('writes one line for a request that tries to write two', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /a%0a{"level":"fatal"}\\n HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await once(socket.resume(), 'close');
    expect(parsed()).to.have.length(1);
    expect(parsed()[0]).to.include({ status: 404, path: '/:id' });
  });

  it('counts requests by route, with one series for all that match none', async () => {
    await fetch(`${server.origin}/sign-in/a`);
    await fetch(`${server.origin}/x/${SECRETS.cookie}`);
    expect(server.counted.map(({ route, status }) => [route, status])).to.deep.equal([
      ['/sign-in/:uid', 200],
      ['unmatched', 404],
    ]);
  });
});

describe('a reference', () => {
  it('is 8 symbols that cannot be mistaken for one another', () => {
    for (let i = 0; i < 200; i += 1) expect(makeReference()).to.match(/^[2-9a-hjkmnp-z]{8}$/);
  });
});

describe('a path in the log', () => {
  it('keeps words and drops what may be an id, a secret or an address', () => {
    expect(safePath('/account/security')).to.equal('/account/security');
    expect(safePath('/sign-in/3fTq9s8Vd0aKpL2mXyZwQ/password')).to.equal('/sign-in/:id/password');
    expect(safePath('/a/ana%40northwind.example')).to.equal('/a/:id');
    expect(safePath(`/${'a/'.repeat(500)}`)).to.have.length(120);
  });
});
