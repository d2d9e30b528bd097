import type { SendMail } from './notifications.ts';

export interface KeptMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly at: Date;
}

/** The place of mails where there is no mail server: development and tests. */
export interface Mailbox {
  readonly keep: SendMail;
  /** Newest first. */
  newest(limit: number): Promise<KeptMail[]>;
  find(id: string): Promise<KeptMail | null>;
}
