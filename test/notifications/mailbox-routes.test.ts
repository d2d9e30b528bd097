import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import type { AppState } from '../../src/http/state.ts';
import { mailTexts } from '../../src/notifications/mail-texts.ts';
import { mailboxRoutes } from '../../src/notifications/mailbox-routes.ts';
import type { KeptMail, Mailbox } from '../../src/notifications/mailbox.ts';
import { renderMail } from '../../src/notifications/mails.ts';
import { ana, samples } from './mail-samples.ts';

const rendered = renderMail(samples['new-browser'], ana, new URL('https://id.example.com'), mailTexts());
const kept: KeptMail = { ...rendered, id: 'mail.a/b', to: ana.email, at: new Date('2026-11-24T09:12:00Z') };
const mailbox: Mailbox = {
  keep: () => Promise.resolve(),
  newest: (limit) => Promise.resolve([kept].slice(0, limit)),
  find: (id) => Promise.resolve(id === kept.id ? kept : null),
};

describe('the mailbox page', () => {
  const views: [string, Readonly<Record<string, unknown>>][] = [];
  const app = new Koa<AppState>();
  app.silent = true;
  app.use((ctx, next) => {
    ctx.state.render = (view, data) => {
      views.push([view, data]);
      ctx.body = view;
    };
    return next();
  });
  app.use(mailboxRoutes({ mailbox }).routes());
  const server = createServer(app.callback() as RequestListener);
  let origin: string;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('lists mails with a link to the HTML part that works', async () => {
    await fetch(`${origin}/dev/mailbox`, { headers: { accept: 'text/html' } });
    const [view, data] = views.at(-1) ?? [];
    expect(view).to.equal('dev/mailbox.njk');
    const [mail] = data?.mails as { htmlHref: string; time: string }[];
    expect(mail?.time).to.equal('24 November 2026, 09:12 UTC');
    const response = await fetch(`${origin}${mail?.htmlHref}`);
    expect(await response.text()).to.equal(kept.html);
  });

  it('lets the HTML part run nothing', async () => {
    const response = await fetch(`${origin}/dev/mailbox/${encodeURIComponent(kept.id)}/html`);
    expect(response.headers.get('content-security-policy')).to.match(/default-src 'none'.*sandbox/);
  });

  it('gives tests the mails as JSON', async () => {
    const response = await fetch(`${origin}/dev/mailbox`, { headers: { accept: 'application/json' } });
    const [mail] = (await response.json()) as KeptMail[];
    expect(mail).to.include({ to: ana.email, subject: 'New sign-in from Chrome on Windows' });
  });
});
