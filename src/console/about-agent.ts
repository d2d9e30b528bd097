import type { Account } from '../accounts/account.ts';
import { DomainError } from '../core/errors.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import type { ConsolePage } from './page.ts';

/**
 * A page about the person whom `:agent` names. Whether it may be done to this very person is asked before it runs; who
 * is of another tenant is not there.
 */
export const aboutAgent = ({
  run,
  ...page
}: Omit<ConsolePage, 'run'> & {
  run(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void>;
}): ConsolePage => ({
  ...page,
  async run(desk, ctx) {
    const agent = await desk.people.find(ctx.params.agent ?? '');
    await desk.people.demand(page.action, agent);
    await run(desk, ctx, agent);
  },
});

/** @returns null when `change` was refused because nobody would be left to look after the tenant */
export async function unlessLastAdmin<Result>(change: Promise<Result>): Promise<Result | null> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof DomainError && error.detail === 'last_admin') return null;
    throw error;
  }
}

export const pathOf = ({ accountId }: Pick<Account, 'accountId'>): string => `/admin/agents/${accountId}`;

/** What every page about somebody says of them. */
export const personOf = ({ accountId, name, email, state }: Account) => ({
  accountId,
  name,
  email,
  state,
  href: `/admin/agents/${accountId}`,
});
