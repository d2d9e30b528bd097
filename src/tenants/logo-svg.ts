import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import type { Picture } from './branding.ts';
import { LogoRefused, unsafe } from './logo-refusal.ts';
import { DRAWN, isIdle, type Kind, LEFT_OUT, LOOKS, MARKS, type SafeValue } from './svg-grammar.ts';
import { ownWeight, type Part, weightOf } from './svg-weight.ts';

const SVG = 'http://www.w3.org/2000/svg';
const XLINK = 'http://www.w3.org/1999/xlink';
/** Elements inside one another. */
const DEEPEST = 32;
/** Elements that a browser draws, long paths counted by what they hold. */
const HEAVIEST = 5000;
/** Height of every SVG as we write it: they have no size of their own, only a shape. CSS pixels. */
const HEIGHT = 64;

/** @throws LogoRefused for what is not text in UTF-8 */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LogoRefused({ reason: 'not-an-image' });
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** `fill:red;stroke:none`, as many programs write it. Properties win over attributes of the same name. */
function declarationsOf(style: string): [string, string][] {
  const lines = style.split(';').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()];
    });
}

const isNamespace = ({ name, prefix }: SaxesAttributeNS) => prefix === 'xmlns' || name === 'xmlns';

/** @returns what the element carries that can be seen, understood; of one name the last wins */
function attributesOf({ attributes }: SaxesTagNS): Map<string, SafeValue> {
  const safe = new Map<string, SafeValue>();
  function put(name: string, value: string, kind: Kind | undefined): void {
    if (!kind) unsafe('attribute', name);
    safe.set(name, kind(value.trim()) ?? unsafe('value', name));
  }
  for (const attribute of Object.values(attributes)) {
    const { name, local, uri, value } = attribute;
    if (isNamespace(attribute) || isIdle(name) || name === 'style') continue;
    if (uri === XLINK && local === 'href') put('href', value, MARKS.get('href'));
    else if (uri !== '') unsafe('attribute', name);
    else put(name, value, MARKS.get(name) ?? LOOKS.get(name));
  }
  for (const [name, value] of declarationsOf(attributes.style?.value ?? '')) {
    if (!isIdle(name)) put(name, value, LOOKS.get(name));
  }
  return safe;
}

interface Shape {
  readonly viewBox: string;
  readonly width: number;
}

/** @throws LogoRefused `no-size` when neither `viewBox` nor width and height in pixels say the shape */
function shapeOf(root: ReadonlyMap<string, SafeValue>): Shape {
  const pixels = (name: string) => root.get(name)?.text.replace(/px$/, '') ?? '';
  const box = root.get('viewBox')?.text ?? `0 0 ${pixels('width')} ${pixels('height')}`;
  const numbers = box.split(/[\s,]+/).map((text) => (text === '' ? NaN : Number(text)));
  const [width = NaN, height = NaN] = numbers.slice(2);
  if (numbers.length !== 4 || !numbers.every(Number.isFinite) || width <= 0 || height <= 0) {
    throw new LogoRefused({ reason: 'no-size' });
  }
  return { viewBox: numbers.join(' '), width: Math.max(1, Math.round((HEIGHT * width) / height)) };
}

const written = (attributes: Iterable<[string, SafeValue]>): string =>
  [...attributes].map(([name, { text }]) => ` ${name}="${escaped(text)}"`).join('');

/** The root says its shape in one way, and nothing of where it stands. */
function rootTag(attributes: Map<string, SafeValue>): { tag: string; width: number } {
  const { viewBox, width } = shapeOf(attributes);
  for (const name of ['x', 'y', 'width', 'height', 'viewBox']) attributes.delete(name);
  const size = `viewBox="${viewBox}" width="${width}" height="${HEIGHT}"`;
  return { tag: `<svg xmlns="${SVG}" ${size}${written(attributes)}>`, width };
}

/** Writes out what it is told of, as far as it is on the list; refuses what is not. */
function rewriter() {
  const lines: string[] = [];
  const byId = new Map<string, Part>();
  /** From the root inwards; null = left out, with all that is in it. */
  const open: (Part | null)[] = [];
  let drawing: { root: Part; width: number } | null = null;

  function remember(attributes: ReadonlyMap<string, SafeValue>): Part {
    const refersTo = [...attributes.values()].flatMap((value) => value.refersTo ?? []);
    const drawn = (attributes.get('d')?.text ?? attributes.get('points')?.text ?? '').length;
    const part: Part = { children: [], refersTo, weight: ownWeight(drawn) };
    const id = attributes.get('id')?.text;
    if (id === undefined) return part;
    if (byId.has(id)) unsafe('value', 'id');
    byId.set(id, part);
    return part;
  }

  function openRoot(tag: SaxesTagNS): void {
    if (tag.uri !== SVG || tag.local !== 'svg') throw new LogoRefused({ reason: 'not-an-image' });
    const attributes = attributesOf(tag);
    const root = remember(attributes);
    const { tag: text, width } = rootTag(attributes);
    lines.push(text);
    open.push(root);
    drawing = { root, width };
  }

  return {
    hasBegun: () => drawing !== null,

    open(tag: SaxesTagNS): void {
      if (!drawing) return openRoot(tag);
      const isDrawn = tag.uri === SVG && DRAWN.has(tag.local);
      if (!isDrawn && !(tag.uri === SVG && LEFT_OUT.has(tag.local))) unsafe('element', tag.name);
      if (open.length >= DEEPEST) throw new LogoRefused({ reason: 'too-detailed' });
      const parent = open.at(-1) ?? null;
      const attributes = attributesOf(tag);
      if (!isDrawn || !parent) {
        open.push(null);
        return undefined;
      }
      const part = remember(attributes);
      parent.children.push(part);
      open.push(part);
      lines.push(`<${tag.local}${written(attributes)}>`);
      return undefined;
    },

    close({ local }: SaxesTagNS): void {
      if (open.pop()) lines.push(`</${local}>`);
    },

    /** @throws LogoRefused when there was no picture, or one that asks too much of a browser */
    end(): Picture {
      if (!drawing) throw new LogoRefused({ reason: 'not-an-image' });
      const { root, width } = drawing;
      if (weightOf(root, byId) > HEAVIEST) throw new LogoRefused({ reason: 'too-detailed' });
      return { type: 'image/svg+xml', bytes: Buffer.from(lines.join('')), width, height: HEIGHT };
    },
  };
}

/**
 * Reads an SVG by the rules of XML and writes it anew from the list of what may be there (svg-grammar.ts). Comments
 * and text are left out; anything else that is not on the list is refused, and named. No entity is ever expanded.
 * @throws LogoRefused
 */
export function rewriteSvg(bytes: Buffer): Picture {
  const writer = rewriter();
  const text = textOf(bytes);
  if (!/^\s*</.test(text)) throw new LogoRefused({ reason: 'not-an-image' });
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', () => {
    throw new LogoRefused({ reason: writer.hasBegun() ? 'damaged' : 'not-an-image' });
  });
  parser.on('xmldecl', ({ encoding = 'utf-8' }) => {
    if (encoding.toLowerCase() !== 'utf-8') unsafe('declaration', 'encoding');
  });
  parser.on('doctype', () => unsafe('declaration', 'DOCTYPE'));
  parser.on('processinginstruction', ({ target }) => unsafe('declaration', `?${target}`));
  parser.on('opentag', writer.open);
  parser.on('closetag', writer.close);
  parser.write(text).close();
  return writer.end();
}
