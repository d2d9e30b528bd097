import type { AccountRef } from '../core/account-ref.ts';

/** Who changes something: somebody in charge, or a machine of the tenant. */
export type Editor =
  | { readonly kind: 'person'; readonly who: AccountRef }
  | { readonly kind: 'client'; readonly clientId: string };

/** @returns the one id of an editor */
export const nameOf = (editor: Editor): string =>
  editor.kind === 'person' ? editor.who.accountId : editor.clientId;

/** What the audit log tells of how a change was made. */
export interface Occasion {
  readonly editor: Editor;
  readonly reference: string;
  /** Truncated client address. */
  readonly source: string;
}

/** How the log names whoever changes something. */
export const actorOf = (editor: Editor) =>
  editor.kind === 'person' ? { actor: editor.who, by: {} } : { actor: null, by: { client: editor.clientId } };
