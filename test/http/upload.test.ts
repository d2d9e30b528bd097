import Router from '@koa/router';
import { expect } from 'chai';
import type { Middleware } from 'koa';
import type { AppState } from '../../src/http/state.ts';
import { FILE_LIMIT, upload } from '../../src/http/upload.ts';
import { startPages, type Pages } from '../support/pages.ts';

describe('a form with a file', () => {
  let pages: Pages;
  before(async () => {
    const router = new Router<AppState>();
    router.post('/upload', upload('text') as never, (ctx) => {
      ctx.body = ctx.state.form;
    });
    pages = await startPages({ mount: () => [router.routes() as unknown as Middleware<AppState>] });
  });
  after(() => pages.close());

  const send = (body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(`${pages.origin}/upload`, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
  function parts(...fields: [string, string | Blob][]): FormData {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    return form;
  }
  const status = async (body: BodyInit, headers?: Record<string, string>) =>
    (await send(body, headers)).status;
  const multipart = { 'content-type': 'multipart/form-data; boundary=b' };

  it('is read as flat texts, the file among them', async () => {
    const answer = await send(
      parts(['list', 'a\nb'], ['file', new Blob(['naïve, 名'], { type: 'text/csv' })]),
    );
    expect(await answer.json()).to.deep.equal({ list: 'a\r\nb', file: 'naïve, 名' });
    expect(await (await send(new URLSearchParams({ list: 'a' }))).json()).to.deep.equal({ list: 'a' });
  });

  it('is refused where other parsers would read more, and where it is no text', async () => {
    expect(await status(parts(['a', '1'], ['a', '2']))).to.equal(400);
    for (const name of ['a[b]', '$ne', 'a.b', '__proto__.x'])
      expect(await status(parts([name, '1']))).to.equal(400);
    expect(await status(parts(['a', new Blob([Uint8Array.of(0xff, 0xfe)])]))).to.equal(400);
    expect(await status(parts(['a', new Blob(['x\0y'])]))).to.equal(400);
    expect(await status('--b\r\nnonsense', multipart)).to.equal(400);
    expect(await status('x', { 'content-type': 'multipart/form-data' })).to.equal(400);
    expect(await status('{}', { 'content-type': 'application/json' })).to.equal(400);
    expect(await status('--b--\r\n', { ...multipart, 'content-encoding': 'gzip' })).to.equal(400);
  });

  it('is too large as soon as it is, whatever length it declares', async () => {
    const text = 'x'.repeat(FILE_LIMIT);
    expect(await status(parts(['file', new Blob([text])]))).to.equal(200);
    expect(await status(parts(['file', new Blob([text, text])]))).to.equal(413);
    const bytes = new TextEncoder().encode(`--b\r\n\r\n${text}${text}`);
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 65_536) controller.enqueue(bytes.slice(at, at + 65_536));
        controller.close();
      },
    });
    expect(await status(stream, multipart)).to.equal(413);
  });
});
