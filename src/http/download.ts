import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from 'koa';
import type { AppState } from './state.ts';

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

/** A file that is made while it is sent. */
export interface Download {
  /** Without its ending. */
  readonly name: string;
  readonly format: keyof typeof TYPES;
  readonly chunks: AsyncIterable<string>;
}

async function* startingWith(first: IteratorResult<string>, rest: AsyncIterator<string>) {
  if (first.done) return;
  yield first.value;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/**
 * Answers with a file, as fast as it is taken, and is done when it is. What goes wrong before its first line is answered
 * as usual; later the connection is cut, so that nobody takes a part for the whole.
 * @param mark sent in front of it
 */
export async function sendDownload(
  ctx: Context & { state: AppState },
  { name, format, chunks }: Download,
  mark = '',
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  const text = startingWith(first.done ? first : { value: mark + first.value }, iterator);
  ctx.status = 200;
  ctx.attachment(`${name}.${format}`);
  ctx.type = TYPES[format];
  // Koa would tell of whoever breaks off as of a fault of ours, and past our log.
  ctx.respond = false;
  try {
    await pipeline(Readable.from(text, { objectMode: false }), ctx.res);
  } catch (err) {
    const left = (err as { code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE';
    ctx.state.log[left ? 'info' : 'error']({ err }, left ? 'a file was not wanted to its end' : 'fault');
  }
}
