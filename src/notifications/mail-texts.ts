import { existsSync, readFileSync } from 'node:fs';
import { createInstance } from 'i18next';
import { METHOD_IDS } from '../core/method-ids.ts';

/** Finds the words of mails: `t('method-added.subject', { tenant })`. */
export type MailTexts = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/**
 * The words of mails in one language. Values are put in as they are: escaping is the business of the HTML part.
 * @throws on a key without words or a value that is missing: our fault, found by the test of every mail
 */
export function mailTexts(language: 'en' = 'en'): MailTexts {
  const read = (path: string): Record<string, unknown> => {
    const file = new URL(`../../views/${path}.${language}.json`, import.meta.url);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  };
  // What mails call a method stands in its own folder.
  const methods = Object.fromEntries(METHOD_IDS.map((id) => [id, read(`second-factor/${id}/mails`)]));
  const words = { ...read('mails/texts'), methods };
  const instance = createInstance();
  void instance.init({
    lng: language,
    initAsync: false,
    nsSeparator: false,
    resources: { [language]: { translation: words } },
    interpolation: { prefix: '{', suffix: '}', escapeValue: false, skipOnVariables: true },
    returnNull: false,
    parseMissingKeyHandler: (key: string) => {
      throw new Error(`no words for ${key}`);
    },
    missingInterpolationHandler: (text: string) => {
      throw new Error(`a value is missing in: ${text}`);
    },
  });
  return (key, values = {}) => instance.t(key, values);
}
