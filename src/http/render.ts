import nunjucks from 'nunjucks';
import type { Assets } from './assets.ts';
import { brandOf, STILE_BRAND } from './brand.ts';
import { emailText } from './email-text.ts';
import { createRichText } from './rich-text.ts';
import type { AppState } from './state.ts';
import { createTranslate, readTexts, type Texts, type Translate } from './texts.ts';

/** What of a request a page shows or carries. */
export type PageState = Pick<AppState, 'nonce' | 'reference' | 'tenant' | 'csrfBinding'>;

export interface Renderer {
  /** @throws on an unknown view or text, and when a view outputs a value that it was not given */
  render(view: string, state: PageState, data?: Readonly<Record<string, unknown>>): string;
  readonly t: Translate;
}

export interface RendererOptions {
  readonly viewsDir: string;
  readonly assets: Assets;
  readonly csrfToken: (binding: string) => string;
  /** Views are read again at each rendering: development. */
  readonly reload?: boolean;
  /** Other words than those in `viewsDir`: tests and translators. */
  readonly texts?: Texts;
}

/** The only language so far; the language menu appears with the second one. */
const LANGUAGE = 'en';

/** What every layout needs; a view's own data win. */
const LAYOUT = {
  lang: LANGUAGE,
  dir: 'ltr',
  tenantName: null,
  brand: STILE_BRAND,
  csrfToken: null,
  who: null,
  stepsDone: 0,
  stepsTotal: 2,
  refusal: null,
  problem: null,
  minutes: null,
} as const;

/** One instance for the process: templates are compiled once. Autoescape is on, an undefined value throws. */
export function createRenderer(options: RendererOptions): Renderer {
  const { viewsDir, assets, csrfToken, reload = false, texts = readTexts(viewsDir, LANGUAGE) } = options;
  const loader = new nunjucks.FileSystemLoader(viewsDir, { noCache: reload });
  const environment = new nunjucks.Environment(loader, {
    autoescape: true,
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  const t = createTranslate(LANGUAGE, texts);
  environment.addGlobal('t', t);
  environment.addGlobal('rich', createRichText(t));
  environment.addGlobal('emailText', emailText);
  environment.addGlobal('asset', (name: string) => assets.href(name));

  return {
    t,
    render(view, state, data = {}) {
      const { nonce, reference, tenant, csrfBinding } = state;
      return environment.render(view, {
        ...LAYOUT,
        nonce,
        reference,
        ...(tenant === undefined ? {} : { tenantName: tenant.name, brand: brandOf(tenant) }),
        ...(csrfBinding === undefined ? {} : { csrfToken: csrfToken(csrfBinding) }),
        ...data,
      });
    },
  };
}
