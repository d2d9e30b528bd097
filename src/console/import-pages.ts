import { MOST_ROWS, type ListProblem } from '../admin/import-rows.ts';
import { wantedOf, type Import } from '../admin/imports.ts';
import { FILE_LIMIT } from '../http/upload.ts';
import { goTo } from '../http/go-to.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import { show, type ConsolePage } from './page.ts';

const GOAL = { kind: 'invite-many' } as const;
const HERE = '/admin/agents/import';
/** Rows that the page names of those that are fine; what is wrong is all there. */
const NAMED = 20;

function showForm(desk: Desk, ctx: ConsoleContext, problem: ListProblem | null, list = ''): void {
  if (problem) ctx.status = 422;
  const limits = { most: MOST_ROWS, megabytes: FILE_LIMIT / 1024 / 1024 };
  show(desk, ctx, { section: 'agents', view: 'import', data: { problem, list, ...limits } });
}

/** Reads a list and keeps it; nobody is invited before the next page is confirmed. */
async function preview(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { list = '', file = '' } = ctx.state.form;
  const read = await desk.previewImport(file.trim() === '' ? list : file);
  if (!read.ok) return showForm(desk, ctx, read.problem, list);
  goTo(ctx, `${HERE}/${read.importId}`);
}

/** What is wrong with rows, and what became of those that were not. */
function rowsOf(one: Import) {
  const wanted = wantedOf(one);
  const refused = one.rows.flatMap(({ line, email, name, problem }) =>
    problem === null ? [] : [{ line, email, name, problem }],
  );
  const failed = wanted.flatMap(({ line, email, name }, at) => {
    const outcome = one.outcomes[at];
    return outcome === undefined || outcome === 'invited' ? [] : [{ line, email, name, problem: outcome }];
  });
  return { wanted, refused, failed, invited: one.outcomes.filter((outcome) => outcome === 'invited').length };
}

async function showImport(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const one = await desk.importOf(ctx.params.import ?? '');
  const { wanted, refused, failed, invited } = rowsOf(one);
  show(desk, ctx, {
    section: 'agents',
    view: `import-${one.state}`,
    data: {
      here: `${HERE}/${one.importId}`,
      wanted: wanted.length,
      people: wanted.slice(0, NAMED).map(({ email, name, role, team }) => ({ email, name, role, team })),
      more: Math.max(0, wanted.length - NAMED),
      came: one.outcomes.length,
      invited,
      refused: [...refused, ...failed].sort((one, other) => one.line - other.line),
    },
  });
}

/** What the list of agents tells of one that is on its way. */
export async function importingOf(desk: Desk) {
  const one = await desk.runningImport();
  if (!one) return null;
  return { came: one.outcomes.length, wanted: wantedOf(one).length, href: `${HERE}/${one.importId}` };
}

async function start(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const one = await desk.importOf(ctx.params.import ?? '');
  if (wantedOf(one).length > 0) await desk.startImport(one.importId);
  goTo(ctx, `${HERE}/${one.importId}`);
}

async function open(desk: Desk, ctx: ConsoleContext): Promise<void> {
  const { list = '', file = '' } = (await desk.typed(GOAL)) ?? {};
  showForm(desk, ctx, null, file.trim() === '' ? list : file);
}

/** @throws DomainError not_found for one of anybody else */
async function toStart(desk: Desk, ctx: ConsoleContext) {
  const { importId } = await desk.importOf(ctx.params.import ?? '');
  return { kind: 'import', importId } as const;
}

const READ = { path: '/agents/import', action: 'invite-agent', goal: () => GOAL } as const;
const LIST = { path: '/agents/import/:import', action: 'invite-agent' } as const;

export const importPages: readonly ConsolePage[] = [
  { ...READ, method: 'get', run: open },
  { ...READ, method: 'post', upload: 'text', keeps: ['list', 'file'], run: preview },
  { ...LIST, method: 'get', run: showImport },
  { ...LIST, method: 'post', goal: toStart, run: start },
];
