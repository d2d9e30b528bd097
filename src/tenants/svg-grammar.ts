/**
 * What of SVG 2 a logo may hold: shapes, groups, gradients, clips and masks, and what they look like. Everything that
 * runs, moves, loads, links, styles by rules, filters or sets type is not here, and so is refused. No text either: it
 * would look different on every machine.
 */
const SHAPES = ['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon'];
const GROUPS = ['g', 'defs', 'symbol', 'use', 'clipPath', 'mask'];
const GRADIENTS = ['linearGradient', 'radialGradient', 'stop'];
/** Elements that are written out again. The root is not among them: it stands once, at the top. */
export const DRAWN: ReadonlySet<string> = new Set([...SHAPES, ...GROUPS, ...GRADIENTS]);
/** Words for whoever opens the file: read and left out. */
export const LEFT_OUT: ReadonlySet<string> = new Set(['title', 'desc']);

const ID = /^[A-Za-z_][\w.-]{0,63}$/;
const NUMBER = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?';
const MEASURE = new RegExp(`^${NUMBER}(?:px|pt|pc|mm|cm|in|em|ex|%)?$`);
const MEASURES = /^[-+.,\d\seE%]*$/;
const PATH = /^[MLHVCSQTAZmlhvcsqtaz\d\s.,eE+-]*$/;
const TRANSFORM = /^(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([-+.,\d\seE]*\)[\s,]*)*$/;
const WORD = /^[a-zA-Z-]{1,40}$/;
const WORDS = /^[a-zA-Z\s-]{1,40}$/;
const COLOUR = /^(?:[a-zA-Z]{1,30}|#[\da-fA-F]{3,8}|(?:rgb|rgba|hsl|hsla)\([-+.,/%\d\sdeg]*\))$/;
const LOCAL = /^url\(\s*(["']?)#([A-Za-z_][\w.-]{0,63})\1\s*\)$/;

/** A value that was understood: what is written, and which id of the same file it points at. */
export interface SafeValue {
  readonly text: string;
  readonly refersTo: string | null;
}

/** Understands a value; null = it is not one that may be there. */
export type Kind = (value: string) => SafeValue | null;

const matching =
  (pattern: RegExp): Kind =>
  (value) =>
    pattern.test(value) ? { text: value, refersTo: null } : null;

/** `url(#id)`: nothing but the id is carried on. */
const local: Kind = (value) => {
  const id = LOCAL.exec(value)?.[2];
  return id === undefined ? null : { text: `url(#${id})`, refersTo: id };
};
const fragment: Kind = (value) => {
  const id = value.startsWith('#') ? value.slice(1) : '';
  return ID.test(id) ? { text: `#${id}`, refersTo: id } : null;
};
const none: Kind = matching(/^none$/);
const either =
  (...kinds: readonly Kind[]): Kind =>
  (value) => {
    for (const kind of kinds) {
      const safe = kind(value);
      if (safe) return safe;
    }
    return null;
  };

const measure = matching(MEASURE);
const measures = matching(MEASURES);
const word = matching(WORD);

const named = (names: string, kind: Kind): [string, Kind][] =>
  names.split(' ').map((name): [string, Kind] => [name, kind]);

/** How things look: attributes, and properties in a `style` attribute (SVG 2, 6.6). */
export const LOOKS: ReadonlyMap<string, Kind> = new Map([
  ...named('fill stroke', either(local, matching(COLOUR))),
  ...named('stop-color color', matching(COLOUR)),
  ...named('clip-path mask', either(local, none)),
  ...named('opacity fill-opacity stroke-opacity stop-opacity stroke-width stroke-miterlimit', measure),
  ...named('stroke-dashoffset', measure),
  ...named('stroke-dasharray', either(measures, none)),
  ...named('fill-rule clip-rule stroke-linecap stroke-linejoin display visibility', word),
  ...named('vector-effect shape-rendering color-interpolation mask-type overflow', word),
  ...named('paint-order', matching(WORDS)),
]);

/** Everything else that is drawn by: where, how large, and what is used. */
export const MARKS: ReadonlyMap<string, Kind> = new Map([
  ...named('id', matching(ID)),
  ...named('d', matching(PATH)),
  ...named('points', measures),
  ...named('viewBox', measures),
  ...named('x y x1 y1 x2 y2 cx cy r rx ry fx fy fr width height offset', measure),
  ...named('transform gradientTransform', matching(TRANSFORM)),
  ...named('gradientUnits clipPathUnits maskUnits maskContentUnits spreadMethod', word),
  ...named('preserveAspectRatio', matching(WORDS)),
  ...named('href', fragment),
]);

const IDLE = [
  'version',
  'baseProfile',
  'class',
  'role',
  'xml:space',
  'xml:lang',
  'lang',
  'enable-background',
];

/** What makes no difference to the picture once rules of style are gone. */
export const isIdle = (name: string): boolean => IDLE.includes(name) || /^(?:data|aria)-[\w.-]+$/.test(name);
