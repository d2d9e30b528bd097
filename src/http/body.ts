import { bodyParser } from '@koa/bodyparser';
import type { Context } from 'koa';
import { DomainError } from '../core/errors.ts';

/** Largest bodies, after decompression; bytes. */
export const FORM_LIMIT = 56 * 1024;
export const JSON_LIMIT = 64 * 1024;

const readers = {
  'application/x-www-form-urlencoded': textReader('application/x-www-form-urlencoded', FORM_LIMIT),
  'application/json': textReader('application/json', JSON_LIMIT),
};

/** The library reads, inflates and bounds; what the text means is decided by us. */
function textReader(type: string, limit: number) {
  return bodyParser({
    enableTypes: ['text'],
    extendTypes: { text: [type] },
    textLimit: limit,
    encoding: 'utf-8',
  });
}

/**
 * Reads the body as text.
 * @throws DomainError body_too_large, or bad_request when it is of another type or cannot be read
 */
export async function readText(ctx: Context, type: keyof typeof readers): Promise<string> {
  if (ctx.is(type) === false) throw new DomainError('bad_request', { detail: `The body must be ${type}.` });
  try {
    await readers[type](ctx, async () => undefined);
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'status' in cause && cause.status === 413;
    throw new DomainError(tooLarge ? 'body_too_large' : 'bad_request', { cause });
  }
  const { body } = ctx.request as { body?: unknown };
  return typeof body === 'string' ? body : '';
}
