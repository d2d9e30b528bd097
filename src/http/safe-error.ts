/** Levels of `cause` that are followed. */
const MAX_DEPTH = 4;
const MAX_MESSAGE = 300;
/** What is looked at of a message: to look for long words takes the square of its length. */
const MAX_READ = 2000;

/** Libraries put what they were given into their messages: an address, a duplicate key's value, a token. */
const PATTERNS: readonly [RegExp, string][] = [
  [/dup key:.*/gs, 'dup key'],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1'],
  [/\?[^\s"']+/g, '?...'],
  [/[^\s"'<>@]+@[^\s"'<>@]+/g, '[email]'],
  [/[\w-]+\.[\w-]+\.[\w-]{16,}/g, '[removed]'],
  [/[\w+/=-]{24,}/g, '[removed]'],
  [/\b\d{6,}\b/g, '[removed]'],
  [/\b(?:[0-9A-Za-z]{4}-){3}[0-9A-Za-z]{4}\b/g, '[removed]'],
];

function scrub(message: string): string {
  // Half a word is not known for a secret any more.
  const read = message.length > MAX_READ ? message.slice(0, MAX_READ).replace(/\S*$/, '') : message;
  return PATTERNS.reduce((text, [pattern, by]) => text.replace(pattern, by), read).slice(0, MAX_MESSAGE);
}

/** Where it happened, without the first lines, which repeat the message. */
function frames(stack: string | undefined): string[] {
  const lines = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return lines.slice(0, 12).map((line) => line.trim());
}

/** An error as the log may hold it: what and where, never the values it carries. */
export interface SafeError {
  readonly type: string;
  readonly message: string;
  readonly errorCode?: string | number;
  readonly detail?: string;
  readonly stack: readonly string[];
  readonly cause?: SafeError;
}

/** @returns only what is named in `SafeError`; further properties of an error (`input`, `keyValue`) stay out */
export function safeError(error: unknown, depth = 0): SafeError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error', stack: [] };
  const { code, detail } = error as { code?: unknown; detail?: unknown };
  return {
    type: error.name,
    message: scrub(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { errorCode: code } : {}),
    ...(typeof detail === 'string' ? { detail: scrub(detail) } : {}),
    stack: frames(error.stack),
    ...(error.cause instanceof Error && depth < MAX_DEPTH
      ? { cause: safeError(error.cause, depth + 1) }
      : {}),
  };
}
