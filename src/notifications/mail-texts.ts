import { readFileSync } from 'node:fs';
import { createInstance } from 'i18next';

/** Finds the words of mails: `t('method-added.subject', { tenant })`. */
export type MailTexts = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/**
 * The words of mails in one language. Values are put in as they are: escaping is the business of the HTML part.
 * @throws on a key without words or a value that is missing: our fault, found by the test of every mail
 */
export function mailTexts(language: 'en' = 'en'): MailTexts {
  const file = new URL(`../../views/mails/texts.${language}.json`, import.meta.url);
  const words = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
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
