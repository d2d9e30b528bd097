import nunjucks from 'nunjucks';

/** Text that a template need not escape any more. */
export type Html = InstanceType<typeof nunjucks.runtime.SafeString>;

const SYMBOLS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** @returns text as it may stand in an element or in a quoted attribute */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (symbol) => SYMBOLS[symbol] ?? '');

/** Marks HTML that was made of escaped parts. */
export const asHtml = (html: string): Html => new nunjucks.runtime.SafeString(html);
