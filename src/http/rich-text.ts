import nunjucks from 'nunjucks';
import { asHtml, escapeHtml, type Html } from './html.ts';
import type { Translate } from './texts.ts';

/** A value may be HTML of ours already; anything else is escaped. */
const toHtml = (value: unknown): string =>
  value instanceof nunjucks.runtime.SafeString ? value.toString() : escapeHtml(String(value));

/**
 * Texts with a bold part or a link in the middle, whose place differs between languages: `<b>...</b>`, and
 * `<name>...</name>` for a link to `links.name`. Everything else, the values included, is escaped.
 * @throws when the text names a link that is not given
 */
export function createRichText(t: Translate) {
  return (
    key: string,
    values: Readonly<Record<string, unknown>> = {},
    links: Readonly<Record<string, string>> = {},
  ): Html => {
    // Values are put in after the text was cut, so that no value can open or close a part.
    const slots = Object.fromEntries(Object.keys(values).map((name) => [name, `\ue000${name}\ue001`]));
    const raw = t(key, 'count' in values ? { ...slots, count: values.count } : slots);
    const fill = (part: string) =>
      part
        .split(/(\ue000\w+\ue001)/)
        .map((piece) => (piece.startsWith('\ue000') ? toHtml(values[piece.slice(1, -1)]) : escapeHtml(piece)))
        .join('');
    const html = raw
      .split(/(<\w+>[^<]*<\/\w+>)/)
      .map((part) => {
        const [, tag, inner] = /^<(\w+)>([^<]*)<\/\1>$/.exec(part) ?? [];
        if (tag === undefined || inner === undefined) return fill(part);
        if (tag === 'b') return `<strong>${fill(inner)}</strong>`;
        const href = links[tag];
        if (href === undefined) throw new Error(`no link named ${tag} for ${key}`);
        return `<a href="${escapeHtml(href)}">${fill(inner)}</a>`;
      })
      .join('');
    return asHtml(html);
  };
}
