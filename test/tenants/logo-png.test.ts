import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { PNG } from 'pngjs';
import { drawLogo } from '../../src/tenants/logo.ts';
import { aPng, packedLines, PNG_SIGNATURE, pngChunk, pngHeader, pngOf } from '../support/png.ts';

const said = (bytes: Buffer): string => {
  const verdict = drawLogo(bytes);
  return verdict.ok ? 'taken' : verdict.reason;
};

function drawn(bytes: Buffer): Buffer {
  const verdict = drawLogo(bytes);
  if (!verdict.ok) throw new Error(verdict.reason);
  return verdict.picture.bytes;
}

/** @returns the picture with chunks put in behind the header */
function withChunks(png: Buffer, ...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
}

const header = pngHeader({ width: 4, height: 4 });
const pixels = pngChunk('IDAT', packedLines(4, 4));
/** @returns a header of 4 by 4 with one byte changed: 8 depth, 9 colour type, 12 interlaced */
function odd(at: number, value: number): Buffer {
  const data = Buffer.from(header.subarray(8, 21));
  data[at] = value;
  return pngChunk('IHDR', data);
}
/** Pass of each pixel of an eight by eight square (PNG, third edition, 8.1). */
const ADAM7 = [
  '16462646',
  '77777777',
  '56565656',
  '77777777',
  '36463646',
  '77777777',
  '56565656',
  '77777777',
];
/** @returns bytes of an interlaced RGBA picture: four a pixel, and one for each line of each pass */
function interlacedBytes(width: number, height: number): number {
  const lines = new Set<string>();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) lines.add(`${y} ${ADAM7[y % 8]?.[x % 8]}`);
  }
  return width * height * 4 + lines.size;
}
const PAYLOAD = '<script>alert(1)</script>';
const broken = aPng();
broken[45] = (broken[45] ?? 0) ^ 1;

const HOSTILE: Readonly<Record<string, readonly [Buffer, string]>> = {
  'more pixels than fit': [pngOf(pngHeader({ width: 513, height: 512 }), pixels), 'too-many-pixels'],
  'gigabytes claimed': [pngOf(pngHeader({ width: 65_535, height: 65_535 }), pixels), 'too-many-pixels'],
  'no width': [pngOf(pngHeader({ width: 0, height: 4 }), pixels), 'damaged'],
  'a second, larger header': [pngOf(header, pngHeader({ width: 60_000, height: 60_000 }), pixels), 'damaged'],
  'a larger header behind the pixels': [
    pngOf(header, pixels, pngHeader({ width: 9999, height: 9999 })),
    'damaged',
  ],
  'far more pixels than it says': [
    pngOf(pngHeader({ width: 4, height: 4, interlace: true }), pngChunk('IDAT', packedLines(2000, 1000))),
    'damaged',
  ],
  'fewer pixels than it says': [pngOf(pngHeader({ width: 60, height: 60 }), pixels), 'damaged'],
  'one line less than it says': [pngOf(header, pngChunk('IDAT', packedLines(4, 3))), 'damaged'],
  'one line more than it says': [pngOf(header, pngChunk('IDAT', packedLines(4, 5))), 'damaged'],
  'a colour type that is none': [pngOf(odd(9, 5), pixels), 'damaged'],
  'a depth that is none': [pngOf(odd(8, 3), pixels), 'damaged'],
  'no palette': [pngOf(odd(9, 3), pngChunk('IDAT', deflateSync(Buffer.alloc(20)))), 'damaged'],
  'a palette that is too short': [
    pngOf(odd(9, 3), pngChunk('PLTE', Buffer.alloc(3)), pngChunk('IDAT', deflateSync(Buffer.alloc(20, 7)))),
    'damaged',
  ],
  'a filter that is none': [pngOf(header, pngChunk('IDAT', deflateSync(Buffer.alloc(68, 9)))), 'damaged'],
  'no pixels': [pngOf(header), 'damaged'],
  'no header': [pngOf(pixels), 'damaged'],
  'pixels before the header': [pngOf(pixels, header), 'damaged'],
  'a critical chunk that nobody knows': [pngOf(header, pngChunk('EVIL'), pixels), 'damaged'],
  'a sum that is wrong': [broken, 'damaged'],
  'no end': [aPng().subarray(0, -12), 'damaged'],
  'half of it': [aPng().subarray(0, 60), 'damaged'],
  'nothing but a signature': [PNG_SIGNATURE, 'damaged'],
  'a length beyond the file': [pngOf(header, Buffer.from('ffffffff49444154', 'hex')), 'damaged'],
  'a line': [aPng(90, 10), 'too-long'],
  'too many bytes': [Buffer.concat([aPng(), Buffer.alloc(20_000)]), 'too-large'],
};

