import type { DemoPerson } from './banner.ts';
import type { Foundation } from '../stores.ts';

/** What the provisioning file says that a person at the terminal wants to know. Outside production only. */
export interface Demo {
  readonly people: readonly DemoPerson[];
  /** As which client the sample app signs in; null = the file has none. */
  readonly client: { readonly id: string; readonly secret: string | null } | null;
}

/** Applies the file that PROVISION names. */
export async function provisionAtStart(_foundation: Foundation): Promise<Demo> {
  return { people: [], client: null };
}
