import type { z } from 'zod';
import { pathText, type Position, type Problem, readDocument } from './document.ts';
import { readBeside } from './logo-file.ts';
import { fileSchema, sectionOf, type MethodChecks, type ProvisioningFile } from './schema.ts';

/** A problem, told with its place. */
export interface PlacedProblem extends Position {
  /** Such as `accounts[3].email`; empty = the whole file. */
  readonly path: string;
  readonly message: string;
}

/** A file that was read and is right in itself; what the database says to it comes later. */
export interface LoadedFile {
  /** What the file is called in messages. */
  readonly source: string;
  readonly file: ProvisioningFile;
  place(problem: Problem): PlacedProblem;
}

/** The file is not right. Every problem is in it, in the order of the lines; nothing was written. */
export class ProvisioningError extends Error {
  override readonly name = 'ProvisioningError';
  readonly problems: readonly PlacedProblem[];

  /** @param source what the file is called in the message */
  constructor(source: string, problems: readonly PlacedProblem[]) {
    const inOrder = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const lines = inOrder.map(({ line, column, path, message }) => {
      return `  ${source}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`;
    });
    super(`The provisioning file is not right; nothing was changed:\n${lines.join('\n')}`);
    this.problems = inOrder;
  }
}

export interface FileText {
  /** Its path: what it is called in messages, and where pictures are found that it names. */
  readonly source: string;
  /** YAML or JSON. */
  readonly text: string;
  /** Gives what `${NAME}` stands for. */
  readonly variable: (name: string) => string | undefined;
  /** Production mode: a file that says `demo: true` is refused. */
  readonly production?: boolean;
}

/**
 * Reads and checks a file as far as it can be without a database.
 * @throws ProvisioningError with every problem at once
 */
export function loadFile(
  { source, text, variable, production = false }: FileText,
  checks: MethodChecks,
): LoadedFile {
  const document = readDocument(text, variable);
  const place = (problem: Problem): PlacedProblem => ({
    ...document.positionOf(problem),
    path: pathText(problem.path),
    message: problem.message,
  });
  const found = document.problems.map(place);
  const fail = (problems: readonly PlacedProblem[]) => new ProvisioningError(source, problems);
  if (document.value === undefined) throw fail(found);

  const parsed = fileSchema(checks, (path) => readBeside(source, path)).safeParse(document.value ?? {});
  if (parsed.success) {
    found.push(...duplicates(parsed.data, checks).map(place));
    if (production && parsed.data.demo === true) found.push(place(DEMO_IN_PRODUCTION));
  } else {
    // A value with a variable that is not set was told already; what it would be is not known.
    const told = new Set(found.map(({ line }) => line));
    found.push(
      ...parsed.error.issues
        .flatMap(toProblems)
        .map(place)
        .filter(({ line }) => !told.has(line)),
    );
  }
  if (found.length > 0 || !parsed.success) throw fail(found);
  return { source, file: parsed.data, place };
}

const DEMO_IN_PRODUCTION: Problem = {
  path: ['demo'],
  message: 'what is in this file is public, so production mode does not take it',
};

/** Unknown keys are one issue of the map that holds them: each becomes a problem in its own place. */
function toProblems(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }));
  }
  return [{ path: issue.path, message: issue.message }];
}

/** What may be in the file once only. */
function duplicates(
  { tenants, accounts, clients }: ProvisioningFile,
  { provisioners }: MethodChecks,
): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  function once(kind: string, value: string, path: PropertyKey[]): void {
    const first = seen.get(`${kind} ${value}`);
    if (first === undefined) seen.set(`${kind} ${value}`, pathText(path));
    else problems.push({ path, message: `is there already as ${first}` });
  }
  tenants.forEach(({ slug, domains }, i) => {
    once('slug', slug, ['tenants', i, 'slug']);
    domains?.forEach((domain, j) => once('domain', domain, ['tenants', i, 'domains', j]));
  });
  accounts.forEach((account, i) => {
    once('email', `${account.tenant} ${account.email}`, ['accounts', i, 'email']);
    for (const one of provisioners) {
      sectionOf(account, one)?.forEach((item, j) => {
        const { field, value, within } = one.once(item);
        const kind = within === 'file' ? one.noun : `${one.noun} ${i}`;
        once(kind, value, ['accounts', i, one.section, j, field]);
      });
    }
  });
  clients.forEach(({ client_id: id }, i) => once('client_id', id, ['clients', i, 'client_id']));
  return problems;
}
