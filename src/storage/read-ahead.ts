import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<object>();

/** Does `work` as the answer to one request of its own. */
export const inRequest = <T>(work: () => T): T => requests.run({}, work);

/** What stands for the request that is being answered; undefined outside of `inRequest`. */
export const currentRequest = (): object | undefined => requests.getStore();

/**
 * Documents that one command has brought along for the request that is being answered, because that request asks for
 * them next. Each is handed out once: whoever asks again, say after a write, reads anew.
 */
export interface ReadAhead {
  /** @param found every document of `collection` whose key is `key`; none is an answer too */
  put(collection: string, key: string, found: readonly object[]): void;
  /** @returns undefined when nothing was brought along, or it was handed out already: read it */
  take<Row>(collection: string, key: string): readonly Row[] | undefined;
}

/** @param request what stands for the request being answered; undefined = there is none, and nothing is kept */
export function createReadAhead(request: () => object | undefined = currentRequest): ReadAhead {
  const held = new WeakMap<object, Map<string, readonly object[]>>();
  const nameOf = (collection: string, key: string) => `${collection} ${key}`;
  return {
    put(collection, key, found) {
      const asked = request();
      if (!asked) return;
      const mine = held.get(asked) ?? new Map<string, readonly object[]>();
      held.set(asked, mine.set(nameOf(collection, key), found));
    },

    take<Row>(collection: string, key: string) {
      const asked = request();
      const mine = asked && held.get(asked);
      const found = mine?.get(nameOf(collection, key));
      mine?.delete(nameOf(collection, key));
      return found as readonly Row[] | undefined;
    },
  };
}

/** Nothing is ever brought along. */
export const NOTHING_AHEAD: ReadAhead = { put: () => undefined, take: () => undefined };
