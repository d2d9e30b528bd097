import { z } from 'zod';
import type { AgentFilter } from '../admin/agent-list.ts';
import { DomainError } from '../core/errors.ts';
import { BULK_MOST, ID, type BulkDeed, type Goal } from '../security-settings/goal.ts';
import { addressOf, agentFilterOf, narrowingOf, readNarrowed, type Narrowed } from './agent-query.ts';

/** To whom something is done: those who were ticked, or everybody of a list as its address says. */
export type Selection =
  | { readonly kind: 'ticked'; readonly accountIds: readonly string[] }
  | { readonly kind: 'list'; readonly wish: Narrowed; readonly filter: AgentFilter };

/** Ids as ticks send them, one each, or joined as in a form of ours. */
const ticked = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().flatMap((one) => one.split('~')))
  .transform((ids) => [...new Set(ids.filter((id) => id !== ''))])
  .pipe(z.array(z.string().regex(ID)).max(BULK_MOST));

/** @param given the query of an address, or fields of a form. @throws DomainError bad_request */
export function readSelection(given: Readonly<Record<string, unknown>>): Selection {
  if (given.all === 'yes') {
    const wish = readNarrowed(given);
    return { kind: 'list', wish, filter: agentFilterOf(wish) };
  }
  const { data: accountIds } = ticked.safeParse(given.who ?? '');
  if (!accountIds) throw new DomainError('bad_request', { detail: 'who' });
  return { kind: 'ticked', accountIds };
}

/** The same as fields of a form. */
export function selectionFields(selection: Selection): { name: string; value: string }[] {
  if (selection.kind === 'ticked') return [{ name: 'who', value: selection.accountIds.join('~') }];
  return [{ name: 'all', value: 'yes' }, ...narrowingOf(selection.wish)];
}

export function goalOf(deed: BulkDeed, selection: Selection): Goal {
  if (selection.kind === 'ticked') return { kind: 'agents', deed, accountIds: selection.accountIds };
  const pairs = selectionFields(selection).map(({ name, value }) => [name, value]);
  return { kind: 'all-agents', deed, query: new URLSearchParams(pairs).toString() };
}

/** Where everybody of it is listed. */
export const hrefOf = ({ wish }: Extract<Selection, { kind: 'list' }>): string => addressOf(wish);
