import type { AccountRef } from '../core/account-ref.ts';

export type ResetState = 'waiting' | 'approved' | 'done' | 'cancelled';

/** Somebody's two factors are to be taken away, because they cannot use them any more (rule reset). */
export interface Reset extends AccountRef {
  readonly resetId: string;
  /** Opens the link in the mail, together with the id: whoever reads an answer or the log cannot stop anything. */
  readonly linkSecret: string;
  readonly state: ResetState;
  /** Account or client that asked; never the one that approves. */
  readonly askedBy: string;
  readonly reason: string;
  /** Null = when a second person in charge agrees. */
  readonly effectiveAt: Date | null;
  readonly expiresAt: Date;
}

export interface ResetStore {
  /** @returns false when the id is taken, or another reset of this account is open */
  insert(reset: Reset): Promise<boolean>;
  find(resetId: string): Promise<Reset | null>;
  /** The one of this account that waits or is being carried out. */
  findOpen(who: AccountRef): Promise<Reset | null>;
  /** One conditional write. @returns null when it was in none of the states `from` */
  move(resetId: string, from: readonly ResetState[], to: ResetState): Promise<Reset | null>;
}
