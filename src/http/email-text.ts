import { asHtml, escapeHtml, type Html } from './html.ts';

/** @returns an address that may be broken after its `@`, never cut: nothing of it is hidden on a narrow page */
export function emailText(email: string): Html {
  const [name = '', ...domain] = email.split('@');
  const parts = domain.length === 0 ? [name] : [`${name}@`, domain.join('@')];
  return asHtml(parts.map(escapeHtml).join('<wbr>'));
}
