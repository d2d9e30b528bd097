import type { Account } from '../accounts/account.ts';
import { kindsOf } from '../accounts/kinds.ts';
import type { Roster } from '../accounts/roster.ts';
import { AUDIT_COLUMNS, auditRow, documentOf } from '../audit/audit-document.ts';
import type { AuditFilter, AuditSearch } from '../audit/audit-search.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditRecord } from '../audit/chain.ts';
import { csvLines, type Cell } from '../core/csv.ts';
import type { AgentFilter, AgentList } from './agent-list.ts';
import { holdingOf } from './coverage.ts';
import type { Occasion } from './occasion.ts';
import type { MethodRules } from '../tenants/allowed.ts';
import type { Policy } from '../tenants/tenant.ts';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A list without an end in sight: made while it is sent, and never as a whole in memory. */
export interface Export {
  /** Name of the file. */
  readonly name: string;
  readonly format: ExportFormat;
  readonly chunks: AsyncIterable<string>;
}

/** Which people. */
export interface AgentWish extends AgentFilter {
  /** By which they count as protected, and as signed in. */
  readonly rules: Policy;
}

export interface ExportPorts {
  readonly search: Pick<AuditSearch, 'list' | 'lastOf'>;
  readonly roster: Pick<Roster, 'page'>;
  readonly list: Pick<AgentList, 'settle'>;
  readonly audit: Audit;
}

/** Lines that are read and sent at once. */
const BATCH = 500;

const AGENT_COLUMNS = [
  'id',
  'email',
  'name',
  'roles',
  'team',
  'state',
  'two_factor',
  'methods',
  'recovery_codes_left',
  'created_at',
  'last_sign_in_at',
] as const;

const agentRow = (account: Account, rules: MethodRules, lastSignIn: Date | undefined): Cell[] => [
  account.accountId,
  account.email,
  account.name,
  account.roles.join(' '),
  account.team ?? null,
  account.state,
  holdingOf(rules, kindsOf(account.methods)),
  account.methods.length,
  account.recovery?.digests.length ?? 0,
  account.createdAt,
  lastSignIn ?? null,
];

/** Takes lists of a tenant out of Stile. Each is recorded before its first line: no record, no list. */
export function createExports({ search, roster, list, audit }: ExportPorts) {
  const record = (
    tenantId: string,
    event: 'audit_exported' | 'agents_exported',
    details: Readonly<Record<string, unknown>>,
    { editor, reference, source }: Occasion,
  ) =>
    audit.record({
      event,
      tenantId,
      actor: editor.kind === 'person' ? editor.who : null,
      subject: null,
      result: 'ok',
      details: { ...(editor.kind === 'client' ? { client: editor.clientId } : {}), ...details },
      reference,
      source,
    });

  async function* auditBatches(tenantId: string, filter: AuditFilter): AsyncIterable<readonly AuditRecord[]> {
    let after: string | null = null;
    do {
      const page = await search.list(tenantId, filter, { limit: BATCH, after });
      yield page.records;
      after = page.next;
    } while (after !== null);
  }

  async function* auditText(tenantId: string, filter: AuditFilter, format: ExportFormat) {
    if (format === 'csv') yield csvLines([AUDIT_COLUMNS]);
    for await (const records of auditBatches(tenantId, filter)) {
      if (format === 'csv') yield csvLines(records.map(auditRow));
      else yield records.map((one) => `${JSON.stringify(documentOf(one))}\n`).join('');
    }
  }

  async function* agentText(tenantId: string, { rules, ...wanted }: AgentWish) {
    yield csvLines([AGENT_COLUMNS]);
    const filter = await list.settle(tenantId, wanted, rules);
    let after: string | null = null;
    do {
      const page = await roster.page(tenantId, filter, { after, limit: BATCH });
      const ids = page.accounts.map(({ accountId }) => accountId);
      const last = await search.lastOf(tenantId, 'sign_in_completed', ids);
      yield csvLines(page.accounts.map((one) => agentRow(one, rules, last.get(one.accountId))));
      after = page.next;
    } while (after !== null);
  }

  return {
    /** Newest first; the record of the export itself is among them. */
    async auditEvents(
      tenantId: string,
      filter: AuditFilter,
      format: ExportFormat,
      occasion: Occasion,
    ): Promise<Export> {
      await record(tenantId, 'audit_exported', { format, filter }, occasion);
      return { name: `${tenantId}-audit-log`, format, chunks: auditText(tenantId, filter, format) };
    },

    /** By email. */
    async agents(tenantId: string, wish: AgentWish, occasion: Occasion): Promise<Export> {
      const { state, holding, email, role, team, care, signedIn } = wish;
      // How an email begins is of people, and stays out of the log.
      const asked = {
        ...{ state: state ?? null, holding: holding ?? null, byEmail: email !== undefined },
        ...(role === undefined ? {} : { role }),
        ...(team === undefined ? {} : { team }),
        ...(care === undefined ? {} : { care }),
        ...(signedIn ? { signedIn } : {}),
      };
      await record(tenantId, 'agents_exported', asked, occasion);
      return { name: `${tenantId}-agents`, format: 'csv', chunks: agentText(tenantId, wish) };
    },
  };
}
