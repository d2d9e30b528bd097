import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import Router from '@koa/router';
import type { Middleware } from 'koa';
import { form, parseForm } from '../../src/http/form.ts';
import { json } from '../../src/http/json.ts';
import type { AppState } from '../../src/http/state.ts';
import { type Pages, startPages } from '../support/pages.ts';

function mount() {
  const router = new Router<AppState>();
  router.post('/form', form, (ctx) => void (ctx.body = { ...ctx.state.form }));
  router.post('/json', json, (ctx) => void (ctx.body = { got: ctx.state.json }));
  return [router.routes() as unknown as Middleware<AppState>];
}

const FORM = 'application/x-www-form-urlencoded';

describe('the form parser', () => {
  let pages: Pages;
  before(async () => void (pages = await startPages({ mount })));
  after(() => pages.close());

  const send = (path: string, body: string | Buffer, headers: Record<string, string>) =>
    fetch(`${pages.origin}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers,
    });
  const sendForm = (body: string | Buffer, more = {}) =>
    send('/form', body, { 'content-type': FORM, ...more });

  it('gives flat strings, with spaces, plus signs and letters of any script', async () => {
    const answer = await sendForm('email=ana%40northwind.example&password=a+b%2Bc%F0%9F%94%91&empty=&flag');
    expect(await answer.json()).to.deep.equal({
      email: 'ana@northwind.example',
      password: 'a b+c\u{1f511}',
      empty: '',
      flag: '',
    });
  });

  it('takes the names of object members as plain names', async () => {
    const answer = await sendForm('__proto__=4&constructor=5&toString=6');
    expect(await answer.json()).to.deep.equal(
      JSON.parse('{"__proto__":"4","constructor":"5","toString":"6"}'),
    );
    expect(({} as Record<string, unknown>)['4']).to.equal(undefined);
  });

  const malformed: Record<string, string | Buffer> = {
    'a key that comes twice': 'email=a&email=b',
    'a key that comes twice, once escaped': 'email=a&%65mail=b',
    'a broken escape': 'email=%zz',
    'half an escape': 'email=%e',
    'a lone surrogate': 'email=%ED%A0%80',
    'half a character': 'email=%C3',
    'an overlong NUL': 'email=%C0%80',
    'a NUL': 'email=a%00b',
    'a NUL in a name': 'em%00ail=a',
    'a name that other parsers take for an object': 'email%5B%24ne%5D=1',
    'a name that other parsers take for a list': 'email[]=a',
    'a name that other parsers take for a path': 'a.b=1',
    'a value without a name': '=1',
    'a name without end': `${'a'.repeat(65)}=1`,
    'bytes that are not escaped': Buffer.from([0x61, 0x3d, 0xff, 0xfe]),
    'letters that are not escaped': 'email=ána',
    'a line break': 'email=a\nb=c',
  };
  for (const [what, body] of Object.entries(malformed)) {
    it(`refuses ${what} with 400 and a page`, async () => {
      const answer = await sendForm(body, { accept: 'text/html' });
      expect(answer.status).to.equal(400);
      expect(await answer.text()).to.include('We could not read this request');
    });
  }

  it('refuses other kinds of bodies with 400', async () => {
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', 'text/xml']) {
      const answer = await send('/form', '{"email":{"$ne":null}}', { 'content-type': type });
      expect(answer.status, type).to.equal(400);
    }
  });

  it('refuses 1 MB with 413 and a page', async () => {
    const answer = await sendForm(`email=${'a'.repeat(1_000_000)}`, { accept: 'text/html' });
    expect(answer.status).to.equal(413);
    expect(await answer.text()).to.include('That was too much at once');
  });

  it('takes 56 kB to the byte', async () => {
    expect((await sendForm(`a=${'b'.repeat(56 * 1024 - 2)}`)).status).to.equal(200);
    expect((await sendForm(`a=${'b'.repeat(56 * 1024 - 1)}`)).status).to.equal(413);
  });

  it('refuses a small body that unpacks to a big one with 413', async () => {
    const bomb = gzipSync(`a=${'b'.repeat(50_000_000)}`);
    const answer = await sendForm(bomb, { 'content-encoding': 'gzip' });
    expect(answer.status).to.equal(413);
  });

  it('refuses broken and unknown compression with 400', async () => {
    expect((await sendForm('a=b', { 'content-encoding': 'gzip' })).status).to.equal(400);
    expect((await sendForm('a=b', { 'content-encoding': 'zstd-of-ours' })).status).to.equal(400);
  });

  it('gives an empty form for an empty body', () => {
    expect(Object.keys(parseForm(''))).to.deep.equal([]);
  });
});

describe('the JSON parser', () => {
  let pages: Pages;
  before(async () => void (pages = await startPages({ mount })));
  after(() => pages.close());
  const send = (body: string, type = 'application/json') =>
    fetch(`${pages.origin}/json`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, accept: 'application/json' },
    });

  it('hands on what it read', async () => {
    expect(await (await send('{"a":[1,"b",null]}')).json()).to.deep.equal({ got: { a: [1, 'b', null] } });
  });

  const refused: Record<string, string> = {
    'broken JSON': '{"a":',
    'an empty body': '',
    'a lone surrogate': '{"a":"\\ud800"}',
    'a NUL': '{"a":"\\u0000"}',
    'a lone surrogate in a name': '{"\\udfff":1}',
    'deep nesting': '['.repeat(500) + ']'.repeat(500),
  };
  for (const [what, body] of Object.entries(refused)) {
    it(`refuses ${what} with 400 and a problem document`, async () => {
      const answer = await send(body);
      expect(answer.status).to.equal(400);
      expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
      const problem = (await answer.json()) as Record<string, unknown>;
      expect(problem.code).to.equal('bad_request');
      expect(problem.reference).to.match(/^\w{8}$/);
    });
  }

  it('refuses forms and plain text, which other sites may send without asking', async () => {
    expect((await send('{}', 'text/plain')).status).to.equal(400);
    expect((await send('{}', FORM)).status).to.equal(400);
  });

  it('refuses more than 64 kB with 413', async () => {
    expect((await send(`"${'a'.repeat(65 * 1024)}"`)).status).to.equal(413);
  });
});
