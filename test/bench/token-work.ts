import type { App, Tokens } from './app.ts';
import { atOnce } from './at-once.ts';

/** Requests of each token operation in a round. */
export const REQUESTS = 240;

export type TokenOperation = keyof typeof tokenWork;

/** Each holder of tokens does its share of `REQUESTS`, one after the other, all holders at once. */
const share = (tokens: readonly Tokens[], work: (tokens: Tokens) => Promise<Tokens | void>) =>
  atOnce(tokens.length, tokens, async (first) => {
    let current = first;
    for (let done = 0; done < REQUESTS / tokens.length; done += 1) current = (await work(current)) ?? current;
  });

export const tokenWork = {
  introspection: (app: App, tokens: readonly Tokens[]) => share(tokens, app.introspect),
  userinfo: (app: App, tokens: readonly Tokens[]) => share(tokens, app.userinfo),
  // Last: every refresh token is used once, and the holders keep none of the new ones.
  refresh: (app: App, tokens: readonly Tokens[]) => share(tokens, app.refresh),
};
