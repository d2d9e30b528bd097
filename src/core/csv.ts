import { stringify } from 'csv-stringify/sync';

/** What may stand in a field; a missing value is an empty one. */
export type Cell = string | number | Date | null;

/** What is sent in front of a file that people open: by it spreadsheets know UTF-8. Programs do not want it. */
export const BYTE_ORDER_MARK = '\u{feff}';

/** First characters by which spreadsheets take a text for a formula (OWASP, CSV Injection), blanks before them included. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** @returns a text that no spreadsheet runs: what looks like a formula begins with an apostrophe */
const harmless = (text: string) => (FORMULA.test(text) ? `'${text}` : text);

function textOf(cell: Cell): string {
  if (cell === null) return '';
  // Numbers and dates are ours, and no formula.
  if (typeof cell === 'string') return harmless(cell);
  return cell instanceof Date ? cell.toISOString() : String(cell);
}

/** @returns the lines of a CSV file (RFC 4180), each ended by CRLF; a field is quoted where it must be */
export function csvLines(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((row) => row.map(textOf)),
    // A list is read with semicolons as well, where the comma is the decimal sign.
    { record_delimiter: 'windows', quoted_match: /[;\t]/u },
  );
}
