import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import i18next, { type i18n } from 'i18next';

/** Texts of one language: keys by page, then by place on the page. */
export type Texts = { readonly [key: string]: string | Texts };

/** `t(key, values)`: throws on an unknown key and on a missing value, so that no page shows either. */
export type Translate = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/**
 * Reads the words of all pages: the shared ones, those of the console under `admin`, its pages about people under
 * `admin.agent`, and those of each second factor
 * from its own folder, under its id.
 * @param viewsDir `views/`
 */
export function readTexts(viewsDir: string, language: string): Texts {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Texts;
  const file = `texts.${language}.json`;
  const methodsDir = join(viewsDir, 'second-factor');
  const methods = readdirSync(methodsDir).filter((id) => existsSync(join(methodsDir, id, file)));
  const ofMethods = methods.map((id) => [id, read(join(methodsDir, id, file))] as const);
  const admin = {
    ...read(join(viewsDir, 'admin', file)),
    agent: read(join(viewsDir, 'admin', 'agent', file)),
  };
  return { ...read(join(viewsDir, file)), admin, ...Object.fromEntries(ofMethods) };
}

/** Plural forms by `Intl.PluralRules` (`key_one`, `key_other` with `count`); escaping is the template's work. */
export function createTranslate(language: string, texts: Texts): Translate {
  const instance: i18n = i18next.createInstance();
  void instance.init({
    lng: language,
    resources: { [language]: { translation: texts } },
    initAsync: false,
    nsSeparator: false,
    interpolation: { prefix: '{', suffix: '}', escapeValue: false, skipOnVariables: true },
    returnNull: false,
    parseMissingKeyHandler: (key: string) => {
      throw new Error(`no text for ${key}`);
    },
    missingInterpolationHandler: (text: string) => {
      throw new Error(`a value is missing in: ${text}`);
    },
  });
  /** Texts without values are always the same, and most of what a page asks for. As many as there are keys. */
  const plain = new Map<string, string>();
  return (key, values) => {
    if (values) return instance.t(key, values);
    const text = plain.get(key) ?? instance.t(key);
    plain.set(key, text);
    return text;
  };
}
