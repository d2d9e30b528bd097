import { z } from 'zod';
import { randomId } from '../core/random.ts';
import {
  mailSchema,
  recipientSchema,
  type Addressee,
  type Mail,
  type Recipient,
  type RenderedMail,
} from './mail.ts';
import type { MailTexts } from './mail-texts.ts';
import { renderMail } from './mails.ts';

/** Tells people what happened to their account. */
export interface Notifications {
  /**
   * Resolves once the mail is kept for delivery: one insert, whether or not anybody has that address
   * (rule same-answer). Rejects when it cannot be kept.
   * @param once names the occasion; a second mail about it is dropped. Absent = every call is an occasion
   */
  notify(to: Recipient, mail: Mail, once?: string): Promise<void>;
}

/** The part of the outbox that is needed here. */
export interface MailQueue {
  enqueue(job: {
    id: string;
    kind: 'mail';
    tenantId: string;
    lane: string;
    payload: { sealed: string };
  }): Promise<void>;
}

/** The part of the vault that is needed here: some mails carry a link or a code. */
export interface Sealer {
  seal(plain: string, context: string): string;
  open(sealed: string, context: string): string;
}

const LANE = 'mail-server';
const contextOf = (tenantId: string, id: string) => `mail1|${tenantId}|${id}`;
const letterSchema = z.object({ to: recipientSchema, mail: mailSchema });

export function createNotifications({ queue, sealer }: { queue: MailQueue; sealer: Sealer }): Notifications {
  return {
    async notify(to, mail, once) {
      const id = `mail.${once ?? randomId()}`;
      const { tenantId } = to;
      const recipient =
        'accountId' in to ? { tenantId, accountId: to.accountId } : { tenantId, email: to.email };
      const sealed = sealer.seal(JSON.stringify({ to: recipient, mail }), contextOf(tenantId, id));
      await queue.enqueue({ id, kind: 'mail', tenantId, lane: LANE, payload: { sealed } });
    },
  };
}

/** Hands one finished mail on. `id` is the same on every try. */
export type SendMail = (
  mail: RenderedMail & { id: string; to: string; at: Date },
  signal: AbortSignal,
) => Promise<void>;

export interface MailJobPorts {
  readonly sealer: Sealer;
  /** Null = nobody there: the mail is dropped without a word. */
  readonly findAddressee: (to: Recipient) => Promise<Addressee | null>;
  readonly send: SendMail;
  readonly origin: URL;
  readonly texts: MailTexts;
  readonly clock: () => Date;
}

/** A mail as the outbox hands it over. */
export interface MailJob {
  readonly id: string;
  readonly tenantId: string;
  readonly payload: { readonly sealed: string };
}

/** The outbox's handler of mails: finds the address as it is now, puts the mail into words, sends it. */
export function mailJob(ports: MailJobPorts): (job: MailJob, signal: AbortSignal) => Promise<void> {
  const { sealer, findAddressee, send, origin, texts, clock } = ports;
  return async (job, signal) => {
    const letter = sealer.open(job.payload.sealed, contextOf(job.tenantId, job.id));
    const { to, mail } = letterSchema.parse(JSON.parse(letter));
    const addressee = await findAddressee(to);
    if (!addressee) return;
    await send(
      { ...renderMail(mail, addressee, origin, texts), id: job.id, to: addressee.email, at: clock() },
      signal,
    );
  };
}
