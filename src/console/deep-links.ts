import type { ConsolePage } from './page.ts';

const ROOT = '/admin';
/** Characters of an address with its query: far above what filters of a list need, far below what a browser refuses. */
const LONGEST = 1000;
/** What stands for a `:name` of a page: ids of ours, and no dots alone. */
const VALUE = /^[\w~-][\w.~-]{0,99}$/;
/** A list as a file: after a sign-in people want the page that it is on. */
const FILE = /\.(csv|ndjson)$/;

export type DeepLinks = ReturnType<typeof createDeepLinks>;

/**
 * Addresses of the console that a sign-in may come back to (rule no-open-redirect). What a request asked for is never
 * sent back
 * as it stood there: it is compared with the pages that there are, segment by segment, and its query is written anew.
 * Nothing is signed, because nothing is granted: an address that somebody made up leads where a link of theirs would,
 * to a page of ours that asks for the rights of whoever comes.
 */
export function createDeepLinks(pages: readonly Pick<ConsolePage, 'method' | 'path'>[]) {
  const patterns = pages.filter(({ method }) => method === 'get').map(({ path }) => path.split('/'));
  const fits = (pattern: readonly string[], given: readonly string[]) =>
    pattern.length === given.length &&
    pattern.every((part, at) => (part.startsWith(':') ? VALUE.test(given[at] ?? '') : part === given[at]));

  /** @returns the same page by an address of ours; null = there is none like it */
  function read(path: string, query: string): string | null {
    const page = path.replace(FILE, '');
    if (page !== ROOT && !page.startsWith(`${ROOT}/`)) return null;
    const given = page.slice(ROOT.length).split('/');
    if (!patterns.some((pattern) => fits(pattern, given))) return null;
    const search = new URLSearchParams(query).toString();
    const address = search === '' ? page : `${page}?${search}`;
    return address.length > LONGEST ? page : address;
  }

  return {
    /** @returns the `state` of a sign-in that comes back to this page, or to the overview */
    stateOf: (path: string, query: string): string =>
      Buffer.from(read(path, query) ?? ROOT).toString('base64url'),

    /** @param state as it came back: anybody's to write */
    addressOf(state: unknown): string {
      if (typeof state !== 'string') return ROOT;
      const [path = '', ...query] = Buffer.from(state, 'base64url').toString().split('?');
      return read(path, query.join('?')) ?? ROOT;
    },
  };
}
