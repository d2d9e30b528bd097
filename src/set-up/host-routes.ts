import type { Context } from 'koa';
import type { EnrollableId } from '../core/method-ids.ts';
import { goTo } from '../http/go-to.ts';
import type { Door, PageContext } from '../http/rows.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { CodeSlot, MailedCodes } from '../second-factor/mailed-codes.ts';
import type { Actor } from '../accounts/actor.ts';
import type { Whose } from './ports.ts';
import { stageOf, type SetUp } from './set-up.ts';
import type { SetUps } from './set-ups.ts';

export type SetUpContext = PageContext;

/** One request of somebody who may set up a method here. */
export interface SetUpPlace {
  readonly whose: Whose;
  readonly tenant: Tenant;
  /** What can be set up here, safest first. */
  readonly kinds: readonly EnrollableId[];
  /** Where the mailed code goes that the tenant wants first; null = nothing is missing. */
  readonly missing: CodeSlot | null;
  readonly by: Actor;
  /** Path of these pages. */
  readonly base: string;
  /** What the layout shows of the person. */
  readonly who: object | null;
  /** The step line of the pages before the set-up's own. */
  readonly line: { readonly stepsDone: number; readonly stepsTotal: number };
}

/** What the pages are part of: a sign-in, or the account's own pages. Its door leads to where a method may be set up. */
export interface SetUpHost<Known, P extends SetUpPlace> extends Door<Known, P> {
  /** Shows the page that a set-up starts from. */
  showStart(ctx: SetUpContext, place: P): Promise<void> | void;
  /** The mailed code was typed. */
  proved?(ctx: SetUpContext, place: P): Promise<void>;
  /** The method counts: leads on. */
  end(ctx: SetUpContext, place: P): Promise<void> | void;
}

export interface SetUpPages<Known, P extends SetUpPlace> {
  readonly host: SetUpHost<Known, P>;
  readonly setUps: SetUps;
  readonly mailedCodes: MailedCodes;
  /** How people see a recovery code. */
  readonly showCode: (code: string) => string;
}

/** Leads to where the set-up stands; without one, to where it starts. */
export function goOn(ctx: Context, place: SetUpPlace, setUp: SetUp | null): void {
  const pages = { codes: '/codes', method: '/method', name: '/name' } as const;
  goTo(ctx, `${place.base}${setUp ? pages[stageOf(setUp)] : ''}`);
}

/** The step line and its words: codes, choice, proof; without codes one step less. */
export function stepsOf(setUp: Pick<SetUp, 'codes'>, page: 'codes' | 'choice' | 'proof') {
  const before = setUp.codes ? 0 : 1;
  return { stepsDone: { codes: 1, choice: 2, proof: 3 }[page] - before, stepsTotal: 3 - before };
}
