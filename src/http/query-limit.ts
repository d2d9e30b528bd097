import type { Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';

/** The longest value of a parameter in an address; bytes as they are sent. */
const MOST = 2048;
/** Signed or nested, and so longer by nature. The limit of a request's headers stands for them: 16 kB. */
const LONGER: ReadonlySet<string> = new Set(['claims', 'id_token_hint', 'request']);

/** Refuses addresses with a parameter that is kept, sent back or logged by its length. */
export const queryLimit: Middleware = (ctx, next) => {
  if (ctx.querystring.length > MOST) {
    for (const pair of ctx.querystring.split('&')) {
      const [name = ''] = pair.split('=', 1);
      if (pair.length - name.length - 1 > MOST && !LONGER.has(name))
        throw new DomainError('bad_request', { detail: `A parameter has more than ${MOST} bytes.` });
    }
  }
  return next();
};
