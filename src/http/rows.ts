import Router from '@koa/router';
import type { Context } from 'koa';
import type { z } from 'zod';
import type { Csrf } from './csrf.ts';
import { form } from './form.ts';
import { readInput } from './read-input.ts';
import type { AppState } from './state.ts';
import { upload, type UploadKind } from './upload.ts';

/** What a row is handed of the request and its answer. */
export type PageContext = Context & { state: AppState; params: Record<string, string> };

/** One request that Stile answers: a page, or the form that a page sends. A new page is one row and one view. */
export interface Row<Guest> {
  readonly method: 'get' | 'post';
  /** Below the path of the door. */
  readonly path: string;
  /** Its form may hold a file, of which the page wants this. */
  readonly upload?: UploadKind;
  /** What its form has to be; absent = its fields are looked up by name. */
  readonly input?: z.ZodType;
  run(guest: Guest, ctx: PageContext): Promise<void> | void;
}

/** Gives `run` the form as `input` reads it, after every guard. */
export const formRow = <Guest, Input>({
  run,
  ...row
}: Omit<Row<Guest>, 'run' | 'input' | 'method'> & {
  readonly input: z.ZodType<Input>;
  run(guest: Guest, ctx: PageContext, input: Input): Promise<void> | void;
}): Row<Guest> => ({
  ...row,
  method: 'post',
  run: (guest, ctx) => run(guest, ctx, readInput(row.input, ctx.state.form)),
});

/**
 * Who may come, and what they have to bring. Each guard throws a DomainError, or answers the request itself.
 * @template Known who asks, as `enter` finds them
 * @template Guest what rows are handed, once everything was brought
 */
export interface Door<Known, Guest = Known, Asked extends Row<Guest> = Row<Guest>> {
  /** Path of everything behind it, as the router writes it, such as `/sign-in/:uid`. */
  readonly prefix: string;
  /**
   * Who asks. Binds the forms of the answer to them (`ctx.state.csrfBinding`), and says whose page it is.
   * @returns null when the request is answered, such as by the way to a sign-in
   */
  enter(ctx: PageContext, row: Asked): Promise<Known | null>;
  /** Whether they may do it, to whom the address names. @throws DomainError forbidden, not_found */
  allow?(known: Known, row: Asked, ctx: PageContext): Promise<Known>;
  /** Whether they proved what the row wants proved. @returns null when the request is answered: they prove it first */
  prove(known: Known, row: Asked, ctx: PageContext): Promise<Guest | null>;
  /** Counts a change. @throws DomainError too_many_attempts */
  count?(guest: Guest, row: Asked): Promise<void>;
}

/** Behind it is what everybody may see. Its rows have no forms: there is nothing that those could be bound to. */
export const openDoor: Door<true> = { prefix: '', enter: () => Promise.resolve(true), prove: asTheyAre };

/** Behind such a door nothing is proved beyond being there. */
export function asTheyAre<Guest>(known: Guest): Promise<Guest> {
  return Promise.resolve(known);
}

const done = () => Promise.resolve();

/**
 * Mounts rows behind their door. The order of the guards stands here alone: form, who asks, token of the form, role,
 * proof, budget, input. A file is read after the role: nobody sends one who may do nothing with it.
 */
export function mountRows<Known, Guest, Asked extends Row<Guest>>({
  door,
  rows,
  csrf,
}: {
  readonly door: Door<Known, Guest, Asked>;
  readonly rows: readonly Asked[];
  readonly csrf: Pick<Csrf, 'middleware'>;
}): Router<AppState> {
  async function answer(ctx: PageContext, row: Asked): Promise<void> {
    const sends = row.method === 'post';
    if (sends && !row.upload) await form(ctx, done);
    const entered = await door.enter(ctx, row);
    if (entered === null) return;
    let known = entered;
    if (row.upload) {
      known = (await door.allow?.(known, row, ctx)) ?? known;
      await upload(row.upload)(ctx, done);
    }
    if (sends) await csrf.middleware(ctx, done);
    if (!row.upload) known = (await door.allow?.(known, row, ctx)) ?? known;
    const guest = await door.prove(known, row, ctx);
    if (guest === null) return;
    if (sends) await door.count?.(guest, row);
    await row.run(guest, ctx);
  }

  const router = new Router<AppState>();
  for (const row of rows) {
    // Koa's type of a context leaves open what our middleware has put there.
    router[row.method](`${door.prefix}${row.path}`, (ctx) => answer(ctx as unknown as PageContext, row));
  }
  return router;
}
