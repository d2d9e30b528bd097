import { z } from 'zod';
import { ROLES } from '../accounts/account.ts';
import { HOLDINGS } from '../admin/coverage.ts';
import type { ExportFormat } from '../admin/exports.ts';
import { ENROLLABLE, METHOD_IDS } from '../core/method-ids.ts';
import { TOLD_EVENTS } from '../security-settings/activity.ts';
import { LOGO_TYPES } from '../tenants/branding.ts';

/** Where a page of a list begins, and how much it holds. */
export const pageQuery = {
  after: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'The `next` of the page before; absent = from the start' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};
/** @param formats besides JSON */
export const formatQuery = <Format extends ExportFormat>(...formats: Format[]) => ({
  format: z
    .enum(['json', ...formats])
    .optional()
    .meta({ description: 'Goes before `Accept`; a file is the whole list, without pages' }),
});

const next = z
  .string()
  .nullable()
  .meta({ description: 'Where the next page begins; null = this is the last' });

const moment = z.iso.datetime();

/** A policy as it is given out. */
export const policyDocument = z
  .object({
    version: z.int(),
    secondFactor: z.enum(['optional', 'required']),
    effectiveFrom: moment.nullable(),
    skips: z.int().nullable(),
    allowedMethods: z.array(z.enum(METHOD_IDS)),
    keys: z.object({
      allowSynced: z.boolean(),
      allowModels: z.array(z.string()),
      denyModels: z.array(z.string()),
    }),
    enrolmentProof: z.enum(['none', 'email', 'lead-code']),
    rescueCodes: z.enum(['off', 'leads', 'admins']),
    resetApproval: z.enum(['second-admin', 'delay', 'at-once']),
    session: z.object({ maxSeconds: z.int(), idleSeconds: z.int() }),
  })
  .meta({ id: 'Policy' });

/** A picture by its name; `null` where there is none. */
const logo = z.object({
  id: z.string(),
  type: z.enum(LOGO_TYPES),
  width: z.int().meta({ description: 'CSS pixels' }),
  height: z.int(),
});

/** How a tenant's pages look, as it is given out. */
export const settingsDocument = z
  .object({
    version: z.int(),
    name: z.string(),
    accent: z.string().nullable(),
    signInText: z.string().nullable(),
    helpUrl: z.string().nullable(),
    contact: z.string().nullable(),
    logo: logo.nullable(),
  })
  .meta({ id: 'Settings' });

export const logoDocument = logo.extend({ base64: z.string() }).meta({ id: 'Logo' });

export const agentDocument = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    roles: z.array(z.enum(ROLES)),
    team: z.string().nullable().meta({ description: 'A lead looks after the agents of the own team' }),
    state: z.enum(['active', 'invited', 'disabled']),
    invitationExpiresAt: moment
      .nullable()
      .meta({ description: 'Until when the mailed link of somebody invited works; null = none was mailed' }),
    methods: z.array(z.object({ id: z.string(), kind: z.enum(ENROLLABLE), addedAt: moment })),
    recoveryCodesLeft: z.int(),
    createdAt: moment,
  })
  .meta({ id: 'Agent' });

export const agentsDocument = z.object({
  agents: z.array(agentDocument.extend({ lastSignInAt: moment.nullable() }).meta({ id: 'ListedAgent' })),
  next,
});

/** What people call their methods is for themselves alone (rule least-data). */
export const methodsDocument = z.object({
  methods: z.array(
    z
      .object({
        id: z.string(),
        kind: z.enum(ENROLLABLE),
        addedAt: moment,
        lastUsedAt: moment.nullable(),
        allowed: z
          .boolean()
          .meta({ description: 'By the policy in force; what is not allowed does not count' }),
      })
      .meta({ id: 'Method' }),
  ),
});

export const activityDocument = z.object({
  events: z.array(
    z
      .object({ event: z.enum(TOLD_EVENTS), at: moment, method: z.enum(METHOD_IDS).nullable() })
      .meta({ id: 'Happening' }),
  ),
  next,
});

export const sessionDocument = z
  .object({
    id: z.string(),
    device: z.string().nullable().meta({ description: 'Browser and system; null = not recognised' }),
    methods: z.array(z.enum(METHOD_IDS)).meta({ description: 'Proved besides the password' }),
    signedInAt: moment,
    lastUsedAt: moment.meta({ description: 'To the minute' }),
    apps: z.array(z.string()).meta({ description: 'Names of the apps that they are signed in to' }),
  })
  .meta({ id: 'Session' });

export const sessionsDocument = z.object({ sessions: z.array(sessionDocument) });

export const previewDocument = z
  .object({
    total: z.int(),
    withKey: z.int(),
    withAppOnly: z.int(),
    withoutMethod: z.int(),
    signedInWithoutMethod: z.int(),
    leftWithout: z.int(),
    signedOut: z.int().meta({ description: 'What `confirmSignedOut` confirms when the policy is saved' }),
    agents: z.array(
      z.object({
        id: z.string(),
        email: z.string(),
        name: z.string(),
        methods: z.array(z.enum(ENROLLABLE)),
        holding: z.enum(HOLDINGS),
        signedIn: z.boolean(),
        signedOut: z.boolean(),
        apps: z.array(z.object({ clientId: z.string(), ends: z.boolean(), told: z.boolean() })),
      }),
    ),
    next,
  })
  .meta({ id: 'PolicyPreview' });

const person = z.object({ tenantId: z.string(), accountId: z.string() }).nullable();

export const eventDocument = z
  .object({
    seq: z.int().meta({ description: 'Number within the tenant: 1, 2, 3, without a gap' }),
    at: moment,
    event: z.string(),
    actor: person,
    subject: person,
    result: z.enum(['ok', 'refused']),
    method: z.string().nullable(),
    reason: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).nullable(),
    reference: z.string().nullable(),
    source: z.string().nullable(),
    hash: z.string().meta({ description: 'Seal over the event and the one before it' }),
  })
  .meta({ id: 'AuditEvent' });

export const auditDocument = z.object({ events: z.array(eventDocument), next });

export const checkDocument = z
  .object({
    whole: z.boolean(),
    events: z.int().meta({ description: 'As many were read until the end, or until the first break' }),
    break: z.object({ seq: z.int(), kind: z.enum(['changed', 'removed', 'inserted', 'marks']) }).nullable(),
  })
  .meta({ id: 'AuditCheck' });

/** RFC 9457; `code` is stable. */
export const problem = z
  .object({
    type: z.string(),
    status: z.int(),
    code: z.string(),
    reference: z.string(),
    detail: z.string().optional(),
    refusal: z
      .record(z.string(), z.union([z.string(), z.int()]))
      .optional()
      .meta({ description: 'With a refused logo: its `reason`, and what that is about' }),
    signedOut: z.int().optional().meta({ description: 'With `signed_out_differs`: the true number' }),
  })
  .meta({ id: 'Problem' });
