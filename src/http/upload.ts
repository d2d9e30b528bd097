import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';
import { form } from './form.ts';
import type { AppState } from './state.ts';

/** Largest file that a form takes; bytes. */
export const FILE_LIMIT = 1024 * 1024;
/** What the other fields and the borders between them may add; bytes. */
const FRAME_LIMIT = 16 * 1024;

const malformed = (detail: string) => new DomainError('bad_request', { detail });

/** @throws DomainError body_too_large as soon as it is, and not when it is read */
async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer<ArrayBuffer>> {
  const tooLarge = () => new DomainError('body_too_large');
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Node's own reader of RFC 7578. @throws DomainError bad_request */
async function readParts(ctx: Context): Promise<FormData> {
  if ((ctx.get('content-encoding') || 'identity') !== 'identity') throw malformed('The body is compressed.');
  const bytes = await readBytes(ctx.req, FILE_LIMIT + FRAME_LIMIT);
  try {
    return await new Response(bytes, { headers: { 'content-type': ctx.get('content-type') } }).formData();
  } catch (cause) {
    throw new DomainError('bad_request', { cause, detail: 'The form is not encoded.' });
  }
}

/** @throws DomainError bad_request when it is no UTF-8 text */
async function textOf(part: FormDataEntryValue): Promise<string> {
  try {
    const text =
      typeof part === 'string'
        ? part
        : new TextDecoder('utf-8', { fatal: true }).decode(await part.arrayBuffer());
    if (!text.includes('\0')) return text;
  } catch (cause) {
    throw new DomainError('bad_request', { cause, detail: 'The file is not UTF-8 text.' });
  }
  throw malformed('A field holds a NUL.');
}

/** What is made of the files of a form: the text of their field, or bytes in `ctx.state.files`. */
export type UploadKind = 'text' | 'bytes';

/** A browser sends an empty file where none was chosen. */
const isFile = (part: FormDataEntryValue): part is File => typeof part !== 'string';

/**
 * Parses a form with a file, as flat and as strict as any other. What a file is called, and of which type it claims to
 * be, is never looked at.
 * @throws DomainError bad_request, body_too_large
 */
export const upload =
  (kind: UploadKind): Middleware<AppState> =>
  async (ctx, next) => {
    ctx.state.files = {};
    // Without a file to send, some clients take the shorter way.
    if (ctx.is('multipart/form-data') !== 'multipart/form-data') return form(ctx, next);
    const fields = Object.create(null) as Record<string, string>;
    const files = Object.create(null) as Record<string, Uint8Array>;
    for (const [name, part] of await readParts(ctx)) {
      if (!/^[\w-]{1,64}$/.test(name)) throw malformed('A field has a name that no form of ours has.');
      if (name in fields || name in files) throw malformed('A field comes twice.');
      if (kind === 'text' || !isFile(part)) fields[name] = await textOf(part);
      else files[name] = new Uint8Array(await part.arrayBuffer());
    }
    ctx.state.form = Object.freeze(fields);
    ctx.state.files = Object.freeze(files);
    return next();
  };
