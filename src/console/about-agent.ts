import type { Account } from '../accounts/account.ts';
import { DomainError } from '../core/errors.ts';
import type { Desk } from './desk.ts';
import type { ConsoleContext } from './door.ts';
import type { ConsolePage } from './page.ts';

type AboutAgent = Omit<ConsolePage, 'run' | 'goal' | 'about'> & {
  /** As of any page. */
  goal?(agent: Account, desk: Desk, ctx: ConsoleContext): ReturnType<NonNullable<ConsolePage['goal']>>;
  run(desk: Desk, ctx: ConsoleContext, agent: Account): Promise<void> | void;
};

/** The door has found them before it let anybody in. */
function found({ agent }: Desk): Account {
  if (!agent) throw new DomainError('not_found');
  return agent;
}

/** A page about the person whom `:agent` names; who is of another tenant is not there. */
export const aboutAgent = ({ goal, run, ...page }: AboutAgent): ConsolePage => ({
  ...page,
  about: 'agent',
  ...(goal && { goal: (desk, ctx) => goal(found(desk), desk, ctx) }),
  run: (desk, ctx) => run(desk, ctx, found(desk)),
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

export const pathOf = ({ accountId }: Pick<Account, 'accountId'>) => `/admin/agents/${accountId}` as const;

/** What every page about somebody says of them. */
export const personOf = ({ accountId, name, email, state }: Account) => ({
  accountId,
  name,
  email,
  state,
  href: `/admin/agents/${accountId}`,
});
