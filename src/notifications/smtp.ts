import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { SendMail } from './notifications.ts';

export interface SmtpOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  /** Address of the sender, such as `Stile <no-reply@id.example.com>`. */
  readonly from: string;
  /** Our host: the right side of every Message-ID. */
  readonly host: string;
  /** The error to throw when the server refuses for good: no later try can work. */
  readonly undeliverable: (reason: string) => Error;
}

export interface Smtp {
  readonly send: SendMail;
  readonly close: () => void;
}

/** Milliseconds; all of a delivery stays below the time that the outbox gives one try. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 15_000;

/** SMTP's permanent refusals of this mail or address (RFC 5321 section 4.2.1), not of our login (535). */
const isRefusal = (code: unknown) => typeof code === 'number' && code >= 550 && code <= 559;

/** Sends mails by SMTP, over a few kept connections. */
export function smtp({ url, from, host, undeliverable }: SmtpOptions): Smtp {
  const transport = createTransport(
    {
      pool: true,
      url,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
    },
    { from, disableFileAccess: true, disableUrlAccess: true },
  );
  return {
    async send({ id, to, subject, text, html, at }) {
      // The same for every try, so that a receiver can tell a mail that was sent twice.
      const messageId = `<${createHash('sha256').update(id).digest('hex').slice(0, 32)}@${host}>`;
      try {
        await transport.sendMail({
          // An object, because a string would be read as a list of addresses.
          to: { name: '', address: to },
          subject,
          text,
          html,
          date: at,
          messageId,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
      } catch (error) {
        const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
        const reason = `${typeof code === 'string' ? code : 'SMTP'} ${typeof responseCode === 'number' ? responseCode : ''}`;
        // The library's message holds the address.
        throw isRefusal(responseCode)
          ? undeliverable(reason.trim())
          : new Error(reason.trim(), { cause: error });
      }
    },
    close: () => transport.close(),
  };
}
