import { z } from 'zod';
import { ENROLLABLE } from '../core/method-ids.ts';

const method = z.enum(ENROLLABLE);
/** Given by its owner; anything printable. */
const name = z.string();
const count = z.number().int().min(0);
const moment = z.coerce.date();
/** Of our own origin, beginning with `/`; a secret in it is swapped for a cookie at once, and our log leaves it out. */
const path = z.string().regex(/^\/(?!\/)/);

/** Where something was done from: when, and in what browser. */
const done = { at: moment, device: z.string().nullable() };

const kinds = [
  z.object({ kind: z.literal('method-added'), method, name, ...done }),
  z.object({ kind: z.literal('method-removed'), method, name, ...done }),
  z.object({ kind: z.literal('method-renamed'), method, name, oldName: name, ...done }),
  z.object({ kind: z.literal('two-factor-off'), ...done }),
  z.object({ kind: z.literal('recovery-codes-made'), ...done }),
  z.object({ kind: z.literal('recovery-code-used'), codesLeft: count, ...done }),
  z.object({ kind: z.literal('rescue-code-given'), until: moment, ...done }),
  z.object({ kind: z.literal('rescue-code-used'), ...done }),
  z.object({ kind: z.literal('second-step-refused'), times: count, ...done }),
  z.object({ kind: z.literal('new-browser'), ...done }),
  z.object({ kind: z.literal('password-changed'), ...done }),
  z.object({ kind: z.literal('not-me'), ...done }),
  z.object({ kind: z.literal('possible-copy'), name, ...done }),
  /** `effectiveAt` null = when a second admin agrees. */
  z.object({ kind: z.literal('reset-asked'), effectiveAt: moment.nullable(), cancelPath: path, ...done }),
  z.object({ kind: z.literal('reset-done'), ...done }),
  z.object({ kind: z.literal('password-reset'), path, minutes: count, ...done }),
  z.object({ kind: z.literal('invitation'), path, days: count }),
  z.object({ kind: z.literal('enrolment-code'), code: z.string(), minutes: count, ...done }),
  z.object({ kind: z.literal('confirm-browser'), path, minutes: count, ...done }),
  /** `from` null = now. */
  z.object({ kind: z.literal('policy-announced'), from: moment.nullable() }),
] as const;

/** What a mail says, before it has words. Plain values; the words are `views/mails/texts.<lang>.json`. */
export const mailSchema = z.discriminatedUnion('kind', kinds);

export type Mail = z.output<typeof mailSchema>;
export type MailKind = Mail['kind'];

export const MAIL_KINDS: readonly MailKind[] = kinds.map((kind) => kind.shape.kind.value);

/** To an account at its present address, or to one address: an unknown one, or the old one after a change. */
export const recipientSchema = z.union([
  z.object({ tenantId: z.string(), accountId: z.string() }),
  z.object({ tenantId: z.string(), email: z.string() }),
]);

export type Recipient = z.output<typeof recipientSchema>;

/** Whom a mail goes to, looked up when it is sent. */
export interface Addressee {
  readonly email: string;
  readonly name: string;
  /** IANA time zone of the agent, such as `Europe/Lisbon`; null = UTC. */
  readonly zone: string | null;
  readonly tenantName: string;
  /** Whom to tell, in the tenant's own words; null = the team lead. */
  readonly contact: string | null;
}

/** A mail in words, ready to be sent. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
