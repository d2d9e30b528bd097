import type { Logger } from 'pino';
import type { House } from './brand.ts';
import type { Translate } from './texts.ts';

/** What our middleware puts on `ctx.state` for every request to our own pages. */
export interface AppState {
  /** 8 characters, on every error page and in every log line of the request. */
  reference: string;
  log: Logger;
  /** CSP nonce of this answer. */
  nonce: string;
  /** Client address as far as it can be trusted, truncated for the audit log. */
  source: string;
  /** The same, less truncated: for guess budgets alone, which keep no more than a keyed digest of it. */
  sourceHost: string;
  /** The parsed form of a POST: flat, strings only, each key once. */
  form: Readonly<Record<string, string>>;
  /** The files of a POST that takes bytes, by field; empty where none was chosen. */
  files: Readonly<Record<string, Uint8Array>>;
  /** Renders `views/<view>` with the layout's own values (nonce, tenant, csrf token) added. */
  render(view: string, data: Readonly<Record<string, unknown>>): void;
  /** A text of the pages in the language of this answer, for what is no page, such as a file. */
  t: Translate;
  /** The parsed body of a JSON request; to be checked by a schema. */
  json: unknown;
  /** Origins besides our own that a form of this page may be redirected to (CSP form-action). */
  formTargets: string[];
  /** Whose page it is: its name, logo and colours; absent = Stile's own. */
  tenant?: House;
  /** The app that sent the person here, as far as it is known: error pages lead back to it. */
  app?: { readonly name: string; readonly homeHref: string | null };
  /** What the CSRF token of this page is bound to: the interaction's uid, or the session's uid. */
  csrfBinding?: string;
}
