import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** One chunk of a PNG, with a length and a sum that are right. */
export function pngChunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** @param size what it claims to be; RGBA, 8 bits, unless told */
export function pngHeader(size: { width: number; height: number; interlace?: boolean }): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(size.width, 0);
  data.writeUInt32BE(size.height, 4);
  data.set([8, 6, 0, 0, size.interlace ? 1 : 0], 8);
  return pngChunk('IHDR', data);
}

/** A picture in one colour. */
export function aPng(width = 64, height = 32, pixel: readonly number[] = [200, 30, 40, 255]): Buffer {
  const png = new PNG({ width, height });
  for (let at = 0; at < png.data.length; at += 4) png.data.set(pixel, at);
  return PNG.sync.write(png);
}

/** A picture put together by hand. */
export function pngOf(...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([PNG_SIGNATURE, ...chunks, pngChunk('IEND')]);
}

/** @returns pixels as they stand in a file, each line with filter 0 */
export function packedLines(width: number, height: number): Buffer {
  return deflateSync(Buffer.alloc((width * 4 + 1) * height), { level: 9 });
}
