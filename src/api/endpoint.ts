import type { z } from 'zod';
import type { Account, Role } from '../accounts/account.ts';
import type { BulkBy } from '../admin/bulk.ts';
import type { Action } from '../admin/permissions.ts';
import type { Export, ExportFormat } from '../admin/exports.ts';
import type { Occasion } from '../admin/occasion.ts';

/** How an answer can be told. Files hold a whole list, whatever page was asked for. */
export type Format = 'json' | ExportFormat;

/** What an endpoint is handed: checked input, and things of the caller's own tenant alone. */
export interface Call<Query, Body> {
  /** From the token; the address only repeats it. */
  readonly tenantId: string;
  readonly query: Query;
  readonly body: Body;
  /** As `?format=` or `Accept` wants it, of those that the endpoint has. */
  readonly format: Format;
  /** Version that the caller has seen (`If-Match`); null = not said. */
  readonly version: number | null;
  /** `Idempotency-Key`: the same for a request that is sent again; null = not said. */
  readonly once: string | null;
  /** What the path names besides tenant and person. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly occasion: Occasion;
  /** Whether the caller may give these roles to somebody. */
  readonly mayGive: (roles: readonly Role[]) => boolean;
  /** Why the caller may not do something to somebody whom the body names; null = they may. */
  readonly refusal: BulkBy['refusal'];
  /** Counts a change more than the request itself; machines have no limit. @throws DomainError too_many_attempts */
  readonly countChange: BulkBy['countChange'];
}

export interface Answer {
  readonly status: number;
  /** Absent = none. */
  readonly body?: unknown;
  /** In place of a body. */
  readonly file?: Export;
  /** Version of what is in it. */
  readonly version?: number;
}

/** A refusal with a body of its own, beside those that every endpoint has. */
export interface Documented {
  readonly description: string;
  readonly schema: z.ZodType | null;
}

/** One endpoint: the router, the permission checks, the API document and the tests of both are made from this. */
export interface Endpoint<Query = unknown, Body = unknown> {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  /** Below `/api/v1/tenants/:slug`; `:agent` names a person of the tenant. Empty = the tenant itself. */
  readonly path: string;
  /** About no tenant but about all: `path` is below `/api/v1`. For those who run the installation. */
  readonly acrossTenants?: true;
  readonly summary: string;
  readonly action: Action;
  /** What the body, or a file, asks for needs more than that. */
  readonly also?: (body: Body, format: Format) => readonly Action[];
  /** What it can be told in besides JSON. Its query then has `format`. */
  readonly formats?: readonly ExportFormat[];
  /** Takes an `If-Match` with the ETag that was read. */
  readonly versioned?: boolean;
  /** Takes an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** By status: what comes back when it worked, and further refusals. */
  readonly answers: Readonly<Record<number, Documented>>;
  /** @param agent the person that the path names; null where it names none */
  readonly run: (call: Call<Query, Body>, agent: Account | null) => Promise<Answer>;
}

/** Gives the parts of one endpoint their types; what comes out stands in a list with all others. */
export const endpoint = <Query, Body>(one: Endpoint<Query, Body>): Endpoint => one as unknown as Endpoint;
