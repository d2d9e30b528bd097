import { parse } from 'csv-parse/sync';
import { emailAddress, personName, teamName } from '../accounts/account-schema.ts';
import { ROLES, type Role } from '../accounts/account.ts';

/** People of one list. */
export const MOST_ROWS = 500;
/** Characters of one row. */
const LONGEST_ROW = 2000;

/** Why nobody is invited by a row. */
export type RowProblem = 'email' | 'name' | 'role' | 'role-above' | 'team' | 'twice' | 'taken';

/** One person of a list, as far as it was understood. */
export interface ImportRow {
  /** Of the file, from 1 on. */
  readonly line: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly team: string | null;
  readonly problem: RowProblem | null;
}

/** Why a list cannot be read at all. */
export type ListProblem = 'empty' | 'malformed' | 'header' | 'too-many';

export type ReadList =
  | { readonly ok: true; readonly rows: readonly ImportRow[] }
  | { readonly ok: false; readonly problem: ListProblem };

const COLUMNS = ['email', 'name', 'role', 'team'] as const;
type Column = (typeof COLUMNS)[number];
type Places = Readonly<Partial<Record<Column, number>>>;

/** The sign that most of the first line is divided by. */
function delimiterOf(text: string): string {
  const [first = ''] = text.split(/[\r\n]/, 1);
  const count = (sign: string) => first.split(sign).length;
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

/** @returns where each column stands, and whether the first row says so; null = neither words nor an address */
function placesOf(first: readonly string[]): { places: Places; named: boolean } | null {
  const words = first.map((word) => word.trim().toLowerCase().replace(/s$/, ''));
  if (words.includes('email')) {
    const at = COLUMNS.flatMap((column) => (words.includes(column) ? [[column, words.indexOf(column)]] : []));
    return { places: Object.fromEntries(at) as Places, named: true };
  }
  if (!first[0]?.includes('@')) return null;
  return { places: { email: 0, name: 1, role: 2, team: 3 }, named: false };
}

/** Texts that are shown again stay short. */
const cut = (text: string) => text.slice(0, 254);

/** One person as somebody wrote them down; empty = not said. */
export type GivenRow = Readonly<Record<Column, string>>;

const cellsOf = (cells: readonly string[], places: Places): GivenRow => {
  const cell = (column: Column) => cells[places[column] ?? -1] ?? '';
  return { email: cell('email'), name: cell('name'), role: cell('role'), team: cell('team') };
};

function readRow(given: GivenRow, line: number): ImportRow {
  const cell = (column: Column) => given[column].trim();
  const email = emailAddress.safeParse(cell('email'));
  const name = personName.safeParse(cell('name'));
  const role = ROLES.find((one) => one === (cell('role').toLowerCase() || 'agent'));
  const team = cell('team') === '' ? null : teamName.safeParse(cell('team'));
  const wrong: RowProblem | null = !email.success
    ? 'email'
    : !name.success
      ? 'name'
      : !role
        ? 'role'
        : team && !team.success
          ? 'team'
          : null;
  return {
    line,
    email: email.data ?? cut(cell('email')),
    name: name.data ?? cut(cell('name')),
    role: role ?? 'agent',
    team: team?.data ?? null,
    problem: wrong,
  };
}

/** Of people who are in the list twice, the first counts. */
function markTwice(rows: readonly ImportRow[]): ImportRow[] {
  const seen = new Set<string>();
  return rows.map((row) => {
    const twice = row.problem === null && seen.has(row.email);
    if (row.problem === null) seen.add(row.email);
    return twice ? { ...row, problem: 'twice' } : row;
  });
}

/** Reads people who need no parsing. @returns one row for each, numbered from 1 on */
export const readRows = (people: readonly GivenRow[]): ImportRow[] =>
  markTwice(people.map((given, at) => readRow(given, at + 1)));

/**
 * Reads a list of people: CSV with commas, semicolons or tabs (RFC 4180), the columns named in the first row, or email,
 * name, role, team. Pure: who is there already, and which roles may be given, is for others to say.
 */
export function readList(text: string): ReadList {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      max_record_size: LONGEST_ROW,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      to: MOST_ROWS + 2,
    }) as unknown as typeof records;
  } catch {
    return { ok: false, problem: 'malformed' };
  }
  const [first] = records;
  if (!first) return { ok: false, problem: 'empty' };
  const found = placesOf(first.record);
  if (!found) return { ok: false, problem: 'header' };
  const people = found.named ? records.slice(1) : records;
  if (people.length === 0) return { ok: false, problem: 'empty' };
  if (people.length > MOST_ROWS) return { ok: false, problem: 'too-many' };
  const rows = people.map(({ record, info }) => readRow(cellsOf(record, found.places), info.lines));
  return { ok: true, rows: markTwice(rows) };
}
