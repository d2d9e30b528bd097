import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import Router from '@koa/router';
import { expect } from 'chai';
import type { Middleware } from 'koa';
import { sendDownload } from '../../src/http/download.ts';
import type { AppState } from '../../src/http/state.ts';
import { startPages, type Pages } from '../support/pages.ts';

/** One part of a long file; bytes. */
const PART = 64 * 1024;

describe('a file that is made while it is sent', () => {
  let pages: Pages;
  let made: number;
  let given: boolean;

  async function* parts(count: number, failsAt = Infinity) {
    made = 0;
    given = false;
    try {
      for (let i = 0; i < count; i += 1) {
        if (i === failsAt) throw new Error('the database went away');
        made += 1;
        yield 'x'.repeat(PART);
        await setTimeout(0);
      }
    } finally {
      given = true;
    }
  }

  before(async () => {
    const files = {
      long: () => parts(2000),
      early: () => parts(3, 0),
      late: () => parts(3, 2),
      empty: () => parts(0),
    };
    const router = new Router<AppState>();
    for (const [name, chunks] of Object.entries(files))
      router.get(`/${name}`, (ctx) => sendDownload(ctx, { name, format: 'csv', chunks: chunks() }, 'BOM'));
    pages = await startPages({ mount: () => [router.routes() as unknown as Middleware<AppState>] });
  });
  after(() => pages.close());

  it('has a name and a type, and the mark in front', async () => {
    const response = await fetch(`${pages.origin}/empty`);
    expect([response.status, await response.text()]).to.deep.equal([200, '']);
    expect(response.headers.get('content-type')).to.equal('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).to.equal('attachment; filename="empty.csv"');
    const late = await fetch(`${pages.origin}/late`).then((answer) => answer.body?.getReader().read());
    expect(new TextDecoder().decode(late?.value).slice(0, 4)).to.equal('BOMx');
  });

  it('is a usual refusal when nothing was sent yet, and is cut off when it cannot be finished', async () => {
    expect((await fetch(`${pages.origin}/early`)).status).to.equal(500);
    const cut = await fetch(`${pages.origin}/late`);
    expect(cut.status).to.equal(200);
    const whole = await cut.text().then(
      () => true,
      () => false,
    );
    expect(whole, 'a part is not taken for the whole').to.equal(false);
  });

  it('is made no faster than it is taken, and no longer than somebody takes it', async () => {
    const { port, hostname } = new URL(pages.origin);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /long HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    await once(socket, 'readable');
    let before = -1;
    for (let tries = 0; tries < 100 && before !== made; tries += 1) {
      before = made;
      await setTimeout(100);
    }
    // What the kernel holds for a reader who does not read, and no more.
    expect(made).to.be.lessThan(500);
    expect(given).to.equal(false);
    socket.destroy();
    for (let tries = 0; tries < 100 && !given; tries += 1) await setTimeout(50);
    expect(given).to.equal(true);
  });
});
