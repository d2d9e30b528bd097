/** What a proof may change, as far as it is about changes at all (`security-settings/goal.ts` names them). */
export type Opening =
  /** Every change, one's own and, for people in charge, those of others. */
  | 'changes'
  /** To get rid of what was lost, to set up again, and to report somebody else. */
  | 'remedies'
  /** It signs in, and that is all. */
  | 'nothing';

/** What a second factor is worth, whoever asks. */
export interface Factor {
  /** URL segment, view folder, audit and policy value in one. */
  readonly id: string;
  /** Counts as "has a method": people set it up, and the account lists it. The others stand in for one of these. */
  readonly enrolled: boolean;
  /** The level that one proof with it reaches at most. */
  readonly level: 2 | 3;
  /** Its values in the `amr` claim (RFC 8176, and our own); each alone tells that it was proved. No two share one. */
  readonly amr: readonly string[];
  /** Values that say more of such a proof, and prove nothing alone. */
  readonly amrBeside: readonly string[];
  readonly opens: Opening;
  /** Tenants allow it by naming it in `allowedMethods`; otherwise by a rule of its own (`tenants/allowed.ts`). */
  readonly listed: boolean;
}

/**
 * Every second factor there is, best first. A new one is its folder in `second-factor/`, its views, its line in
 * `second-factor/methods.ts` that says how it runs, and its line here that says what it is worth. What is not in this
 * list is worth nothing: it reaches no level, opens no change, and stops whoever claims to have proved it.
 */
export const FACTORS = [
  {
    id: 'security-key',
    enrolled: true,
    level: 3,
    amr: ['hwk', 'pop'],
    amrBeside: ['user'],
    opens: 'changes',
    listed: true,
  },
  // It opens whatever a key opens: whoever has one could remove the key by it, as everybody must be able to who has
  // lost theirs.
  {
    id: 'authenticator-app',
    enrolled: true,
    level: 2,
    amr: ['otp'],
    amrBeside: [],
    opens: 'changes',
    listed: true,
  },
  {
    id: 'recovery-code',
    enrolled: false,
    level: 2,
    amr: ['recovery_code'],
    amrBeside: [],
    opens: 'remedies',
    listed: true,
  },
  {
    id: 'rescue-code',
    enrolled: false,
    level: 2,
    amr: ['rescue_code'],
    amrBeside: [],
    opens: 'nothing',
    listed: false,
  },
] as const satisfies readonly Factor[];

type Row = (typeof FACTORS)[number];

/** @returns what `id` is worth; null = it is no factor of ours */
export const factorOf = (id: string): Factor | null => FACTORS.find((one) => one.id === id) ?? null;

/** @returns the level that the listed factor `id` reaches */
export function levelOf(id: Row['id']): 2 | 3 {
  const factor = factorOf(id);
  if (!factor) throw new Error(`not a listed factor: ${id}`);
  return factor.level;
}
