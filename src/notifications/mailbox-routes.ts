import Router from '@koa/router';
import { DomainError } from '../core/errors.ts';
import type { AppState } from '../http/state.ts';
import type { KeptMail, Mailbox } from './mailbox.ts';
import { formatMoment } from './mails.ts';

/** Mails shown on one page. */
const SHOWN = 50;

/** A mail as the page lists it. */
const shown = ({ id, to, subject, text, at }: KeptMail) => ({
  to,
  subject,
  text,
  iso: at.toISOString(),
  time: formatMoment(at, null),
  htmlHref: `/dev/mailbox/${encodeURIComponent(id)}/html`,
});

/**
 * `/dev/mailbox`: the mails that were not sent, because there is no mail server. Mounted outside production only,
 * where anybody who reaches this machine may read them. As JSON for tests: `Accept: application/json`.
 */
export function mailboxRoutes({ mailbox }: { mailbox: Mailbox }) {
  const router = new Router<AppState>({ prefix: '/dev/mailbox' });

  router.get('/', async (ctx) => {
    const mails = await mailbox.newest(SHOWN);
    if (ctx.accepts('html', 'json') === 'json') {
      ctx.body = mails;
      return;
    }
    ctx.state.render('dev/mailbox.njk', { mails: mails.map(shown) });
  });

  router.get('/:id/html', async (ctx) => {
    const mail = await mailbox.find(ctx.params.id ?? '');
    if (!mail) throw new DomainError('not_found');
    // A mail program's view of it: its own inline styles, and nothing else.
    ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    ctx.type = 'html';
    ctx.body = mail.html;
  });

  return router;
}
