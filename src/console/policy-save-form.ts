import { z } from 'zod';
import type { Preview } from '../admin/policy-preview.ts';
import { goTo } from '../http/go-to.ts';
import { confirmPath, type PolicyPage } from '../security-settings/goal.ts';
import type { ConsoleContext } from './door.ts';
import type { Desk } from './desk.ts';

const digits = z.string().regex(/^\d{1,9}$/);

/** What a page sends along that has told what saving would do. */
export const saveNumbers = z.object({
  /** Of the policy that was reviewed. */
  version: digits.transform(Number),
  /** People whom the page said are signed out. */
  shown: digits.transform(Number),
  /** The same number as it was typed; a page that signs nobody out does not ask for it. Null = it is none. */
  count: z
    .string()
    .max(64)
    .default('')
    .transform((typed) => {
      const bare = typed.replaceAll(/[\s,.]/g, '');
      return /^(0|[1-9]\d{0,8})$/.test(bare) ? Number(bare) : null;
    }),
});

/** @returns a count out of an address; null = there is none */
export const readCount = (text: unknown): number | null => {
  const { data } = digits.safeParse(text);
  return data === undefined ? null : Number(data);
};

export const numbersOf = ({ total, signedOut, signedInWithoutMethod: live, withoutMethod }: Preview) => ({
  total,
  signedOut,
  live,
  withoutMethod,
  rest: total - signedOut,
});

/** What was saved: a requirement, other rules, or which methods there may be. */
const SAVED = ['optional', 'required', 'rules', 'methods'] as const;
type Saved = (typeof SAVED)[number];

const note = z.tuple([z.enum(SAVED), digits, digits]).transform(([what, signedOut, tenths]) => ({
  what,
  signedOut: Number(signedOut),
  /** Seconds that the save took, with one decimal. */
  seconds: (Number(tenths) / 10).toFixed(1),
}));

/** @returns what the address says was saved just now; null = nothing */
export const savedNote = (text: unknown) => note.safeParse(String(text).split('.')).data ?? null;

/** @returns the address of the page that tells what was saved */
export function savedQuery(
  what: Saved,
  { signedOut }: { signedOut: number },
  began: Date,
  ended: Date,
): string {
  const tenths = Math.max(1, Math.ceil((ended.getTime() - began.getTime()) / 100));
  return `/admin/policy?saved=${what}.${signedOut}.${tenths}`;
}

/** @returns whether it was proved just now that it is them; otherwise the request is answered */
export async function isProved(
  desk: Desk,
  ctx: ConsoleContext,
  { page, query }: { page: PolicyPage; query: string },
): Promise<boolean> {
  const goal = { kind: 'policy', page, query } as const;
  if (await desk.isFresh(goal)) return true;
  goTo(ctx, confirmPath(goal));
  return false;
}
