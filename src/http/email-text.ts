import nunjucks from 'nunjucks';

/** @returns an address that may be broken after its `@`, never cut: nothing of it is hidden on a narrow page */
export function emailText(email: string) {
  const [name = '', ...domain] = email.split('@');
  const parts = domain.length === 0 ? [name] : [`${name}@`, domain.join('@')];
  return new nunjucks.runtime.SafeString(parts.map((part) => nunjucks.lib.escape(part)).join('<wbr>'));
}
