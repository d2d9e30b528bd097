import { readFileSync } from 'node:fs';
import { createInstance } from 'i18next';

/** Finds the words of mails: `t('method-added.subject', { tenant })`. */
export type MailTexts = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/**
 * The words of mails in one language. Values are put in as they are: escaping is the business of the HTML part.
 * @throws on a key that has no words: our fault, found by the test of every mail
 */
export function mailTexts(language: 'en' = 'en'): MailTexts {
  const file = new URL(`../../views/mails/texts.${language}.json`, import.meta.url);
  const words = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const instance = createInstance();
  void instance.init({
    lng: language,
    initAsync: false,
    resources: { [language]: { translation: words } },
    interpolation: { escapeValue: false, skipOnVariables: true },
    returnNull: false,
  });
  return (key, values = {}) => {
    if (!instance.exists(key, values)) throw new Error(`no words for ${key}`);
    return instance.t(key, values);
  };
}
