import type { AccountRef } from '../core/account-ref.ts';
import { confirmPath, type Goal } from '../security-settings/goal.ts';
import type { Visit } from '../security-settings/visit.ts';

/** What was typed, by field. */
export type Typed = Readonly<Record<string, string>>;

/** One form that waits for its proof: for this person, in this very session, on this very page. */
export interface TypedPlace extends AccountRef {
  readonly sessionUid: string;
  readonly page: string;
}

export interface TypedFormStore {
  /** In place of the one before. */
  put(place: TypedPlace, typed: Typed, expiresAt: Date): Promise<void>;
  find(place: TypedPlace, now: Date): Promise<Typed | null>;
  remove(place: TypedPlace): Promise<void>;
}

/** How long it waits: as long as people may take to prove who they are; milliseconds. */
export const TYPED_MS = 10 * 60 * 1000;

/** @returns where the form of a goal waits */
export const typedPlaceOf = ({ account, sessionUid }: Visit, goal: Goal): TypedPlace => ({
  tenantId: account.tenantId,
  accountId: account.accountId,
  sessionUid,
  page: confirmPath(goal),
});

/** @returns the fields of these names; nothing else of a form is kept, and no page names a secret */
export const pick = (form: Typed, names: readonly string[]): Typed =>
  Object.fromEntries(
    names.flatMap((name) => (typeof form[name] === 'string' ? [[name, form[name]] as const] : [])),
  );
