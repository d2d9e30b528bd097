import { crc32, inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import type { Picture } from './branding.ts';
import { LogoRefused } from './logo-refusal.ts';

/** Most pixels: 512 by 512, which is 1 MiB once decoded. */
export const LOGO_PIXELS = 512 * 512;

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const damaged = () => new LogoRefused({ reason: 'damaged' });

export const isPng = (bytes: Buffer): boolean => bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE);

/** @returns the chunks up to the last; what comes behind it is nobody's (PNG, third edition, 5.3) */
function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  let at = SIGNATURE.length;
  for (;;) {
    if (at + 12 > bytes.length) throw damaged();
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw damaged();
    const body = bytes.subarray(at + 4, end - 4);
    if (crc32(body) !== bytes.readUInt32BE(end - 4)) throw damaged();
    const type = body.toString('latin1', 0, 4);
    chunks.push({ type, data: body.subarray(4) });
    if (type === 'IEND') return chunks;
    at = end;
  }
}

/** What pixels are made of, in the order in which it must be there; at most one of each but for `IDAT`. */
const ORDER = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
/** A chunk whose name begins in lower case may be passed over (PNG, third edition, 5.4). */
const isCritical = (type: string) => type.charAt(0) < 'a';

/** Texts, profiles, times, animations and whatever else is not pixels goes. */
function bareChunks(bytes: Buffer): Chunk[] {
  const kept = chunksOf(bytes).filter(({ type }) => ORDER.includes(type) || isCritical(type));
  const places = kept.map(({ type }) => ORDER.indexOf(type));
  const idat = ORDER.indexOf('IDAT');
  const inOrder = places.every((place, i) => {
    const before = places[i - 1] ?? -1;
    return place > before || (place === before && place === idat);
  });
  if (!inOrder || places[0] !== 0 || !places.includes(idat)) throw damaged();
  return kept;
}

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of one pixel. */
  readonly bits: number;
  readonly interlaced: boolean;
}

/** Samples a pixel by colour type (PNG, third edition, 11.2.1). */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Before anything is inflated: a few bytes can claim gigabytes of pixels. */
function headerOf(data: Buffer): Header {
  if (data.length !== 13) throw damaged();
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
  const [depth = 0, colourType = 0, , , interlace = 0] = data.subarray(8);
  if (width === 0 || height === 0) throw damaged();
  if (width * height > LOGO_PIXELS) throw new LogoRefused({ reason: 'too-many-pixels', width, height });
  return { width, height, bits: depth * (SAMPLES[colourType] ?? 0), interlaced: interlace === 1 };
}

/** First column and row, then steps of both, of each pass of an interlaced picture (PNG, third edition, 8.1). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** @returns the bytes that the pixels inflate to: each line has a byte for its filter (PNG, third edition, 7.2, 9.1) */
function inflatedSize({ width, height, bits, interlaced }: Header): number {
  const lines = (w: number, h: number) => (w > 0 && h > 0 ? (Math.ceil((w * bits) / 8) + 1) * h : 0);
  if (!interlaced) return lines(width, height);
  return PASSES.reduce((sum, [x, y, stepX, stepY]) => {
    return sum + lines(Math.ceil((width - x) / stepX), Math.ceil((height - y) / stepY));
  }, 0);
}

function write(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.map(({ type, data }) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  });
  return Buffer.concat([SIGNATURE, ...parts]);
}

/**
 * The decoder takes what it is given for whole, and shows memory of ours where pixels are missing: so the pixels are
 * counted first.
 */
function decode(chunks: readonly Chunk[], header: Header): PNG {
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const size = inflatedSize(header);
  try {
    const inflated = inflateSync(Buffer.concat(packed), { maxOutputLength: size });
    if (inflated.length === size) return PNG.sync.read(write(chunks));
  } catch {
    // Told below.
  }
  throw damaged();
}

/** Clears the colour of pixels that cannot be seen. @returns whether there is any transparency */
function clearHidden(data: Buffer): boolean {
  let seeThrough = false;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255) continue;
    seeThrough = true;
    if (data[at + 3] === 0) data.fill(0, at, at + 3);
  }
  return seeThrough;
}

/** pngjs: 0 = no filter, good for flat colours; -1 = the best of all for each line, good for shades. */
const FILTERS = [0, -1];

/**
 * Decodes a PNG and writes its pixels anew; an animation becomes its first picture.
 * @throws LogoRefused
 */
export function redrawPng(bytes: Buffer): Picture {
  const chunks = bareChunks(bytes);
  const png = decode(chunks, headerOf(chunks[0]?.data ?? Buffer.alloc(0)));
  const colorType = clearHidden(png.data) ? 6 : 2;
  const drawn = FILTERS.map((filterType) =>
    PNG.sync.write(png, { colorType, filterType, deflateLevel: 9, inputHasAlpha: true }),
  );
  const [smallest] = drawn.toSorted((a, b) => a.length - b.length);
  if (!smallest) throw damaged();
  return { type: 'image/png', bytes: smallest, width: png.width, height: png.height };
}