describe('a PNG logo', () => {
  for (const [what, [bytes, answer]] of Object.entries(HOSTILE)) {
    it(`is refused with ${what}`, () => expect(said(bytes)).to.equal(answer));
  }

  it('is drawn anew: the same pixels, without words, profiles, films and what hangs behind', () => {
    const given = Buffer.concat([
      withChunks(
        aPng(),
        pngChunk('tEXt', Buffer.from(`Comment\0${PAYLOAD}`)),
        pngChunk('eXIf', Buffer.from(PAYLOAD)),
        pngChunk('iCCP', Buffer.from(PAYLOAD)),
        pngChunk('acTL', Buffer.alloc(8)),
        pngChunk('fcTL', Buffer.alloc(26)),
        pngChunk('fdAT', Buffer.from(PAYLOAD)),
      ),
      Buffer.from(`PK\x03\x04 ${PAYLOAD}`),
    ]);
    const made = drawn(given);
    expect(made.includes('script')).to.equal(false);
    expect(
      [...made.toString('latin1').matchAll(/IHDR|[a-z][A-Z]{3}|acTL|IDAT|IEND/g)].map(String),
    ).to.deep.equal(['IHDR', 'IDAT', 'IEND']);
    expect(PNG.sync.read(made).data).to.deep.equal(PNG.sync.read(aPng()).data);
    expect(drawn(made), 'drawn once more').to.deep.equal(made);
  });

  it('is refused each time when pixels are missing: what stands in their place is memory', () => {
    const short = pngOf(
      pngHeader({ width: 60, height: 1 }),
      pngChunk('IDAT', deflateSync(Buffer.alloc(200))),
    );
    const answers = Array.from({ length: 200 }, () => said(short));
    expect(new Set(answers)).to.deep.equal(new Set(['damaged']));
  });

  it('may be interlaced, of any size', () => {
    for (const [width, height] of [
      [1, 1],
      [2, 1],
      [3, 5],
      [9, 8],
      [17, 33],
    ] as const) {
      const count = interlacedBytes(width, height);
      const given = pngOf(
        pngHeader({ width, height, interlace: true }),
        pngChunk('IDAT', deflateSync(Buffer.alloc(count))),
      );
      expect(PNG.sync.read(drawn(given)).data).to.have.length(width * height * 4);
    }
  });

  it('says its size', () => {
    const verdict = drawLogo(aPng(120, 40));
    expect(verdict.ok && { ...verdict.picture, bytes: null }).to.deep.equal({
      type: 'image/png',
      bytes: null,
      width: 120,
      height: 40,
    });
  });

  it('keeps nothing under what cannot be seen', () => {
    const clear = PNG.sync.read(drawn(aPng(8, 8, [1, 2, 3, 0])));
    expect([...clear.data.subarray(0, 4)]).to.deep.equal([0, 0, 0, 0]);
    const glass = PNG.sync.read(drawn(aPng(8, 8, [1, 2, 3, 90])));
    expect([...glass.data.subarray(0, 4)]).to.deep.equal([1, 2, 3, 90]);
  });

  it('is refused when it grows too large by being drawn anew', () => {
    const [width, height] = [100, 100];
    const palette = pngChunk('PLTE', randomBytes(256 * 3));
    const indexed = Buffer.from(header.subarray(8, 21));
    indexed.writeUInt32BE(width, 0);
    indexed.writeUInt32BE(height, 4);
    indexed[9] = 3;
    const lines = Array.from({ length: height }, () => Buffer.concat([Buffer.alloc(1), randomBytes(width)]));
    const given = pngOf(
      pngChunk('IHDR', indexed),
      palette,
      pngChunk('IDAT', deflateSync(Buffer.concat(lines))),
    );
    expect(given.length).to.be.below(20_000);
    expect(said(given)).to.equal('too-detailed');
  });
});
