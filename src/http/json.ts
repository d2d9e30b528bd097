import type { Middleware } from 'koa';
import { DomainError } from '../core/errors.ts';
import { readText } from './body.ts';
import type { AppState } from './state.ts';

/** Levels of objects and lists inside each other; our deepest schema has four. */
const MAX_DEPTH = 16;

/** @throws DomainError bad_request on text that no database and no log should see, and on deep nesting */
function check(value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) throw new DomainError('bad_request', { detail: 'The JSON is nested too deep.' });
  if (typeof value === 'string' && (!value.isWellFormed() || value.includes('\0'))) {
    throw new DomainError('bad_request', { detail: 'A string holds a NUL or half a character.' });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    check(name, depth);
    check(member, depth + 1);
  }
}

/** Parses the JSON of an own route to `ctx.state.json`, whose shape the route's schema then checks. */
export const json: Middleware<AppState> = async (ctx, next) => {
  const text = await readText(ctx, 'application/json');
  try {
    ctx.state.json = JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DomainError('bad_request', { cause, detail: 'The body is not JSON.' });
  }
  check(ctx.state.json);
  return next();
};
