import { z } from 'zod';
import { MOST_ROWS, type ImportRow, type RowProblem } from '../admin/import-rows.ts';
import { onceOfRow, wantedOf, type Import, type Imports, type RowOutcome } from '../admin/imports.ts';
import { invitedId } from '../admin/invitations.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { problem } from './schemas.ts';

/** Characters of one field that is read at all; which are too long for what they say is told by row. */
const cell = z.string().max(1000);

const importBody = z.strictObject({
  agents: z
    .array(
      z.strictObject({
        email: cell,
        name: cell,
        role: cell.default('agent').meta({ description: 'agent, lead, admin or operator' }),
        team: cell.nullable().default(null),
      }),
    )
    .min(1)
    .max(MOST_ROWS),
  dryRun: z.boolean().default(false).meta({ description: 'Tell what would become of each; invite nobody' }),
});

/** Why nobody is invited by a row, as the API says it. */
const CODES = {
  email: 'bad_email',
  name: 'bad_name',
  role: 'bad_role',
  team: 'bad_team',
  twice: 'twice',
  taken: 'email_taken',
  'role-above': 'higher_role',
  'too-often': 'too_many_attempts',
  stopped: 'stopped',
} as const satisfies Record<RowProblem | Exclude<RowOutcome, 'invited'>, string>;

const importDocument = z
  .object({
    id: z.string().nullable().meta({ description: 'null = a dry run, of which nothing is kept' }),
    state: z.enum(['preview', 'running', 'done']),
    agents: z.array(
      z.object({
        email: z.string(),
        result: z.enum(['ready', 'invited', 'refused']),
        reason: z.enum(CODES).nullable().meta({
          description: '`stopped`: whoever began may not invite any more; null = nothing is wrong',
        }),
        id: z.string().nullable().meta({ description: 'Of the person, once they are invited' }),
      }),
    ),
  })
  .meta({ id: 'Import' });

const rowOut = ({ email, problem: wrong }: ImportRow, outcome?: RowOutcome, id: string | null = null) => {
  if (outcome === 'invited') return { email, result: 'invited', reason: null, id };
  const refused = wrong ?? outcome;
  if (refused === undefined) return { email, result: 'ready', reason: null, id: null };
  return { email, result: 'refused', reason: CODES[refused], id: null };
};

/** In the order in which they were sent. */
function importOut(one: Import) {
  const outcomes = new Map(wantedOf(one).map((row, at) => [row.line, one.outcomes[at]]));
  const agents = one.rows.map((row) =>
    rowOut(row, outcomes.get(row.line), invitedId(one.tenantId, one.editor, onceOfRow(one, row))),
  );
  return { id: one.importId, state: one.state, agents };
}

export function importEndpoints({ imports }: { readonly imports: Imports }): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/agents/imports',
      summary: 'Invites many: those with whom nothing is wrong, behind the answer',
      action: 'invite-agent',
      idempotent: true,
      body: importBody,
      answers: {
        200: { description: 'A dry run: what would become of each', schema: importDocument },
        201: { description: 'They are being invited', schema: importDocument },
        422: {
          description: '`refused` (`key_used`): the key came with another list before',
          schema: problem,
        },
      },
      async run({ tenantId, body: { agents, dryRun }, occasion, mayGive, once }) {
        const by = { tenantId, occasion, mayGive };
        const people = agents.map(({ team, ...rest }) => ({ ...rest, team: team ?? '' }));
        if (!dryRun) return { status: 201, body: importOut(await imports.begin(by, people, once)) };
        const rows = await imports.check(by, people);
        return { status: 200, body: { id: null, state: 'preview', agents: rows.map((row) => rowOut(row)) } };
      },
    }),
    endpoint({
      method: 'get',
      path: '/agents/imports/:import',
      summary: 'How far an import of the caller has come, person by person; kept for 7 days',
      action: 'invite-agent',
      answers: { 200: { description: 'The import', schema: importDocument } },
      async run({ tenantId, params, occasion }) {
        const one = await imports.find({ tenantId, occasion }, params.import ?? '');
        return { status: 200, body: importOut(one) };
      },
    }),
  ];
}
