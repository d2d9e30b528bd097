import { Readable } from 'node:stream';
import type { Context } from 'koa';

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
 * Answers with a file, as fast as it is taken. What goes wrong before its first line is answered as usual; later the
 * connection is cut, so that nobody takes a part for the whole.
 * @param mark sent in front of it
 */
export async function sendDownload(
  ctx: Context,
  { name, format, chunks }: Download,
  mark = '',
): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  ctx.attachment(`${name}.${format}`);
  ctx.type = TYPES[format];
  ctx.body = Readable.from(startingWith(first.done ? first : { value: mark + first.value }, iterator), {
    objectMode: false,
  });
}
