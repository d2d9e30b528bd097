/** `t` of the pages. */
type Translate = (key: string, values?: Readonly<Record<string, unknown>>) => string;

export interface CodeFile {
  readonly tenantName: string;
  readonly email: string;
  /** As people read it. */
  readonly madeOn: string;
  /** As people see them, in the order of their page. */
  readonly codes: readonly string[];
}

/** The codes as a text file, for people without a printer and browsers without script; the same numbers as everywhere. */
export function codeFile(t: Translate, { tenantName, email, madeOn, codes }: CodeFile): string {
  return [
    `${tenantName}: ${t('recoveryCodes.sheetTitle')}`,
    t('recoveryCodes.sheetAccount', { email, date: madeOn }),
    t('recoveryCodes.sheetUse'),
    '',
    ...codes.map((code, i) => `${String(i + 1).padStart(2)}. ${code}`),
    '',
  ].join('\r\n');
}
