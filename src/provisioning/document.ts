import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';

/** Something in a provisioning file is not right. The text names no value: it may be a secret. */
export interface Problem {
  /** Where in the document; empty = the whole of it. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Known when the text could not even be read; otherwise worked out from `path`. */
  readonly position?: Position | undefined;
}

/** Both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ReadDocument {
  /** Plain data, `${VAR}` replaced where it is set; undefined when the text is no YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  positionOf(problem: Problem): Position;
}

/** `${NAME}` stands for a variable of the environment; `$${NAME}` for itself. */
const VARIABLE = /\$(\$?)\{([A-Za-z_]\w*)\}/g;

/**
 * Reads YAML 1.2 (and JSON, which is a part of it) so that every later problem can be told with its line.
 * @param variable gives the value of a variable of the environment
 */
export function readDocument(text: string, variable: (name: string) => string | undefined): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = document.errors.map(({ message, pos }) => ({
    path: [],
    message,
    position: at(pos[0]),
  }));

  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return;
      node.value = node.value.replaceAll(VARIABLE, (_whole, escaped: string, name: string) => {
        const value = escaped === '' ? variable(name) : `\${${name}}`;
        if (value !== undefined) return value;
        const message = `the variable ${name} is not set in the environment`;
        problems.push({ path: [], message, position: at(node.range?.[0] ?? 0) });
        return `\${${name}}`;
      });
    },
  });

  return {
    value: document.errors.length === 0 ? toData(document, problems) : undefined,
    problems,
    positionOf: ({ path, position }) => position ?? at(offsetOf(document, path)),
  };
}

/** @returns undefined, and a problem, for a text whose aliases would grow without bound */
function toData(document: Document, problems: Problem[]): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch {
    problems.push({ path: [], message: 'aliases (*name) are unknown or used too often' });
    return undefined;
  }
}

/** @returns where the thing at `path` begins, or the nearest thing around it that is written in the file */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      : undefined;
    const key = startOf(pair?.key);
    node = pair ? pair.value : childOf(node, step);
    const start = key ?? startOf(node);
    if (start === undefined) break;
    offset = start;
  }
  return offset;
}

function childOf(node: unknown, step: PropertyKey): unknown {
  const items = (node as { items?: unknown } | null)?.items;
  return Array.isArray(items) && typeof step === 'number' ? (items as unknown[])[step] : undefined;
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];
}

/** @returns `accounts[3].claims.locale` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}
